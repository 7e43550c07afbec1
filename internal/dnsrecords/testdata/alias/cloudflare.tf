# Records for example.com, whose mail is at iCloud Mail, made by mailsetup dns.
#
# Needs the provider cloudflare/cloudflare, version 5.
#
# _imaps._tcp and _submission._tcp cannot carry a login, and an address at
# example.com is not one. With these records, aerc logs in with the address,
# also where your table states the login. Only clients that read no settings
# file, such as Claws Mail, gain from them.
#
# The records to check belong to iCloud Mail. Where they differ from what iCloud
# Mail shows you, iCloud Mail is right; it may also ask for a TXT record that
# proves the domain yours. https://support.apple.com/102374

variable "example_com_zone_id" {
  description = "The id of the zone at Cloudflare."
  type        = string
}

# required: Thunderbird, K-9 Mail, Evolution, Delta Chat and others ask this
# name for settings
resource "cloudflare_dns_record" "example_com_autoconfig_cname" {
  zone_id = var.example_com_zone_id
  name    = "autoconfig.example.com"
  type    = "CNAME"
  ttl     = 3600
  content = "mailsetup.example.net"
  proxied = false
}

# required: Outlook, eM Client and others ask this name for settings
resource "cloudflare_dns_record" "example_com_autodiscover_cname" {
  zone_id = var.example_com_zone_id
  name    = "autodiscover.example.com"
  type    = "CNAME"
  ttl     = 3600
  content = "mailsetup.example.net"
  proxied = false
}

# optional: names the IMAP server to clients that ask DNS, such as Claws Mail
resource "cloudflare_dns_record" "example_com_imaps_tcp_srv" {
  zone_id = var.example_com_zone_id
  name    = "_imaps._tcp.example.com"
  type    = "SRV"
  ttl     = 3600
  data    = { priority = 0, weight = 1, port = 993, target = "imap.mail.me.com" }
}

# optional: names the server for outgoing mail to the same clients
resource "cloudflare_dns_record" "example_com_submission_tcp_srv" {
  zone_id = var.example_com_zone_id
  name    = "_submission._tcp.example.com"
  type    = "SRV"
  ttl     = 3600
  data    = { priority = 0, weight = 1, port = 587, target = "smtp.mail.me.com" }
}

# optional: says that there is no IMAP without TLS from the start
resource "cloudflare_dns_record" "example_com_imap_tcp_srv" {
  zone_id = var.example_com_zone_id
  name    = "_imap._tcp.example.com"
  type    = "SRV"
  ttl     = 3600
  data    = { priority = 0, weight = 0, port = 0, target = "." }
}

# optional: says that there is no POP
resource "cloudflare_dns_record" "example_com_pop3_tcp_srv" {
  zone_id = var.example_com_zone_id
  name    = "_pop3._tcp.example.com"
  type    = "SRV"
  ttl     = 3600
  data    = { priority = 0, weight = 0, port = 0, target = "." }
}

# optional: says that there is no POP
resource "cloudflare_dns_record" "example_com_pop3s_tcp_srv" {
  zone_id = var.example_com_zone_id
  name    = "_pop3s._tcp.example.com"
  type    = "SRV"
  ttl     = 3600
  data    = { priority = 0, weight = 0, port = 0, target = "." }
}

# To check, not to import: the records of iCloud Mail itself.
#
# brings mail to iCloud Mail:
#   example.com. 3600 IN MX 10 mx01.mail.icloud.com.
#   example.com. 3600 IN MX 10 mx02.mail.icloud.com.
#
# allows iCloud Mail to send; a domain has one SPF record, so add this to yours
# if there is one:
#   example.com. 3600 IN TXT "v=spf1 include:icloud.com ~all"
#
# lets receivers verify the signatures of iCloud Mail:
#   sig1._domainkey.example.com. 3600 IN CNAME sig1.dkim.example.com.at.icloudmailadmin.com.
