package templates

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
)

// decodeUTF16 turns a request in UTF-16 into UTF-8 and reports whether it was one,
// by its first octets (XML 1.0, appendix F.1). Two octets become at most three.
func decodeUTF16(body []byte) (text []byte, was bool, err error) {
	var order unicode.Endianness
	switch {
	case bytes.HasPrefix(body, []byte("\xfe\xff")), bytes.HasPrefix(body, []byte("\x00<")):
		order = unicode.BigEndian
	case bytes.HasPrefix(body, []byte("\xff\xfe")), bytes.HasPrefix(body, []byte("<\x00")):
		order = unicode.LittleEndian
	default:
		return body, false, nil
	}
	text, err = unicode.UTF16(order, unicode.UseBOM).NewDecoder().Bytes(body)
	return text, true, err
}

// oneByteEncodings are those in which XML writers declare plain ASCII addresses.
// One octet becomes at most three in UTF-8.
var oneByteEncodings = []string{"us-ascii", "iso-8859-1", "windows-1252"}

// charsetReader returns a reader for a declared encoding other than UTF-8. A
// declared UTF-16 is true only of a request that was decoded from it.
func charsetReader(wasUTF16 bool) func(string, io.Reader) (io.Reader, error) {
	return func(label string, in io.Reader) (io.Reader, error) {
		label = strings.ToLower(label)
		if label == "utf-16" || label == "utf-16le" || label == "utf-16be" {
			if !wasUTF16 {
				return nil, errMalformed
			}
			return in, nil
		}
		if wasUTF16 || !slices.Contains(oneByteEncodings, label) {
			return nil, errMalformed
		}
		enc, err := ianaindex.IANA.Encoding(label)
		if err != nil {
			return nil, errMalformed
		}
		return enc.NewDecoder().Reader(in), nil
	}
}
