package server

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"mailsetup/internal/provider"
	"mailsetup/profiles"
)

// tokenLife is how long a page's address works. A phone has to leave the page
// for its settings and come back, and iOS forgets a downloaded profile after
// eight minutes (https://support.apple.com/HT209435), so a quarter of an hour
// allows two tries.
const tokenLife = 15 * time.Minute

// TokenKeySize is the length of the key that encrypts page tokens, in bytes.
const TokenKeySize = 32

var (
	errTokenInvalid = errors.New("the link is not one of ours")
	errTokenExpired = errors.New("the link has expired")
)

// An order is a person's request to the page: settings for an address.
type order struct {
	provider string
	address  provider.Address
	login    provider.StatedLogin // zero unless the person gave one
	name     profiles.PersonName
	expires  time.Time
}

// A sealer encrypts orders into tokens and decrypts them. A token in a
// history or a log reveals nothing, and the server stores nothing: any
// replica with the same key can open it.
type sealer struct{ aead cipher.AEAD }

// newSealer uses the key, or a random one if key is empty: then links end with
// the process.
func newSealer(key []byte) (*sealer, error) {
	if len(key) == 0 {
		key = make([]byte, TokenKeySize)
		_, _ = rand.Read(key) // never fails, see crypto/rand
	}
	if len(key) != TokenKeySize {
		return nil, fmt.Errorf("the token key has %d bytes: it must have %d, as made by 'head -c %d /dev/urandom'", len(key), TokenKeySize, TokenKeySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &sealer{aead: aead}, nil
}

// seal makes a token from an order that expires at o.expires. The texts of
// its parts cannot contain line breaks, so line breaks separate them.
func (s *sealer) seal(o order) string {
	plain := binary.BigEndian.AppendUint64(nil, uint64(o.expires.Unix()))
	plain = append(plain, strings.Join([]string{o.provider, o.address.String(), o.login.String(), o.name.String()}, "\n")...)
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, plain, nil))
}

// open reads a token. Any change to it is errTokenInvalid.
func (s *sealer) open(token string, now time.Time) (order, error) {
	// encoding/base64 skips line breaks, and the page repeats the token in links.
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || strings.ContainsAny(token, "\r\n") {
		return order{}, errTokenInvalid
	}
	plain, err := s.aead.Open(nil, nil, sealed, nil)
	if err != nil || len(plain) < 8 {
		return order{}, errTokenInvalid
	}
	o := order{expires: time.Unix(int64(binary.BigEndian.Uint64(plain)), 0)}
	if !now.Before(o.expires) {
		return order{}, errTokenExpired
	}
	parts := strings.Split(string(plain[8:]), "\n")
	if len(parts) != 4 {
		return order{}, errTokenInvalid
	}
	o.provider = parts[0]
	if o.address, err = provider.ParseAddress(parts[1]); err != nil {
		return order{}, errTokenInvalid
	}
	if parts[2] != "" {
		if o.login, err = provider.ParseStatedLogin(parts[2]); err != nil {
			return order{}, errTokenInvalid
		}
	}
	if o.name, err = profiles.ParsePersonName(parts[3]); err != nil {
		return order{}, errTokenInvalid
	}
	return o, nil
}
