package clients

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// JXON is how Thunderbird and Parula see XML: as a JavaScript object in which text that
// looks like a number is a number, "true" is a boolean, and an empty element is the boolean
// true. Rules: https://searchfox.org/comm-central/source/mailnews/base/src/JXON.sys.mjs,
// with the default verbosity of JXON.build.

type jxonKind uint8

const (
	jxonUndefined jxonKind = iota
	jxonBoolean
	jxonNumber
	jxonString
	jxonObject
)

// A jxon is the JavaScript value of an element or an attribute.
type jxon struct {
	kind    jxonKind
	text    string
	number  float64
	boolean bool
}

// jxonOf returns the value of an element; undefined for nil.
func jxonOf(e *element) jxon {
	switch {
	case e == nil:
		return jxon{}
	case len(e.children) > 0, len(e.attrs) > 0:
		return jxon{kind: jxonObject}
	case e.text != "":
		return jxonText(e.text)
	case e.comments:
		return jxon{kind: jxonObject}
	}
	return jxon{kind: jxonBoolean, boolean: true}
}

// jxonAttr returns the value of an attribute; undefined if it is missing.
func jxonAttr(e *element, name string) jxon {
	if v, ok := e.attr(name); ok {
		return jxonText(v)
	}
	return jxon{}
}

// jxonText turns text into a value, as JXON's parseText does.
func jxonText(s string) jxon {
	if strings.EqualFold(s, "true") || strings.EqualFold(s, "false") {
		return jxon{kind: jxonBoolean, boolean: strings.EqualFold(s, "true")}
	}
	if n := jsNumber(s); !math.IsNaN(n) && !math.IsInf(n, 0) {
		return jxon{kind: jxonNumber, number: jsParseFloat(s)}
	}
	return jxon{kind: jxonString, text: s}
}

// String is JavaScript's String(v).
func (v jxon) String() string {
	switch v.kind {
	case jxonBoolean:
		return strconv.FormatBool(v.boolean)
	case jxonNumber:
		return jsFormat(v.number)
	case jxonString:
		return v.text
	case jxonObject:
		return "[object Object]"
	case jxonUndefined:
	}
	return "undefined"
}

// falsy reports whether JavaScript counts v as false.
func (v jxon) falsy() bool {
	switch v.kind {
	case jxonBoolean:
		return !v.boolean
	case jxonNumber:
		return v.number == 0 || math.IsNaN(v.number)
	case jxonString:
		return v.text == ""
	case jxonUndefined:
		return true
	case jxonObject:
	}
	return false
}

// is reports whether v == s in JavaScript for a word s that is not a number.
func (v jxon) is(s string) bool { return v.kind == jxonString && v.text == s }

// integer is InputSanitizer.integer: whole numbers, or the result of parseInt
// for a string; ok is false if it throws.
func (v jxon) integer() (int, bool) {
	switch v.kind {
	case jxonNumber:
		if math.IsNaN(v.number) || math.Abs(v.number) > 1<<53 {
			return 0, false
		}
		return int(v.number), true
	case jxonString:
		n, err := strconv.Atoi(leadingDigits.FindString(strings.TrimSpace(v.text)))
		return n, err == nil
	case jxonUndefined, jxonBoolean, jxonObject:
	}
	return 0, false
}

var (
	leadingDigits = regexp.MustCompile(`^[+-]?[0-9]+`)
	jsDecimal     = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?`)
	jsRadix       = regexp.MustCompile(`^0([xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)$`)
)

// jsNumber is JavaScript's Number(s): the whole text or NaN; blank text is 0.
func jsNumber(s string) float64 {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0
	}
	if jsRadix.MatchString(s) {
		n, err := strconv.ParseUint(s, 0, 64)
		if err != nil {
			return math.MaxFloat64 // out of range, still finite enough
		}
		return float64(n)
	}
	if jsDecimal.FindString(s) != s {
		return math.NaN()
	}
	n, _ := strconv.ParseFloat(s, 64) // ±Inf when out of range, as in JavaScript
	return n
}

// jsParseFloat is JavaScript's parseFloat(s): the longest decimal prefix, or NaN.
// "0x1F" is 0.
func jsParseFloat(s string) float64 {
	prefix := jsDecimal.FindString(strings.TrimSpace(s))
	if prefix == "" {
		return math.NaN()
	}
	n, _ := strconv.ParseFloat(prefix, 64)
	return n
}

// jsFormat is JavaScript's String(n).
func jsFormat(n float64) string {
	switch abs := math.Abs(n); {
	case math.IsNaN(n):
		return "NaN"
	case n == 0:
		return "0"
	case abs >= 1e-6 && abs < 1e21:
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return strings.NewReplacer("e-0", "e-", "e+0", "e+").Replace(strconv.FormatFloat(n, 'e', -1, 64))
}
