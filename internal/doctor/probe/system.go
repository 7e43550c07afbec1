package probe

import (
	"fmt"
	"net"

	"github.com/miekg/dns"
)

// SystemResolvers returns the resolvers of this machine, as HOST:PORT. Its
// error wraps [ErrNoResolver].
func SystemResolvers() ([]string, error) {
	const file = "/etc/resolv.conf"
	config, err := dns.ClientConfigFromFile(file)
	if err != nil || len(config.Servers) == 0 {
		return nil, fmt.Errorf("%w: %s names none; give one with --resolver", ErrNoResolver, file)
	}
	var all []string
	for _, s := range config.Servers {
		all = append(all, net.JoinHostPort(s, config.Port))
	}
	return all, nil
}
