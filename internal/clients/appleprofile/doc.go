// Package appleprofile reads configuration profiles as Apple's devices do, for tests.
//
// It holds a profile against Apple's published list of keys and against what has
// broken profiles of others, and reads the mail account out of it. It shares nothing
// with package profiles: a reader that shared the writer's mistakes would find none.
// What the rules say was not tried on a device. Nothing but tests imports it.
package appleprofile
