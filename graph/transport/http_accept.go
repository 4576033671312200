package transport

import (
	"mime"
	"strconv"
	"strings"
)

const (
	mediaJSON     = "application/json"
	mediaResponse = "application/graphql-response+json"
)

// negotiate picks the response's media type from Accept: the offer of the highest quality, the one named first among equals.
// Without a preference it is application/json, which every client understands. False where neither is acceptable.
func negotiate(accept string) (string, bool) {
	if strings.TrimSpace(accept) == "" {
		return mediaJSON, true
	}
	best, bestQuality := "", 0.0
	for part := range strings.SplitSeq(accept, ",") {
		media, options, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err != nil {
			continue
		}
		switch media {
		case "*/*", "application/*":
			media = mediaJSON
		case mediaJSON, mediaResponse:
		default:
			continue
		}
		if charset := options["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
			continue
		}
		quality := 1.0
		if q, ok := options["q"]; ok {
			if quality, err = strconv.ParseFloat(q, 64); err != nil {
				continue
			}
		}
		if quality > bestQuality {
			best, bestQuality = media, quality
		}
	}
	return best, best != ""
}

// isJSON says whether a request's Content-Type is JSON in UTF-8.
func isJSON(contentType string) bool {
	media, options, err := mime.ParseMediaType(contentType)
	if err != nil || media != mediaJSON {
		return false
	}
	charset := options["charset"]
	return charset == "" || strings.EqualFold(charset, "utf-8")
}
