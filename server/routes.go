package server

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"mailsetup/internal/document"
)

// routes lists every public route. A path is matched in any letter case where
// clients vary it, see foldPath; GET answers HEAD as well. Anything else gets a
// plain 404: EWS, ActiveSync, MAPI, autodiscover.svc, DAV and robots.txt.
func (s *Server) routes(e *echo.Echo) {
	get := func(f family, path string, h handler) {
		e.Match([]string{http.MethodGet, http.MethodHead}, path, s.serve(f, path, h))
	}
	post := func(f family, path string, h handler) {
		e.POST(path, s.serve(f, path, h))
	}

	// Thunderbird and similar clients.
	get(familyAutoconfig, document.ConfigPath, s.autoconfig)
	get(familyAutoconfig, document.WellKnownPath, s.autoconfig)
	get(familyAutoconfig, document.MailV1Path, s.autoconfig)
	get(familyAutoconfig, document.NinePath, s.autoconfig)
	get(familyAutoconfig, document.DatabasePath+":domain", s.ispdb)

	// Outlook, and clients that follow it.
	get(familyAutodiscover, document.AutodiscoverPath, s.autodiscoverGet)
	post(familyAutodiscover, document.AutodiscoverPath, s.autodiscoverPost)
	get(familyJSON, document.JSONPath, s.autodiscoverJSON)
	get(familyJSON, document.JSONAddressPath+"*", s.autodiscoverJSON)

	// Apple devices.
	get(familyPage, document.ProfilePath+":file", s.genericProfile)
	get(familyPage, document.AddressedProfilePath, s.addressedProfile)

	// People.
	get(familyPage, "/", s.form)
	post(familyPage, "/", s.submit)
	get(familyPage, "/p/:token/", s.result)
	get(familyPage, "/p/:token", s.result) // as some programs shorten links
	get(familyPage, "/p/:token/"+document.AndroidFileName, s.orderedAndroidFile)
	get(familyPage, "/p/:token/:file", s.orderedProfile)
	get(familyPage, "/assets/:file", s.asset)
}
