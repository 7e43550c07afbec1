package document

import "mailsetup/internal/provider"

// The labels that clients put in front of a mail domain: config-v1.1
// (draft-ietf-mailmaint-autoconfig), Outlook's Autodiscover (MS-OXDISCO 3.1.5) and PACC
// (draft-ietf-mailmaint-pacc).
const (
	AutoconfigLabel   = "autoconfig"
	AutodiscoverLabel = "autodiscover"
	paccLabel         = "ua-auto-config"
)

var serviceLabels = [...]string{AutoconfigLabel, AutodiscoverLabel, paccLabel}

// MailDomain returns the mail domain that a host serves: its name without one leading
// service label.
func MailDomain(host provider.Domain) provider.Domain {
	for _, label := range serviceLabels {
		if d, ok := host.CutLabel(label); ok {
			return d
		}
	}
	return host
}
