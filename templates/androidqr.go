package templates

import (
	"bytes"
	"encoding/json"
	"fmt"

	"mailsetup/internal/provider"
)

// AndroidQR writes the text of the QR code from which Thunderbird for Android and K-9
// Mail import an account: https://github.com/thunderbird/thunderbird-android at a59bd67,
// feature/migration/qrcode/qr-code-format.md, version 1. The account is named after its
// address and contains no password: the app asks for it. realName is the person's name,
// on one line; it may be empty.
//
// The error wraps [ErrNotImportable] if the account cannot be imported.
//
// Unused elements at the end of an array are left out. The format allows null instead,
// but the app's QrCodePayloadAdapter accepts only strings.
//
// It is written for each request and not compiled like other documents: every code is for
// one person, and few are requested.
func AndroidQR(a provider.Account, realName string) ([]byte, error) {
	account, err := androidImport(a)
	if err != nil {
		return nil, err
	}
	incoming, err := account.incoming.code()
	if err != nil {
		return nil, fmt.Errorf("code for Android: incoming server: %w", err)
	}
	outgoing, err := account.outgoing.code()
	if err != nil {
		return nil, fmt.Errorf("code for Android: outgoing server: %w", err)
	}
	const version = 1
	onlyCode := [...]int{1, 1} // the first code of one
	identity := [...]string{account.address, realName}
	group := [...]any{outgoing, identity}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // a code is not inside markup, and every octet makes it larger
	if err := enc.Encode([...]any{version, onlyCode, incoming, [...]any{group}}); err != nil {
		return nil, fmt.Errorf("code for Android: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// code returns a server as an array: protocol, host, port, security, authentication,
// user name.
func (s androidServer) code() ([]any, error) {
	const imapOrSMTP = 0 // each is the first of its own list
	var security, auth int
	switch s.Security {
	case provider.StartTLS:
		security = 2
	case provider.TLS:
		security = 3
	default:
		return nil, fmt.Errorf("the format has no number for security %d", s.Security)
	}
	switch s.auth {
	case provider.AuthPassword:
		auth = 1
	case provider.AuthCRAMMD5:
		auth = 2
	case provider.AuthOAuth2:
		auth = 6
	default:
		return nil, fmt.Errorf("the format has no number for auth %d", s.auth)
	}
	return []any{imapOrSMTP, s.Host.String(), s.Port, security, auth, s.Login.Name.String()}, nil
}
