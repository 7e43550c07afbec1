package terminal

import "testing"

func TestSafe(t *testing.T) {
	for in, want := range map[string]struct{ line, text string }{
		"plain, Ünïcode 日本":     {"plain, Ünïcode 日本", "plain, Ünïcode 日本"},
		"a\x1b[2Jb":             {"a?[2Jb", "a?[2Jb"},
		"a\u009b2Jb":            {"a?2Jb", "a?2Jb"}, // the 8-bit CSI
		"a\x9bb":                {"a?b", "a?b"},
		"one\ntwo\tthree":       {"one?two?three", "one\ntwo\tthree"},
		"over\rwritten":         {"over?written", "over?written"},
		"\u202egnp.exe\u202c":   {"?gnp.exe?", "?gnp.exe?"},
		"\u2066isolate\u2069":   {"?isolate?", "?isolate?"},
		"zero\u200bwidth\ufeff": {"zero?width?", "zero?width?"},
		"line\u2028para\u2029":  {"line?para?", "line?para?"},
	} {
		if got := Line(in); got != want.line {
			t.Errorf("Line(%q) = %q, want %q", in, got, want.line)
		}
		if got := Text(in); got != want.text {
			t.Errorf("Text(%q) = %q, want %q", in, got, want.text)
		}
	}
}
