package page

import "testing"

// TestDeviceOf: what a device sends decides what its owner sees first.
func TestDeviceOf(t *testing.T) {
	for _, c := range []struct {
		name, userAgent, platform string
		want                      Device
	}{
		{"iPhone, Safari", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1", "", DeviceAppleMobile},
		{"iPhone, Chrome", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0.7339.39 Mobile/15E148 Safari/604.1", "", DeviceAppleMobile},
		{"iPad, mobile sites", "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1", "", DeviceAppleMobile},
		{"iPad or Mac, Safari", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15", "", DeviceMac},
		{"Mac, Chrome", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", `"macOS"`, DeviceMac},
		{"Windows, Edge", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", `"Windows"`, DeviceWindows},
		{"Windows, Firefox", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0", "", DeviceWindows},
		{"Android, Chrome", "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36", `"Android"`, DeviceAndroid},
		{"Android, Firefox", "Mozilla/5.0 (Android 16; Mobile; rv:143.0) Gecko/143.0 Firefox/143.0", "", DeviceAndroid},
		{"Android, desktop site", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", `"Android"`, DeviceAndroid},
		{"Linux, Firefox", "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "", DeviceLinux},
		{"Chromebook", "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", `"Chrome OS"`, DeviceUnknown},
		{"Chromebook, no hint", "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", "", DeviceUnknown},
		{"unknown hint", "Mozilla/5.0 (Windows NT 10.0)", `"Fuchsia"`, DeviceWindows},
		{"curl", "curl/8.15.0", "", DeviceUnknown},
		{"nothing", "", "", DeviceUnknown},
	} {
		if got := DeviceOf(c.userAgent, c.platform); got != c.want {
			t.Errorf("%s: device %d, want %d", c.name, got, c.want)
		}
	}
}
