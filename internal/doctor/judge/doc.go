// Package judge compares the observations with the table, and names the faults.
//
// What it promises:
//
//   - A fault is named once. Consequences, such as twenty requests that fail
//     because of one missing record, are not named separately.
//   - Every fault has a [Place], where it can be fixed. A cure for one place is
//     never given for another.
//   - "Could not find out" is never "missing": such a fault is [Unknown].
//   - It writes no sentences. A [Fault] and a [Verdict] are ids and data;
//     package report has the words.
package judge
