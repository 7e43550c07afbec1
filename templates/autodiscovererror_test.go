package templates

import (
	"errors"
	"hash/fnv"
	"regexp"
	"strconv"
	"testing"
	"time"
)

var errorCodes = []AutodiscoverErrorCode{
	ErrorUnknownAddress, ErrorNoOptions, ErrorInvalidRequest, ErrorSchema, ErrorConfiguration, ErrorInternal,
}

// Outlook validates these: an Id beyond 32 bits, which mailcow has sent, is not
// an xs:unsignedInt.
func TestAutodiscoverErrorDocument(t *testing.T) {
	xsTime := regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}$`)
	clock := []time.Time{
		time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 2, 3, 23, 59, 59, 999_999_999, time.UTC),
		time.Date(2026, 2, 3, 12, 0, 0, 1, time.FixedZone("", 14*3600)),
		{},
	}
	for _, code := range errorCodes {
		for _, at := range clock {
			doc, err := AutodiscoverErrorDocument(code, at, 0)
			if err != nil {
				t.Fatal(err)
			}
			root := parse(t, doc)
			faults := root.all("Response", "Error")
			if len(faults) != 1 || root.XMLName.Local != "Autodiscover" {
				t.Fatalf("%d: not one Error:\n%s", code, doc)
			}
			fault := faults[0]
			if got := attr(fault, "Time"); !xsTime.MatchString(got) || got != at.UTC().Format("15:04:05.000") {
				t.Errorf("%d: Time %q is not the UTC time of day", code, got)
			}
			if _, err := strconv.ParseUint(attr(fault, "Id"), 10, 32); err != nil {
				t.Errorf("%d: Id: %v", code, err)
			}
			if got := fault.text("ErrorCode"); got != strconv.Itoa(int(code)) {
				t.Errorf("ErrorCode %q, want %d", got, code)
			}
			if fault.text("Message") == "" || len(fault.all("DebugData")) != 1 || fault.text("DebugData") != "" {
				t.Errorf("%d: want a message and an empty DebugData:\n%s", code, doc)
			}
			// A framework error stays in the frame's namespace.
			root.walk(func(n node) {
				if n.XMLName.Space != responseNamespace {
					t.Errorf("%d: %s is in namespace %q", code, n.XMLName.Local, n.XMLName.Space)
				}
			})
		}
	}
}

func TestAutodiscoverErrorDocumentRefusesUnknownCodes(t *testing.T) {
	for _, code := range []AutodiscoverErrorCode{0, 1, 499, 604, 65535} {
		if doc, err := AutodiscoverErrorDocument(code, time.Time{}, 0); err == nil {
			t.Errorf("%d: %s", code, doc)
		}
	}
}

func TestErrorIDIsDerivedAndConstant(t *testing.T) {
	h := fnv.New32a()
	h.Write([]byte("mailsetup"))
	if h.Sum32() != errorID {
		t.Errorf("errorID is %d, want %d", errorID, h.Sum32())
	}
}

func TestAutodiscoverErrorText(t *testing.T) {
	cause := errors.New("why")
	if got := (&AutodiscoverError{Code: ErrorSchema, err: cause}); got.Error() != "autodiscover error 601: why" || !errors.Is(got, cause) {
		t.Errorf("%v", got)
	}
	if got := (&AutodiscoverError{Code: ErrorInternal}).Error(); got != "autodiscover error 603: Internal server error" {
		t.Error(got)
	}
}
