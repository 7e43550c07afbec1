package export_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An administrator imports this file on a thousand computers.
func TestOutlookRegistry(t *testing.T) {
	dir, _, _ := exportTable(t, "")
	const want = "Windows Registry Editor Version 5.00\r\n" +
		"\r\n" +
		"[HKEY_CURRENT_USER\\Software\\Microsoft\\Office\\16.0\\Outlook\\AutoDiscover]\r\n" +
		"\"PreferLocalXML\"=dword:00000001\r\n" +
		"\"icloud.com\"=\"C:\\\\ProgramData\\\\mailsetup\\\\icloud.com.xml\"\r\n" +
		"\"me.com\"=\"C:\\\\ProgramData\\\\mailsetup\\\\me.com.xml\"\r\n" +
		"\"mac.com\"=\"C:\\\\ProgramData\\\\mailsetup\\\\mac.com.xml\"\r\n"
	if diff := cmp.Diff(want, read(t, dir, "rollout/outlook/outlook.reg")); diff != "" {
		t.Errorf("outlook.reg (-want +got):\n%s", diff)
	}
	// It has never been tried with Outlook, and whoever rolls it out must know
	// that.
	readme := strings.Join(strings.Fields(read(t, dir, "rollout/README.txt")), " ")
	if !strings.Contains(readme, "NOBODY HAS TRIED THIS WITH A REAL OUTLOOK") {
		t.Error("the README does not say that Outlook is untried")
	}
}

// Thunderbird appends the domain to the URL, so the slash at its end matters.
func TestThunderbirdPolicy(t *testing.T) {
	dir, _, _ := exportTable(t, "", withURL(t))
	var got any
	if err := json.Unmarshal([]byte(read(t, dir, "rollout/thunderbird/policies.json")), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"policies": map[string]any{"Preferences": map[string]any{
		"mailnews.auto_config_url": map[string]any{"Value": "https://mail-settings.example.net/v1.1/", "Status": "default"},
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("policies.json (-want +got):\n%s", diff)
	}
}

// The README must explain everything in the folder.
func TestReadmeNamesEverything(t *testing.T) {
	dir, _, _ := exportTable(t, everything, withURL(t))
	readme := read(t, dir, "README.txt")
	for _, name := range files(t, dir) {
		top, _, _ := strings.Cut(name, "/")
		if top != ".mailsetup-export" && !strings.Contains(readme, top) {
			t.Errorf("README.txt does not mention %s", top)
		}
	}
}
