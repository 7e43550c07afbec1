package server

import (
	"errors"

	"mailsetup/internal/document"
	"mailsetup/internal/provider"
	"mailsetup/profiles"
	"mailsetup/templates"
)

// orderedAndroidFile sends the settings file for the address in the token, for people
// who read the page on an Android device.
func (s *Server) orderedAndroidFile(x *exchange) error {
	if s.redirectPage(x) {
		return nil
	}
	o, account, err := s.openOrder(x)
	if err != nil {
		return err
	}
	body, err := x.state.documents.AppendPersonal(nil, document.AndroidFile, account, profiles.Person{Name: o.name})
	if err != nil {
		return err
	}
	x.w.Header().Set("Content-Disposition", "attachment; filename="+document.AndroidFileName)
	x.sendBody(document.AndroidFile, body, "")
	return nil
}

// androidCode returns the text of the code that the page shows; "" if the account cannot
// be imported into Thunderbird for Android. Then there is no file either.
func (s *Server) androidCode(x *exchange, a provider.Account, name profiles.PersonName) (string, error) {
	code, err := x.state.documents.AppendPersonal(nil, document.AndroidQR, a, profiles.Person{Name: name})
	if errors.Is(err, templates.ErrNotImportable) {
		return "", nil
	}
	return string(code), err
}
