package language

import (
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// maxAccept is more than browsers send. It bounds the work that a request can cause.
const maxAccept = 400

// relatedOnly are languages for which x/text offers a merely similar one: Dutch for
// Afrikaans, Italian for Latin. Its other pairs are languages of one country, such as
// Basque and Spanish.
var relatedOnly = []string{"af", "la"}

// readAccept reads the values of Accept-Language, the preferred language first. It parses
// each language separately: to x/text one unknown tag is an error for the whole header,
// but the person still reads the other languages.
func readAccept(values []string) []language.Tag {
	header := strings.Join(values, ",")
	if len(header) > maxAccept {
		header = header[:strings.LastIndexByte(header[:maxAccept], ',')+1]
	}
	type weighted struct {
		tag    language.Tag
		weight float32
	}
	var all []weighted
	for one := range strings.SplitSeq(header, ",") {
		tags, weights, err := language.ParseAcceptLanguage(one)
		if err == nil && len(tags) == 1 { // none: its weight is 0
			all = append(all, weighted{tags[0], weights[0]})
		}
	}
	slices.SortStableFunc(all, func(a, b weighted) int {
		switch {
		case a.weight > b.weight:
			return -1
		case a.weight < b.weight:
			return 1
		}
		return 0
	})
	tags := make([]language.Tag, 0, len(all))
	traditional := false
	for _, one := range all {
		base, script, region := one.tag.Raw()
		if slices.Contains(relatedOnly, base.String()) {
			continue
		}
		isChinese := base.String() == "zh"
		// Browsers in Taiwan send "zh-TW,zh;q=0.9". The bare tag stands for Simplified
		// Chinese elsewhere; here it repeats the one before.
		if isChinese && traditional && script == (language.Script{}) && region == (language.Region{}) {
			continue
		}
		if likely, _ := one.tag.Script(); isChinese && likely.String() == "Hant" {
			traditional = true
		}
		tags = append(tags, one.tag)
	}
	return tags
}
