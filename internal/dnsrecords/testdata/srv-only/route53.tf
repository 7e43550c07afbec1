# Records for example.com, whose mail is at iCloud Mail, made by mailsetup dns.
#
# Needs the provider hashicorp/aws.
#
# The server's name mailsetup.example.net must have A or AAAA records of its
# own: an SRV record must not lead to an alias (CNAME).
#
# Thunderbird asks its user before it follows the SRV record to example.net,
# because that is another domain.
#
# Clients that read no SRV record find nothing: Thunderbird for Android, Delta
# Chat and most others. The names autoconfig.example.com and
# autodiscover.example.com serve them all.
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
  description = "The id of the hosted zone at Route 53."
  type        = string
}

# required: leads clients that read it, such as Outlook, eM Client and
# Thunderbird, to the server
resource "aws_route53_record" "example_com_autodiscover_tcp_srv" {
  zone_id = var.example_com_zone_id
  name    = "_autodiscover._tcp.example.com"
  type    = "SRV"
  ttl     = 3600
  records = ["0 0 8443 mailsetup.example.net."]
}

# optional: names the IMAP server to clients that ask DNS, such as Claws Mail
resource "aws_route53_record" "example_com_imaps_tcp_srv" {
  zone_id = var.example_com_zone_id
  name    = "_imaps._tcp.example.com"
  type    = "SRV"
  ttl     = 3600
  records = ["0 1 993 imap.mail.me.com."]
}

# optional: names the server for outgoing mail to the same clients
resource "aws_route53_record" "example_com_submission_tcp_srv" {
  zone_id = var.example_com_zone_id
  name    = "_submission._tcp.example.com"
  type    = "SRV"
  ttl     = 3600
  records = ["0 1 587 smtp.mail.me.com."]
}

# optional: says that there is no IMAP without TLS from the start
resource "aws_route53_record" "example_com_imap_tcp_srv" {
  zone_id = var.example_com_zone_id
  name    = "_imap._tcp.example.com"
  type    = "SRV"
  ttl     = 3600
  records = ["0 0 0 ."]
}

# optional: says that there is no POP
resource "aws_route53_record" "example_com_pop3_tcp_srv" {
  zone_id = var.example_com_zone_id
  name    = "_pop3._tcp.example.com"
  type    = "SRV"
  ttl     = 3600
  records = ["0 0 0 ."]
}

# optional: says that there is no POP
resource "aws_route53_record" "example_com_pop3s_tcp_srv" {
  zone_id = var.example_com_zone_id
  name    = "_pop3s._tcp.example.com"
  type    = "SRV"
  ttl     = 3600
  records = ["0 0 0 ."]
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
