// Package world is a small internet for mail clients under test: names, a
// certificate authority, and a web front with ports 80 and 443, all on one
// machine and cut off from the internet.
//
// A test describes each mail domain as a [Site]: what its owner has published.
// A look-up then finds exactly that. Everything is keyed by domain and fixed
// once started, so that many look-ups can share one world, in any order, and
// no client's cache spoils the next test.
//
// There are two ways to use it. A process that [Isolate] has put into its own
// namespaces uses the real ports, the system's resolver and the system's
// certificate bundle. Where namespaces are not allowed, clients reach the same
// world through the SOCKS proxy at [World.Proxy], which knows its names and
// ports.
package world
