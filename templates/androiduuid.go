package templates

import (
	"crypto/sha1"
	"encoding/hex"

	"mailsetup/internal/provider"
)

// androidNamespace was chosen at random, once. If it changed, the same account would
// count as a new one.
var androidNamespace = [16]byte{
	0x65, 0x9b, 0x02, 0x25, 0xfd, 0x32, 0x46, 0xee,
	0x9c, 0xa4, 0xa7, 0x31, 0xc4, 0x8f, 0x93, 0xa6,
}

// androidUUID returns the UUID of an account in Thunderbird for Android (version 5, RFC
// 9562 section 5.5). It depends only on the service and the folded address, so a new
// host or a corrected login does not create another account.
func androidUUID(p *provider.Provider, a provider.Address) string {
	sum := sha1.Sum(append(androidNamespace[:], p.ID+"\n"+a.Folded().String()...))
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
