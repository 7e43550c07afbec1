package server

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"

	"mailsetup/internal/provider"
	"mailsetup/internal/provider/providertest"
	"mailsetup/profiles"
)

func newTestSealer(t testing.TB, key byte) *sealer {
	t.Helper()
	s, err := newSealer(bytes.Repeat([]byte{key}, TokenKeySize))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func testOrder(t testing.TB, expires time.Time) order {
	t.Helper()
	name, err := profiles.ParsePersonName("Jane Appleseed, née \u200eMüller")
	if err != nil {
		t.Fatal(err)
	}
	return order{
		provider: "icloud",
		address:  providertest.Address(t, "Jane+news@example.com"),
		login:    providertest.Login(t, "jane.appleseed@icloud.com"),
		name:     name,
		expires:  expires,
	}
}

// An opened token equals what was sealed: a lost login would set up an account
// that cannot log in.
func TestTokenRoundTrip(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	s := newTestSealer(t, 1)
	whole := testOrder(t, now.Add(tokenLife))
	bare := order{provider: "icloud", address: whole.address, expires: whole.expires}
	for _, o := range []order{whole, bare} {
		token := s.seal(o)
		got, err := s.open(token, now)
		if err != nil || got != o {
			t.Errorf("opened %+v, %v; want %+v", got, err, o)
		}
		if s.seal(o) == token {
			t.Error("the same order gave the same token twice: two of them would show that they belong together")
		}
		if strings.Trim(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			t.Errorf("token %q needs escaping in a path", token)
		}
	}
}

// The link works for exactly a quarter of an hour. After that the error says
// that it has expired, so that people know to start again.
func TestTokenExpires(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	s := newTestSealer(t, 1)
	token := s.seal(testOrder(t, now.Add(tokenLife)))
	for _, c := range []struct {
		after time.Duration
		want  error
	}{
		{0, nil},
		{tokenLife - time.Nanosecond, nil},
		{tokenLife, errTokenExpired},
		{24 * time.Hour, errTokenExpired},
		{-time.Hour, nil}, // the clock of another replica
	} {
		if _, err := s.open(token, now.Add(c.after)); !errors.Is(err, c.want) {
			t.Errorf("after %v: %v, want %v", c.after, err, c.want)
		}
	}
}

// A token that still opens after a change would let somebody else's address into
// a profile from this server.
func TestTokenTampered(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	s := newTestSealer(t, 1)
	token := s.seal(testOrder(t, now.Add(tokenLife)))
	refused := func(what, changed string) {
		t.Helper()
		if _, err := s.open(changed, now); !errors.Is(err, errTokenInvalid) {
			t.Errorf("%s: %v, want %v", what, err, errTokenInvalid)
		}
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		for _, bit := range []byte{1, 0x80} {
			changed := bytes.Clone(raw)
			changed[i] ^= bit
			refused("a changed bit", base64.RawURLEncoding.EncodeToString(changed))
		}
		refused("a cut end", base64.RawURLEncoding.EncodeToString(raw[:i]))
	}
	for i := range token {
		other := byte('A')
		if token[i] == 'A' {
			other = 'B'
		}
		refused("a changed letter", token[:i]+string(other)+token[i+1:])
		refused("a lost letter", token[:i]+token[i+1:])
		for _, stray := range []string{"\n", "\r", "=", "+", "/", " ", "A"} {
			refused("a letter more: "+stray, token[:i]+stray+token[i:])
		}
	}
	refused("nothing", "")
	refused("a letter at the end", token+"A")
	refused("a line break at the end", token+"\n")
	refused("padding", token+"==")
	refused("twice", token+token)
}

// Only replicas with the same key open each other's tokens.
func TestTokenKeys(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	token := newTestSealer(t, 1).seal(testOrder(t, now.Add(tokenLife)))
	if _, err := newTestSealer(t, 1).open(token, now); err != nil {
		t.Errorf("a replica with the same key: %v", err)
	}
	if _, err := newTestSealer(t, 2).open(token, now); !errors.Is(err, errTokenInvalid) {
		t.Errorf("another key: %v", err)
	}
	one, err := newSealer(nil)
	if err != nil {
		t.Fatal(err)
	}
	two, err := newSealer(nil)
	if err != nil {
		t.Fatal(err)
	}
	token = one.seal(testOrder(t, now.Add(tokenLife)))
	if _, err := two.open(token, now); !errors.Is(err, errTokenInvalid) {
		t.Errorf("two random keys are the same: %v", err)
	}
	for _, n := range []int{1, 16, 24, 31, 33, 64} {
		if _, err := newSealer(make([]byte, n)); err == nil || !strings.Contains(err.Error(), "32") {
			t.Errorf("a key of %d bytes: %v; want an error that says how many it must have", n, err)
		}
	}
}

// FuzzOpenToken tries arbitrary tokens, and contents that another version of the
// program might have sealed with the right key. Nothing panics, and what opens
// is well formed.
func FuzzOpenToken(f *testing.F) {
	now := time.Unix(1_800_000_000, 0)
	s := newTestSealer(f, 1)
	f.Add(s.seal(testOrder(f, now.Add(tokenLife))), []byte{})
	plain := binary.BigEndian.AppendUint64(nil, uint64(now.Add(time.Minute).Unix()))
	for _, rest := range []string{"icloud\njane@icloud.com\n\nJane", "icloud\njane@icloud.com", "\n\n\n", "a\na@b.c\nx\n", "a\na@b.c\n\n\x00", "a\na@b.c\n\n\n"} {
		f.Add("", append(bytes.Clone(plain), rest...))
	}
	f.Fuzz(func(t *testing.T, token string, plain []byte) {
		sealed := base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, plain, nil))
		for _, token := range []string{token, sealed} {
			o, err := s.open(token, now)
			if err != nil {
				if !errors.Is(err, errTokenInvalid) && !errors.Is(err, errTokenExpired) {
					t.Errorf("open: undocumented error: %v", err)
				}
				continue
			}
			if a, err := provider.ParseAddress(o.address.String()); err != nil || a != o.address {
				t.Errorf("opened the address %q: %v", o.address, err)
			}
			if again, err := s.open(s.seal(o), now); err != nil || again != o {
				t.Errorf("%+v became %+v, %v", o, again, err)
			}
		}
	})
}
