package page

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
)

// AssetPath is the path under which [Pages.Asset] names are linked.
const AssetPath = "/assets/"

// An Asset is a file that pages load. Its name contains a hash of its content,
// so it may be cached for good, and the name without the extension is its ETag.
type Asset struct {
	Type string // media type
	ETag string // strong, in its quotes
	Data []byte // shared; must not be changed
}

//go:embed assets
var assetFiles embed.FS

// Asset returns the file that pages link as [AssetPath] + name. Only the linked
// names exist, so old names are not found.
func (p *Pages) Asset(name string) (Asset, bool) {
	a, ok := p.assets[name]
	return a, ok
}

// addAssets sets the site's links and returns what they lead to.
func (s *site) addAssets(logo []byte) (map[string]Asset, error) {
	assets := make(map[string]Asset)
	add := func(base, extension, mediaType string, data []byte) string {
		sum := sha256.Sum256(data)
		stem := base + "-" + hex.EncodeToString(sum[:5])
		assets[stem+extension] = Asset{Type: mediaType, ETag: `"` + stem + `"`, Data: data}
		return AssetPath + stem + extension
	}
	for _, f := range []struct {
		link                       *string
		base, extension, mediaType string
	}{
		{&s.Stylesheet, "style", ".css", "text/css; charset=utf-8"},
		{&s.Script, "script", ".js", "text/javascript; charset=utf-8"},
		{&s.Icon, "icon", ".svg", "image/svg+xml"},
	} {
		data, err := assetFiles.ReadFile("assets/" + f.base + f.extension)
		if err != nil {
			return nil, err
		}
		*f.link = add(f.base, f.extension, f.mediaType, data)
	}
	if len(logo) > 0 {
		mediaType, extension, ok := imageType(logo)
		if !ok {
			return nil, errors.New("the logo is not an image that browsers can show: use an SVG, PNG, JPEG, GIF or WebP file")
		}
		s.Logo = add("logo", extension, mediaType, logo)
	}
	return assets, nil
}

func imageType(data []byte) (mediaType, extension string, ok bool) {
	switch mediaType = http.DetectContentType(data); mediaType {
	case "image/png":
		return mediaType, ".png", true
	case "image/jpeg":
		return mediaType, ".jpg", true
	case "image/gif":
		return mediaType, ".gif", true
	case "image/webp":
		return mediaType, ".webp", true
	}
	// DetectContentType does not recognise SVG. An img element never runs an SVG's scripts,
	// and the pages' policy stops them when the file is opened directly.
	if head := string(data[:min(len(data), 1024)]); strings.Contains(head, "<svg") {
		return "image/svg+xml", ".svg", true
	}
	return "", "", false
}
