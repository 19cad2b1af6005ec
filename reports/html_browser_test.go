package reports

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// shownPage has something of everything that moves in a page.
func shownPage() Document {
	d := New(priced(quick(), c7i()), options())
	d.Alerts = []string{"A device was detected but not measured."}
	d.Blocks = append(d.Blocks, Heading("Tried"),
		Table{
			Columns: []Column{{"Name", Left}, {"Latency", Right}, {"Verdict", Left}},
			Rows: [][]string{
				{"b", "18.2 ms", "valid"}, {"a", "456 µs", "invalid"}, {"d", "n/a", "undecided"}, {"c", "2 s", "n/a"}, {"e", "needs n >= 441", "valid (2 of 3)"},
			},
			Hover: [][]string{{"18.2345 ms, 95 % interval 18.1 to 18.3 ms"}, {""}, {""}, {""}, {""}},
			Open:  4,
		},
		Figure{Name: "bars", Says: "One bar.", SVG: `<svg xmlns="http://www.w3.org/2000/svg" class="x" role="img" viewBox="0 0 880 60" width="880" height="60">` +
			`<title>Bars</title><style>.x .bar{fill:#0072b2}@media (prefers-color-scheme:dark){.x .bar{fill:#56b4e9}}</style>` +
			`<rect class="bar" x="10" y="10" width="500" height="40"><title>54.2 images/s</title></rect></svg>`},
	)
	for i, row := range d.Blocks[len(d.Blocks)-2].(Table).Hover {
		d.Blocks[len(d.Blocks)-2].(Table).Hover[i] = []string{"", row[0], ""}
	}
	return d
}

// browser is a page in a headless Chromium.
type browser struct {
	t        *testing.T
	ctx      context.Context
	mu       sync.Mutex
	troubles []string // what a page that loads nothing and runs without errors has none of
}

// openPage starts a browser with a page that was written to a file. Without a browser the test skips.
func openPage(t *testing.T, d Document, before ...chromedp.Action[chromedp.Void]) *browser {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a browser")
	}
	var path string
	for _, name := range []string{"chromium", "google-chrome", "chromium-browser", "google-chrome-stable"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("no chromium and no google-chrome on the PATH")
	}
	var out bytes.Buffer
	require.NoError(t, HTML(&out, d))
	file := filepath.Join(t.TempDir(), "report.html")
	require.NoError(t, os.WriteFile(file, out.Bytes(), 0o600))

	limited, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	allocated, stop := chromedp.NewExecAllocator(limited, chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.UserDataDir(t.TempDir()))
	t.Cleanup(stop)
	b := &browser{t: t}
	b.ctx, cancel = chromedp.NewContext(allocated, chromedp.WithListener(b.listen))
	t.Cleanup(cancel)
	b.do(chromedp.EmulateViewport(1200, 900))
	b.do(before...)
	b.do(chromedp.Navigate("file://" + file))
	return b
}

// listen keeps what should not happen: a message on the console, the policy's among them, and any request beside the page itself.
func (b *browser) listen(event any) {
	trouble := ""
	switch x := event.(type) {
	case *runtime.EventConsoleAPICalled:
		trouble = fmt.Sprintf("console: %s", x.Type)
	case *runtime.EventExceptionThrown:
		trouble = "exception: " + x.ExceptionDetails.Text
	case *log.EventEntryAdded:
		trouble = "log: " + x.Entry.Text
	case *network.EventRequestWillBeSent:
		if url := x.Request.URL; !strings.HasPrefix(url, "file://") && url != "data:," {
			trouble = "request: " + url
		}
	}
	if trouble != "" {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.troubles = append(b.troubles, trouble)
	}
}

func (b *browser) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	require.Empty(b.t, b.troubles)
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.ctx, steps...))
}

func (b *browser) click(selector string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector)))
}

// eval is the value of an expression in the page.
func eval[T any](b *browser, expression string) T {
	b.t.Helper()
	out, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	require.NoError(b.t, err, expression)
	return out
}

