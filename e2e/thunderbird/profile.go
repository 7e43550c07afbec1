package thunderbird

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// preferences make a fresh profile quiet for tests. They turn off features that
// would contact other hosts, or open windows that nobody answers; the look-up
// of mail settings is left exactly as it is.
var preferences = map[string]any{
	// No Mozilla hosts.
	"app.update.disabledForTesting":                               true,
	"app.donation.eoy.version.viewed":                             999,
	"browser.region.network.url":                                  "",
	"browser.region.update.enabled":                               false,
	"browser.safebrowsing.downloads.remote.enabled":               false,
	"browser.safebrowsing.malware.enabled":                        false,
	"browser.safebrowsing.phishing.enabled":                       false,
	"datareporting.healthreport.uploadEnabled":                    false,
	"datareporting.policy.dataSubmissionEnabled":                  false,
	"datareporting.policy.dataSubmissionPolicyBypassNotification": true,
	"extensions.blocklist.enabled":                                false,
	"extensions.getAddons.cache.enabled":                          false,
	"extensions.systemAddon.update.enabled":                       false,
	"extensions.update.enabled":                                   false,
	"mail.inappnotifications.enabled":                             false,
	"mailnews.start_page.enabled":                                 false,
	"network.captive-portal-service.enabled":                      false,
	"network.connectivity-service.enabled":                        false,
	"network.trr.mode":                                            5, // DNS over HTTPS off by choice
	"security.OCSP.enabled":                                       0,
	"security.remote_settings.crlite_filters.enabled":             false,
	"security.remote_settings.intermediates.enabled":              false,
	"services.settings.server":                                    "data:,#remote-settings-dummy/v1",
	"toolkit.telemetry.enabled":                                   false,
	"toolkit.telemetry.unified":                                   false,

	// No windows that open by themselves. Without the second one the Account
	// Hub opens at the start of every profile that has no account.
	"mail.shell.checkDefaultClient":            false,
	"mail.provider.suppress_dialog_on_startup": true,
	"mail.spotlight.firstRunDone":              true,
	"mail.rights.version":                      1,
	"trailhead.firstrun.didSeeAboutWelcome":    true,

	// A machine with only loopback is not "offline".
	"network.manage-offline-status": false,
	"offline.autoDetect":            false,
	"offline.startup_state":         0,

	// The port is chosen by the system and written into the profile.
	"marionette.port":         0,
	"intl.locale.requested":   "en-US",
	"ui.prefersReducedMotion": 1,
	"mail.uifontsize":         13, // pixels; texts fit into the Account Hub
}

// proxyPreferences send every connection, including name look-ups and
// connections to this machine, through a SOCKS proxy.
func proxyPreferences(host string, port int) map[string]any {
	return map[string]any{
		"network.proxy.type":                      1,
		"network.proxy.socks":                     host,
		"network.proxy.socks_port":                port,
		"network.proxy.socks_version":             5,
		"network.proxy.socks_remote_dns":          true,
		"network.proxy.no_proxies_on":             "",
		"network.proxy.allow_hijacking_localhost": true,
		"network.proxy.failover_direct":           false,
	}
}

// writeProfile makes a profile folder with the given preferences.
func writeProfile(dir string, prefs map[string]any) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	var user bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(prefs)) {
		value, err := json.Marshal(prefs[name])
		if err != nil {
			return err
		}
		fmt.Fprintf(&user, "user_pref(%q, %s);\n", name, value)
	}
	return os.WriteFile(filepath.Join(dir, "user.js"), user.Bytes(), 0o600)
}
