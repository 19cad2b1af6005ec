package bench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"
)

// outputWait is how long a dead worker's pipes may stay open: a grandchild may hold them.
const outputWait = time.Second

// process is a running worker. It ends with a nil or non-nil exit, after events is closed; whoever reads events must read
// them to the end.
type process struct {
	cmd *exec.Cmd
	// folder is the worker's own for temporary files: what a killed one leaves goes with it.
	folder string
	stdin  io.WriteCloser
	tail   *tail
	events <-chan event
	exit   <-chan error
	// say takes the job, the start and the stop, each once; ended is closed when the process is gone.
	say   chan []byte
	ended chan struct{}
	// garbage is set before events is closed.
	garbage error
}

// start starts a worker and hands it its job.
func start(argv, env []string, job Job) (*process, error) {
	if len(argv) == 0 {
		return nil, errors.New("starting the worker: no command")
	}
	text, err := json.Marshal(job)
	if err != nil {
		return nil, fmt.Errorf("encoding the job: %w", err)
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("starting the worker: %w", err)
	}
	folder, err := temporary(job)
	if err != nil {
		return nil, errors.Join(err, read.Close(), write.Close())
	}
	p := &process{cmd: exec.Command(argv[0], argv[1:]...), folder: folder, tail: &tail{}, say: make(chan []byte, 3), ended: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), env...)
	if folder != "" {
		p.cmd.Env = append(p.cmd.Env, "TMPDIR="+folder)
	}
	p.cmd.ExtraFiles = []*os.File{write} // becomes WorkerFD
	p.cmd.Stdout, p.cmd.Stderr = p.tail, p.tail
	p.cmd.WaitDelay = outputWait
	bindToParent(p.cmd)
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, errors.Join(fmt.Errorf("starting the worker: %w", err), read.Close(), write.Close(), removeAll(folder))
	}
	events, exit := make(chan event), make(chan error, 1)
	p.events, p.exit = events, exit
	started := make(chan error)
	go p.supervise(started, exit, read)
	err = <-started
	err = unlocated(err)
	closed := write.Close()
	if err = errors.Join(err, closed); err != nil {
		return nil, errors.Join(fmt.Errorf("starting the worker: %w", err), read.Close(), removeAll(folder))
	}
	go p.listen(read, events)
	go p.speak()
	p.say <- append(text, '\n')
	return p, nil
}

// unlocated is what went wrong with a file without where it is. A reason is saved and published: the path of the program, often
// below somebody's home, stays out of it.
func unlocated(err error) error {
	if located := (*fs.PathError)(nil); errors.As(err, &located) {
		return located.Err
	}
	return err
}

// temporary makes the folder for a worker's temporary files; only measuring needs one.
func temporary(job Job) (string, error) {
	if job.Kind != JobMeasure {
		return "", nil
	}
	folder, err := os.MkdirTemp("", "accelbench-")
	if err != nil {
		return "", fmt.Errorf("making a folder for temporary files: %w: set TMPDIR to a folder that can be written to", unlocated(err))
	}
	return folder, nil
}

func removeAll(folder string) error {
	if folder == "" {
		return nil
	}
	return os.RemoveAll(folder)
}

// speak writes to the worker in the order in which things were said. A worker that dies before it reads shows by its exit;
// what it does not read in time is covered by deadlines.
func (p *process) speak() {
	for {
		select {
		case line := <-p.say:
			_, _ = p.stdin.Write(line)
		case <-p.ended:
			return
		}
	}
}

// supervise starts the process and waits for it on one thread: on Linux the worker's life is bound to the thread that
// started it.
func (p *process) supervise(started chan<- error, exit chan<- error, read *os.File) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	err = p.cmd.Wait()
	close(p.ended)
	// Best effort: a run does not fail for a file that is left.
	_ = removeAll(p.folder)
	// What the worker wrote is in the pipe; only a grandchild can keep it open longer.
	_ = read.SetReadDeadline(time.Now().Add(outputWait))
	exit <- err
}

// listen passes on events until the worker's end of the pipe is closed, or until what comes is no event.
func (p *process) listen(read *os.File, events chan<- event) {
	defer close(events)
	defer func() { _ = read.Close() }()
	lines := bufio.NewScanner(read)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		e, err := parseEvent(lines.Bytes())
		if err != nil {
			p.garbage = err
			return
		}
		events <- e
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		p.garbage = fmt.Errorf("%w: a line of more than %d bytes", errGarbage, maxLine)
	}
}

// stop asks the worker to end its run.
func (p *process) stop() { p.tell(command{Stop: true}) }

// tell says something to the worker that it has not been told yet.
func (p *process) tell(c command) {
	line, err := json.Marshal(c)
	if err != nil {
		return // a struct of bools
	}
	select {
	case p.say <- append(line, '\n'):
	default: // said already
	}
}

// kill ends the worker and its children now.
func (p *process) kill() { killGroup(p.cmd.Process) }

// explain says how the worker died, with the most telling of its last words.
func (p *process) explain(exit error) string {
	words := p.tail.words()
	switch death := death(p.cmd.ProcessState); {
	case death != "" && words != "":
		return "the worker died: " + death + ": " + words
	case death != "":
		return "the worker died: " + death
	case exit != nil && !errors.Is(exit, exec.ErrWaitDelay):
		return fmt.Sprintf("the worker died: %v", exit)
	case words != "":
		return "the worker ended without a result: " + words
	}
	return "the worker ended without a result"
}

// tail keeps the beginning and the end of what a worker prints.
type tail struct {
	mu   sync.Mutex
	head []byte
	last []byte
}

// keepBytes bounds each half: a Go panic says why at its beginning, a library at its end.
const keepBytes = 4 << 10

// Write keeps what fits. It never fails.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := min(len(b), keepBytes-len(t.head))
	t.head = append(t.head, b[:n]...)
	t.last = append(t.last, b[n:]...)
	if over := len(t.last) - keepBytes; over > 0 {
		t.last = append(t.last[:0], t.last[over:]...)
	}
	return len(b), nil
}

// words are the line of a panic or of a fatal error of the runtime, for a signal with the line before it, which may be
// that of the library that aborted; else the last three lines; at most 400 bytes.
func (t *tail) words() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var lines []string
	for line := range strings.Lines(string(bytes.Join([][]byte{t.head, t.last}, nil))) {
		line = strings.TrimSpace(strings.ToValidUTF8(line, "?"))
		if strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") {
			return cut(line)
		}
		if strings.HasPrefix(line, "SIG") && strings.Contains(line, ": ") {
			return cut(strings.Join(append(lines[max(0, len(lines)-1):], line), " / "))
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	return cut(strings.Join(lines[max(0, len(lines)-3):], " / "))
}

func cut(s string) string {
	const most = 400
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}
