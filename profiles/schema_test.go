package profiles

import "regexp"

// This is Apple's published list of keys, written down from
// https://github.com/apple/device-management (mdm/profiles: TopLevel.yaml,
// CommonPayloadKeys.yaml, com.apple.mail.managed.yaml). It shares nothing with
// the writer and holds all keys, also those that mailsetup never writes, so that
// the oracle can tell an unknown key from an unused one.

type keyRule struct {
	name       string
	kind       string // the XML element; boolean stands for true and false
	required   bool
	values     []string       // the only ones allowed, if any
	pattern    *regexp.Regexp // of strings, if any
	deprecated bool
}

var (
	// uuidForm is stricter than Apple's pattern, which takes any letters and
	// digits: RFC 9562 has hexadecimal digits.
	uuidForm       = regexp.MustCompile(`^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$`)
	identifierForm = regexp.MustCompile(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)

	authentications = []string{"EmailAuthNone", "EmailAuthPassword", "EmailAuthCRAMMD5", "EmailAuthNTLM", "EmailAuthHTTPMD5"}
)

var topLevelKeys = []keyRule{
	{name: "PayloadIdentifier", kind: "string", required: true, pattern: identifierForm},
	{name: "PayloadUUID", kind: "string", required: true, pattern: uuidForm},
	{name: "PayloadType", kind: "string", required: true, values: []string{"Configuration"}},
	{name: "PayloadVersion", kind: "integer", required: true, values: []string{"1"}},
	{name: "PayloadContent", kind: "array", required: true},
	{name: "PayloadDisplayName", kind: "string"},
	{name: "PayloadDescription", kind: "string"},
	{name: "PayloadOrganization", kind: "string"},
	{name: "PayloadScope", kind: "string", values: []string{"System", "User"}},
	{name: "ConsentText", kind: "dict"},
	{name: "PayloadRemovalDisallowed", kind: "boolean"},
	{name: "HasRemovalPasscode", kind: "boolean"},
	{name: "IsEncrypted", kind: "boolean"},
	{name: "EncryptedPayloadContent", kind: "data"},
	{name: "RemovalDate", kind: "date"},
	{name: "DurationUntilRemoval", kind: "real"},
	{name: "PayloadExpirationDate", kind: "date"},
	{name: "TargetDeviceType", kind: "integer", values: []string{"0", "1", "2", "3", "4", "5", "6"}},
}

var commonKeys = []keyRule{
	{name: "PayloadIdentifier", kind: "string", required: true, pattern: identifierForm},
	{name: "PayloadUUID", kind: "string", required: true, pattern: uuidForm},
	{name: "PayloadType", kind: "string", required: true},
	{name: "PayloadVersion", kind: "integer", required: true, values: []string{"1"}},
	{name: "PayloadDescription", kind: "string"},
	{name: "PayloadDisplayName", kind: "string"},
	{name: "PayloadOrganization", kind: "string"},
}

// mailKeys are the 35 keys of com.apple.mail.managed.
var mailKeys = []keyRule{
	{name: "EmailAccountDescription", kind: "string"},
	{name: "EmailAccountName", kind: "string"},
	{name: "EmailAccountType", kind: "string", required: true, values: []string{"EmailTypeIMAP", "EmailTypePOP"}},
	{name: "EmailAddress", kind: "string"},
	{name: "IncomingMailServerAuthentication", kind: "string", required: true, values: authentications},
	{name: "IncomingMailServerHostName", kind: "string", required: true},
	{name: "IncomingMailServerPortNumber", kind: "integer"},
	{name: "IncomingMailServerUseSSL", kind: "boolean"},
	{name: "IncomingMailServerUsername", kind: "string"},
	{name: "IncomingPassword", kind: "string"},
	{name: "OutgoingPassword", kind: "string"},
	{name: "OutgoingPasswordSameAsIncomingPassword", kind: "boolean"},
	{name: "OutgoingMailServerAuthentication", kind: "string", required: true, values: authentications},
	{name: "OutgoingMailServerHostName", kind: "string", required: true},
	{name: "OutgoingMailServerPortNumber", kind: "integer"},
	{name: "OutgoingMailServerUseSSL", kind: "boolean"},
	{name: "OutgoingMailServerUsername", kind: "string"},
	{name: "PreventMove", kind: "boolean"},
	{name: "PreventAppSheet", kind: "boolean"},
	{name: "SMIMEEnabled", kind: "boolean", deprecated: true}, // ignored since iOS 10
	{name: "SMIMESigningEnabled", kind: "boolean"},
	{name: "SMIMESigningCertificateUUID", kind: "string", pattern: uuidForm},
	{name: "SMIMEEncryptionEnabled", kind: "boolean"},
	{name: "SMIMEEncryptionCertificateUUID", kind: "string", pattern: uuidForm},
	{name: "SMIMEEnablePerMessageSwitch", kind: "boolean", deprecated: true},
	{name: "disableMailRecentsSyncing", kind: "boolean"},
	{name: "allowMailDrop", kind: "boolean"},
	{name: "IncomingMailServerIMAPPathPrefix", kind: "string"},
	{name: "SMIMESigningUserOverrideable", kind: "boolean"},
	{name: "SMIMESigningCertificateUUIDUserOverrideable", kind: "boolean"},
	{name: "SMIMEEncryptByDefault", kind: "boolean"},
	{name: "SMIMEEncryptByDefaultUserOverrideable", kind: "boolean"},
	{name: "SMIMEEncryptionCertificateUUIDUserOverrideable", kind: "boolean"},
	{name: "SMIMEEnableEncryptionPerMessageSwitch", kind: "boolean"},
	{name: "VPNUUID", kind: "string"},
}
