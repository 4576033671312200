package page

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/text"
)

// Bounds of a page.
const (
	maxBlocks = 30
	maxTitle  = 64
	maxText   = 1000
	maxURL    = 512
	maxShelf  = 20
)

// slugPattern is the form of a page's name.
var slugPattern = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

func (c Change) validate() error {
	switch {
	case !slugPattern.MatchString(c.Slug):
		return apperr.Invalid("slug", "a-z, 0-9, -, 1–32")
	case strings.TrimSpace(c.Title) == "" || !text.IsLine(c.Title, maxTitle):
		return apperr.Invalid("title", "1–64")
	case len(c.Blocks) > maxBlocks:
		return apperr.Invalid("blocks", "0–30")
	case c.State != enum.PageDraft && c.State != enum.PagePublished:
		return apperr.Invalid("state", "DRAFT, PUBLISHED")
	case c.Version < 0:
		return apperr.Invalid("version", "≥ 0")
	}
	for i, b := range c.Blocks {
		if field, reason := fault(b); field != "" {
			return apperr.Invalid("blocks."+strconv.Itoa(i)+"."+field, reason)
		}
	}
	return nil
}

// fault names the first field of the block that is not valid and what is asked of it; an empty field where all are.
func fault(b document.Block) (field, reason string) {
	shelf := b.Kind == document.BlockProducts || b.Kind == document.BlockCoupons
	switch {
	case !shelf && b.Kind != document.BlockBanner && b.Kind != document.BlockStores && b.Kind != document.BlockText:
		return "kind", "BANNER, PRODUCTS, COUPONS, STORES, TEXT"
	case !text.IsLine(b.Title, maxTitle):
		return "title", "≤ 64"
	case !text.IsText(b.Text, maxText), b.Kind == document.BlockText && strings.TrimSpace(b.Text) == "":
		return "text", "1–1000"
	case b.ImageURL != "" && !picture(b.ImageURL), b.Kind == document.BlockBanner && b.ImageURL == "":
		return "imageUrl", "https://…"
	case b.Target != "" && (!strings.HasPrefix(b.Target, "/") || strings.HasPrefix(b.Target, "//") || !text.IsLine(b.Target, maxURL)):
		return "target", "/…"
	case shelf && (b.Limit < 1 || b.Limit > maxShelf):
		return "limit", "1–20"
	case !shelf && b.Limit != 0:
		return "limit", "0"
	}
	return "", ""
}

// picture says whether s is an address from which a mini-program may load a picture.
func picture(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= maxURL && u.Scheme == "https" && u.Hostname() != "" && u.User == nil
}
