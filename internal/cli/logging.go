package cli

import (
	"log/slog"

	"github.com/urfave/cli/v3"
)

// newLogger makes the log that --log-format and --log-level describe.
func (p program) newLogger(cmd *cli.Command) (*slog.Logger, error) {
	var options slog.HandlerOptions
	switch level := cmd.String("log-level"); level {
	case "debug":
		options.Level = slog.LevelDebug
	case "info":
		options.Level = slog.LevelInfo
	case "warn":
		options.Level = slog.LevelWarn
	case "error":
		options.Level = slog.LevelError
	default:
		return nil, usagef("--log-level: %q is no level; write debug, info, warn or error", level)
	}
	switch format := cmd.String("log-format"); format {
	case "text":
		return slog.New(slog.NewTextHandler(p.Stderr, &options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(p.Stderr, &options)), nil
	default:
		return nil, usagef("--log-format: %q is no format; write text or json", format)
	}
}
