package server

import (
	"errors"
	"log/slog"
	"net/http"
	"time"
)

// logExchange writes one line. Neither the path nor the method is copied from
// the request: the path may contain a token or an address, the method
// anything.
func (s *Server) logExchange(x *exchange, route string, err error) {
	level := slog.LevelInfo
	if x.w.status >= 500 {
		level = slog.LevelError
	}
	ctx := x.r.Context()
	if level == slog.LevelInfo && isSelfCheck(ctx) {
		level = slog.LevelDebug
	}
	if !s.cfg.Log.Enabled(ctx, level) {
		return
	}
	attrs := make([]slog.Attr, 0, 8)
	attrs = append(attrs,
		slog.String("route", route),
		slog.String("method", knownMethod(x.r.Method)),
		slog.Int("status", x.w.status),
		slog.Int64("duration_us", time.Since(x.began).Microseconds()),
		slog.String("domain", x.class.String()),
	)
	if x.provider != "" {
		attrs = append(attrs, slog.String("provider", x.provider))
	}
	if p, ok := errors.AsType[panicError](err); ok {
		attrs = append(attrs, slog.String("panic", p.kind), slog.String("stack", string(p.stack)))
	} else if x.w.status >= 500 && err != nil {
		attrs = append(attrs, slog.Any("error", err))
	}
	s.cfg.Log.LogAttrs(ctx, level, "request", attrs...)
}

func knownMethod(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodOptions, http.MethodPut,
		http.MethodDelete, http.MethodPatch, "PROPFIND", "REPORT":
		return m
	}
	return "other"
}
