// Package server answers mail clients and people over HTTP.
//
// It decides which domain a request is about and leaves the rest to other
// packages: provider knows the services, templates and profiles write the
// documents. It promises:
//
//   - 200 means usable settings. A domain that is not served gets 404, in the
//     form that the client's family of formats expects.
//   - No answer is a 401, and no answer asks for a password. Credentials that
//     clients send unasked are neither read nor logged.
//   - The Host header chooses a domain when the address does not. Nothing from
//     it, or from a forwarded header, ever reaches a body or a link.
//   - A log line contains the route's pattern and the class of the domain, never
//     an address, a query or a body.
//   - A reload swaps one immutable state for another, or keeps the old one and
//     says why. No request sees a mixture.
//
// Only this package uses echo, only as a router, and only in ways that the
// next major version of echo keeps.
package server
