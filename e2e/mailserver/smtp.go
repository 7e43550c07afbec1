package mailserver

import (
	"encoding/base64"
	"strings"
)

// smtp serves message submission (RFC 6409) as far as a client needs it to set
// up an account. Messages are accepted and discarded.
func (s *session) smtp() {
	s.say("220 ready ESMTP")
	for {
		line, ok := s.line()
		if !ok {
			return
		}
		verb, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch strings.ToUpper(verb) {
		case "EHLO":
			s.say("250-ready", "250-8BITMIME")
			if s.encryption == None {
				s.say("250-STARTTLS")
			}
			s.say("250 AUTH PLAIN LOGIN")
		case "STARTTLS":
			s.say("220 begin")
			s.encrypt(StartTLS)
		case "AUTH":
			if s.smtpAuthenticate(rest) {
				s.say("235 welcome")
			} else {
				s.say("535 wrong name or password")
			}
		case "DATA":
			s.say("354 go on")
			for line, ok := s.line(); ok && line != "."; line, ok = s.line() {
			}
			s.say("250 taken")
		case "QUIT":
			s.say("221 until next time")
			return
		default:
			s.say("250 done")
		}
	}
}

func (s *session) smtpAuthenticate(args string) bool {
	mechanism, response, initial := strings.Cut(args, " ")
	switch strings.ToUpper(mechanism) {
	case "PLAIN":
		if !initial {
			response = s.challenge("")
		}
		return s.plain("smtp", response)
	case "LOGIN":
		if !initial {
			response = s.challenge("Username:")
		}
		name, err := base64.StdEncoding.DecodeString(response)
		password, err2 := base64.StdEncoding.DecodeString(s.challenge("Password:"))
		return err == nil && err2 == nil && s.login("smtp", string(name), string(password))
	}
	return false
}

// challenge sends a challenge and returns the answer, which is in base64.
func (s *session) challenge(question string) string {
	s.say("334 " + base64.StdEncoding.EncodeToString([]byte(question)))
	answer, _ := s.line()
	return answer
}
