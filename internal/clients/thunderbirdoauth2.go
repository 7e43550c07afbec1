package clients

import (
	"slices"
	"strings"
)

// thunderbirdOAuth2Hosts are the mail hosts for which Thunderbird has an account
// with the provider; names below them count, too. Without one it passes over
// OAuth2, whatever a document says about it: https://searchfox.org/comm-central/
// source/mailnews/base/src/OAuth2Providers.sys.mjs, kHostnames, at cf9726f. Names
// that serve no mail are left out, and those of Mozilla's tests.
var thunderbirdOAuth2Hosts = []string{
	"googlemail.com", "gmail.com",
	"imap.mail.ru", "smtp.mail.ru",
	"imap.yandex.com", "smtp.yandex.com",
	"yahoo.com", "att.net",
	"aol.com",
	"office365.com", "outlook.com", "hotmail.com",
	"imap.fastmail.com", "pop.fastmail.com", "smtp.fastmail.com",
	"imap.comcast.net", "pop.comcast.net", "smtp.comcast.net",
	"thundermail.com", "stage-thundermail.com",
}

func thunderbirdKnowsOAuth2(host string) bool {
	return slices.ContainsFunc(thunderbirdOAuth2Hosts, func(known string) bool {
		return host == known || strings.HasSuffix(host, "."+known)
	})
}
