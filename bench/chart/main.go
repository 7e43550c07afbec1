// Command chart draws the ratios that bench/performance measured, as SVG. It is a
// separate module, so that the program's go.mod has no drawing libraries.
//
//	chart FILE.svg <RATIOS.json
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/color"
	"os"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A ratio is one row: the median, the rounds' lowest and highest, and the goal.
type ratio struct {
	Name                   string
	Median, Low, High, Max float64
}

func main() {
	if err := run(os.Args); err != nil {
		fmt.Fprintln(os.Stderr, "chart:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: chart FILE.svg <RATIOS.json")
	}
	var ratios []ratio
	if err := json.NewDecoder(os.Stdin).Decode(&ratios); err != nil {
		return fmt.Errorf("the ratios cannot be read: %w", err)
	}
	p, err := chart(ratios)
	if err != nil {
		return err
	}
	drawing, err := p.WriterTo(18*vg.Centimeter, vg.Length(3+0.9*float64(len(ratios)))*vg.Centimeter, "svg")
	if err != nil {
		return fmt.Errorf("the chart cannot be drawn: %w", err)
	}
	var svg bytes.Buffer
	if _, err := drawing.WriteTo(&svg); err != nil {
		return fmt.Errorf("the chart cannot be drawn: %w", err)
	}
	// Without this, a viewer that lacks the font would use any other.
	fonts := bytes.ReplaceAll(svg.Bytes(), []byte("font-family:Liberation Sans"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif"))
	return os.WriteFile(args[1], fonts, 0o644)
}

// widening makes room after a row's name, in case a viewer's font is wider than ours.
// SVG drops ordinary blanks.
const widening = "\u00a0\u00a0\u00a0\u00a0\u00a0\u00a0"

// chart draws the first row at the top. The axis begins at 0, so that a bar twice as
// long is twice the cost.
func chart(ratios []ratio) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text = "CPU time of a request, as a multiple of the floor's"
	p.X.Label.Text = "dashed: floor, red: goal, line: lowest to highest"
	for _, style := range []*draw.TextStyle{&p.Title.TextStyle, &p.X.Label.TextStyle, &p.X.Tick.Label, &p.Y.Tick.Label} {
		style.Font.Variant = "Sans"
	}
	p.X.Min, p.X.Max = 0, 1
	var medians plotter.Values
	var goals plotter.XYs
	var names []string
	spread := spreads{}
	for i := range ratios {
		r := ratios[len(ratios)-1-i]
		y := float64(i)
		medians = append(medians, r.Median)
		goals = append(goals, plotter.XY{X: r.Max, Y: y})
		spread.XYs = append(spread.XYs, plotter.XY{X: r.Median, Y: y})
		spread.XErrors = append(spread.XErrors, struct{ Low, High float64 }{r.Low - r.Median, r.High - r.Median})
		names = append(names, r.Name+widening)
		p.X.Max = max(p.X.Max, 1.05*r.High, 1.05*r.Max)
	}
	bars, err := plotter.NewBarChart(medians, 0.5*vg.Centimeter)
	if err != nil {
		return nil, err
	}
	bars.Horizontal = true
	bars.Color = color.RGBA{R: 0x9e, G: 0xca, B: 0xe9, A: 0xff}
	bars.LineStyle.Width = 0
	marks, err := plotter.NewScatter(goals)
	if err != nil {
		return nil, err
	}
	marks.GlyphStyle = draw.GlyphStyle{Color: color.RGBA{R: 0xd6, G: 0x27, B: 0x28, A: 0xff}, Radius: vg.Points(7), Shape: upright{}}
	errorBars, err := plotter.NewXErrorBars(spread)
	if err != nil {
		return nil, err
	}
	floor, err := plotter.NewLine(plotter.XYs{{X: 1, Y: -0.5}, {X: 1, Y: float64(len(ratios)) - 0.5}})
	if err != nil {
		return nil, err
	}
	floor.Dashes = []vg.Length{vg.Points(3), vg.Points(3)}
	p.Add(bars, floor, errorBars, marks)
	p.NominalY(names...)
	return p, nil
}

type spreads struct {
	plotter.XYs
	plotter.XErrors
}

// upright is a thick upright stroke, which can be read on and next to a bar.
type upright struct{}

func (upright) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	c.SetLineStyle(draw.LineStyle{Color: style.Color, Width: vg.Points(2.5)})
	var path vg.Path
	path.Move(vg.Point{X: at.X, Y: at.Y - style.Radius})
	path.Line(vg.Point{X: at.X, Y: at.Y + style.Radius})
	c.Stroke(path)
}
