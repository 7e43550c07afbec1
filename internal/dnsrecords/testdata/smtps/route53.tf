# Records for post.bücher.example (post.xn--bcher-kva.example), whose mail is at
# Example Mail, made by mailsetup dns.
#
# Needs the provider hashicorp/aws.

variable "post_xn--bcher-kva_example_zone_id" {
  description = "The id of the hosted zone at Route 53."
  type        = string
}

# required: Thunderbird, K-9 Mail, Evolution, Delta Chat and others ask this
# name for settings
resource "aws_route53_record" "post_xn--bcher-kva_example_autoconfig_cname" {
  zone_id = var.post_xn--bcher-kva_example_zone_id
  name    = "autoconfig.post.xn--bcher-kva.example"
  type    = "CNAME"
  ttl     = 3600
  records = ["mailsetup.example.net."]
}

# required: Outlook, eM Client and others ask this name for settings
resource "aws_route53_record" "post_xn--bcher-kva_example_autodiscover_cname" {
  zone_id = var.post_xn--bcher-kva_example_zone_id
  name    = "autodiscover.post.xn--bcher-kva.example"
  type    = "CNAME"
  ttl     = 3600
  records = ["mailsetup.example.net."]
}

# recommended: names the IMAP server to clients that ask DNS, such as Claws Mail
resource "aws_route53_record" "post_xn--bcher-kva_example_imaps_tcp_srv" {
  zone_id = var.post_xn--bcher-kva_example_zone_id
  name    = "_imaps._tcp.post.xn--bcher-kva.example"
  type    = "SRV"
  ttl     = 3600
  records = ["0 1 993 imap.mail.example."]
}

# recommended: names the server for outgoing mail to the same clients
resource "aws_route53_record" "post_xn--bcher-kva_example_submissions_tcp_srv" {
  zone_id = var.post_xn--bcher-kva_example_zone_id
  name    = "_submissions._tcp.post.xn--bcher-kva.example"
  type    = "SRV"
  ttl     = 3600
  records = ["0 1 465 smtp.mail.example."]
}

# optional: says that there is no IMAP without TLS from the start
resource "aws_route53_record" "post_xn--bcher-kva_example_imap_tcp_srv" {
  zone_id = var.post_xn--bcher-kva_example_zone_id
  name    = "_imap._tcp.post.xn--bcher-kva.example"
  type    = "SRV"
  ttl     = 3600
  records = ["0 0 0 ."]
}

# optional: says that there is no POP
resource "aws_route53_record" "post_xn--bcher-kva_example_pop3_tcp_srv" {
  zone_id = var.post_xn--bcher-kva_example_zone_id
  name    = "_pop3._tcp.post.xn--bcher-kva.example"
  type    = "SRV"
  ttl     = 3600
  records = ["0 0 0 ."]
}

# optional: says that there is no POP
resource "aws_route53_record" "post_xn--bcher-kva_example_pop3s_tcp_srv" {
  zone_id = var.post_xn--bcher-kva_example_zone_id
  name    = "_pop3s._tcp.post.xn--bcher-kva.example"
  type    = "SRV"
  ttl     = 3600
  records = ["0 0 0 ."]
}
