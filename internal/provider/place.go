package provider

import "fmt"

// A place is a position in the sources. Lines and columns count from 1; they are 0 for a
// flag.
type place struct {
	src          *source
	line, column int
	path         string
}

// keyPlace returns the position of a value's key, if it has one.
func (v value) keyPlace() place {
	n := v.node
	if v.key != nil {
		n = v.key
	}
	return place{v.src, n.Line, n.Column, v.path.String()}
}

// rejectAt reports a mistake at a position.
func (f *findings) rejectAt(at place, format string, args ...any) {
	f.add(at.src, at.line, at.column, at.path, format, args...)
}

// say makes an Error at a position.
func (at place) say(format string, args ...any) Error {
	return Error{File: at.src.name, Line: at.line, Column: at.column, Path: at.path, Message: fmt.Sprintf(format, args...)}
}
