package page

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"rsc.io/qr"
)

const (
	// quietZone is the empty margin around a code, in modules (ISO/IEC 18004).
	quietZone = 4
	// moduleSize is the width of a module in tenths of a CSS pixel: enough for a
	// camera at arm's length. A longer text makes a larger picture.
	moduleSize = 35
)

// QR draws a code as an SVG element, black on white even on a dark page, because
// not every reader understands an inverted code. The element is decoration to
// assistive technology: the page that shows it must name it.
//
// The lowest level of error correction is best here: a screen is not damaged,
// and fewer modules are easier to scan from afar. It fails for texts of more
// than 2953 octets.
func QR(text string) (template.HTML, error) {
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		return "", fmt.Errorf("QR code: %w", err)
	}
	// One stroke per run of dark modules, relative moves throughout: a third of
	// the octets that a rectangle per module takes.
	var path strings.Builder
	for y := range code.Size {
		pen := 0
		fmt.Fprintf(&path, "M%d %d.5", quietZone, y+quietZone)
		for x := 0; x < code.Size; {
			if !code.Black(x, y) {
				x++
				continue
			}
			start := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if start > pen {
				path.WriteString("m" + strconv.Itoa(start-pen) + " 0")
			}
			path.WriteString("h" + strconv.Itoa(x-start))
			pen = x
		}
	}
	side := code.Size + 2*quietZone
	// Every value is a number of our own, so this is safe to pass as HTML.
	return template.HTML(fmt.Sprintf(`<svg class="qr" width="%d" viewBox="0 0 %d %d" shape-rendering="crispEdges" aria-hidden="true" focusable="false">`+
		`<path fill="#fff" d="M0 0h%dv%dh-%dz"/><path fill="none" stroke="#000" d="%s"/></svg>`,
		side*moduleSize/10, side, side, side, side, side, path.String())), nil
}
