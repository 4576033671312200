package wechatsim

import (
	"bytes"
	"image/png"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
)

var scenePattern = regexp.MustCompile(`^[0-9A-Za-z!#$&'()*+,/:;=?@._~-]{1,32}$`)

// unlimitedQRCode is POST /wxa/getwxacodeunlimit. The picture is an ordinary QR code of a wxsim: address, since the real round ones
// can be read by WeChat only.
func (s *Simulator) unlimitedQRCode(c *call) reply {
	if refusal, ok := s.authorise(c); !ok {
		return refusal
	}
	var body struct {
		Scene     string `json:"scene"`
		Page      string `json:"page"`
		CheckPath *bool  `json:"check_path"`
		Edition   string `json:"env_version"`
		Width     int    `json:"width"`
		AutoColor bool   `json:"auto_color"`
		LineColor any    `json:"line_color"`
		Hyaline   bool   `json:"is_hyaline"`
	}
	if refusal, ok := s.decode(c, &body); !ok {
		return refusal
	}
	if body.Width == 0 {
		body.Width = 430
	}
	checked := body.CheckPath == nil || *body.CheckPath
	switch {
	case !scenePattern.MatchString(body.Scene):
		return s.refuse(40129, "invalid scene")
	case strings.Contains(body.Page, "scancode_time") || strings.Contains(body.Scene, "scancode_time"):
		return s.refuse(85096, "not allow include scancode_time field")
	case strings.HasPrefix(body.Page, "/") || strings.Contains(body.Page, "?"),
		checked && body.Page != "" && len(c.app.Pages) > 0 && !slices.Contains(c.app.Pages, body.Page):
		return s.refuse(41030, "invalid page")
	case body.Width < 280 || body.Width > 1280, !slices.Contains([]string{"", "release", "trial", "develop"}, body.Edition):
		return s.refuse(40097, "invalid args")
	}
	picture, err := drawQRCode("wxsim://"+c.app.AppID+"/"+body.Page+"?scene="+url.QueryEscape(body.Scene), body.Width)
	if err != nil {
		return s.refuse(-1, "system error")
	}
	return reply{status: http.StatusOK, contentType: "image/png", body: picture}
}

func drawQRCode(text string, width int) ([]byte, error) {
	code, err := qr.Encode(text, qr.M, qr.Unicode)
	if err != nil {
		return nil, err
	}
	if code, err = barcode.Scale(code, width, width); err != nil {
		return nil, err
	}
	var buffer bytes.Buffer
	if err := png.Encode(&buffer, code); err != nil {
		return nil, err
	}
	return buffer.Bytes(), nil
}
