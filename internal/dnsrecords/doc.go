// Package dnsrecords knows the DNS records by which mail clients find a server of
// mailsetup, and writes them in the forms that owners of domains need.
//
// [Records] makes a [Set] from a domain, its mail service and the [Target] where the
// server is; [Set.Render] writes it. What the package promises:
//
//   - One model, many formats. A writer says what the set says; it adds no
//     record and leaves none out.
//   - Records can be published as they stand, save for the mail service's own
//     ([CheckOnly]): what the service shows its owner counts, so the formats for
//     machines have them as comments, and JSON marks them.
//   - No fact about a mail service stands here. They come from the table.
//
// The package asks no name server.
package dnsrecords
