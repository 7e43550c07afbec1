// Package judge holds what was observed against what the table says, and names the
// faults.
//
// What it promises:
//
//   - One fault is named once. What follows from it, such as twenty requests that
//     fail for want of one record, is folded under it.
//   - Every fault has a [Place]: whoever may mend it. No cure of one place is ever
//     given for another.
//   - "Could not find out" is never "missing": such a fault is [Unknown].
//   - It makes no sentences. A [Fault] and a [Verdict] are ids and data; package
//     report has the words.
package judge
