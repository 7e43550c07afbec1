package report

import (
	"maps"
	"slices"

	"mailsetup/internal/doctor/judge"
)

// An entry has the words for one kind of fault.
type entry struct {
	topic Topic
	// because is the reason why a client finds nothing: a clause that follows the word
	// "because".
	because func(*group) string
	// what is the finding's sentence; nil: the reason alone.
	what func(*group) string
	// cure are the steps that fix it; nil: none are needed.
	cure func(*group) []string
	// atWebSite are the steps if the fault is at the domain's own web site, which is
	// usually another machine; nil: the same.
	atWebSite func(*group) []string
}

// entries has the words for every fault.
var entries = merge(dnsEntries, connectionEntries, answerEntries, mailEntries)

func merge(parts ...map[judge.ID]entry) map[judge.ID]entry {
	all := map[judge.ID]entry{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return all
}

// always returns a cure that is the same whatever was found.
func always(steps ...string) func(*group) []string {
	return func(*group) []string { return steps }
}

// IDs returns every kind of fault that there are words for, sorted.
func IDs() []judge.ID { return slices.Sorted(maps.Keys(entries)) }
