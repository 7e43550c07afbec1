package certs

import (
	"context"
	"log/slog"
	"strings"

	"go.uber.org/zap/zapcore"
)

// slogCore passes on certmagic's log lines, at level debug: they are details of what this
// package logs itself, useful only for debugging. Addresses of visitors or of the account
// are removed.
type slogCore struct {
	log   *slog.Logger
	email string
}

func newSlogCore(log *slog.Logger, email string) zapcore.Core {
	return slogCore{log: log.With("library", "certmagic"), email: email}
}

// Fields that hold addresses of visitors or of the account.
var privateFields = []string{"remote", "user_agent", "contact", "account", "email", "client", "uri"}

// slogLevel: only a panic is more than a detail.
func slogLevel(level zapcore.Level) slog.Level {
	if level >= zapcore.DPanicLevel {
		return slog.LevelError
	}
	return slog.LevelDebug
}

func (c slogCore) Enabled(level zapcore.Level) bool {
	return c.log.Enabled(context.Background(), slogLevel(level))
}

func (c slogCore) With(fields []zapcore.Field) zapcore.Core {
	c.log = c.log.With(c.attributes(fields)...)
	return c
}

func (c slogCore) Check(line zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if c.Enabled(line.Level) {
		return checked.AddCore(line, c)
	}
	return checked
}

func (c slogCore) Write(line zapcore.Entry, fields []zapcore.Field) error {
	c.log.Log(context.Background(), slogLevel(line.Level), c.hide(line.Message), c.attributes(fields)...)
	return nil
}

func (c slogCore) Sync() error { return nil }

func (c slogCore) attributes(fields []zapcore.Field) []any {
	encoder := zapcore.NewMapObjectEncoder()
	attributes := make([]any, 0, len(fields))
	for _, field := range fields {
		// A value that zap can only print by reflection may contain anything: headers,
		// keys.
		if isPrivate(field.Key) || field.Type == zapcore.ReflectType {
			continue
		}
		field.AddTo(encoder)
		value := encoder.Fields[field.Key]
		if text, ok := value.(string); ok {
			value = c.hide(text)
		}
		attributes = append(attributes, slog.Any(field.Key, value))
	}
	return attributes
}

func (c slogCore) hide(text string) string {
	if c.email == "" {
		return text
	}
	return strings.ReplaceAll(text, c.email, "(the account's address)")
}

func isPrivate(field string) bool {
	for _, private := range privateFields {
		if strings.Contains(field, private) {
			return true
		}
	}
	return false
}
