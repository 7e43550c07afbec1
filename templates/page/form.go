package page

import (
	"fmt"
	"io"

	"mailsetup/internal/language"
	"mailsetup/internal/provider"
)

// A Problem is what is wrong with something typed into the form.
type Problem uint8

const (
	// AddressMissing: the address field was empty.
	AddressMissing Problem = iota + 1
	// AddressInvalid: the typed text is not an address; see [provider.ParseAddress].
	AddressInvalid
	// NameInvalid: the name is too long or contains control characters.
	NameInvalid
	// LoginInvalid: the login is neither an address nor an account name where the service
	// takes one; see [provider.Provider.ParseLogin].
	LoginInvalid
	// LoginElsewhere: the login is an address, but not in one of the service's
	// login domains.
	LoginElsewhere
)

// field returns the form field at which a problem is shown, and the key of its
// text.
func (p Problem) field() (field, key string, err error) {
	switch p {
	case AddressMissing:
		return FieldAddress, "address-missing", nil
	case AddressInvalid:
		return FieldAddress, "address-invalid", nil
	case NameInvalid:
		return FieldName, "name-invalid", nil
	case LoginInvalid:
		return FieldLogin, "login-invalid", nil
	case LoginElsewhere:
		return FieldLogin, "login-elsewhere", nil
	}
	return "", "", fmt.Errorf("invalid problem %d", p)
}

// Typed is what a person has typed into the form, for the form to show again. A page that
// contains it must not be cached.
type Typed struct {
	Address, Name, Login string
	// LinkDomain, unless zero, is the domain that the link named: text typed without an @
	// is an address in it.
	LinkDomain provider.Domain
}

// FormView is what the form shows.
type FormView struct {
	Typed
	// AddressFault and LoginFault say what is wrong with an address or a login that
	// is in Problems as invalid; 0 for a general sentence.
	AddressFault, LoginFault provider.AddressFault
	// Problems are shown at their fields; the first of a field counts.
	Problems []Problem
	// LoginAt, if not nil, adds the field for the login at that service.
	LoginAt *provider.Provider
	// Services are listed below the form as those that this server knows.
	Services []*provider.Provider
}

// formPage is FormView as the template reads it.
type formPage struct {
	FormView
	Carried                                   string // see carried
	AddressProblem, NameProblem, LoginProblem *problem
	LoginRule                                 loginRule
	LoginGuide                                guide // of LoginAt
	Retry                                     bool  // what was typed is good: send it again
	Served                                    served
}

// refilled reports whether what was typed is in the fields again.
func (f formPage) refilled() bool { return f.Address != "" || f.Name != "" || f.Login != "" }

// problem is a Problem as the texts read it.
type problem struct {
	Key       string
	Fault     string // of an address, or ""
	LoginRule loginRule
}

// Form writes the page with the form.
func (p *Pages) Form(w io.Writer, c language.Choice, v FormView) error {
	f := formPage{FormView: v, Carried: carried(c), Served: p.serve(v.Services)}
	if v.LoginAt != nil {
		f.LoginRule, f.LoginGuide = ruleOf(v.LoginAt), guideOf(v.LoginAt, c.Language)
	}
	at := map[string]**problem{FieldAddress: &f.AddressProblem, FieldName: &f.NameProblem, FieldLogin: &f.LoginProblem}
	for _, known := range v.Problems {
		field, key, err := known.field()
		if err != nil {
			return err
		}
		if dst := at[field]; *dst == nil {
			*dst = &problem{Key: key, Fault: v.faultOf(known), LoginRule: f.LoginRule}
		}
	}
	path := "/"
	if !v.LinkDomain.IsZero() {
		path += "?" + FieldDomain + "=" + v.LinkDomain.String()
	}
	return p.render(w, c, formTemplate, path, f)
}

// faultOf returns the id of what is wrong with the address in a problem's field.
func (v FormView) faultOf(known Problem) string {
	fault := v.AddressFault
	if known == LoginInvalid {
		fault = v.LoginFault
	}
	if fault == 0 {
		return ""
	}
	return fault.String()
}

// loginRule says what a login at a service looks like.
type loginRule struct {
	Domains []language.Item // it is an address in one of them; empty: in any
	Any     bool            // it may be an account name, too
}

func ruleOf(p *provider.Provider) loginRule {
	return loginRule{Domains: language.Items(p.LoginDomains, provider.Domain.Unicode), Any: p.AnyLogin}
}

// The limits of the lists on a page. Whatever is beyond them is only counted.
const (
	maxServices = 6
	maxDomains  = 4
)

// served is a short list of what this server knows.
type served struct {
	Services []servedGroup // the operator first, if its domains are shown
	More     int
}

// servedGroup is a service, or the operator, in that list.
type servedGroup struct {
	Name    string
	Domains []provider.Domain
	More    int // domains
}

func (p *Pages) serve(all []*provider.Provider) served {
	n := min(len(all), maxServices)
	list := served{More: len(all) - n}
	if o := p.site.Operator; len(o.Domains) > 0 {
		list.Services = append(list.Services, servedGroup{o.Name, o.Domains, o.MoreDomains})
	}
	for _, p := range all[:n] {
		few := min(len(p.Domains), maxDomains)
		list.Services = append(list.Services, servedGroup{p.Name, p.Domains[:few], len(p.Domains) - few})
	}
	return list
}
