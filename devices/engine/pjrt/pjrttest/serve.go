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
	s := &server{programs: map[uint64]*program{}, buffers: map[uint64]buffer{}, fault: os.Getenv(Env + "FAULT")}
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
	buffers  map[uint64]buffer
	last     uint64
	fault    string
	counts   Report
}

// buffer is an array on a device.
type buffer struct {
	data   []byte
	device int
}

type program struct {
	module  *mlir.Module
	main    *mlir.Func
	aliased map[int]bool // arguments that give their memory to a result
	layout
}

func (s *server) answer(request []byte) ([]byte, error) {
	op, body := request[0], request[1:]
	switch op {
	case 'c':
		return s.compile(body)
	case 'u':
		return s.word(s.keep(buffer{body[8:], int(binary.LittleEndian.Uint64(body))})), nil
	case 'e':
		return s.execute(body)
	}
	id := binary.LittleEndian.Uint64(body)
	switch op {
	case 'd':
		b, ok := s.buffers[id]
		if !ok {
			return nil, errGone
		}
		return b.data, nil
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
func (s *server) keep(b buffer) uint64 {
	s.last++
	s.buffers[s.last] = b
	s.counts.MostBuffers = max(s.counts.MostBuffers, len(s.buffers))
	return s.last
}

// compile takes the size of the options, these, and the module.
func (s *server) compile(body []byte) ([]byte, error) {
	size := binary.LittleEndian.Uint64(body)
	o, err := parseOptions(body[8 : 8+size])
	if err != nil {
		return nil, err
	}
	if o.partitions > 1 && s.fault == "partitions" {
		return nil, errors.New("this compiler knows one partition")
	}
	m, err := mlir.Parse(body[8+size:])
	if err != nil {
		return nil, err
	}
	p := &program{module: m, main: m.Func("main"), aliased: map[int]bool{}}
	if p.main == nil {
		return nil, errors.New("there is no main")
	}
	if p.layout, err = divide(m, p.main, o); err != nil {
		return nil, err
	}
	var arguments, results uint64
	for i, attrs := range p.main.ArgAttrs {
		_, p.aliased[i] = attrs["tf.aliasing_output"]
	}
	for i, a := range p.main.Body.Args {
		arguments += uint64(p.part(a.Type, p.arguments[i]).Bytes())
	}
	for i, r := range p.main.Results {
		results += uint64(p.part(r.Type, p.results[i]).Bytes())
	}
	s.last++
	s.programs[s.last] = p
	return s.word(s.last, uint64(len(p.main.Results)), arguments, results), nil
}

// execute runs a program on buffers: its number, the device if it is portable, the numbers of devices and of arguments, the buffers of
// each device, and the arguments that may not be donated. Others that give their memory away are gone afterwards. The results are those
// of each device.
func (s *server) execute(body []byte) ([]byte, error) {
	words := make([]uint64, len(body)/8)
	if err := binary.Read(bytes.NewReader(body), binary.LittleEndian, words); err != nil {
		return nil, err
	}
	p := s.programs[words[0]]
	if p == nil {
		return nil, errors.New("the program is not known")
	}
	devices, count := p.devices, int(words[3])
	if p.portable {
		devices = []int{int(words[1])}
	}
	if len(devices) != int(words[2]) || count != len(p.main.Body.Args) {
		return nil, fmt.Errorf("%d arguments on %d devices for %d on %v", count, words[2], len(p.main.Body.Args), devices)
	}
	ids, kept := words[4:4+len(devices)*count], words[5+len(devices)*count:]
	in := make([]hlotest.Array, count)
	for i, a := range p.main.Body.Args {
		var parts [][]byte
		for part, device := range devices {
			b, ok := s.buffers[ids[part*count+i]]
			if !ok {
				return nil, fmt.Errorf("argument %d: %w", i, errGone)
			}
			if b.device != device {
				return nil, fmt.Errorf("argument %d is on device %d and wanted on device %d", i, b.device, device)
			}
			parts = append(parts, b.data)
		}
		var err error
		if in[i], err = p.gather(a.Type, p.arguments[i], parts); err != nil {
			return nil, fmt.Errorf("argument %d: %w", i, err)
		}
	}
	out, err := hlotest.Run(context.Background(), p.module, in)
	if err != nil {
		return nil, err
	}
	s.counts.Executions++
	for i, id := range ids {
		if p.aliased[i%count] && !slices.Contains(kept, uint64(i%count)) {
			delete(s.buffers, id)
		}
	}
	parts := make([][]hlotest.Array, len(out))
	for i, a := range out {
		if s.fault == "wrong" && a.Type.Elem == mlir.F32 && len(a.Type.Shape) > 1 {
			a.Data = spoil(a.Data)
		}
		parts[i] = p.scatter(a, p.results[i])
	}
	var answer []byte
	for part, device := range devices {
		for i := range out {
			answer = append(answer, s.result(parts[i][part], device)...)
		}
	}
	return answer, nil
}

// result keeps an array and tells of it: its handle, its size and its shape.
func (s *server) result(a hlotest.Array, device int) []byte {
	words := []uint64{s.keep(buffer{a.Data, device}), uint64(len(a.Data)), uint64(len(a.Type.Shape))}
	for i := range 8 {
		d := 0
		if i < len(a.Type.Shape) {
			d = a.Type.Shape[i]
		}
		words = append(words, uint64(d))
	}
	return s.word(words...)
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
