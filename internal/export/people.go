package export

import (
	"errors"
	"fmt"
	"iter"
	"strings"

	"mailsetup/internal/provider"
	"mailsetup/profiles"
)

// A Person is somebody who gets a profile.
type Person struct {
	Account provider.Account
	Name    profiles.PersonName
}

// People is a list of people without mistakes. It keeps the text of the list and not the
// parsed people, so a long list needs little memory.
type People struct {
	sheet sheet
	table *provider.Table
	// Count is the number of people, LoginUnknown how many of them will be asked for
	// their logins.
	Count, LoginUnknown int
}

// Unused returns the headings of columns that were not read.
func (p *People) Unused() []string { return p.sheet.unused }

// All yields the people in the order of the list.
func (p *People) All() iter.Seq[Person] {
	return func(yield func(Person) bool) {
		for r, err := range p.sheet.rows() {
			if err != nil {
				continue
			}
			if one, err := parsePerson(r, p.table); err == nil && !yield(one) {
				return
			}
		}
	}
}

// ParsePeople reads a list of people. It is either plain lines, each with an address and
// optionally a name after a space or tab, or CSV with the columns address, login and
// name. A line that begins with # is a comment. The error lists the mistakes, at most a
// hundred, with their lines; it contains no address.
func ParsePeople(list []byte, table *provider.Table) (*People, error) {
	s, err := readSheet(list)
	if err != nil {
		return nil, err
	}
	people := &People{sheet: s, table: table}
	var wrong mistakes
	lines := map[string]int{} // of addresses
	for r, err := range s.rows() {
		var one Person
		if err == nil {
			one, err = parsePerson(r, table)
		}
		if err == nil {
			address := one.Account.Address.Folded().String()
			if first, twice := lines[address]; twice {
				err = fmt.Errorf("the address is already on line %d", first)
			} else {
				lines[address] = r.line
			}
		}
		if err != nil {
			wrong.add(wrapLine(r.line, err))
			continue
		}
		people.Count++
		if one.Account.Incoming.Login.Kind == provider.LoginUnknown {
			people.LoginUnknown++
		}
	}
	if people.Count == 0 && wrong.count == 0 {
		wrong.add(errors.New("the list is empty: write an address on each line"))
	}
	if wrong.count > 0 {
		return nil, wrong.err()
	}
	return people, nil
}

// mistakes collects a list's mistakes. A file that is not such a list has one on each
// line, so only the first are kept.
type mistakes struct {
	first []error
	count int
}

const maxMistakes = 100

func (m *mistakes) add(err error) {
	if m.count++; m.count <= maxMistakes {
		m.first = append(m.first, err)
	}
}

func (m *mistakes) err() error {
	if more := m.count - maxMistakes; more > 0 {
		return errors.Join(append(m.first, fmt.Errorf("... and %d more mistakes, %d in all", more, m.count))...)
	}
	return errors.Join(m.first...)
}

func parsePerson(r row, table *provider.Table) (p Person, err error) {
	address, err := provider.ParseAddress(r.address)
	if err != nil {
		return p, err
	}
	if p.Name, err = profiles.ParsePersonName(r.name); err != nil {
		return p, err
	}
	m, ok := table.ByDomain(address.Domain())
	if !ok {
		return p, fmt.Errorf("%s is not in the table: add it under domains, or give --domain %[1]s=PROVIDER", address.Domain())
	}
	if !m.Provider().TakesPassword() {
		return p, fmt.Errorf("%s has no profiles, because it accepts no password from mail clients: remove the line", m.Provider().Name)
	}
	p.Account = m.Account(address)
	if r.login == "" {
		return p, nil
	}
	p.Account, err = withLogin(p.Account, r.login)
	return p, err
}

var errOtherLogin = errors.New("the table states another login for the address: keep one of them")

// withLogin returns the account with a login from the list. If the table also states one,
// the two must agree.
func withLogin(a provider.Account, text string) (provider.Account, error) {
	login, err := a.Provider.ParseLogin(text)
	switch {
	case errors.Is(err, provider.ErrLoginElsewhere):
		return a, fmt.Errorf("the login is not an address at %s", a.Provider.Name)
	case err != nil:
		return a, fmt.Errorf("login: %w", err)
	}
	listed := a.Provider.AccountWithLogin(a.Address, login)
	switch {
	case !a.Private():
		return listed, nil
	case sameLogin(a.Incoming, listed.Incoming) && sameLogin(a.Outgoing, listed.Outgoing):
		return a, nil
	}
	return a, errOtherLogin
}

// sameLogin ignores letter case, which spreadsheets often change.
func sameLogin(a, b provider.Endpoint) bool {
	return strings.EqualFold(a.Login.Name.String(), b.Login.Name.String())
}
