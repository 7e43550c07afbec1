package provider

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// An Error is one mistake in a table, with its position.
//
// Its text may be logged, so it never holds an email address: where a table
// maps addresses to logins, the position has to do.
type Error struct {
	// File is the source's name, or the --domain flag as it was given.
	File string
	// Line and Column count from 1, columns in characters. Both are 0 if
	// there is no text to point at, as for a flag.
	Line, Column int
	// Path is the position in the table, such as providers.icloud.imap[0].port;
	// empty for the file as a whole.
	Path string
	// Message says what is wrong, and what to write instead.
	Message string
	// More is set only in the last of [Errors]: how many mistakes are not listed.
	More int
	// Cause is why a list could not be read; nil for any other mistake.
	Cause error
}

// Unwrap returns the cause.
func (e Error) Unwrap() error { return e.Cause }

// Error returns the mistake in the form that editors and terminals turn into a
// link: file:line:column: path: message.
func (e Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
		if e.Column > 0 {
			fmt.Fprintf(&b, ":%d", e.Column)
		}
	}
	if e.Path != "" {
		b.WriteString(": " + e.Path)
	}
	b.WriteString(": " + e.Message)
	return b.String()
}

// Errors are the mistakes of a table, in the order of its sources and their
// lines: the first hundred that were found. The last one says how many more
// there are.
type Errors []Error

// maxFound is enough: more mistakes than that are usually one, repeated.
const maxFound = 100

// Error returns the mistakes, one per line.
func (e Errors) Error() string {
	var b strings.Builder
	for i, one := range e {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(one.Error())
	}
	if n := len(e); n > 0 && e[n-1].More > 0 {
		fmt.Fprintf(&b, "\n... and %d more mistakes, %d in all", e[n-1].More, n+e[n-1].More)
	}
	return b.String()
}

// flagSource begins the File of a mistake in a flag.
const flagSource = "--domain "

// OnlyInFlags reports whether no table and no list has a mistake, only --domain flags.
func (e Errors) OnlyInFlags() bool {
	return len(e) > 0 && !slices.ContainsFunc(e, func(one Error) bool {
		return one.Line > 0 || !strings.HasPrefix(one.File, flagSource)
	})
}

// Unwrap gives errors.As and errors.Is the single mistakes.
func (e Errors) Unwrap() []error {
	errs := make([]error, len(e))
	for i, one := range e {
		errs[i] = one
	}
	return errs
}

// findings collects mistakes while a table is read.
type findings struct {
	found []finding
	total int // with those beyond maxFound
}

type finding struct {
	order int // of the source
	Error
}

// full reports that further mistakes are only counted: a large file with the same
// mistake in every line must not cost the memory and time to describe them all.
func (f *findings) full() bool { return len(f.found) >= maxFound }

func (f *findings) add(src *source, line, column int, path, format string, args ...any) {
	f.total++
	if f.full() {
		return
	}
	f.found = append(f.found, finding{src.order, Error{
		File: src.name, Line: line, Column: column, Path: path, Message: fmt.Sprintf(format, args...),
	}})
}

// err returns the mistakes found so far as Errors, or nil.
func (f *findings) err() error {
	if len(f.found) == 0 {
		return nil
	}
	slices.SortStableFunc(f.found, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	errs := make(Errors, len(f.found))
	for i, one := range f.found {
		errs[i] = one.Error
	}
	errs[len(errs)-1].More = f.total - len(errs)
	return errs
}
