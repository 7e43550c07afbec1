package probe

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"
)

func TestNetworkOf(t *testing.T) {
	for address, want := range map[string]Network{
		"127.0.0.1": Loopback, "127.8.9.10": Loopback, "::1": Loopback, "::ffff:127.0.0.1": Loopback,
		"169.254.169.254": Metadata, "fd00:ec2::254": Metadata, "168.63.129.16": Metadata, "100.100.100.200": Metadata,
		"169.254.1.1": LinkLocal, "fe80::1": LinkLocal, "fe80::1%eth0": LinkLocal,
		"10.0.0.1": Private, "172.31.255.255": Private, "192.168.1.1": Private, "100.64.0.1": Private, "fd12::1": Private,
		"0.0.0.0": NoHost, "224.0.0.1": NoHost, "255.255.255.255": NoHost, "::": NoHost,
		"64:ff9b::7f00:1": Loopback, "64:ff9b::a9fe:a9fe": Metadata, "2002:a00:1::": Private, "::10.0.0.1": Private,
		"17.42.251.62": Public, "172.32.0.1": Public, "2620:149::1": Public, "64:ff9b::112a:fb3e": Public,
	} {
		if got := networkOf(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s belongs to network %d, want %d", address, got, want)
		}
	}
}

// The limit applies, however much is offered.
func TestBoundedConn(t *testing.T) {
	ours, theirs := net.Pipe()
	defer ours.Close()
	go func() {
		block := bytes.Repeat([]byte("x"), 64<<10)
		for {
			if _, err := theirs.Write(block); err != nil {
				return
			}
		}
	}()
	n, err := io.Copy(io.Discard, &boundedConn{Conn: ours, left: maxMail})
	if failure := (Failure{}); n != maxMail || !errors.As(err, &failure) || failure.Kind != TooMuch {
		t.Errorf("read %d bytes, then %v", n, err)
	}
}
