package cli

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/urfave/cli/v3"

	"mailsetup/internal/logbuffer"
)

const (
	// logBufferSize is how much of the log may wait for its reader: some 7,000
	// requests.
	logBufferSize = 1 << 20
	// logGather is how long a line waits for others, so that a busy server writes
	// hundreds at once. It is too short for a person to notice.
	logGather = 5 * time.Millisecond
	// flushTimeout is how long the program waits for the log's reader before it ends.
	flushTimeout = time.Second
)

// bufferLog puts a buffer between the log and w, so that a reader that stops
// delays neither requests nor the end of the program. The handler writes the
// notice of dropped lines in the log's own format.
func bufferLog(w io.Writer, handler func(io.Writer) slog.Handler) *logbuffer.Buffer {
	return logbuffer.New(logbuffer.Config{Output: w, Size: logBufferSize, Gather: logGather, Notice: func(dropped int) []byte {
		var line bytes.Buffer
		r := slog.NewRecord(time.Now(), slog.LevelWarn, "log lines were dropped: the log's reader was too slow or gone", 0)
		r.AddAttrs(slog.Int("lines", dropped))
		_ = handler(&line).Handle(context.Background(), r) // a bytes.Buffer takes everything
		return line.Bytes()
	}})
}

// logHandler returns a function that makes the handler set by --log-format and --log-level.
func logHandler(cmd *cli.Command) (func(io.Writer) slog.Handler, error) {
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
		return nil, usagef("--log-level: unknown level %q; use debug, info, warn or error", level)
	}
	switch format := cmd.String("log-format"); format {
	case "text":
		return func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, &options) }, nil
	case "json":
		return func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, &options) }, nil
	default:
		return nil, usagef("--log-format: unknown format %q; use text or json", format)
	}
}
