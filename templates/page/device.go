package page

import "strings"

// A Device is the device that a person seems to use. It is only a hint: it decides
// what the page shows first, never whether it is shown.
type Device uint8

const (
	// DeviceUnknown puts nothing first.
	DeviceUnknown Device = iota
	// DeviceAppleMobile is an iPhone or iPad.
	DeviceAppleMobile
	// DeviceMac is a Mac, or an iPad, whose Safari calls itself a Mac unless
	// the person asked for mobile sites.
	DeviceMac
	// DeviceWindows is a Windows PC.
	DeviceWindows
	// DeviceAndroid is a phone or tablet with Android.
	DeviceAndroid
	// DeviceLinux is a Linux PC.
	DeviceLinux
)

// DeviceOf guesses the device from two request headers, User-Agent and
// Sec-CH-UA-Platform (a quoted string, only from Chromium browsers). Either may
// be empty. Both come from the client and can contain anything.
func DeviceOf(userAgent, platform string) Device {
	// https://wicg.github.io/ua-client-hints/#sec-ch-ua-platform lists the values.
	switch strings.Trim(platform, `"`) {
	case "iOS":
		return DeviceAppleMobile
	case "macOS":
		return DeviceMac
	case "Windows":
		return DeviceWindows
	case "Android":
		return DeviceAndroid
	case "Linux":
		return DeviceLinux
	case "Chrome OS", "Chromium OS":
		return DeviceUnknown
	}
	// The order matters: an Android browser names Linux as well, and a browser
	// on an iPhone names Mac OS X.
	for _, mark := range []struct {
		text   string
		device Device
	}{
		{"iPhone", DeviceAppleMobile},
		{"iPad", DeviceAppleMobile},
		{"iPod", DeviceAppleMobile},
		{"Android", DeviceAndroid},
		{"Windows", DeviceWindows},
		{"Macintosh", DeviceMac},
		{"CrOS", DeviceUnknown},
		{"Linux", DeviceLinux},
	} {
		if strings.Contains(userAgent, mark.text) {
			return mark.device
		}
	}
	return DeviceUnknown
}
