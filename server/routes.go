package server

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// routes lists every public route. A path is matched in any letter case where
// clients vary it, see foldPath; GET answers HEAD as well. What is not listed is
// a quiet 404: EWS, ActiveSync, MAPI, autodiscover.svc, DAV and robots.txt.
func (s *Server) routes(e *echo.Echo) {
	get := func(f family, path string, h handler) {
		e.Match([]string{http.MethodGet, http.MethodHead}, path, s.serve(f, h))
	}
	post := func(f family, path string, h handler) {
		e.POST(path, s.serve(f, h))
	}

	// Thunderbird and its kin (draft-ietf-mailmaint-autoconfig, section 3).
	get(familyAutoconfig, "/mail/config-v1.1.xml", s.autoconfig)
	get(familyAutoconfig, "/.well-known/autoconfig/mail/config-v1.1.xml", s.autoconfig)
	get(familyAutoconfig, "/.well-known/mail-v1.xml", s.autoconfig)   // GNOME Online Accounts, SnappyMail
	get(familyAutoconfig, "/v1.1/mail/config-v1.1.xml", s.autoconfig) // Nine
	get(familyAutoconfig, "/v1.1/:domain", s.ispdb)

	// Outlook (MS-OXDSCLI), and Thunderbird and Delta Chat after it.
	get(familyAutodiscover, "/autodiscover/autodiscover.xml", s.autodiscoverGet)
	post(familyAutodiscover, "/autodiscover/autodiscover.xml", s.autodiscoverPost)
	get(familyJSON, "/autodiscover/autodiscover.json", s.autodiscoverJSON)
	get(familyJSON, "/autodiscover/autodiscover.json/v1.0/*", s.autodiscoverJSON)

	// Apple devices.
	get(familyPage, "/profile/:file", s.genericProfile)
	get(familyPage, "/profile.mobileconfig", s.addressedProfile)

	// People.
	get(familyPage, "/", s.form)
	post(familyPage, "/", s.submit)
	get(familyPage, "/p/:token/", s.result)
	get(familyPage, "/p/:token", s.result) // as some programs shorten links
	get(familyPage, "/p/:token/:file", s.orderedProfile)
	get(familyPage, "/assets/:file", s.asset)
}
