//go:build !unix

package certstest

import "os/exec"

// runAs: nobody is root here.
func runAs(*exec.Cmd, *account) {}
