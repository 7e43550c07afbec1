package deploytest

import (
	"fmt"
	"io"
	"maps"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
)

// A docker does what Docker does with a compose file, using runc: each service is a
// container with exactly the files, capabilities, memory and networks in the file.
type docker struct {
	net     *internet
	project *types.Project
	runc    string
	folder  string
	bridges map[string]netip.Prefix          // by network: the gateway
	places  map[string]map[string]netip.Addr // by service and network
	running map[string]*process
	cables  int
}

// up starts a compose file's services and waits until they are healthy.
func up(t *testing.T, n *internet, project *types.Project) *docker {
	t.Helper()
	d := &docker{
		net: n, project: project, runc: tool(t, "runc", "runc"), folder: t.TempDir(),
		bridges: map[string]netip.Prefix{}, places: map[string]map[string]netip.Addr{}, running: map[string]*process{},
	}
	for _, service := range project.Services {
		if i := imageOf(service); i.tool != "" {
			tool(t, i.tool, i.debian)
		}
	}
	for i, network := range slices.Sorted(maps.Keys(project.Networks)) {
		d.addNetwork(t, i, network)
	}
	for _, name := range project.ServiceNames() {
		d.start(t, name)
		for _, p := range project.Services[name].Ports {
			d.open(t, p.Published, netip.AddrPortFrom(d.address(name), uint16(p.Target)).String())
		}
	}
	return d
}

// addNetwork makes a bridge and gives each service in the network its address.
func (d *docker) addNetwork(t *testing.T, number int, network string) {
	t.Helper()
	subnet := netip.PrefixFrom(netip.AddrFrom4([4]byte{172, 31, byte(number), 0}), 24)
	if pools := d.project.Networks[network].Ipam.Config; len(pools) > 0 {
		subnet = netip.MustParsePrefix(pools[0].Subnet)
	}
	next := subnet.Addr().Next()
	d.bridges[network] = netip.PrefixFrom(next, subnet.Bits())
	bridge := bridgeOf(d.bridges[network])
	// A bridge without its own hardware address takes one of its interfaces', and changes
	// it when a container stops.
	run(t, "ip", "link", "add", bridge, "address", hardwareAddress(d.bridges[network].Addr()), "type", "bridge")
	t.Cleanup(func() { run(t, "ip", "link", "delete", bridge) })
	run(t, "ip", "address", "add", d.bridges[network].String(), "dev", bridge)
	run(t, "ip", "link", "set", bridge, "up")
	for _, name := range d.project.ServiceNames() {
		service := d.project.Services[name]
		if _, member := service.Networks[network]; !member {
			continue
		}
		next = next.Next()
		if fixed := addressIn(service, network); fixed != "" {
			next = netip.MustParseAddr(fixed)
		}
		if d.places[name] == nil {
			d.places[name] = map[string]netip.Addr{}
		}
		d.places[name][network] = next
		d.net.publish(name, next)
	}
}

// bridgeOf names a bridge; names of interfaces have at most 15 characters.
func bridgeOf(gateway netip.Prefix) string {
	return "br" + strings.ReplaceAll(strings.TrimPrefix(gateway.Addr().String(), "172."), ".", "-")
}

// hardwareAddress derives a hardware address from the IP address, as Docker does: a
// recreated container keeps it, so its neighbours' caches stay valid.
func hardwareAddress(ip netip.Addr) string {
	b := ip.As4()
	return net.HardwareAddr{2, 0x42, b[0], b[1], b[2], b[3]}.String()
}

// address returns the address of a service: in a network that is not internal, if it is
// in one.
func (d *docker) address(name string) netip.Addr {
	networks := slices.Sorted(maps.Keys(d.places[name]))
	for _, network := range networks {
		if !d.project.Networks[network].Internal {
			return d.places[name][network]
		}
	}
	return d.places[name][networks[0]]
}

// open publishes a port of this machine.
func (d *docker) open(t *testing.T, published, to string) {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(machineAddress.String(), published))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer client.Close()
				server, err := net.Dial("tcp", to)
				if err != nil {
					return
				}
				defer server.Close()
				go func() {
					_, _ = io.Copy(server, client)
					_ = server.(*net.TCPConn).CloseWrite()
				}()
				_, _ = io.Copy(client, server)
			}()
		}
	}()
}

// start starts a service, after those that it depends on, and waits until it is healthy.
func (d *docker) start(t *testing.T, name string) {
	t.Helper()
	if d.running[name] != nil {
		return
	}
	service := d.project.Services[name]
	for _, other := range service.GetDependencies() {
		d.start(t, other)
	}
	d.plugIn(t, name)
	bundle := filepath.Join(d.folder, name)
	d.writeBundle(t, bundle, service)
	d.running[name] = start(t, nil, d.runc, "--root", d.folder+"/runc", "run", "--bundle", bundle, name)
	if service.HealthCheck == nil {
		return
	}
	eventually(t, name+" is healthy", func() error {
		select {
		case <-d.running[name].ended:
			t.Fatalf("%s ended:\n%s", name, d.running[name].log())
		default:
		}
		args := append([]string{"--root", d.folder + "/runc", "exec", name}, service.HealthCheck.Test[1:]...)
		out, err := exec.Command(d.runc, args...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s\n%s", err, out, d.running[name].log())
		}
		return nil
	})
}

// stop ends a container and removes its addresses.
func (d *docker) stop(t *testing.T, name string) {
	t.Helper()
	d.running[name].stop(t)
	delete(d.running, name)
	run(t, "ip", "netns", "delete", name)
}

// plugIn makes a service's network namespace with an interface in each of its networks.
func (d *docker) plugIn(t *testing.T, name string) {
	t.Helper()
	run(t, "ip", "netns", "add", name)
	t.Cleanup(func() {
		if _, err := os.Stat("/run/netns/" + name); err == nil { // not stopped already
			run(t, "ip", "netns", "delete", name)
		}
	})
	inside := func(args ...string) { t.Helper(); run(t, "ip", append([]string{"-netns", name}, args...)...) }
	inside("link", "set", "lo", "up")
	for i, network := range slices.Sorted(maps.Keys(d.places[name])) {
		d.cables++
		gateway, inner, outer := d.bridges[network], fmt.Sprint("eth", i), fmt.Sprint("veth", d.cables)
		run(t, "ip", "link", "add", outer, "type", "veth", "peer", "name", inner, "netns", name)
		run(t, "ip", "link", "set", outer, "master", bridgeOf(gateway), "up")
		inside("link", "set", inner, "address", hardwareAddress(d.places[name][network]))
		inside("address", "add", netip.PrefixFrom(d.places[name][network], gateway.Bits()).String(), "dev", inner)
		inside("link", "set", inner, "up")
		if !d.project.Networks[network].Internal {
			inside("route", "add", "default", "via", gateway.Addr().String())
		}
	}
}
