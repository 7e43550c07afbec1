package certs

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/caddyserver/certmagic"
)

// errDamaged means that what is stored for a name will never make a certificate: a
// value was cut off, or the key belongs to another certificate, as after a crash between
// storing one and the other. It is removed before the next order; see [magic.removeDamaged].
var errDamaged = errors.New("the stored certificate is damaged")

// markDamaged wraps errDamaged around an error of certmagic that damage explains.
func (m *magic) markDamaged(ctx context.Context, name string, err error) error {
	// While the shared storage is down, asking it again would only take time.
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errUnavailable) {
		return err
	}
	if damage := m.damage(ctx, name); damage != nil {
		return fmt.Errorf("%w: %w", errDamaged, damage)
	}
	return err
}

// damage returns what is wrong with the values stored for a name; nil: they are usable or
// missing, or it is unknown, because the storage or its key has a problem.
func (m *magic) damage(ctx context.Context, name string) error {
	keys, issuer := certmagic.StorageKeys, m.issuer.IssuerKey()
	var values [][]byte
	for _, key := range []string{keys.SiteCert(issuer, name), keys.SitePrivateKey(issuer, name), keys.SiteMeta(issuer, name)} {
		value, err := m.storage.main.Load(ctx, key)
		switch {
		case errors.Is(err, errTampered):
			return err
		case err != nil:
			return nil
		}
		values = append(values, value)
	}
	if _, err := tls.X509KeyPair(values[0], values[1]); err != nil {
		return err
	}
	var meta certmagic.CertificateResource
	if err := json.Unmarshal(values[2], &meta); err != nil {
		return fmt.Errorf("its metadata: %w", err)
	}
	return nil
}

// removeDamaged removes what is stored for a name if it is damaged. certmagic would
// otherwise fail with every order, because it finds a certificate that it cannot read.
func (m *magic) removeDamaged(ctx context.Context, name string) (removed bool, err error) {
	if m.damage(ctx, name) == nil {
		return false, nil
	}
	// Another replica may be storing the values just now.
	lock := orderLock + name
	if err := m.storage.main.Lock(ctx, lock); err != nil {
		return false, err
	}
	defer func() { _ = m.storage.main.Unlock(context.WithoutCancel(ctx), lock) }()
	if m.damage(ctx, name) == nil {
		return false, nil
	}
	folder := certmagic.StorageKeys.CertsSitePrefix(m.issuer.IssuerKey(), name)
	if err := m.storage.main.Delete(ctx, folder); err != nil {
		return false, fmt.Errorf("the damaged certificate cannot be removed: %w", err)
	}
	return true, nil
}

// accountIsNew reports whether an order failed because of the stored ACME account, and the
// next one will use another. certmagic marks that only in the text; the tests with Pebble
// notice if it changes.
func (m *magic) accountIsNew(ctx context.Context, err error) bool {
	switch text := err.Error(); {
	case strings.Contains(text, "getting ACME account"):
		m.removeDamagedAccount(ctx) // or another worker did
		return true
	case strings.Contains(text, "no certificate chains"):
		// The authority no longer knew the account. certmagic registered another one, but
		// repeated the order with the first.
		return true
	}
	return false
}

// removeDamagedAccount removes a stored ACME account that cannot be read. The next order
// registers a new one.
func (m *magic) removeDamagedAccount(ctx context.Context) (removed bool) {
	folder := path.Join("acme", certmagic.StorageKeys.Safe(m.issuer.IssuerKey()), "users", certmagic.StorageKeys.Safe(m.issuer.Email))
	keys, err := m.storage.main.List(ctx, folder, false)
	if err != nil {
		return false
	}
	for _, key := range keys {
		value, err := m.storage.main.Load(ctx, key)
		switch {
		case errors.Is(err, errTampered):
		case err != nil:
			continue
		case strings.HasSuffix(key, ".json") && json.Valid(value):
			continue
		case strings.HasSuffix(key, ".key"):
			if _, err := certmagic.PEMDecodePrivateKey(value); err == nil {
				continue
			}
		}
		return m.storage.main.Delete(ctx, folder) == nil
	}
	return false
}
