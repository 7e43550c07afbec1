package provider

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

var (
	jsDecimal = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`)
	jsPrefix  = regexp.MustCompile(`^0([xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)$`)
)

// readAsNumber reports whether Thunderbird takes the text of an XML element for
// something other than text. Its reader turns true and false, in any letter case,
// into booleans, and whatever JavaScript's isFinite accepts into a number: 0123
// becomes 123 and 1e5 becomes 100000 (parseText in JXON.sys.mjs,
// https://searchfox.org/comm-central/source/mailnews/base/src/JXON.sys.mjs).
// Placeholders such as %EMAILLOCALPART% are filled in later and stay as they are.
func readAsNumber(text string) bool {
	switch {
	case strings.EqualFold(text, "true"), strings.EqualFold(text, "false"), jsPrefix.MatchString(text):
		return true
	case jsDecimal.MatchString(text):
		n, err := strconv.ParseFloat(text, 64)
		return err == nil && !math.IsInf(n, 0)
	}
	return false
}
