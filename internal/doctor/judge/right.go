package judge

import (
	"mailsetup/internal/clients"
	"mailsetup/internal/provider"
)

// fits reports whether a client can use the right document at all. One that signs in with
// OAuth 2 only at services that it knows cannot use that of another.
func (j *judge) fits(reading clients.Reading) bool {
	if reading.Format != clients.Autoconfig {
		return true
	}
	_, err := reading.Read(j.Right, j.Address)
	return err == nil
}

// signsIn reports whether a client with the right settings can log in. Some read no
// authentication method and try a password even if the service accepts none.
func (j *judge) signsIn(reading clients.Reading) bool {
	if reading.Format != clients.Autoconfig {
		return true
	}
	p := j.Match.Provider()
	got, err := reading.Read(j.Right, j.Address)
	return err == nil && takes(p.Incoming().Auth, got.Incoming.Auth) && takes(p.Outgoing().Auth, got.Outgoing.Auth)
}

// takes reports whether a server accepts the client's authentication method.
func takes(list provider.Auths, auth clients.Auth) bool {
	switch auth {
	case clients.AuthOAuth2:
		return list.Has(provider.AuthOAuth2)
	case clients.AuthPassword:
		return list.Has(provider.AuthPassword)
	case clients.AuthEncrypted:
		return list.Has(provider.AuthCRAMMD5)
	case clients.AuthNegotiated, clients.AuthSecure, clients.AuthSPA, clients.AuthGSSAPI, clients.AuthNone:
	}
	_, err := list.Password()
	return err == nil
}

// differs compares what a client read with the table. For a client that cannot read a
// login from the format, only the servers count. A client may choose any of several
// authentication methods.
func (j *judge) differs(reading clients.Reading, got clients.Settings) []string {
	want, err := clients.Expected(reading.Format, j.Match.Account(j.Address), j.Address)
	if err != nil {
		return nil
	}
	if reading.Limit != "" {
		got.Incoming.Login, got.Incoming.Stated = want.Incoming.Login, want.Incoming.Stated
		got.Outgoing.Login, got.Outgoing.Stated = want.Outgoing.Login, want.Outgoing.Stated
	}
	if reading.Format == clients.Autoconfig {
		if right, err := reading.Read(j.Right, j.Address); err == nil {
			want.Incoming.Auth, want.Outgoing.Auth = right.Incoming.Auth, right.Outgoing.Auth
		}
	}
	return got.Differs(want)
}
