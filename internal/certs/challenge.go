package certs

import (
	"crypto/tls"
	"net"
	"net/http"
	"strings"
)

const (
	// acmeProtocol is used by an authority that checks the answer to its challenge
	// (RFC 8737, section 6.2).
	acmeProtocol = "acme-tls/1"
	// maxQuestions is how many of the authority's challenges are answered at a time.
	// Let's Encrypt asks from several places for each order
	// (https://letsencrypt.org/2020/02/19/multi-perspective-validation.html).
	maxQuestions = 64
)

// answerAuthority answers a challenge by TLS. The answer may have to be read from
// the storage, so the number of simultaneous requests is limited: anybody can
// pretend to be the authority.
func (a *ACME) answerAuthority(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	select {
	case a.questions <- struct{}{}:
		defer func() { <-a.questions }()
		return a.engine.challenge(hello)
	default:
		return nil, errBusy
	}
}

// ChallengeHandler is for port 80. It answers the authority's challenges and passes
// everything else to next.
func (a *ACME) ChallengeHandler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !a.isQuestion(r) {
			next.ServeHTTP(w, r)
			return
		}
		select {
		case a.questions <- struct{}{}:
			defer func() { <-a.questions }()
		default:
			http.Error(w, "too many challenges at a time", http.StatusServiceUnavailable)
			return
		}
		if !a.engine.httpChallenge(w, r) {
			next.ServeHTTP(w, r)
		}
	})
}

// isQuestion reports whether a request may be the authority's (RFC 8555, section 8.3).
// One for an unknown name must not reach the storage.
func (a *ACME) isQuestion(r *http.Request) bool {
	if !strings.HasPrefix(r.URL.Path, "/.well-known/acme-challenge/") {
		return false
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	name, ok := parseHost(host)
	return ok && a.wanted(name)
}
