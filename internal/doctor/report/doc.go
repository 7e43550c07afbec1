// Package report turns a diagnosis into words: for people in a terminal, and as JSON
// for programs.
//
// All words stand in one table, from the id of a fault to its topic, its reason, its
// sentence and its cure. Nothing else in the doctor makes text. Whatever came from
// outside passes package terminal before it leaves here.
package report
