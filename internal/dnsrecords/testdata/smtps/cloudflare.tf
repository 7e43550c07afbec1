# Records for post.bücher.example (post.xn--bcher-kva.example), whose mail is at
# Example Mail, made by mailsetup dns.
#
# Needs the provider cloudflare/cloudflare, version 5.

variable "post_xn--bcher-kva_example_zone_id" {
  description = "The id of the zone at Cloudflare."
  type        = string
}

# required: Thunderbird, K-9 Mail, Evolution, Delta Chat and others ask this
# name for settings
resource "cloudflare_dns_record" "post_xn--bcher-kva_example_autoconfig_cname" {
  zone_id = var.post_xn--bcher-kva_example_zone_id
  name    = "autoconfig.post.xn--bcher-kva.example"
  type    = "CNAME"
  ttl     = 3600
  content = "mailsetup.example.net"
  proxied = false
}

# required: Outlook, eM Client and others ask this name for settings
resource "cloudflare_dns_record" "post_xn--bcher-kva_example_autodiscover_cname" {
  zone_id = var.post_xn--bcher-kva_example_zone_id
  name    = "autodiscover.post.xn--bcher-kva.example"
  type    = "CNAME"
  ttl     = 3600
  content = "mailsetup.example.net"
  proxied = false
}

# recommended: names the IMAP server to clients that ask DNS, such as Claws Mail
resource "cloudflare_dns_record" "post_xn--bcher-kva_example_imaps_tcp_srv" {
  zone_id = var.post_xn--bcher-kva_example_zone_id
  name    = "_imaps._tcp.post.xn--bcher-kva.example"
  type    = "SRV"
  ttl     = 3600
  data    = { priority = 0, weight = 1, port = 993, target = "imap.mail.example" }
}

# recommended: names the server for outgoing mail to the same clients
resource "cloudflare_dns_record" "post_xn--bcher-kva_example_submissions_tcp_srv" {
  zone_id = var.post_xn--bcher-kva_example_zone_id
  name    = "_submissions._tcp.post.xn--bcher-kva.example"
  type    = "SRV"
  ttl     = 3600
  data    = { priority = 0, weight = 1, port = 465, target = "smtp.mail.example" }
}

# optional: says that there is no IMAP without TLS from the start
resource "cloudflare_dns_record" "post_xn--bcher-kva_example_imap_tcp_srv" {
  zone_id = var.post_xn--bcher-kva_example_zone_id
  name    = "_imap._tcp.post.xn--bcher-kva.example"
  type    = "SRV"
  ttl     = 3600
  data    = { priority = 0, weight = 0, port = 0, target = "." }
}

# optional: says that there is no POP
resource "cloudflare_dns_record" "post_xn--bcher-kva_example_pop3_tcp_srv" {
  zone_id = var.post_xn--bcher-kva_example_zone_id
  name    = "_pop3._tcp.post.xn--bcher-kva.example"
  type    = "SRV"
  ttl     = 3600
  data    = { priority = 0, weight = 0, port = 0, target = "." }
}

# optional: says that there is no POP
resource "cloudflare_dns_record" "post_xn--bcher-kva_example_pop3s_tcp_srv" {
  zone_id = var.post_xn--bcher-kva_example_zone_id
  name    = "_pop3s._tcp.post.xn--bcher-kva.example"
  type    = "SRV"
  ttl     = 3600
  data    = { priority = 0, weight = 0, port = 0, target = "." }
}
