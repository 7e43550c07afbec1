package server

import (
	"bytes"
	"errors"
	"net/http"

	"mailsetup/internal/document"
	"mailsetup/templates"
)

// maxBody is how much of a request body is read, in bytes. Outlook's request has about
// 400. Parsers see a body only if it is complete and within the limit.
const maxBody = 16 << 10

// autodiscoverPost answers Outlook's POX request. The address in the body
// decides; the Host does not help an address that is not served. The
// Content-Type is ignored, because FairEmail sends a wrong one and others none.
func (s *Server) autodiscoverPost(x *exchange) error {
	if redirectPlainHTTP(x, http.StatusTemporaryRedirect) {
		return nil
	}
	buffer := x.state.buffers.Get().(*[]byte)
	defer x.state.buffers.Put(buffer)
	var err error
	if *buffer, err = readBody(x, (*buffer)[:0]); err != nil {
		return err
	}
	req, err := templates.ParseAutodiscoverRequest(*buffer) // does not keep the buffer
	if err != nil {
		return err
	}
	m, ok := x.lookup(req.Address.Domain())
	if !ok {
		return errUnknownDomain
	}
	return x.send(document.Autodiscover, m.Account(req.Address))
}

// autodiscoverGet answers clients that ask without a body: Delta Chat, MyMail
// and people with a browser. Without an address the Host decides, and the
// answer contains no login.
func (s *Server) autodiscoverGet(x *exchange) error {
	if redirectPlainHTTP(x, http.StatusFound) {
		return nil
	}
	a, _ := queryAddress(x.r.URL.RawQuery, "email", "emailaddress")
	m, err := x.matchNamed(a)
	if err != nil {
		return err
	}
	return x.send(document.Autodiscover, m.Account(a))
}

// readBody reads a body within the limit into a buffer, and returns the buffer, which may
// have grown.
func readBody(x *exchange, buffer []byte) ([]byte, error) {
	buf := bytes.NewBuffer(buffer)
	if _, err := buf.ReadFrom(http.MaxBytesReader(&x.w, x.r.Body, maxBody)); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); !ok {
			err = errForm // truncated or too slow: the client's fault
		}
		return buf.Bytes(), err
	}
	return buf.Bytes(), nil
}
