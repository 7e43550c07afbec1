package server

import (
	"mailsetup/internal/document"
	"mailsetup/profiles"
	"mailsetup/templates"
)

// The values of headers that answers share. http.Header.Set makes a slice for each
// value, and those were a third of what an answer allocated. They must not be
// changed.
var (
	noSniff    = []string{"nosniff"}
	noReferrer = []string{"no-referrer"}
	anyOrigin  = []string{"*"}

	varyHost          = []string{"Host"}
	varyForwardedHost = []string{"Host, X-Forwarded-Host"}

	cacheControl = each(document.CacheNever.String(), document.CacheNoStore.String(), document.CacheShared.String(), document.CacheMiss.String())
	mediaTypes   = each(templates.XMLType, templates.JSONType, profiles.ContentType, htmlType)
)

func each(texts ...string) map[string][]string {
	values := make(map[string][]string)
	for _, text := range texts {
		values[text] = []string{text}
	}
	return values
}

// shared returns the header value of a text, from a table of those that are often sent.
func shared(table map[string][]string, text string) []string {
	if value, ok := table[text]; ok {
		return value
	}
	return []string{text}
}

// setHeader sets a header, whose name must be in canonical form. The values of one
// exchange share its memory.
func (x *exchange) setHeader(name, value string) {
	if x.numValues == len(x.values) {
		x.w.Header()[name] = []string{value}
		return
	}
	i := x.numValues
	x.numValues++
	x.values[i] = value
	x.w.Header()[name] = x.values[i : i+1 : i+1]
}
