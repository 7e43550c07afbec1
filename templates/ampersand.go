package templates

import (
	"bytes"
	"strings"
)

// escapeBareAmpersands escapes every ampersand that does not begin an XML
// reference. The result is at most five times as long.
func escapeBareAmpersands(body []byte) []byte {
	out := make([]byte, 0, len(body)+64)
	for {
		i := bytes.IndexByte(body, '&')
		if i < 0 {
			return append(out, body...)
		}
		out = append(out, body[:i+1]...)
		body = body[i+1:]
		if !followsReference(body) {
			out = append(out, "amp;"...)
		}
	}
}

// followsReference reports whether rest, which comes after an ampersand,
// completes a reference. The parser checks character references.
func followsReference(rest []byte) bool {
	const longest = len("#x10FFFF;")
	end := bytes.IndexByte(rest[:min(len(rest), longest)], ';')
	if end < 0 {
		return false
	}
	switch name := string(rest[:end]); name {
	case "amp", "lt", "gt", "quot", "apos":
		return true
	default:
		return strings.HasPrefix(name, "#")
	}
}
