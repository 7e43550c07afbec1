//go:build !linux

package world

import (
	"errors"
	"os/exec"
)

// Isolated reports that this process is not alone.
func Isolated() bool { return false }

// Isolate reports that there are no namespaces here.
func Isolate() (status int, err error) { return 0, ErrNotAllowed }

func (w *World) furnish() error { return errors.ErrUnsupported }

// Cover is possible only in namespaces.
func Cover(path, source string) error { return errors.ErrUnsupported }

// Uncover is possible only in namespaces.
func Uncover(path string) error { return errors.ErrUnsupported }

// Demote does nothing: without namespaces the process is not root.
func Demote(cmd *exec.Cmd, uid, gid int) {}
