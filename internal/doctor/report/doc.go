// Package report turns a diagnosis into words: for people in a terminal, and as JSON
// for programs.
//
// All words are in one table, from the id of a fault to its topic, its reason, its
// sentence and its cure. Nothing else in the doctor generates text. Text from outside
// passes through package terminal before it leaves this package.
package report
