package survey

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"mailsetup/internal/doctor/judge"
)

// Text writes a line for each fault of a mail service and for each domain, the most
// serious first, and a summary.
func (s Survey) Text(w io.Writer) error {
	out := bufio.NewWriter(w)
	for _, f := range s.Services {
		fmt.Fprintf(out, "%-8s mail service: %s. %s\n", word(f.Severity), f.ID, f.What)
	}
	for _, r := range s.Results {
		fmt.Fprintf(out, "%-8s %s", word(r.Severity), r.Domain)
		if ids := r.ids(); len(ids) > 0 {
			fmt.Fprintf(out, ": %s", strings.Join(ids, ", "))
		}
		if r.What != "" {
			fmt.Fprintf(out, ". %s", r.What)
		}
		fmt.Fprintln(out)
	}
	fmt.Fprintf(out, "\n%s\n", s.summary())
	return out.Flush()
}

// word returns the severity at the beginning of a line.
func word(s judge.Severity) string {
	if s == judge.Pass {
		return "good"
	}
	return s.String()
}

// ids returns the ids of the findings, the most serious first.
func (r Result) ids() []string {
	var all []string
	for _, list := range [][]judge.ID{r.Problems, r.Unknown, r.Warnings} {
		for _, id := range list {
			all = append(all, string(id))
		}
	}
	return all
}

func (s Survey) summary() string {
	text := fmt.Sprintf("%d domains in %v: %d with problems, %d unknown, %d with warnings, %d good.", len(s.Results), s.Took.Round(time.Second),
		s.Count(judge.Problem), s.Count(judge.Unknown), s.Count(judge.Warning), s.Count(judge.Pass))
	if !s.Complete {
		text += " The check was interrupted: the remaining domains were not checked."
	}
	return text
}

// The JSON form of a survey. Later versions add fields and never rename or remove
// any.
type (
	jsonSurvey struct {
		Begun    time.Time `json:"begun"`
		Seconds  float64   `json:"seconds"`
		Complete bool      `json:"complete"`
		Exit     int       `json:"exit"`
		Count    jsonCount `json:"count"`
		// Services are faults of mail services, which concern all domains there.
		Services []jsonService `json:"services"`
	}
	jsonService struct {
		ID       judge.ID `json:"id"`
		Severity string   `json:"severity"`
		What     string   `json:"what"`
	}
	jsonCount struct {
		Domains int `json:"domains"`
		Problem int `json:"problem"`
		Unknown int `json:"unknown"`
		Warning int `json:"warning"`
		Good    int `json:"good"`
	}
	jsonResult struct {
		Domain   string     `json:"domain"`
		Exit     int        `json:"exit"`
		Problems []judge.ID `json:"problems"`
		Unknown  []judge.ID `json:"unknown"`
		Warnings []judge.ID `json:"warnings"`
		What     string     `json:"what"`
	}
)

// JSON writes one object per line: the survey itself, then each domain, the most
// serious first. Lists are empty rather than null.
func (s Survey) JSON(w io.Writer) error {
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	services := []jsonService{}
	for _, f := range s.Services {
		services = append(services, jsonService{f.ID, f.Severity.String(), f.What})
	}
	err := enc.Encode(jsonSurvey{s.Begun.UTC(), s.Took.Seconds(), s.Complete, s.Exit(), jsonCount{
		len(s.Results), s.Count(judge.Problem), s.Count(judge.Unknown), s.Count(judge.Warning), s.Count(judge.Pass)}, services})
	for _, r := range s.Results {
		if err != nil {
			return err
		}
		err = enc.Encode(jsonResult{r.Domain, r.Exit(), orEmpty(r.Problems), orEmpty(r.Unknown), orEmpty(r.Warnings), r.What})
	}
	if err != nil {
		return err
	}
	return out.Flush()
}

func orEmpty(list []judge.ID) []judge.ID {
	if list == nil {
		return []judge.ID{}
	}
	return list
}
