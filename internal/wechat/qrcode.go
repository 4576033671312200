package wechat

import (
	"context"
	"net/http"
	"regexp"
)

var scenePattern = regexp.MustCompile(`^[0-9A-Za-z!#$&'()*+,/:;=?@._~-]{1,32}$`)

// QRCode is an unlimited mini-program code (小程序码) to be drawn. It never expires.
type QRCode struct {
	// Scene reaches the page as its query's scene: 1 to 32 of WeChat's visible characters, no % and no Chinese.
	Scene string
	// Page has no leading slash and no query; empty means the home page.
	Page string
	// UncheckedPage lets a code name a page that is not published yet. WeChat allows 60,000 such pages.
	UncheckedPage bool
	// Edition is release, trial or develop; empty means release.
	Edition string
	// Width is in pixels, 280 to 1,280; zero means WeChat's 430.
	Width int
}

// Image is a picture as WeChat drew it.
type Image struct {
	// ContentType is image/png or image/jpeg, found from the bytes.
	ContentType string
	Data        []byte
}

// UnlimitedQRCode draws a mini-program code. A malformed scene is refused as CodeSceneInvalid without a call. WeChat takes 5,000
// calls a minute for each app, so pictures that are shown often belong into a store.
func (c *Client) UnlimitedQRCode(ctx context.Context, app App, code QRCode) (Image, error) {
	body := map[string]any{"scene": code.Scene, "check_path": !code.UncheckedPage}
	if code.Page != "" {
		body["page"] = code.Page
	}
	if code.Edition != "" {
		body["env_version"] = code.Edition
	}
	if code.Width != 0 {
		body["width"] = code.Width
	}
	var image Image
	err := c.observed(ctx, app, "getwxacodeunlimit", func(ctx context.Context) error {
		if !scenePattern.MatchString(code.Scene) {
			return invalidArgument(CodeSceneInvalid, "the scene")
		}
		r := request{method: http.MethodPost, path: "/wxa/getwxacodeunlimit", body: body, limit: maxImageAnswer}
		return c.withToken(ctx, app, r, func(a answer) error {
			// Failure is JSON with status 200. The bytes decide, the declared type must agree: neither alone is worth trust.
			detected := http.DetectContentType(a.body)
			if detected != "image/png" && detected != "image/jpeg" {
				if err := into(nil)(a); err != nil {
					return err
				}
				return unavailable("the answer is no picture", nil)
			}
			if len(a.contentType) < 6 || a.contentType[:6] != "image/" {
				return unavailable("the answer is not declared a picture", nil)
			}
			image = Image{ContentType: detected, Data: a.body}
			return nil
		})
	})
	return image, err
}
