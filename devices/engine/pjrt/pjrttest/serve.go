package pjrttest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"

	"github.com/accelbench/accelbench/workloads/stablehlo/hlotest"
	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

// The codes of errors, as PJRT has them.
const (
	invalidArgument = 3
	internal        = 13
)

// Report is what was left at the end of a client, and the most that there was at once.
type Report struct {
	Buffers, Programs int
	MostBuffers       int
	Executions        int
}

// Serve answers the plugin until it closes the pipe.
func Serve(in io.Reader, out io.Writer) error {
	s := &server{programs: map[uint64]*program{}, buffers: map[uint64][]byte{}, wrong: os.Getenv(Env+"FAULT") == "wrong"}
	requests, answers := bufio.NewReaderSize(in, 1<<20), bufio.NewWriterSize(out, 1<<20)
	for {
		var size [8]byte
		if _, err := io.ReadFull(requests, size[:]); errors.Is(err, io.EOF) {
			return s.report()
		} else if err != nil {
			return err
		}
		request := make([]byte, binary.LittleEndian.Uint64(size[:]))
		if _, err := io.ReadFull(requests, request); err != nil {
			return err
		}
		status, answer := byte(0), []byte(nil)
		var err error
		if answer, err = s.answer(request); err != nil {
			status, answer = internal, []byte(err.Error())
			if errors.Is(err, errGone) {
				status = invalidArgument
			}
		}
		binary.LittleEndian.PutUint64(size[:], uint64(len(answer)+1))
		for _, part := range [][]byte{size[:], {status}, answer} {
			if _, err := answers.Write(part); err != nil {
				return err
			}
		}
		if err := answers.Flush(); err != nil {
			return err
		}
	}
}

var errGone = errors.New("the buffer has been deleted or donated")

type server struct {
	programs map[uint64]*program
	buffers  map[uint64][]byte
	last     uint64
	wrong    bool
	counts   Report
}

type program struct {
	module  *mlir.Module
	main    *mlir.Func
	aliased map[int]bool // arguments that give their memory to a result
}

func (s *server) answer(request []byte) ([]byte, error) {
	op, body := request[0], request[1:]
	switch op {
	case 'c':
		return s.compile(body)
	case 'u':
		return s.word(s.keep(body)), nil
	case 'e':
		return s.execute(body)
	}
	id := binary.LittleEndian.Uint64(body)
	switch op {
	case 'd':
		data, ok := s.buffers[id]
		if !ok {
			return nil, errGone
		}
		return data, nil
	case 'f':
		delete(s.buffers, id)
		return nil, nil
	case 'x':
		delete(s.programs, id)
		return nil, nil
	}
	return nil, fmt.Errorf("request %q is not known", op)
}

func (s *server) word(values ...uint64) []byte {
	var out []byte
	for _, v := range values {
		out = binary.LittleEndian.AppendUint64(out, v)
	}
	return out
}

// keep stores an array and gives its handle.
func (s *server) keep(data []byte) uint64 {
	s.last++
	s.buffers[s.last] = data
	s.counts.MostBuffers = max(s.counts.MostBuffers, len(s.buffers))
	return s.last
}

func (s *server) compile(text []byte) ([]byte, error) {
	m, err := mlir.Parse(text)
	if err != nil {
		return nil, err
	}
	p := &program{module: m, main: m.Func("main"), aliased: map[int]bool{}}
	if p.main == nil {
		return nil, errors.New("there is no main")
	}
	var arguments, results uint64
	for i, attrs := range p.main.ArgAttrs {
		_, p.aliased[i] = attrs["tf.aliasing_output"]
	}
	for _, a := range p.main.Body.Args {
		arguments += uint64(a.Type.Bytes())
	}
	for _, r := range p.main.Results {
		results += uint64(r.Type.Bytes())
	}
	s.last++
	s.programs[s.last] = p
	return s.word(s.last, uint64(len(p.main.Results)), arguments, results), nil
}

// execute runs a program on buffers. Arguments that give their memory away are gone afterwards, unless the caller says that they may
// not be donated.
func (s *server) execute(body []byte) ([]byte, error) {
	words := make([]uint64, len(body)/8)
	if err := binary.Read(bytes.NewReader(body), binary.LittleEndian, words); err != nil {
		return nil, err
	}
	p := s.programs[words[0]]
	if p == nil {
		return nil, errors.New("the program is not known")
	}
	ids, kept := words[2:2+words[1]], words[3+words[1]:]
	if len(ids) != len(p.main.Body.Args) {
		return nil, fmt.Errorf("%d arguments for %d", len(ids), len(p.main.Body.Args))
	}
	in := make([]hlotest.Array, len(ids))
	for i, id := range ids {
		data, ok := s.buffers[id]
		if !ok {
			return nil, fmt.Errorf("argument %d: %w", i, errGone)
		}
		in[i] = hlotest.Array{Type: p.main.Body.Args[i].Type, Data: data}
	}
	out, err := hlotest.Run(context.Background(), p.module, in)
	if err != nil {
		return nil, err
	}
	s.counts.Executions++
	for i, id := range ids {
		if p.aliased[i] && !slices.Contains(kept, uint64(i)) {
			delete(s.buffers, id)
		}
	}
	var answer []byte
	for _, a := range out {
		if s.wrong && a.Type.Elem == mlir.F32 && len(a.Type.Shape) > 1 {
			a.Data = spoil(a.Data)
		}
		answer = append(answer, s.word(s.keep(a.Data), uint64(len(a.Data)), uint64(len(a.Type.Shape)))...)
		dims := make([]uint64, 8)
		for i, d := range a.Type.Shape {
			dims[i] = uint64(d)
		}
		answer = append(answer, s.word(dims...)...)
	}
	return answer, nil
}

// spoil shifts floats by one place.
func spoil(data []byte) []byte {
	out := slices.Concat(data[4:], data[:4])
	binary.LittleEndian.PutUint32(out, math.Float32bits(1e3))
	return out
}

// report writes what is left, if a test asks for it.
func (s *server) report() error {
	path := os.Getenv(Env + "REPORT")
	if path == "" {
		return nil
	}
	s.counts.Buffers, s.counts.Programs = len(s.buffers), len(s.programs)
	text, err := json.Marshal(s.counts)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}
