package server

import (
	"errors"
	"net/http"

	"mailsetup/internal/document"
	"mailsetup/internal/provider"
	"mailsetup/templates"
)

var errProtocol = errors.New("the protocol asked for is not AutodiscoverV1")

// autodiscoverJSON answers Autodiscover v2, which only ever points to the POX
// URL: Outlook asks ?Email=..&Protocol=Autodiscoverv1&RedirectCount=1, newer
// ones /v1.0/ADDRESS?Protocol=... Other protocols (ActiveSync, EWS) get 400,
// because clients believe any 200 and stop looking for IMAP.
func (s *Server) autodiscoverJSON(x *exchange) error {
	protocol, count := "", 0
	for protocol = range params(x.r.URL.RawQuery, "protocol") {
		count++
	}
	if count != 1 || !templates.IsAutodiscoverV1(protocol) {
		return errProtocol
	}
	var a provider.Address
	err := errBadAddress
	if inPath := x.c.Param("*"); inPath != "" {
		a, err = clientAddress(inPath)
	}
	if err != nil {
		a, err = queryAddress(x.r.URL.RawQuery, "email", "emailaddress")
	}
	m, unknown := x.matchNamed(a)
	if unknown != nil {
		return errors.Join(unknown, err) // an invalid address is the better reason
	}
	return x.send(document.JSON, m.Account(a))
}

func answerJSONError(x *exchange, status int, err error) {
	code, protocol := templates.JSONUnknownDomain, ""
	if status == http.StatusBadRequest {
		code = templates.JSONInvalidProtocol
		if p := param(x.r.URL.RawQuery, "protocol"); len(p) > 0 && errors.Is(err, errProtocol) {
			protocol = p[0]
		}
	}
	fault := addressFault(err)
	switch {
	case errors.Is(err, provider.ErrOAuth2Only):
		code = templates.JSONNoSettings
	case status == http.StatusNotFound && fault != 0:
		code = templates.JSONInvalidAddress
	}
	body, docErr := templates.AutodiscoverJSONError(code, protocol, fault)
	if docErr != nil {
		body = nil
	}
	x.write(answer{status: status, mediaType: templates.JSONType, cache: document.CacheNoStore, body: body})
}
