# Records for example.com, whose mail is at iCloud Mail, made by mailsetup dns.
#
# Needs the provider hashicorp/aws.
#
# _imaps._tcp and _submission._tcp cannot carry a login, and an address at
# example.com is not one. With these records, aerc logs in with the address,
# also where your table states the login. Only clients that read no settings
# file, such as Claws Mail, gain from them.
#
# The negative SRV records (0 0 0 .) are left out, as asked. They are optional:
# they tell clients that look servers up in DNS not to try POP.
#
# The records to check belong to iCloud Mail. Where they differ from what iCloud
# Mail shows you, iCloud Mail is right; it may also ask for a TXT record that
# proves the domain yours. https://support.apple.com/102374

variable "example_com_zone_id" {
  description = "The id of the hosted zone at Route 53."
  type        = string
}

# required: Thunderbird, K-9 Mail, Evolution, Delta Chat and others ask this
# name for settings
resource "aws_route53_record" "example_com_autoconfig_cname" {
  zone_id = var.example_com_zone_id
  name    = "autoconfig.example.com"
  type    = "CNAME"
  ttl     = 3600
  records = ["mailsetup.example.net."]
}

# required: Outlook, eM Client and others ask this name for settings
resource "aws_route53_record" "example_com_autodiscover_cname" {
  zone_id = var.example_com_zone_id
  name    = "autodiscover.example.com"
  type    = "CNAME"
  ttl     = 3600
  records = ["mailsetup.example.net."]
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
