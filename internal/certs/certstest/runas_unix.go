//go:build unix

package certstest

import (
	"os/exec"
	"syscall"
)

func runAs(cmd *exec.Cmd, owner *account) {
	if owner != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(owner.uid), Gid: uint32(owner.gid)}}
	}
}
