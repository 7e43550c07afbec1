package document

// The paths at which clients ask, in lower case; the server takes any letter case.
const (
	// Thunderbird and similar clients (draft-ietf-mailmaint-autoconfig, section 3).
	ConfigPath    = "/mail/config-v1.1.xml"
	WellKnownPath = "/.well-known/autoconfig/mail/config-v1.1.xml"
	MailV1Path    = "/.well-known/mail-v1.xml"   // GNOME Online Accounts, SnappyMail
	NinePath      = "/v1.1/mail/config-v1.1.xml" // Nine
	// DatabasePath has the domain at its end: the layout of Thunderbird's own
	// database.
	DatabasePath = "/v1.1/"

	// Outlook (MS-OXDSCLI), and Thunderbird and Delta Chat after it.
	AutodiscoverPath = "/autodiscover/autodiscover.xml"
	JSONPath         = "/autodiscover/autodiscover.json"
	// JSONAddressPath has the address at its end.
	JSONAddressPath = JSONPath + "/v1.0/"

	// ProfilePath has the file name of a service's profile at its end, see
	// profiles.FileName.
	ProfilePath = "/profile/"
	// AddressedProfilePath takes the address in its query.
	AddressedProfilePath = "/profile.mobileconfig"

	// AndroidFileName is the settings file for Thunderbird for Android, below a page's
	// own path. The app's own files end in .k9s. The name is the same for everybody,
	// because a file name must not contain an address.
	AndroidFileName = "mailsetup.k9s"
)

// NotFoundText is what autoconfig clients get if nothing is known. It must not be
// empty, or Geary 43 gives up without asking the next URL; it must not be XML, or
// aerc and KMail, which ignore the status, read it as settings.
const NotFoundText = "No mail settings are known here for this domain.\n"
