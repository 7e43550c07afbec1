package certs

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"go.uber.org/zap"
)

// certmagic logs who has connected and whose account it uses. Neither may get into our
// log, nor may keys inside values that it prints by reflection.
func TestLibraryLogHoldsNoAddresses(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	z := zap.New(newSlogCore(log, "owner@example.com"))
	z = z.With(zap.String("remote_addr", "192.0.2.9:1234"), zap.Strings("account_contact", []string{"mailto:owner@example.com"}))
	z.Error("obtaining for owner@example.com",
		zap.String("identifier", "autoconfig.a.test"),
		zap.Error(errors.New("invalid contact owner@example.com")),
		zap.String("user_agent", "Mozilla"), zap.String("remote", "192.0.2.9"), zap.String("uri", "/?emailaddress=jane@a.test"),
		zap.Any("storage", struct{ Key string }{"secret"}),
		zap.Int("attempt", 3))
	for _, private := range []string{"owner@", "192.0.2.9", "Mozilla", "jane", "secret"} {
		if strings.Contains(out.String(), private) {
			t.Errorf("%q is in the log:\n%s", private, &out)
		}
	}
	for _, want := range []string{"autoconfig.a.test", `"attempt":3`, "invalid contact", `"level":"DEBUG"`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in the log:\n%s", want, &out)
		}
	}
	out.Reset()
	quiet := zap.New(newSlogCore(slog.New(slog.NewTextHandler(&out, nil)), ""))
	quiet.Error("a detail")
	if out.Len() > 0 {
		t.Errorf("logged at the usual level: %s", &out)
	}
}
