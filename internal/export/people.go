package export

import (
	"errors"
	"fmt"
	"strings"

	"mailsetup/internal/provider"
	"mailsetup/profiles"
)

// A Person gets a profile.
type Person struct {
	Account provider.Account
	Name    profiles.PersonName
}

// LoginUnknown reports whether the person's device asks for the logins.
func (p Person) LoginUnknown() bool { return p.Account.Incoming.Login.Kind == provider.LoginUnknown }

// ParsePeople reads a list of people: on each line an address, and after a space or tab
// perhaps a name. A line that begins with # is a comment. The error lists the mistakes, at
// most a hundred, by their lines; it holds no address.
func ParsePeople(list []byte, table *provider.Table) ([]Person, error) {
	var people []Person
	var mistakes []error
	lines := map[string]int{} // of addresses
	number := 0
	for line := range strings.Lines(string(list)) {
		number++
		line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff"))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		p, err := parsePerson(line, table)
		if err == nil {
			address := p.Account.Address.Folded().String()
			if first, twice := lines[address]; twice {
				err = fmt.Errorf("the address is already on line %d", first)
			}
			lines[address] = number
		}
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("line %d: %w", number, err))
			continue
		}
		people = append(people, p)
	}
	if len(people) == 0 && len(mistakes) == 0 {
		mistakes = append(mistakes, errors.New("the list is empty: write an address on each line"))
	}
	if more := len(mistakes) - maxMistakes; more > 0 {
		mistakes = append(mistakes[:maxMistakes], fmt.Errorf("... and %d more mistakes, %d in all", more, len(mistakes)))
	}
	return people, errors.Join(mistakes...)
}

// maxMistakes is enough: more than that are usually one, repeated.
const maxMistakes = 100

func parsePerson(line string, table *provider.Table) (p Person, err error) {
	end := strings.IndexAny(line, " \t")
	if end < 0 {
		end = len(line)
	}
	address, err := provider.ParseAddress(line[:end])
	if err != nil {
		return p, err
	}
	if p.Name, err = profiles.ParsePersonName(line[end:]); err != nil {
		return p, err
	}
	m, ok := table.ByDomain(address.Domain())
	if !ok {
		return p, fmt.Errorf("%s is not in the table: add it under domains, or give --domain %[1]s=PROVIDER", address.Domain())
	}
	if !m.Provider().TakesPassword() {
		return p, fmt.Errorf("%s has no profiles, because it accepts no password from mail apps: remove the line", m.Provider().Name)
	}
	p.Account = m.Account(address)
	return p, nil
}
