package androidimport

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"mailsetup/internal/clients"
)

var (
	// Core's HostNameUtils.kt, HOST_PATTERN: letters, digits and hyphens between dots.
	hostName = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*\.?$`)
	// EmailAddressParser.kt with EmailAddressParserConfig.LIMITED, and EmailDomainParser.kt.
	dotString = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$")
	domain    = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)
)

func checkAddress(s string) error {
	local, host, _ := strings.Cut(s, "@")
	if !dotString.MatchString(local) || len(local) > 64 || !domain.MatchString(host) || len(s) > 254 {
		return errors.New("the address does not parse")
	}
	for label := range strings.SplitSeq(host, ".") {
		if len(label) > 63 {
			return errors.New("a label of the address's domain is too long")
		}
	}
	return nil
}

// checkServer checks what both formats require of a server.
func checkServer(s clients.ServerSettings) error {
	switch {
	case len(s.Host) > 255 || !hostName.MatchString(s.Host):
		return errors.New("not a host name")
	case s.Port < 1 || s.Port > 65535:
		return fmt.Errorf("port %d", s.Port)
	case s.Login == "":
		// The app imports it, and then cannot log in.
		return errors.New("no user name")
	}
	return checkLine(s.Login)
}

func checkLine(s string) error {
	if strings.ContainsAny(s, "\r\n") {
		return errors.New("a line break in a name")
	}
	return nil
}