// settle waits until the page has been drawn anew, after which no event of a scroll is due.
func (b *browser) settle() {
	b.t.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`,
		chromedp.EvalAwaitPromise))
	require.NoError(b.t, err)
}

// triedTable is the last table of shownPage.
const triedTable = `[...document.querySelectorAll("table.data")].at(-1)`

func (b *browser) order() string {
	b.t.Helper()
	return eval[string](b, `[...`+triedTable+`.tBodies[0].rows].map(r => (r.hidden ? "-" : "") + r.cells[0].textContent).join(" ")`)
}

// head marks the column of the last table, so that it can be clicked.
func (b *browser) head(column int) string {
	b.t.Helper()
	eval[bool](b, fmt.Sprintf(`(%s.tHead.rows[0].cells[%d].id = "head%d") !== ""`, triedTable, column, column))
	return fmt.Sprintf("#head%d button", column)
}

func TestAPageInABrowser(t *testing.T) {
	b := openPage(t, shownPage())
	require.Equal(t, "accelbench report", eval[string](b, `document.title`))
	require.Equal(t, "A device was detected but not measured.", eval[string](b, `document.querySelector("[role=alert]").textContent`))
	t.Run("sorts", func(t *testing.T) {
		require.Equal(t, "b a d c -e", b.order())
		latency := b.head(1)
		b.click(latency)
		require.Equal(t, "a b c d -e", b.order(), "numbers with units; unknown ones last, in the order they had")
		require.Equal(t, "ascending", eval[string](b, `document.querySelector("#head1").ariaSort`))
		b.click(latency)
		require.Equal(t, "c b a d -e", b.order(), "unknown ones stay last")
		require.Equal(t, "descending", eval[string](b, `document.querySelector("#head1").ariaSort`))
		name := b.head(0)
		b.do(chromedp.Focus(chromedp.CSS(name)), chromedp.KeyEvent("\r"))
		require.Equal(t, "a b c d -e", b.order(), "the Enter key")
		b.do(chromedp.KeyEvent(" "))
		require.Equal(t, "e d c b -a", b.order(), "the space bar; what is folded away is what now comes last")
		require.Equal(t, 1, eval[int](b, triedTable+`.querySelectorAll("[aria-sort]").length`))
		require.Equal(t, "Show all 5 rows", eval[string](b, `document.querySelector(".more").textContent`))
		b.click(".more")
		require.Equal(t, "e d c b a", b.order())
		b.quiet()
	})
	t.Run("tells values", func(t *testing.T) {
		b.do(chromedp.MouseEvent("mouseMoved", 1, 1))
		require.False(t, eval[bool](b, `document.querySelector("#tip").checkVisibility()`))
		at := eval[[]float64](b, `(() => { const c = [...`+triedTable+`.querySelectorAll("[data-tip]")][0]; c.scrollIntoView({block: "center", behavior: "instant"});
			const r = c.getBoundingClientRect(); return [r.left + r.width / 2, r.top + r.height / 2] })()`)
		b.settle()
		b.do(chromedp.MouseEvent("mouseMoved", at[0], at[1]))
		require.Equal(t, "18.2345 ms, 95 % interval 18.1 to 18.3 ms", eval[string](b, `document.querySelector("#tip").innerText`))
		require.True(t, eval[bool](b, `document.querySelector("#tip").checkVisibility()`))
		b.do(chromedp.MouseEvent("mouseMoved", 1, 1))
		require.False(t, eval[bool](b, `document.querySelector("#tip").checkVisibility()`))
		require.Equal(t, "8.94000 images/s, 95 % interval over 3 runs: 8.82000 to 9.06000",
			eval[string](b, `[...document.querySelectorAll("td[data-tip]")].find(c => c.textContent.includes("images/s")).dataset.tip`))
		require.Equal(t, "54.2 images/s", eval[string](b, `document.querySelector(".figure rect title").textContent`))
		b.quiet()
	})
	t.Run("unfolds", func(t *testing.T) {
		require.False(t, eval[bool](b, `document.querySelector("details p, details li").checkVisibility({contentVisibilityAuto: true})`))
		b.click("summary")
		require.True(t, eval[bool](b, `document.querySelector("details p, details li").checkVisibility()`))
		b.click("summary")
		b.click(".code button")
		copied, err := chromedp.Run(b.ctx, chromedp.Poll[string](`["Copied", "Selected"].find(s => s === document.querySelector(".code button").textContent)`))
		require.NoError(t, err)
		if copied == "Selected" { // no clipboard here
			require.Contains(t, eval[string](b, `getSelection().toString()`), "accelbench run --quick")
		}
		b.quiet()
	})
	t.Run("light and dark", func(t *testing.T) {
		light := b.colours(t)
		bar := `getComputedStyle(document.querySelector(".figure .bar")).fill`
		require.Equal(t, "rgb(0, 114, 178)", eval[string](b, bar))
		shot := b.screenshot(t, "light")
		b.click("header button")
		dark := b.colours(t)
		require.NotEqual(t, light, dark)
		require.Equal(t, "rgb(86, 180, 233)", eval[string](b, bar), "charts follow the button")
		require.NotEqual(t, shot, b.screenshot(t, "dark"))
		b.click("header button")
		require.Equal(t, light, b.colours(t))
		b.quiet()
	})
	t.Run("stands on a phone", func(t *testing.T) {
		b.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile))
		require.Equal(t, []int{390, 390}, eval[[]int](b, `[document.documentElement.scrollWidth, innerWidth]`), "no scrolling sideways")
		b.screenshot(t, "phone")
		b.quiet()
	})
	const state = `[getComputedStyle(document.documentElement).backgroundColor,
		document.querySelectorAll("details[open]").length + " open of " + document.querySelectorAll("details").length]`
	t.Run("prints", func(t *testing.T) {
		b.click("header button")
		before := eval[[]string](b, state)
		require.Contains(t, before, "rgb(13, 17, 23)")
		eval[bool](b, `dispatchEvent(new Event("beforeprint"))`)
		require.Equal(t, []string{"rgb(255, 255, 255)", "1 open of 1"}, eval[[]string](b, state), "white paper, nothing folded away")
		eval[bool](b, `dispatchEvent(new Event("afterprint"))`)
		require.Equal(t, before, eval[[]string](b, state))
		pdf, err := chromedp.Run(b.ctx, chromedp.PrintToPDF())
		require.NoError(t, err)
		require.True(t, bytes.HasPrefix(pdf, []byte("%PDF")))
		b.keep(t, "print.pdf", pdf)
		b.quiet()
	})
}

// step makes a command of the protocol a step.
func step[P any](c cdp.Command[P, cdp.Empty], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, c, params)
		return err
	})
}

func TestAPageFollowsTheSystem(t *testing.T) {
	b := openPage(t, shownPage(), step(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}}))
	require.Equal(t, "rgb(13, 17, 23)", eval[string](b, `getComputedStyle(document.documentElement).backgroundColor`))
	require.Equal(t, "Light", eval[string](b, `document.querySelector("header button").textContent`))
	b.click("header button")
	require.Equal(t, "rgb(255, 255, 255)", eval[string](b, `getComputedStyle(document.documentElement).backgroundColor`))
	b.quiet()
}

func TestAPageWithoutScripts(t *testing.T) {
	b := openPage(t, shownPage(), step(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	require.Zero(t, eval[int](b, `document.querySelectorAll("button").length`), "nothing to click that does nothing")
	require.Equal(t, "b a d c e", b.order(), "no row is hidden")
	require.Equal(t, "18.2345 ms, 95 % interval 18.1 to 18.3 ms", eval[string](b, triedTable+`.querySelector("td[title]").title`))
	require.True(t, eval[bool](b, `document.querySelector(".figure svg").checkVisibility()`))
	// Asking for a place makes the browser lay out anew, without which it answers for the medium before.
	const folded = `(document.body.getBoundingClientRect(), document.querySelector("details li").getBoundingClientRect(),
		document.querySelector("details li").checkVisibility({contentVisibilityAuto: true}))`
	require.False(t, eval[bool](b, folded))
	b.do(step(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}))
	require.True(t, eval[bool](b, folded), "paper folds nothing away")
	b.do(step(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "screen"}))
	b.click("summary")
	require.True(t, eval[bool](b, folded))
	b.colours(t)
}

// colours holds every text of the page to a contrast of 4.5 against what is behind it, the least of WCAG 2.2 (1.4.3), and returns
// the page's own two.
func (b *browser) colours(t *testing.T) string {
	t.Helper()
	pairs := eval[[][]string](b, `(() => {
		const solid = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!c.endsWith(", 0)")) return c; } return "none"; };
		const out = new Set();
		for (const e of document.querySelectorAll("body, body *:not(svg *, script)")) {
			const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
			if (own) out.add(getComputedStyle(e).color + ";" + solid(e) + ";" + e.tagName + "." + e.className);
		}
		return [...out].map((s) => s.split(";"));
	})()`)
	require.Greater(t, len(pairs), 10)
	for _, p := range pairs {
		require.GreaterOrEqual(t, contrast(luminance(t, p[0]), luminance(t, p[1])), 4.5, "%v", p)
	}
	return eval[string](b, `[getComputedStyle(document.body).color, getComputedStyle(document.documentElement).backgroundColor].join(" on ")`)
}

// luminance of a colour as browsers write it, relative to white: WCAG 2.2.
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	var c [3]float64
	_, err := fmt.Sscanf(colour, "rgb(%g, %g, %g)", &c[0], &c[1], &c[2])
	require.NoError(t, err, colour)
	for i := range c {
		if c[i] /= 255; c[i] <= 0.04045 {
			c[i] /= 12.92
		} else {
			c[i] = math.Pow((c[i]+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2]
}

func contrast(a, b float64) float64 { return (max(a, b) + 0.05) / (min(a, b) + 0.05) }

// keep writes a picture of the page where ACCELBENCH_SCREENSHOTS says, for people who want to look.
func (b *browser) keep(t *testing.T, name string, data []byte) {
	t.Helper()
	if dir := os.Getenv("ACCELBENCH_SCREENSHOTS"); dir != "" {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
}

// screenshot is what is seen; it is no blank.
func (b *browser) screenshot(t *testing.T, name string) []byte {
	t.Helper()
	data, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	require.NoError(t, err)
	b.keep(t, name+".png", data)
	img, err := png.Decode(bytes.NewReader(data))
	require.NoError(t, err)
	seen := map[any]bool{}
	size := img.Bounds()
	for y := size.Min.Y; y < size.Max.Y; y++ {
		for x := size.Min.X; x < size.Max.X; x++ {
			seen[img.At(x, y)] = true
		}
	}
	require.Greater(t, len(seen), 30, "colours in the screenshot")
	return data
}
