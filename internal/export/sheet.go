package export

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"unicode/utf8"
)

// The columns of a list of people.
const (
	columnAddress = iota
	columnLogin
	columnName
	columnCount
)

// headings are the names of the columns in spreadsheets and directories, in lower case.
var headings = [columnCount][]string{
	columnAddress: {"address", "email", "e-mail", "mail", "email address", "e-mail address", "e-mail-adresse"},
	columnLogin:   {"login"},
	columnName:    {"name", "full name", "display name", "anzeigename"},
}

// A sheet is the text of a list of people, and how to read its lines.
type sheet struct {
	text    []byte
	comma   rune             // 0: an address, optionally a name after a space or tab
	columns [columnCount]int // -1: there is none
	header  int              // the line of the header; 0: there is none
	unused  []string         // other columns, by their headings
}

// A row is one line of a sheet.
type row struct {
	line                 int
	address, login, name string
}

// errNotUTF8 also concerns UTF-16, which Excel calls Unicode Text.
var errNotUTF8 = errors.New("the text is not UTF-8: in Excel, save the list as CSV UTF-8")

// readSheet finds out the format of a list from its first lines. Spreadsheets write CSV,
// with semicolons where the comma is the decimal sign.
func readSheet(list []byte) (sheet, error) {
	s := sheet{text: bytes.TrimPrefix(list, []byte("\ufeff")), columns: [columnCount]int{0, 1, 2}}
	if !bytes.ContainsRune(s.text, '\n') { // the line ends of old Macs
		s.text = bytes.ReplaceAll(s.text, []byte("\r"), []byte("\n"))
	}
	line := 0
	for text := range bytes.Lines(s.text) {
		line++
		if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
			return s, fmt.Errorf("line %d: %w", line, errNotUTF8)
		}
	}
	line = 0
	for text := range strings.Lines(string(s.text)) {
		line++
		text = strings.TrimRight(text, "\r\n")
		if comma, ok := strings.CutPrefix(text, "sep="); ok && len(comma) == 1 {
			s.header = line // Excel's own first line; the next one shows the separator, too
			continue
		}
		if found, err := s.readHeader(text); found {
			s.header = line
			return s, wrapLine(line, err)
		}
		text = strings.TrimSpace(text)
		if text == "" || text[0] == '#' {
			continue
		}
		rest := strings.TrimLeft(text[endOfWord(text):], " \t")
		switch {
		case rest != "" && (rest[0] == ',' || rest[0] == ';'):
			s.comma = rune(rest[0])
			if !strings.Contains(text, "@") {
				return s, wrapLine(line, errNoHeader)
			}
			return s, nil
		case text[0] == '"':
			s.comma = ','
			return s, nil
		case rest != "":
			return s, nil
		}
	}
	return s, nil
}

var errNoHeader = errors.New("neither an address nor a header: a header calls the columns address, login and name")

// endOfWord returns where an address ends, which may be in quotation marks.
func endOfWord(text string) int {
	if end := strings.IndexAny(text, ",; \t"); end >= 0 {
		return end
	}
	return len(text)
}

// readHeader reads a line if it is a header: it names a column for the address and
// contains no address.
func (s *sheet) readHeader(text string) (found bool, err error) {
	if strings.Contains(text, "@") {
		return false, nil
	}
	for _, comma := range ",;\t" {
		r := csv.NewReader(strings.NewReader(text))
		r.Comma = comma
		fields, err := r.Read()
		if err != nil {
			continue
		}
		columns, unused, err := columnsOf(fields)
		if columns[columnAddress] < 0 {
			continue
		}
		s.comma, s.columns, s.unused = comma, columns, unused
		return true, err
	}
	return false, nil
}

func columnsOf(fields []string) (columns [columnCount]int, unused []string, err error) {
	columns = [columnCount]int{-1, -1, -1}
	for i, field := range fields {
		column := headingOf(field)
		switch {
		case column == columnCount && strings.TrimSpace(field) != "":
			unused = append(unused, strings.TrimSpace(field))
		case column == columnCount:
		case columns[column] >= 0:
			err = fmt.Errorf("two columns hold the %s: keep one", headings[column][0])
		default:
			columns[column] = i
		}
	}
	return columns, unused, err
}

// headingOf returns the column with a heading; columnCount if it is another.
func headingOf(heading string) int {
	heading = strings.ToLower(strings.TrimSpace(heading))
	for column, names := range headings {
		for _, name := range names {
			if heading == name {
				return column
			}
		}
	}
	return columnCount
}

// rows yields the lines that are neither empty nor comments, or the mistake in one.
func (s sheet) rows() iter.Seq2[row, error] {
	if s.comma == 0 {
		return s.plainRows
	}
	return s.csvRows
}

func (s sheet) plainRows(yield func(row, error) bool) {
	r := row{}
	for text := range bytes.Lines(s.text) {
		r.line++
		text := strings.TrimSpace(string(text))
		if text == "" || text[0] == '#' || r.line <= s.header {
			continue
		}
		end := endOfWord(text)
		if end < len(text) && text[end] != ' ' && text[end] != '\t' {
			end = len(text)
		}
		r.address, r.name = text[:end], strings.TrimSpace(text[end:])
		var err error
		if strings.Contains(r.name, "@") || strings.HasPrefix(r.name, ",") || strings.HasPrefix(r.name, ";") {
			err = errLoginAsName
		}
		if !yield(r, err) {
			return
		}
	}
}

var (
	errLoginAsName = errors.New("after the address stands another field, not a name: to state a login, write address,login on every line")

	errQuotes = errors.New("a quotation mark is in the wrong place, or is missing")
	errFields = errors.New("there are more fields than columns")
)

func (s sheet) csvRows(yield func(row, error) bool) {
	r := csv.NewReader(bytes.NewReader(s.text))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = s.comma, -1, true
	r.TrimLeadingSpace = s.comma != '\t' // or it would trim the tab
	if s.columns[columnAddress] == 0 {
		r.Comment = '#' // in other columns it may mean "number"
	}
	for {
		fields, err := r.Read()
		if err == io.EOF {
			return
		}
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			if wrong.StartLine > s.header && !yield(row{line: wrong.StartLine}, errQuotes) {
				return
			}
			continue
		}
		if err != nil {
			yield(row{}, err)
			return
		}
		line, _ := r.FieldPos(0)
		if line <= s.header || strings.TrimSpace(strings.Join(fields, "")) == "" {
			continue
		}
		one, err := s.row(fields)
		one.line = line
		if !yield(one, err) {
			return
		}
	}
}

// row takes the columns from the fields of a line.
func (s sheet) row(fields []string) (r row, err error) {
	field := func(column int) string {
		if i := s.columns[column]; i >= 0 && i < len(fields) {
			return strings.TrimSpace(fields[i])
		}
		return ""
	}
	if len(s.unused) == 0 {
		for i, text := range fields {
			if i > max(s.columns[columnAddress], s.columns[columnLogin], s.columns[columnName]) && strings.TrimSpace(text) != "" {
				err = errFields
			}
		}
	}
	return row{address: field(columnAddress), login: field(columnLogin), name: field(columnName)}, err
}

// wrapLine adds the line to a mistake; nil stays nil.
func wrapLine(line int, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("line %d: %w", line, err)
}
