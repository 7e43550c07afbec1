package server

import (
	"slices"
	"strings"
	"time"

	"mailsetup/internal/document"
	"mailsetup/internal/provider"
	"mailsetup/profiles"
)

// genericProfile answers /profile/PROVIDER.mobileconfig, a profile without an
// address: the device asks for the address and the logins.
func (s *Server) genericProfile(x *exchange) error {
	x.basis.Decision = document.ByPath
	id, ok := strings.CutSuffix(x.c.Param("file"), ".mobileconfig")
	if !ok {
		return errNotFound
	}
	p, ok := x.state.table.Provider(id)
	if !ok {
		return errNotFound
	}
	x.provider, x.class = p.ID, provider.ClassOwn
	if s.redirectBrowser(x, document.ProfilePath+profiles.FileName(p)) {
		return nil
	}
	attach(x, p)
	if s.signer == nil {
		return x.send(document.Mobileconfig, p.Account())
	}
	unsigned, err := x.state.documents.Append(nil, document.Mobileconfig, p.Account())
	if err != nil {
		return err
	}
	body, etag, err := s.signer.signGeneric(x.r.Context(), unsigned)
	if err != nil {
		return err
	}
	x.sendBody(document.Mobileconfig, body, etag)
	return nil
}

// addressedProfile answers /profile.mobileconfig?emailaddress=, the form that
// links and help pages of other servers use. The page makes its links with a
// token instead of the address.
func (s *Server) addressedProfile(x *exchange) error {
	query := x.r.URL.RawQuery
	x.typed.Name = strings.Join(param(query, "name"), " ")
	if sent := slices.Concat(param(query, "emailaddress"), param(query, "email")); len(sent) == 1 {
		x.typed.Address = strings.Map(dropInvisible, sent[0])
	}
	a, err := queryAddress(query, "emailaddress", "email")
	if err != nil {
		return err
	}
	name, err := profiles.ParsePersonName(x.typed.Name)
	if err != nil {
		return errBadName
	}
	m, ok := x.lookup(a.Domain())
	if !ok {
		return errUnknownDomain
	}
	if acceptsHTML(x.r) && s.insecure(x) {
		// The same profile by https, where a token takes the place of the address.
		o := order{provider: m.Provider().ID, address: a, name: name, expires: time.Now().Add(tokenLife)}
		if s.redirectPerson(x, "/p/"+s.sealer.seal(o)+"/"+profiles.FileName(m.Provider())) {
			return nil
		}
	}
	return s.sendProfile(x, m.Account(a), profiles.Person{Name: name})
}

// sendProfile sends the profile of one person's account, signed if profiles
// are signed, and never otherwise.
func (s *Server) sendProfile(x *exchange, a provider.Account, person profiles.Person) error {
	buffer := x.state.buffers.Get().(*[]byte)
	defer x.state.buffers.Put(buffer)
	var err error
	if *buffer, err = x.state.documents.AppendPersonal((*buffer)[:0], document.Mobileconfig, a, person); err != nil {
		return err
	}
	body := *buffer
	if s.signer != nil {
		if body, err = s.signer.sign(x.r.Context(), body); err != nil {
			return err
		}
	}
	attach(x, a.Provider)
	x.sendBody(document.Mobileconfig, body, "")
	return nil
}

func attach(x *exchange, p *provider.Provider) {
	// The name is a token of RFC 9110, which needs no quotes.
	x.setHeader("Content-Disposition", "attachment; filename="+profiles.FileName(p))
}
