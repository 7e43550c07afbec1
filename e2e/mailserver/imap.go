package mailserver

import (
	"io"
	"regexp"
	"strconv"
	"strings"
)

// What iCloud Mail's own server announces before and after the login, as far
// as clients act on it.
const (
	capabilities      = "IMAP4rev1 SASL-IR AUTH=PLAIN"
	capabilitiesAfter = "IMAP4rev1 NAMESPACE UIDPLUS IDLE ID ENABLE UNSELECT"
)

// imap serves IMAP4rev1 (RFC 3501) as far as a client needs it to set up an
// account. It answers OK to unknown commands.
func (s *session) imap() {
	offer := func() string {
		words := capabilities
		if s.cfg.OAuth2 {
			words += " AUTH=XOAUTH2"
		}
		if s.encryption == None {
			words += " STARTTLS"
		}
		return words
	}
	s.say("* OK [CAPABILITY " + offer() + "] ready")
	inside := false
	for {
		words, ok := s.imapCommand()
		if !ok {
			return
		}
		if len(words) < 2 {
			s.say("* BAD no command")
			continue
		}
		tag, command, args := words[0], strings.ToUpper(words[1]), words[2:]
		switch command {
		case "LOGOUT":
			s.say("* BYE until next time", tag+" OK done")
			return
		case "CAPABILITY":
			if inside {
				s.say("* CAPABILITY "+capabilitiesAfter, tag+" OK done")
			} else {
				s.say("* CAPABILITY "+offer(), tag+" OK done")
			}
		case "STARTTLS":
			s.say(tag + " OK begin")
			s.encrypt(StartTLS)
		case "LOGIN":
			inside = len(args) == 2 && s.login("imap", args[0], args[1])
			s.imapResult(tag, inside)
		case "AUTHENTICATE":
			inside = s.imapAuthenticate(args)
			s.imapResult(tag, inside)
		case "ID", "NOOP":
			s.say(tag + " OK done")
		default:
			if inside {
				s.mailbox(tag, command, args)
			} else {
				s.say(tag + " NO log in first")
			}
		}
	}
}

func (s *session) imapResult(tag string, ok bool) {
	if ok {
		s.say(tag + " OK [CAPABILITY " + capabilitiesAfter + "] welcome")
	} else {
		s.say(tag + " NO [AUTHENTICATIONFAILED] wrong name or password")
	}
}

func (s *session) imapAuthenticate(args []string) bool {
	if len(args) == 0 || !strings.EqualFold(args[0], "PLAIN") {
		return false
	}
	if len(args) > 1 { // SASL-IR, RFC 4959
		return s.plain("imap", args[1])
	}
	s.say("+ ")
	response, _ := s.line()
	return s.plain("imap", response)
}

// mailbox answers commands about the only, empty mailbox.
func (s *session) mailbox(tag, command string, args []string) {
	switch command {
	case "NAMESPACE":
		s.say(`* NAMESPACE (("" "/")) NIL NIL`)
	case "LIST", "LSUB":
		if len(args) > 0 && args[len(args)-1] != "" {
			s.say("* " + command + ` (\HasNoChildren) "/" INBOX`)
		} else {
			s.say("* " + command + ` (\Noselect) "/" ""`)
		}
	case "SELECT", "EXAMINE":
		s.say(`* FLAGS (\Answered \Flagged \Deleted \Seen \Draft)`,
			`* OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft \*)] all`,
			"* 0 EXISTS", "* 0 RECENT", "* OK [UIDVALIDITY 1] one", "* OK [UIDNEXT 1] one")
	case "STATUS":
		s.say("* STATUS INBOX (MESSAGES 0 RECENT 0 UNSEEN 0 UIDNEXT 1 UIDVALIDITY 1)")
	case "SEARCH":
		s.say("* SEARCH")
	case "IDLE": // RFC 2177: until the client says DONE
		s.say("+ waiting")
		s.line()
	}
	s.say(tag + " OK done")
}

var (
	imapLiteral = regexp.MustCompile(`\{(\d+)(\+?)\}$`)
	imapWord    = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|[^\s"]+`)
	imapEscape  = regexp.MustCompile(`\\(.)`)
)

// imapCommand reads one command as its words. Quoted strings and literals are one
// word each; UID is removed, because no answer here depends on it.
func (s *session) imapCommand() (words []string, ok bool) {
	for {
		line, ok := s.line()
		if !ok {
			return nil, false
		}
		literal := imapLiteral.FindStringSubmatch(line)
		if literal != nil {
			line = strings.TrimSuffix(line, literal[0])
		}
		for _, w := range imapWord.FindAllString(line, -1) {
			if strings.HasPrefix(w, `"`) {
				w = imapEscape.ReplaceAllString(w[1:len(w)-1], "$1")
			}
			words = append(words, w)
		}
		if literal == nil {
			break
		}
		size, err := strconv.Atoi(literal[1])
		if err != nil || size > 1<<16 {
			return nil, false
		}
		if literal[2] == "" {
			s.say("+ go on")
		}
		text := make([]byte, size)
		if _, err := io.ReadFull(s.in, text); err != nil {
			return nil, false
		}
		words = append(words, string(text))
	}
	if len(words) > 2 && strings.EqualFold(words[1], "UID") {
		words = append(words[:1], words[2:]...)
	}
	return words, true
}
