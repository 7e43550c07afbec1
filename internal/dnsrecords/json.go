package dnsrecords

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// jsonSet is the JSON format. Scripts read it, so fields are only ever added.
type jsonSet struct {
	Domain   string       `json:"domain"`
	Provider string       `json:"provider"` // the id in the table
	Records  []jsonRecord `json:"records"`
	Remarks  []string     `json:"remarks"`
}

// jsonRecord is a record in two forms: as in a zone file, and split into the parts that
// APIs of DNS providers need.
type jsonRecord struct {
	Name      string `json:"name"` // in full, without a dot at its end
	Host      string `json:"host"` // relative to the domain; @ for the domain itself
	Type      string `json:"type"`
	TTL       uint32 `json:"ttl"`  // seconds
	Data      string `json:"data"` // as in a zone file
	Necessity string `json:"necessity"`
	Purpose   string `json:"purpose"`

	Address    string  `json:"address,omitempty"`    // A, AAAA
	Preference *uint16 `json:"preference,omitempty"` // MX
	Priority   *uint16 `json:"priority,omitempty"`   // SRV
	Weight     *uint16 `json:"weight,omitempty"`     // SRV
	Port       *uint16 `json:"port,omitempty"`       // SRV
	Target     string  `json:"target,omitempty"`     // CNAME, MX, SRV: in full, without a dot at its end; "." for none
	Text       string  `json:"text,omitempty"`       // TXT
}

func (s Set) json() ([]byte, error) {
	doc := jsonSet{Domain: s.Domain.String(), Provider: s.Provider.ID, Records: []jsonRecord{}, Remarks: []string{}}
	doc.Remarks = append(doc.Remarks, s.Remarks...)
	for _, r := range s.Records {
		j := jsonRecord{
			Name: r.Name.String(), Host: r.Name.Relative(), Type: r.Data.Type(), TTL: r.TTL, Data: r.Data.String(),
			Necessity: r.Necessity.String(), Purpose: r.Purpose,
		}
		switch d := r.Data.(type) {
		case Address:
			j.Address = d.String()
		case CNAME:
			j.Target = d.Target.String()
		case MX:
			j.Preference, j.Target = &d.Preference, d.Host.String()
		case SRV:
			j.Priority, j.Weight, j.Port, j.Target = &d.Priority, &d.Weight, &d.Port, d.target()
		case TXT:
			j.Text = d.Text
		default:
			return nil, fmt.Errorf("%s: a %s record cannot be written as JSON", r.Name, r.Data.Type())
		}
		doc.Records = append(doc.Records, j)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(doc)
	return b.Bytes(), err
}
