package templates

import (
	"fmt"
	"strconv"
	"time"

	"mailsetup/internal/provider"
)

// An AutodiscoverErrorCode is the error in a POX Error document. Its value is
// the code on the wire (MS-OXDSCLI).
type AutodiscoverErrorCode uint16

// The error codes.
const (
	// ErrorUnknownAddress: the address is well formed, but not served here.
	ErrorUnknownAddress AutodiscoverErrorCode = 500
	// ErrorNoOptions: the address is known, but has no settings.
	ErrorNoOptions AutodiscoverErrorCode = 501
	// ErrorInvalidRequest: the request cannot be understood.
	ErrorInvalidRequest AutodiscoverErrorCode = 600
	// ErrorSchema: the client wants something other than Outlook's settings,
	// such as ActiveSync.
	ErrorSchema AutodiscoverErrorCode = 601
	// ErrorConfiguration: the settings of this address cannot be written.
	ErrorConfiguration AutodiscoverErrorCode = 602
	// ErrorInternal: the server is at fault.
	ErrorInternal AutodiscoverErrorCode = 603
)

// message returns the short English text that goes with a code; "" for no code.
func (c AutodiscoverErrorCode) message() string {
	switch c {
	case ErrorUnknownAddress:
		return "The email address cannot be found"
	case ErrorNoOptions:
		return "There are no settings for this email address"
	case ErrorInvalidRequest:
		return "Invalid Request"
	case ErrorSchema:
		return "Provider is not available"
	case ErrorConfiguration:
		return "The settings of this email address are at fault"
	case ErrorInternal:
		return "Internal server error"
	}
	return ""
}

// An AutodiscoverError says why a request gets no settings. Its text never
// quotes the request, so that it may be logged.
type AutodiscoverError struct {
	Code AutodiscoverErrorCode
	err  error
}

// Error describes the fault.
func (e *AutodiscoverError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("autodiscover error %d: %s", e.Code, e.Code.message())
	}
	return fmt.Sprintf("autodiscover error %d: %v", e.Code, e.err)
}

// Unwrap returns the cause; nil if the code says it all.
func (e *AutodiscoverError) Unwrap() error { return e.err }

// errorID replaces Exchange's hash of the server's name. It does not reveal
// which server answered: it is the 32-bit FNV-1a hash of "mailsetup".
const errorID uint32 = 3700880907

// AutodiscoverErrorDocument writes the Error document for a code and a time of
// day, which is given in UTC (MS-OXDSCLI). Send it with any status but 200:
// Thunderbird and Delta Chat stop at a 200 that they cannot use and go on to the
// next URL after anything else. An unknown code is an error.
//
// If the address is at fault, the debug data says what is wrong with it: no client shows
// that, but people who try the server by hand can read it.
func AutodiscoverErrorDocument(code AutodiscoverErrorCode, at time.Time, fault provider.AddressFault) ([]byte, error) {
	message := code.message()
	if message == "" {
		return nil, fmt.Errorf("autodiscover has no error code %d", code)
	}
	doc := newXML("utf-8")
	root := doc.CreateElement("Autodiscover")
	root.CreateAttr("xmlns", responseNamespace)
	e := root.CreateElement("Response").CreateElement("Error")
	e.CreateAttr("Time", at.UTC().Format("15:04:05.000"))       // xs:time
	e.CreateAttr("Id", strconv.FormatUint(uint64(errorID), 10)) // xs:unsignedInt
	leaf(e, "ErrorCode", strconv.Itoa(int(code)))
	leaf(e, "Message", message)
	debug := e.CreateElement("DebugData")
	if fault != 0 {
		debug.SetText("EMailAddress: " + fault.Words())
	}
	return encode(doc)
}
