package cli

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/urfave/cli/v3"
)

// healthTimeout is shorter than the interval at which containers are asked.
const healthTimeout = 3 * time.Second

// adminListenFlag is shared by serve and healthcheck, so that one variable sets both.
func adminListenFlag() cli.Flag {
	return textFlag("admin-listen", "ADDRESS", "127.0.0.1:8081", "health and reload, or off")
}

func (p program) healthcheckCommand() *cli.Command {
	return &cli.Command{
		Name:     "healthcheck",
		Usage:    "ask the server on this machine whether it is ready",
		Metadata: map[string]any{withoutTable: true},
		Description: `Asks the admin listener for /readyz. The exit status is 0 if the server is
ready, and 1 if it is not ready or not running. It needs no shell in a container.`,
		Flags: []cli.Flag{adminListenFlag()},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if err := wantArgs(cmd, 0, 0); err != nil {
				return err
			}
			listen := cmd.String("admin-listen")
			if adminOff(listen) {
				return fmt.Errorf("the admin listener is off; set --admin-listen to the server's address, such as 127.0.0.1:8081")
			}
			if err := checkListenAddress("admin-listen", listen); err != nil {
				return err
			}
			if err := askReady(ctx, dialAddress(listen)); err != nil {
				return err
			}
			fmt.Fprintln(p.Stdout, "ready")
			return nil
		},
	}
}

// askReady asks the admin listener at address.
func askReady(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", nil)
	if err != nil {
		return err
	}
	// The admin listener answers only to loopback names, whatever name was used for its
	// address.
	req.Host = "localhost"
	// A transport of our own ignores HTTP_PROXY.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("no answer from the admin listener: %w (is the server running with the same --admin-listen?)", err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 4<<10)) // for the message only
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s %s", resp.Status, strings.TrimSpace(string(body)))
	}
	return nil
}

// dialAddress turns the address of a listener into one to connect to.
func dialAddress(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	switch host {
	case "", "0.0.0.0":
		host = "127.0.0.1"
	case "::":
		host = "::1"
	}
	return net.JoinHostPort(host, port)
}
