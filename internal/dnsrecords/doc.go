// Package dnsrecords makes the DNS records by which mail clients find mailsetup, and
// writes them in the formats that owners of domains need.
//
// [Records] makes a [Set] from a domain, its mail service and the [Target] where the
// server is; [Set.Render] writes it. The package promises:
//
//   - One model, many formats. A writer writes exactly the records of the
//     set.
//   - Records can be published unchanged, except the mail service's own
//     ([CheckOnly]): what the service shows the owner takes precedence, so the
//     formats for machines have them as comments, and JSON marks them.
//   - It contains no facts about mail services. They come from the table.
//
// The package does not query name servers.
package dnsrecords
