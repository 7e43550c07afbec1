package clients

import (
	"slices"
	"strings"
)

// A client can sign in with OAuth 2 only if its vendor has registered it with the service.
// Most have a table of mail hosts for that, and follow it whatever a document says. The
// tables here leave out names that serve no mail, and those of the vendors' own tests.

// thunderbirdOAuth2Hosts include the names below them:
// https://searchfox.org/comm-central/source/mailnews/base/src/OAuth2Providers.sys.mjs,
// kHostnames, at cf9726f and in 153.7.
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

// thunderbirdAndroidOAuth2Hosts must match exactly, except for their case:
// https://github.com/thunderbird/thunderbird-android, app-thunderbird/src,
// TbOAuthConfigurationFactory.kt, at a59bd67.
var thunderbirdAndroidOAuth2Hosts = []string{
	"imap.aol.com", "smtp.aol.com",
	"imap.fastmail.com", "smtp.fastmail.com",
	"imap.gmail.com", "imap.googlemail.com", "smtp.gmail.com", "smtp.googlemail.com",
	"outlook.office365.com", "smtp.office365.com", "smtp-mail.outlook.com",
	"imap.mail.yahoo.com", "smtp.mail.yahoo.com",
	"mail.tb.pro", "mail.thundermail.com", "mail.stage-thundermail.com",
}

func thunderbirdAndroidKnowsOAuth2(host string) bool {
	return slices.Contains(thunderbirdAndroidOAuth2Hosts, strings.ToLower(host))
}

// evolutionOAuth2Parts match anywhere in a host name:
// https://gitlab.gnome.org/GNOME/evolution-data-server,
// src/libedataserver/e-oauth2-service-google.c, -outlook.c and -yahoo.c, guess_can_process.
var evolutionOAuth2Parts = []string{
	".google.com", ".googlemail.com", ".googleusercontent.com", ".gmail.com",
	".outlook.com",
	".yahoo.com",
}

func evolutionKnowsOAuth2(host string) bool {
	return slices.ContainsFunc(evolutionOAuth2Parts, func(part string) bool {
		return strings.Contains(strings.ToLower(host), part)
	})
}

// parulaOAuth2Hosts must match exactly: https://github.com/mustang-im/mustang at 227ae5a,
// app/logic/Auth/OAuth2URLs.ts, hostnames.
var parulaOAuth2Hosts = []string{
	"outlook.office365.com", "outlook.cloud.microsoft", "outlook.office.com",
	"imap.gmail.com", "smtp.gmail.com", "pop.gmail.com",
	"imap.mail.yahoo.com", "pop.mail.yahoo.com", "smtp.mail.yahoo.com",
	"imap.aol.com", "pop.aol.com", "smtp.aol.com",
	"fastmail.com", "imap.fastmail.com",
}

func parulaKnowsOAuth2(host string) bool { return slices.Contains(parulaOAuth2Hosts, host) }

// thunderbirdIOSOAuth2Endings are endings of the names of mail exchangers, by which
// Thunderbird for iOS knows a service: https://github.com/thunderbird/thunderbird-ios,
// Thunderbird/Thunderbird/Account/OAuth2.swift, at 99b3229. Documents contain no
// exchangers. These services have their mail hosts under the same names; Yahoo's and
// AOL's exchangers have other names, so those are left out.
var thunderbirdIOSOAuth2Endings = []string{
	"messagingengine.com", "fastmail.com",
	"googlemail.com", "google.com", "gmail.com",
	"office365.com", "outlook.com",
	"tb.pro", "thundermail.com",
}

func thunderbirdIOSKnowsOAuth2(host string) bool {
	return slices.ContainsFunc(thunderbirdIOSOAuth2Endings, func(ending string) bool {
		return strings.HasSuffix(host, ending)
	})
}
