package androidimport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"mailsetup/internal/clients"
)

// ReadCode reads the text of a QR code with one account: QrCodePayloadAdapter.kt, then
// QrCodePayloadValidator.kt. The rules of writers count too (qr-code-format.md): an array
// ends after its last used element, and one code holds all.
func ReadCode(payload []byte) (Account, error) {
	if !utf8.Valid(payload) {
		return Account{}, errors.New("not UTF-8")
	}
	var root []json.RawMessage
	dec := json.NewDecoder(bytes.NewReader(payload))
	if err := dec.Decode(&root); err != nil {
		return Account{}, fmt.Errorf("not a JSON array: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return Account{}, errors.New("something follows the array")
	}
	var version int
	var sequence []int
	var incoming []json.RawMessage
	var groups [][][]json.RawMessage
	if err := fields(root, &version, &sequence, &incoming, &groups); err != nil {
		return Account{}, err
	}
	switch {
	case version != 1:
		return Account{}, fmt.Errorf("version %d", version)
	case len(sequence) != 2 || sequence[0] != 1 || sequence[1] != 1:
		return Account{}, errors.New("not the only code")
	case len(groups) != 1 || len(groups[0]) != 2:
		return Account{}, errors.New("not one outgoing server with one identity")
	}
	var a Account
	var err error
	if a.Incoming, err = readServer(incoming); err != nil {
		return Account{}, fmt.Errorf("incoming server: %w", err)
	}
	if a.Outgoing, err = readServer(groups[0][0]); err != nil {
		return Account{}, fmt.Errorf("outgoing server: %w", err)
	}
	if err := fields(groups[0][1], &a.Address, &a.RealName); err != nil {
		return Account{}, fmt.Errorf("identity: %w", err)
	}
	a.Name = a.Address // QrCodePayloadMapper.kt, mapAccountName
	return a, errors.Join(checkAddress(a.Address), checkLine(a.RealName))
}

// readServer reads an array without the optional account name and password: a
// password does not belong in a code that we generate.
func readServer(array []json.RawMessage) (clients.ServerSettings, error) {
	s := clients.ServerSettings{Stated: true}
	var protocol, security, auth int
	if err := fields(array, &protocol, &s.Host, &s.Port, &security, &auth, &s.Login); err != nil {
		return s, err
	}
	if protocol != 0 { // IMAP and SMTP
		return s, fmt.Errorf("protocol %d", protocol)
	}
	switch security { // IntValueMapper.kt
	case 0:
		s.Security = clients.Plaintext
	case 2:
		s.Security = clients.StartTLS
	case 3:
		s.Security = clients.TLS
	default:
		return s, fmt.Errorf("security %d", security)
	}
	switch auth {
	case 0:
		s.Auth = clients.AuthNone
	case 1:
		s.Auth = clients.AuthPassword
	case 2:
		s.Auth = clients.AuthEncrypted
	case 6:
		s.Auth = clients.AuthOAuth2
	default:
		return s, fmt.Errorf("authentication %d", auth)
	}
	return s, checkServer(s)
}

// fields reads an array of exactly these elements. null, which encoding/json would
// ignore, is an error.
func fields(array []json.RawMessage, into ...any) error {
	if len(array) != len(into) {
		return fmt.Errorf("%d elements instead of %d", len(array), len(into))
	}
	for i, element := range array {
		if string(element) == "null" {
			return fmt.Errorf("element %d is null", i)
		}
		if err := json.Unmarshal(element, into[i]); err != nil {
			return fmt.Errorf("element %d: %w", i, err)
		}
	}
	return nil
}
