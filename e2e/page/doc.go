// Package page has tests that open the setup page of the built mailsetup in a
// real Chromium: the whole way from an address to a profile, on a phone and on a desktop,
// light and dark, with and without script, using only the keyboard. They leave
// screenshots of every page in ../out/page.
//
// They need Chromium and the npm package axe-core (npm ci in the folder above),
// for signatures also openssl, and for the code that Thunderbird for Android scans
// zbarimg, node and the npm package thunderbird-account-qr-code. If something is missing,
// its tests are skipped, or fail with MAILSETUP_E2E=require.
package page
