package profiles

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"

	"mailsetup/internal/provider"
)

// An identity is the PayloadIdentifier of a profile or of a payload in it, and
// the root of its PayloadUUID.
//
// A device replaces an installed profile by one with an equal identifier, and
// keeps an account inside if both its identifier and its UUID stay equal (the
// description of PayloadIdentifier in Apple's TopLevel.yaml). So both are made
// only from the provider's id and the folded address, which do not change:
// moving the server, a new host or a corrected login keeps the account, and two
// accounts never replace each other.
type identity struct{ identifier string }

// profileIdentity returns the identity of the profile for an address at p; with
// the zero Address that of the generic profile.
//
// Identifiers turn up in device inventories and logs, so the address in them is
// not readable. But a hash is not a secret: anyone who suspects an address can
// check it.
func profileIdentity(p *provider.Provider, a provider.Address) identity {
	account := "generic"
	if !a.IsZero() {
		sum := sha256.Sum256([]byte(p.ID + "\n" + a.Folded().String()))
		account = hex.EncodeToString(sum[:16])
	}
	return identity{"mailsetup." + p.ID + "." + account}
}

// component returns the identity of a payload inside the profile. Payloads of
// one profile do not depend on each other: adding one changes none of those
// that people have installed.
func (i identity) component(name string) identity {
	return identity{i.identifier + "." + name}
}

// uuidNamespace was chosen at random, once. If it changed, every installed
// profile would lose its account when it is replaced.
var uuidNamespace = [16]byte{
	0x7e, 0x03, 0x38, 0x7d, 0x2b, 0x15, 0x4e, 0x87,
	0x9f, 0x14, 0x30, 0x41, 0x8d, 0x2a, 0x8c, 0x60,
}

func (i identity) uuid() string { return uuidV5(uuidNamespace, i.identifier) }

// uuidV5 makes a name-based UUID (RFC 9562 section 5.5). SHA-1 is the RFC's
// choice; nothing here depends on its strength.
func uuidV5(namespace [16]byte, name string) string {
	sum := sha1.Sum(append(namespace[:], name...))
	u := sum[:16]
	u[6] = u[6]&0x0f | 0x50 // version 5
	u[8] = u[8]&0x3f | 0x80 // variant of RFC 9562
	text := make([]byte, 0, 36)
	for i, part := range [][]byte{u[:4], u[4:6], u[6:8], u[8:10], u[10:]} {
		if i > 0 {
			text = append(text, '-')
		}
		text = hex.AppendEncode(text, part)
	}
	return string(text)
}
