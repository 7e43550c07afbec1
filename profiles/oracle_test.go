package profiles

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"mailsetup/internal/provider/providertest"
)

// findings holds a profile against Apple's schema and the rules that peers have
// broken to the harm of their users. None means that nothing is wrong.
func findings(data []byte) []string {
	profile, err := parseRaw(data)
	if err != nil {
		return []string{err.Error()}
	}
	o := &oracle{seen: map[string]bool{}}
	o.dict("profile", profile, topLevelKeys)
	outer := profile.str("PayloadIdentifier")
	content := profile.get("PayloadContent")
	if content == nil {
		return o.found
	}
	if len(content.items) == 0 {
		o.add("PayloadContent is empty")
	}
	for i, payload := range content.items {
		path := fmt.Sprintf("PayloadContent[%d]", i)
		if t := payload.str("PayloadType"); t != "com.apple.mail.managed" {
			o.add("%s: unknown payload type %q", path, t)
			continue
		}
		o.dict(path, payload, slices.Concat(commonKeys, mailKeys))
		if id := payload.str("PayloadIdentifier"); !strings.HasPrefix(id, outer+".") {
			o.add("%s: identifier %s does not begin with %s.", path, id, outer)
		}
	}
	return o.found
}

type oracle struct {
	found []string
	seen  map[string]bool // identifiers and UUIDs of the whole profile
}

func (o *oracle) add(format string, args ...any) {
	o.found = append(o.found, fmt.Sprintf(format, args...))
}

func (o *oracle) dict(path string, n *node, rules []keyRule) {
	for _, r := range rules {
		if r.required && n.get(r.name) == nil {
			o.add("%s: %s is missing", path, r.name)
		}
	}
	for _, e := range n.entries {
		i := slices.IndexFunc(rules, func(r keyRule) bool { return r.name == e.key })
		if i < 0 {
			o.add("%s: unknown key %s", path, e.key)
			continue
		}
		o.value(path+"."+e.key, rules[i], e.value)
	}
}

func (o *oracle) value(path string, r keyRule, v *node) {
	if r.deprecated {
		o.add("%s is deprecated", path)
	}
	if v.kind != r.kind {
		o.add("%s is <%s>, not <%s>", path, v.kind, r.kind)
		return
	}
	if v.kind == "string" && v.text == "" {
		o.add("%s is empty: the device takes it instead of asking", path)
	}
	if strings.ContainsFunc(v.text, func(c rune) bool { return c == '\ufffd' || v.kind == "string" && unicode.IsControl(c) }) {
		o.add("%s holds a control character or U+FFFD", path)
	}
	if r.values != nil && !slices.Contains(r.values, v.text) {
		o.add("%s: value %q is not allowed", path, v.text)
	}
	if r.pattern != nil && !r.pattern.MatchString(v.text) {
		o.add("%s: %q does not have the form %s", path, v.text, r.pattern)
	}
	if r.name == "PayloadIdentifier" || r.name == "PayloadUUID" {
		if o.seen[v.text] {
			o.add("%s: %s stands in the profile twice", path, v.text)
		}
		o.seen[v.text] = true
	}
}

// The oracle is only worth something if it sees what peers got wrong.
func TestSchemaCheckDetectsFaults(t *testing.T) {
	good, err := Mail(providertest.Account(t, providertest.Table(t, ""), "jane@icloud.com"), PersonName{})
	if err != nil {
		t.Fatal(err)
	}
	if got := findings(good); got != nil {
		t.Fatalf("findings in a good profile: %q", got)
	}
	profile, _ := parseRaw(good)
	payload := profile.get("PayloadContent").items[0]
	outer, inner := profile.str("PayloadIdentifier"), payload.str("PayloadIdentifier")
	const auth = "<key>OutgoingMailServerAuthentication</key>"
	for _, tt := range []struct{ name, old, new, want string }{
		{"cut off", "</plist>", "", "EOF"},
		{"unknown key", "<key>EmailAddress</key>", "<key>EmailAdress</key>", "unknown key EmailAdress"},
		{"wrong type", "<integer>587</integer>", "<real>587</real>", "is <real>, not <integer>"},
		{"string for a port", "<integer>587</integer>", "<string>587</string>", "is <string>, not <integer>"},
		{"format version", "<integer>1</integer>", "<integer>2</integer>", `value "2" is not allowed`},
		{"missing value", "<integer>587</integer>", "", "value missing for key OutgoingMailServerPortNumber"},
		{"missing key", "<integer>587</integer>", "<integer>587</integer><string>x</string>", "where a key belongs"},
		{"key twice", auth, "<key>EmailAddress</key><string>x</string>" + auth, "stands twice"},
		{"empty string", "<string>jane</string>", "<string/>", "IncomingMailServerUsername is empty"},
		{"replaced character", "<string>jane</string>", "<string>j\ufffdne</string>", "U+FFFD"},
		{"control character", "<string>jane</string>", "<string>j&#x9;ne</string>", "control character"},
		{"deprecated key", auth, "<key>SMIMEEnablePerMessageSwitch</key><true/>" + auth, "deprecated"},
		{"ignored key", auth, "<key>SMIMEEnabled</key><true/>" + auth, "deprecated"},
		{"required key", "<key>IncomingMailServerHostName</key>", "<key>VPNUUID</key>", "IncomingMailServerHostName is missing"},
		{"value not allowed", "EmailAuthPassword", "EmailAuthSCRAM", "is not allowed"},
		{"UUID without dashes", payload.str("PayloadUUID"), strings.ReplaceAll(payload.str("PayloadUUID"), "-", ""), "does not have the form"},
		{"UUID twice", payload.str("PayloadUUID"), profile.str("PayloadUUID"), "stands in the profile twice"},
		{"identifier twice", inner, outer, "stands in the profile twice"},
		{"inner identifier", inner, "com.example.mail", "does not begin with"},
		{"identifier with spaces", outer, "E-Mail Account", "does not have the form"},
		{"no payload", "com.apple.mail.managed", "com.apple.mail", "unknown payload type"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bad := strings.Replace(string(good), tt.old, tt.new, 1)
			if bad == string(good) {
				t.Fatalf("nothing to replace: %s", tt.old)
			}
			got := strings.Join(findings([]byte(bad)), "\n")
			if !strings.Contains(got, tt.want) {
				t.Errorf("findings %q, want %q among them", got, tt.want)
			}
		})
	}
}
