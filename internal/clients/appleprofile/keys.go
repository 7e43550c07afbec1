package appleprofile

import "regexp"

// Apple's keys, with type, presence, allowed values and form, from its schema:
// https://github.com/apple/device-management at b6202ca, mdm/profiles/
// TopLevel.yaml, CommonPayloadKeys.yaml and com.apple.*.yaml.

// An appleKey is one key of a dictionary. bool stands for <true/> and <false/>.
type appleKey struct {
	name     string
	kind     string
	required bool
	values   []string
	form     *regexp.Regexp
	// not says why a profile must not use the key although the schema has it.
	not string
}

var (
	// reverseDNS is the form that the schema describes in words.
	reverseDNS = regexp.MustCompile(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)
	// rfc9562 is stricter than the schema, which accepts any letter.
	rfc9562 = regexp.MustCompile(`^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$`)
)

const (
	notEncrypted = "a secret belongs in an encrypted profile only"
	notRemovable = "it decides over the profile's end, which is the person's business"
	notUsed      = "it belongs to encrypted profiles"
)

var topLevelKeys = []appleKey{
	{name: "PayloadIdentifier", kind: "string", required: true, form: reverseDNS},
	{name: "PayloadUUID", kind: "string", required: true, form: rfc9562},
	{name: "PayloadType", kind: "string", required: true, values: []string{"Configuration"}},
	{name: "PayloadVersion", kind: "integer", required: true, values: []string{"1"}},
	{name: "PayloadContent", kind: "array", required: true},
	{name: "PayloadDisplayName", kind: "string"},
	{name: "PayloadDescription", kind: "string"},
	{name: "PayloadOrganization", kind: "string"},
	// macOS accepts the account payloads only on the user channel.
	{name: "PayloadScope", kind: "string", values: []string{"User"}},
	{name: "ConsentText", kind: "dict"},
	{name: "TargetDeviceType", kind: "integer", values: []string{"0", "1", "2", "3", "4", "5", "6"}},
	{name: "PayloadRemovalDisallowed", kind: "bool", not: notRemovable},
	{name: "HasRemovalPasscode", kind: "bool", not: notRemovable},
	{name: "RemovalDate", kind: "date", not: notRemovable},
	{name: "DurationUntilRemoval", kind: "real", not: notRemovable},
	{name: "PayloadExpirationDate", kind: "date", not: notRemovable},
	{name: "IsEncrypted", kind: "bool", not: notUsed},
	{name: "EncryptedPayloadContent", kind: "data", not: notUsed},
}

var commonKeys = []appleKey{
	{name: "PayloadIdentifier", kind: "string", required: true, form: reverseDNS},
	{name: "PayloadUUID", kind: "string", required: true, form: rfc9562},
	{name: "PayloadType", kind: "string", required: true},
	{name: "PayloadVersion", kind: "integer", required: true, values: []string{"1"}},
	{name: "PayloadDescription", kind: "string"},
	{name: "PayloadDisplayName", kind: "string"},
	{name: "PayloadOrganization", kind: "string"},
}

var appleAuth = []string{"EmailAuthNone", "EmailAuthPassword", "EmailAuthCRAMMD5", "EmailAuthNTLM", "EmailAuthHTTPMD5"}

// payloadKeys has the keys of each payload type in addition to the common ones.
var payloadKeys = map[string][]appleKey{
	"com.apple.mail.managed": {
		{name: "EmailAccountDescription", kind: "string"},
		{name: "EmailAccountName", kind: "string"},
		{name: "EmailAccountType", kind: "string", required: true, values: []string{"EmailTypeIMAP", "EmailTypePOP"}},
		{name: "EmailAddress", kind: "string"},
		{name: "IncomingMailServerAuthentication", kind: "string", required: true, values: appleAuth},
		{name: "IncomingMailServerHostName", kind: "string", required: true},
		{name: "IncomingMailServerPortNumber", kind: "integer"},
		{name: "IncomingMailServerUseSSL", kind: "bool"},
		{name: "IncomingMailServerUsername", kind: "string"},
		{name: "IncomingMailServerIMAPPathPrefix", kind: "string"},
		{name: "IncomingPassword", kind: "string", not: notEncrypted},
		{name: "OutgoingPassword", kind: "string", not: notEncrypted},
		{name: "OutgoingPasswordSameAsIncomingPassword", kind: "bool"},
		{name: "OutgoingMailServerAuthentication", kind: "string", required: true, values: appleAuth},
		{name: "OutgoingMailServerHostName", kind: "string", required: true},
		{name: "OutgoingMailServerPortNumber", kind: "integer"},
		{name: "OutgoingMailServerUseSSL", kind: "bool"},
		{name: "OutgoingMailServerUsername", kind: "string"},
		{name: "PreventMove", kind: "bool"},
		{name: "PreventAppSheet", kind: "bool"},
		{name: "SMIMEEnabled", kind: "bool", not: "it is ignored since iOS 10"},
		{name: "SMIMESigningEnabled", kind: "bool"},
		{name: "SMIMESigningCertificateUUID", kind: "string", form: rfc9562},
		{name: "SMIMEEncryptionEnabled", kind: "bool"},
		{name: "SMIMEEncryptionCertificateUUID", kind: "string", form: rfc9562},
		{name: "SMIMEEnablePerMessageSwitch", kind: "bool", not: "it is deprecated since iOS 10"},
		{name: "disableMailRecentsSyncing", kind: "bool"},
		{name: "allowMailDrop", kind: "bool"},
		{name: "SMIMESigningUserOverrideable", kind: "bool"},
		{name: "SMIMESigningCertificateUUIDUserOverrideable", kind: "bool"},
		{name: "SMIMEEncryptByDefault", kind: "bool"},
		{name: "SMIMEEncryptByDefaultUserOverrideable", kind: "bool"},
		{name: "SMIMEEncryptionCertificateUUIDUserOverrideable", kind: "bool"},
		{name: "SMIMEEnableEncryptionPerMessageSwitch", kind: "bool"},
		{name: "VPNUUID", kind: "string"},
	},
	"com.apple.caldav.account": {
		{name: "CalDAVAccountDescription", kind: "string"},
		{name: "CalDAVHostName", kind: "string", required: true},
		{name: "CalDAVUsername", kind: "string"},
		{name: "CalDAVPassword", kind: "string", not: notEncrypted},
		{name: "CalDAVPrincipalURL", kind: "string"},
		{name: "CalDAVUseSSL", kind: "bool"},
		{name: "CalDAVPort", kind: "integer"},
		{name: "VPNUUID", kind: "string"},
	},
	"com.apple.carddav.account": {
		{name: "CardDAVAccountDescription", kind: "string"},
		{name: "CardDAVHostName", kind: "string", required: true},
		{name: "CardDAVUsername", kind: "string"},
		{name: "CardDAVPassword", kind: "string", not: notEncrypted},
		{name: "CardDAVPrincipalURL", kind: "string"},
		{name: "CardDAVUseSSL", kind: "bool"},
		{name: "CardDAVPort", kind: "integer"},
		{name: "CommunicationServiceRules", kind: "dict"},
		{name: "VPNUUID", kind: "string"},
	},
}
