package clients_test

import (
	"errors"
	"regexp"
	"testing"

	"mailsetup/internal/clients"
	"mailsetup/internal/clients/clientstest"
	"mailsetup/internal/provider/providertest"
)

var goWords = regexp.MustCompile(`CharsetReader|strconv\.|xml: |encoding/`)

// Whatever a server sends, every client must get the settings or a reason that a
// person can read, and each reader must take the good documents.
func TestReadersReadOddDocuments(t *testing.T) {
	jane := providertest.Address(t, "jane@example.com")
	for _, c := range clients.All {
		for _, reading := range c.Readings {
			for _, d := range clientstest.All() {
				if d.Format != reading.Format {
					continue
				}
				got, err := reading.Read(d.Answer, jane)
				if d.Name == "a good document" && err != nil {
					t.Errorf("%s, %s: %v", c.Name, d, err)
				}
				if err == nil && (got.Incoming.Host == "" || got.Outgoing.Host == "" || got.Incoming.Security == 0 || got.Outgoing.Security == 0) {
					t.Errorf("%s, %s: settings without host or security: %+v", c.Name, d, got)
				}
				if _, follows := errors.AsType[*clients.FollowUp](err); err != nil && !follows && errors.Is(err, clients.ErrNext) == errors.Is(err, clients.ErrDeadEnd) {
					t.Errorf("%s, %s: the error does not say how the client continues: %v", c.Name, d, err)
				}
				if err != nil && goWords.MatchString(err.Error()) {
					t.Errorf("%s, %s: the error shows the words of a Go library: %v", c.Name, d, err)
				}
			}
		}
	}
}
