// Package e2e has tests that run real mail clients against the built mailsetup:
// Thunderbird, the core of Delta Chat, and programs that read Apple profiles and
// XML. README.md in this folder says what they need and how to run one of them.
package e2e
