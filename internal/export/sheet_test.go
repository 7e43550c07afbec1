package export

import (
	"fmt"
	"strings"
	"testing"

	"mailsetup/internal/provider/providertest"
)

// customDomain is a domain whose people need a login that the table does not state, and
// one where it states some.
const customDomain = `
domains:
  example.com: icloud
  example.org: {provider: icloud, logins: {jane@example.org: jane.appleseed@icloud.com}}
`

// people writes what a list was read as, one person a line.
func people(t *testing.T, list string) (string, *People, error) {
	t.Helper()
	p, err := ParsePeople([]byte(list), providertest.Table(t, customDomain))
	if err != nil {
		return "", nil, err
	}
	var b strings.Builder
	count := 0
	for one := range p.All() {
		count++
		fmt.Fprintf(&b, "%s|%s|%s\n", one.Account.Address, one.Account.Outgoing.Login.Name, one.Name)
	}
	if count != p.Count {
		t.Errorf("%d people, and the list says %d", count, p.Count)
	}
	return b.String(), p, nil
}

// TestLists: what helpdesks have, most of it out of a spreadsheet.
func TestLists(t *testing.T) {
	const jane, janeAlone = "jane@example.com|jane@icloud.com|Jane\n", "jane@example.com||\n"
	for name, test := range map[string]struct{ list, want string }{
		"plain":                    {"jane@example.com\tJane\n\nbob@icloud.com Bob Smith\n", "jane@example.com||Jane\nbob@icloud.com|bob@icloud.com|Bob Smith\n"},
		"plain, comma in the name": {"jane@example.com Appleseed, Jane", "jane@example.com||Appleseed, Jane\n"},
		"no header":                {"jane@example.com,jane@icloud.com,Jane", jane},
		"no header, spaces":        {"jane@example.com , jane@icloud.com , Jane", jane},
		"the first has no login":   {"jane@example.com\nbob@example.com,bob@icloud.com", "jane@example.com||\nbob@example.com|bob@icloud.com|\n"},
		"comment, no header":       {"# all\njane@example.com,jane@icloud.com,Jane\n#bob@example.com,x\n", jane},
		"header":                   {"address,login,name\njane@example.com,jane@icloud.com,Jane\n", jane},
		"other order":              {"Name,Login,E-Mail\nJane,jane@icloud.com,jane@example.com\n", jane},
		"header of one column":     {"email\njane@example.com\n", janeAlone},
		"German Excel":             {"\ufeffE-Mail-Adresse;Anzeigename;Login\r\njane@example.com;Jane;jane@icloud.com\r\n;;\r\n", jane},
		"sep":                      {"sep=;\r\nName;Mail;Login\r\nJane;jane@example.com;jane@icloud.com\r\n", jane},
		"sep, no header":           {"sep=;\r\njane@example.com;jane@icloud.com;Jane\r\n", jane},
		"tabs":                     {"\tmail\tlogin\tname\n1\tjane@example.com\tjane@icloud.com\tJane\n", jane},
		"tabs, empty field":        {"mail\tlogin\tname\njane@icloud.com\t\tJane\n", "jane@icloud.com|jane@icloud.com|Jane\n"},
		"quotes":                   {"\"address\";\"login\";\"name\"\n\"jane@example.com\";\"jane@icloud.com\";\"Jane\"\n", jane},
		"quotes, no header":        {"\"jane@example.com\";\"jane@icloud.com\";\"Jane\"\n", jane},
		"quotes in quotes":         {"address,name\njane@icloud.com,\"Jane \"\"J\"\" Doe, Dr.\"", "jane@icloud.com|jane@icloud.com|Jane \"J\" Doe, Dr.\n"},
		"one in quotes":            {"\"jane@example.com\"\n", janeAlone},
		"old Mac":                  {"address,login,name\rjane@example.com,jane@icloud.com,Jane\r", jane},
		"numbered":                 {"#,address,login,name\n#1,jane@example.com,jane@icloud.com,Jane\n", jane},
		"short lines":              {"address,login,name\njane@example.com\n", janeAlone},
		"the table's own login":    {"jane@example.org,jane.appleseed@icloud.com", "jane@example.org|jane.appleseed@icloud.com|\n"},
		"the same in capitals":     {"jane@example.org,Jane.Appleseed@iCloud.com", "jane@example.org|jane.appleseed@icloud.com|\n"},
		"an alias":                 {"jane@icloud.com,appleseed@me.com", "jane@icloud.com|appleseed@me.com|\n"},
	} {
		if got, _, err := people(t, test.list); got != test.want || err != nil {
			t.Errorf("%s: read as\n%swant\n%s%v", name, got, test.want, err)
		}
	}
}

