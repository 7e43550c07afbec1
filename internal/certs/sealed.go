package certs

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/caddyserver/certmagic"

	"mailsetup/internal/secretfile"
)

// StorageKeySize is the length of a key that encrypts stored values, in bytes.
const StorageKeySize = 32

const (
	// maxStorageKeys is how many keys a file may contain: the current one, and those
	// that encrypted older values.
	maxStorageKeys = 8
	// sealedMark begins every encrypted value, to distinguish one that was never
	// encrypted from one whose key is missing.
	sealedMark = "mailsetup sealed 1\n"
	keyIDSize  = 8
)

var (
	errNotSealed  = errors.New("the stored value is not encrypted, though a storage key is set: it was stored earlier, or by somebody else; delete it to have it created again")
	errUnknownKey = errors.New("the stored value is encrypted with a key that is not in the storage key file: add that key after the current one, and restart")
	errSealed     = errors.New("the stored value is encrypted, but no storage key is set: give the one with which it was stored")
	errTampered   = errors.New("the stored value was changed, cut off or moved since it was encrypted")
)

type keyID [keyIDSize]byte

// A keyring encrypts with its first key and decrypts with all. It uses AES-256-GCM
// with a random nonce, which is safe for 2^32 values per key (NIST SP 800-38D,
// 8.3).
type keyring struct {
	current keyID
	keys    map[keyID]cipher.AEAD
}

// loadKeyring reads a file of one key or more, one directly after the other.
func loadKeyring(path string) (*keyring, error) {
	data, err := secretfile.Read(path, maxStorageKeys*StorageKeySize)
	if err != nil {
		return nil, fmt.Errorf("the storage key cannot be read: %w", err)
	}
	if len(data) == 0 || len(data)%StorageKeySize != 0 {
		return nil, fmt.Errorf("the storage key %s has %d bytes, not %d or a multiple: make one with 'head -c %[3]d /dev/urandom'", path, len(data), StorageKeySize)
	}
	ring := &keyring{keys: map[keyID]cipher.AEAD{}}
	for key := range slices.Chunk(data, StorageKeySize) {
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return nil, err
		}
		digest := sha256.Sum256(append([]byte("mailsetup storage key\n"), key...))
		id := keyID(digest[:keyIDSize])
		if len(ring.keys) == 0 {
			ring.current = id
		}
		ring.keys[id] = aead
	}
	return ring, nil
}

// seal encrypts a value for one name: the name is authenticated, so that somebody
// who can write to the storage cannot swap two values.
func (r *keyring) seal(name string, value []byte) []byte {
	aead := r.keys[r.current]
	sealed := append([]byte(sealedMark), r.current[:]...)
	nonce := make([]byte, aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails (crypto/rand)
	sealed = append(sealed, nonce...)
	return aead.Seal(sealed, nonce, value, []byte(name))
}

func (r *keyring) open(name string, sealed []byte) ([]byte, error) {
	if bytes.HasPrefix([]byte(sealedMark), sealed) {
		return nil, errTampered // cut off
	}
	rest, ok := bytes.CutPrefix(sealed, []byte(sealedMark))
	if !ok {
		return nil, errNotSealed
	}
	if len(rest) < keyIDSize {
		return nil, errTampered
	}
	aead, ok := r.keys[keyID(rest[:keyIDSize])]
	if !ok {
		return nil, errUnknownKey
	}
	rest = rest[keyIDSize:]
	if len(rest) < aead.NonceSize() {
		return nil, errTampered
	}
	value, err := aead.Open(nil, rest[:aead.NonceSize()], rest[aead.NonceSize():], []byte(name))
	if err != nil {
		return nil, errTampered
	}
	return value, nil
}

// sealedNow reports whether a value was encrypted with the current key.
func (r *keyring) sealedNow(sealed []byte) bool {
	return bytes.HasPrefix(sealed, append([]byte(sealedMark), r.current[:]...))
}

// lockingStorage is the interface of every storage here.
type lockingStorage interface {
	certmagic.Storage
	certmagic.TryLocker
}

// sealedStorage encrypts the values of another storage. Names stay readable: lists
// depend on them, and they are in public certificate logs anyway.
type sealedStorage struct {
	lockingStorage
	ring *keyring
}

func (s sealedStorage) Store(ctx context.Context, key string, value []byte) error {
	return s.lockingStorage.Store(ctx, key, s.ring.seal(key, value))
}

func (s sealedStorage) Load(ctx context.Context, key string) ([]byte, error) {
	sealed, err := s.lockingStorage.Load(ctx, key)
	if err != nil {
		return nil, err
	}
	value, err := s.ring.open(key, sealed)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	if strings.Contains(key, accountFolder) && !s.ring.sealedNow(sealed) {
		_ = s.Store(ctx, key, value) // if it fails, the next time
	}
	return value, nil
}

// plainStorage encrypts nothing, and tells an encrypted value from a damaged one.
type plainStorage struct{ lockingStorage }

func (s plainStorage) Load(ctx context.Context, key string) ([]byte, error) {
	value, err := s.lockingStorage.Load(ctx, key)
	if err == nil && bytes.HasPrefix(value, []byte(sealedMark)) {
		return nil, fmt.Errorf("%s: %w", key, errSealed)
	}
	return value, err
}

// accountFolder is part of the names of the ACME account's values (account.go of
// github.com/caddyserver/certmagic). Everything else is stored again within the
// lifetime of a certificate; these never are, and would need an old key forever.
const accountFolder = "/users/"

// RenewLockLease passes certmagic's call on to a storage that has it.
func (s sealedStorage) RenewLockLease(ctx context.Context, lock string, lease time.Duration) error {
	if renewer, ok := s.lockingStorage.(certmagic.LockLeaseRenewer); ok {
		return renewer.RenewLockLease(ctx, lock, lease)
	}
	return nil
}
