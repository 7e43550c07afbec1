package report

import (
	"encoding/json"
	"io"

	"mailsetup/internal/doctor/judge"
)

// The JSON form of a report. Later versions add fields and never rename or remove any;
// any version may add kinds of findings.
type (
	jsonReport struct {
		Domain   string        `json:"domain"`
		Provider string        `json:"provider"`
		Exit     int           `json:"exit"`
		Verdicts []jsonVerdict `json:"verdicts"`
		Findings []jsonFinding `json:"findings"`
	}
	jsonVerdict struct {
		Client string       `json:"client"`
		Result judge.Result `json:"result"`
		Text   string       `json:"text"`
	}
	jsonFinding struct {
		ID       judge.ID `json:"id"`
		Severity string   `json:"severity"`
		Place    string   `json:"place"`
		Topic    Topic    `json:"topic"`
		What     string   `json:"what"`
		Cure     []string `json:"cure"`
		Records  []string `json:"records"`
		Clients  []string `json:"clients"`
	}
)

// JSON writes the report for programs. Lists are empty rather than null.
func (r Report) JSON(w io.Writer) error {
	out := jsonReport{
		Domain: r.Domain, Provider: r.Provider, Exit: r.Exit(),
		Verdicts: []jsonVerdict{}, Findings: []jsonFinding{},
	}
	for _, v := range r.Verdicts {
		out.Verdicts = append(out.Verdicts, jsonVerdict{v.Client, v.Result, v.Text})
	}
	for _, f := range r.Findings {
		out.Findings = append(out.Findings, jsonFinding{
			f.ID, f.Severity.String(), place(f), f.Topic, f.What, orEmpty(f.Cure), orEmpty(f.Records), orEmpty(f.Clients),
		})
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// place returns where to fix a finding; "" if there is nothing to fix.
func place(f Finding) string {
	if f.Place == 0 {
		return ""
	}
	return f.Place.String()
}
