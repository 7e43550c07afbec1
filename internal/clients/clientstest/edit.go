package clientstest

import "strings"

// span returns the start and the end of a section.
func span(s, start, end string) (from, to int) {
	from = strings.Index(s, start)
	return from, from + strings.Index(s[from:], end) + len(end)
}

func replaced(s, start, end, by string) string {
	from, to := span(s, start, end)
	return s[:from] + by + s[to:]
}

func without(s, start, end string) string { return replaced(s, start, end, "") }

// swapped puts the outgoing server in front of the incoming one.
func swapped(s string) string {
	from, to := span(s, imapStart, imapEnd)
	in := s[from:to]
	s = s[:from] + s[to:]
	_, to = span(s, smtpStart, smtpEnd)
	return s[:to] + in + s[to:]
}

// moved puts the servers after emailProvider.
func moved(s string) string {
	from, to := span(s, imapStart, smtpEnd)
	servers := s[from:to]
	s = s[:from] + s[to:]
	return strings.Replace(s, "</emailProvider>", "</emailProvider>"+servers, 1)
}

// wrapped puts each server into its own element.
func wrapped(s string) string {
	return strings.NewReplacer(imapStart, "<servers>"+imapStart, imapEnd, imapEnd+"</servers>",
		smtpStart, "<servers>"+smtpStart, smtpEnd, smtpEnd+"</servers>").Replace(s)
}
