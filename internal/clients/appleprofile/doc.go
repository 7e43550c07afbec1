// Package appleprofile reads configuration profiles as Apple's devices do, for tests.
//
// It checks a profile against Apple's published list of keys and against what has
// broken other profiles, and reads the mail account from it. It shares nothing with
// package profiles: a reader that shared the writer's mistakes would find none. It
// was not compared with a device. Only tests import it.
package appleprofile
