package server

import (
	"net/http"
	"strings"
)

// foldedPrefixes are the paths that clients spell in any letter case: Windows
// asks for /AutoDiscover/AutoDiscover.xml, others for /Autodiscover/..., and
// hand-made links vary as well. Tokens and assets keep their case.
var foldedPrefixes = []string{"/autodiscover", "/mail/", "/.well-known/", "/v1.1/", "/profile"}

// foldPath lower-cases the path of a machine route and routes on the decoded
// path. A redirect would not do: Outlook's POST body is lost on the way.
//
// It runs before echo, whose own Pre makes two closures for each request.
func foldPath(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = fold(r.URL.Path)
		r.URL.RawPath = ""
		next.ServeHTTP(w, r)
	})
}

func fold(path string) string {
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	for _, prefix := range foldedPrefixes {
		if len(path) >= len(prefix) && strings.EqualFold(path[:len(prefix)], prefix) {
			path = strings.ToLower(path)
			if prefix != "/profile" {
				path = strings.TrimSuffix(path, "/")
			}
			return path
		}
	}
	return path
}