// TestUnusedColumns: a misspelled heading would otherwise go unnoticed.
func TestUnusedColumns(t *testing.T) {
	_, p, err := people(t, "Department;address;logn;\nIT;jane@example.com;jane@icloud.com;\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(p.Unused(), ", "); got != "Department, logn" || p.LoginUnknown != 1 {
		t.Errorf("unused %q, %d without login", got, p.LoginUnknown)
	}
}

// TestListMistakes: each by its line, and none with an address or a login.
func TestListMistakes(t *testing.T) {
	const noLogin = ": the login is not an address at iCloud Mail"
	for name, test := range map[string]struct{ list, want string }{
		"empty":                 {"", "the list is empty: write an address on each line"},
		"only a header":         {"address;login\r\n;;\r\n", "the list is empty: write an address on each line"},
		"headings of others":    {"Postfach;Konto\njane@example.com;x\n", "line 1: neither an address nor a header: a header calls the columns address, login and name"},
		"two addresses":         {"mail,address\nx,jane@example.com\n", "line 1: two columns hold the address: keep one"},
		"login elsewhere":       {"address,login\n\njane@example.com,jane@example.com\n", "line 3" + noLogin},
		"name instead of login": {"jane@example.com,Jane\nbob@example.com,\"Bob\nSmith\"\njim@example.com,Jim", "line 1: login: invalid email address: missing @\nline 2: login: invalid email address: contains a space\nline 4: login: invalid email address: missing @"},
		"other login":           {"jane@example.org,jane@icloud.com", "line 1: " + errOtherLogin.Error()},
		"open quote":            {"address,name\njane@example.com,\"Jane\nbob@example.com,Bob\n", "line 2: " + errQuotes.Error()},
		"quote inside":          {"address,name\njane@example.com,Ja\"ne\nbob@elsewhere.test,Bob\n", "line 2: " + errQuotes.Error() + "\nline 3: elsewhere.test is not in the table: add it under domains, or give --domain elsewhere.test=PROVIDER"},
		"too many fields":       {"jane@example.com,jane@icloud.com,Jane,x", "line 1: " + errFields.Error()},
		"twice":                 {"address;name\njane@example.com;Jane\n\nJANE@example.com;Jane\njane@EXAMPLE.com;x", "line 4: the address is already on line 2\nline 5: the address is already on line 2"},
		"login after a space":   {"jane@example.com jane@icloud.com", "line 1: " + errLoginAsName.Error()},
		"mixed":                 {"jane@example.com Jane\nbob@example.com,bob@icloud.com", "line 2: invalid email address: "},
		"mixed, with spaces":    {"jane@example.com Jane\nbob@example.com , bob", "line 2: " + errLoginAsName.Error()},
		"Windows-1252":          {"address;name\njane@example.com;Jane\nbob@example.com;J\xf6rg", "line 3: " + errNotUTF8.Error()},
		"UTF-16":                {"\xff\xfej\x00a\x00n\x00e\x00", "line 1: " + errNotUTF8.Error()},
		"UTF-16, no mark":       {"j\x00a\x00n\x00e\x00@\x00", "line 1: " + errNotUTF8.Error()},
	} {
		_, _, err := people(t, test.list)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
		if err != nil && (strings.Contains(err.Error(), "jane") || strings.Contains(err.Error(), "bob")) {
			t.Errorf("%s: an address in %v", name, err)
		}
	}
}
