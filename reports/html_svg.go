package reports

import (
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"slices"
	"strings"
)

const svgSpace = "http://www.w3.org/2000/svg"

// drawing are the elements that a figure may have: they draw, and do nothing else.
var drawing = []string{
	"circle", "clipPath", "defs", "desc", "ellipse", "g", "line", "linearGradient", "marker", "path", "pattern", "polygon",
	"polyline", "rect", "stop", "style", "svg", "text", "title", "tspan",
}

var errNoDrawing = errors.New("no drawing")

// harmless writes a figure's SVG anew from what it was read as, so that it means in a page what was checked here: elements that
// draw, no script, no link, no id that another figure may have. The texts of its style sheets are those that the page's policy
// has to allow; attributes cannot hold styles, since a policy allows those only together with everybody's.
func harmless(svg string) (clean string, styles []string, err error) {
	var out, style strings.Builder
	in := xml.NewDecoder(strings.NewReader(svg))
	var open []string
	roots := 0
	for {
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", nil, fmt.Errorf("reading a figure: %w", err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			if len(open) == 0 {
				roots++
			}
			if err := checkElement(x, len(open)); err != nil {
				return "", nil, err
			}
			out.WriteString("<" + x.Name.Local)
			for _, a := range x.Attr {
				if a.Name.Local != "xmlns" {
					out.WriteString(" " + a.Name.Local + `="` + html.EscapeString(visible(a.Value)) + `"`)
				}
			}
			out.WriteString(">")
			open = append(open, x.Name.Local)
			style.Reset()
		case xml.EndElement:
			out.WriteString("</" + x.Name.Local + ">")
			if x.Name.Local == "style" {
				styles = append(styles, style.String())
			}
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				style.Write(x)
				out.WriteString(html.EscapeString(string(x)))
			}
		default: // comments, instructions, document types
			return "", nil, fmt.Errorf("%w: %T in it", errNoDrawing, token)
		}
	}
	if roots != 1 {
		return "", nil, fmt.Errorf("%w: %d elements at its root", errNoDrawing, roots)
	}
	return out.String(), styles, nil
}

func checkElement(e xml.StartElement, depth int) error {
	if e.Name.Space != svgSpace || !slices.Contains(drawing, e.Name.Local) || (e.Name.Local == "svg") != (depth == 0) {
		return fmt.Errorf("%w: element %s in it", errNoDrawing, e.Name.Local)
	}
	for _, a := range e.Attr {
		name := strings.ToLower(a.Name.Local)
		if a.Name.Space != "" || strings.HasPrefix(name, "on") || name == "href" || name == "id" || name == "style" ||
			strings.ContainsAny(name, "\"'<>=/ ") || strings.Contains(strings.ToLower(a.Value), "url(") {
			return fmt.Errorf("%w: attribute %s in it", errNoDrawing, a.Name.Local)
		}
	}
	return nil
}
