package thunderbird

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// marionette is a connection to the remote protocol that Thunderbird has from
// Firefox: messages are a length in decimal, a colon and a JSON array. A command
// is [0, id, name, parameters], its answer [1, id, error, result].
// https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html
type marionette struct {
	conn net.Conn
	in   *bufio.Reader
	id   int
}

func dialMarionette(ctx context.Context, address string) (*marionette, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	m := &marionette{conn: conn, in: bufio.NewReader(conn)}
	if _, err := m.read(ctx); err != nil { // the greeting
		return nil, errors.Join(err, conn.Close())
	}
	return m, nil
}

// call sends a command and decodes its result, if result is not nil.
func (m *marionette) call(ctx context.Context, command string, params map[string]any, result any) error {
	m.id++
	if params == nil {
		params = map[string]any{}
	}
	msg, err := json.Marshal([]any{0, m.id, command, params})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(m.conn, "%d:%s", len(msg), msg); err != nil {
		return fmt.Errorf("%s: %w", command, err)
	}
	answer, err := m.read(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", command, err)
	}
	var failure *struct{ Error, Message string }
	var id int
	if err := json.Unmarshal(answer, &[]any{new(int), &id, &failure, &result}); err != nil {
		return fmt.Errorf("%s: %w in the answer %s", command, err, answer)
	}
	if failure != nil {
		return fmt.Errorf("%s: %s: %s", command, failure.Error, failure.Message)
	}
	if id != m.id {
		return fmt.Errorf("%s: this is the answer to command %d, not %d", command, id, m.id)
	}
	return nil
}

// read reads one message.
func (m *marionette) read(ctx context.Context) (json.RawMessage, error) {
	deadline, _ := ctx.Deadline() // the zero time means none
	if err := m.conn.SetReadDeadline(deadline); err != nil {
		return nil, err
	}
	// A context may also be cancelled before its deadline.
	stop := context.AfterFunc(ctx, func() { m.conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	length, err := m.in.ReadString(':')
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(strings.TrimSuffix(length, ":"))
	if err != nil {
		return nil, err
	}
	msg := make([]byte, n)
	_, err = io.ReadFull(m.in, msg)
	return msg, err
}
