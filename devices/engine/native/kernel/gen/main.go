// Command gen writes the assembly of package kernel and its Go declarations, for AVX2 and for AVX-512 from one description: the
// two differ in width, in the number of registers and in how the rest of a row is masked. It is a module of its own, so that
// users of the program do not need the generator.
//
// Run it by `go generate` in the folder above; -out names another folder.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	flags := flag.NewFlagSet("gen", flag.ExitOnError) // the default set already holds avo's own flags
	out := flags.String("out", "..", "folder for the generated files")
	_ = flags.Parse(os.Args[1:])
	if err := run(*out); err != nil {
		log.Fatal(err)
	}
}

func run(out string) error {
	for _, t := range []target{
		{name: "AVX2", file: "avx2", width: 8, rows: 6, vectors: registers(reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7,
			reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15)},
		{name: "AVX512", file: "avx512", width: 16, rows: 14, vectors: registers(reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7,
			reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15, reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21,
			reg.Z22, reg.Z23, reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31)},
	} {
		for part, emit := range map[string]func(*generator){"tile": tiles, "vector": rowFunctions} {
			g := &generator{Context: build.NewContext(), target: t}
			emit(g)
			if err := g.write(out, part); err != nil {
				return fmt.Errorf("generating %s for %s: %w", part, t.name, err)
			}
		}
	}
	return nil
}

// target is an instruction set: floats per register, rows of the largest tile, and the registers in order.
type target struct {
	name, file  string
	width, rows int
	vectors     []reg.VecPhysical
}

func registers(r ...reg.VecPhysical) []reg.VecPhysical { return r }

// generator is one output file in the making.
type generator struct {
	*build.Context
	target
	labels    int
	constants map[string]operand.Mem
}

// v is vector register i. Asking for one that the target lacks ends the generator: that is the register budget.
func (g *generator) v(i int) reg.VecPhysical { return g.vectors[i] }

func (g *generator) bytes() int { return 4 * g.width }

func (g *generator) label(what string) string {
	g.labels++
	return fmt.Sprintf("%s%d", what, g.labels)
}

// function starts a function of the given name, suffixed by the instruction set.
func (g *generator) function(name, signature, doc string) {
	full := name + g.name
	g.Function(full)
	g.SignatureExpr(signature)
	g.Attributes(attr.NOSPLIT)
	g.Pragma("noescape")
	g.Doc(full + " " + doc)
}

func (g *generator) load(param string) reg.GPVirtual {
	r := g.GP64()
	g.Load(g.Param(param), r)
	return r
}

// broadcast fills vector register i with a float parameter.
func (g *generator) broadcast(param string, i int) {
	addr, err := g.Param(param).Resolve()
	if err != nil {
		g.fail(err)
	}
	g.VBROADCASTSS(addr.Addr, g.v(i))
}

func (g *generator) fail(err error) {
	log.Fatalf("%s: %v", g.name, err)
}

func mem(base reg.Register, disp int) operand.Mem { return operand.Mem{Base: base, Disp: disp} }

// finish ends a function without a result.
func (g *generator) finish() {
	g.VZEROUPPER()
	g.RET()
}

func (g *generator) write(out, part string) error {
	file, err := g.Result()
	if err != nil {
		return err
	}
	if err := pass.Compile.Execute(file); err != nil {
		return err
	}
	cfg := printer.Config{Name: "gen", Argv: []string{"go", "generate"}, Pkg: "kernel"}
	base := filepath.Join(out, part+"_"+g.file+"_amd64")
	if err := print(base+".s", printer.NewGoAsm(cfg), file); err != nil {
		return err
	}
	return print(base+".go", printer.NewStubs(cfg), file)
}

func print(path string, p printer.Printer, file *ir.File) error {
	text, err := p.Print(file)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}
