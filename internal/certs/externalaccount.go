package certs

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/mholt/acmez/v3/acme"

	"mailsetup/internal/secretfile"
)

// loadExternalAccount reads the file that binds the ACME account to one that the operator
// has with the authority (RFC 8555, section 7.3.4): the key ID and the HMAC key, each on a
// line of its own. Its errors never quote the content.
func loadExternalAccount(path string) (*acme.EAB, error) {
	const maxSize = 8 << 10
	data, err := secretfile.Read(path, maxSize)
	if err != nil {
		return nil, fmt.Errorf("the external account file cannot be read: %w", err)
	}
	parts := strings.Fields(string(data))
	if len(parts) != 2 {
		return nil, fmt.Errorf("the external account file %s must have two lines: first the key ID, then the HMAC key, as your certification authority shows them", path)
	}
	for _, c := range parts[0] {
		if c <= ' ' || c > '~' {
			return nil, fmt.Errorf("the key ID in %s, line 1, has a character outside ASCII: copy it again from your certification authority", path)
		}
	}
	// Some authorities show the key with padding; RFC 8555 has none.
	key := strings.TrimRight(parts[1], "=")
	if decoded, err := base64.RawURLEncoding.DecodeString(key); err != nil || len(decoded) == 0 {
		return nil, fmt.Errorf("the HMAC key in %s, line 2, is not base64url: copy it again from your certification authority; the key ID is on line 1", path)
	}
	return &acme.EAB{KeyID: parts[0], MACKey: key}, nil
}

// explainAccount adds the next step to an authority's refusal to register the account.
// certmagic marks it only in the text; the tests with Pebble notice if that changes.
func explainAccount(err error, bound bool) error {
	var problem acme.Problem
	switch {
	case !errors.As(err, &problem):
		return err
	case bound && strings.Contains(err.Error(), "registering account"):
		return fmt.Errorf("the certification authority refuses the account in the --acme-eab file: if the key ID or the HMAC key is wrong or used up, create new ones there: %w", err)
	case !bound && problem.Type == acme.ProblemTypeExternalAccountRequired:
		return fmt.Errorf("the certification authority wants an external account: create a key ID and an HMAC key there, write them into a file, one a line, and give it with --acme-eab: %w", err)
	}
	return err
}
