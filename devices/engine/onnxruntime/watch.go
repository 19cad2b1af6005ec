package onnxruntime

import (
	"context"
	"fmt"

	"github.com/accelbench/accelbench/devices/engine/onnxruntime/ort"
)

// watch ends runs when their context ends. It stays with a context for as long as the calls come with the same one, so that a
// call costs one comparison.
type watch struct {
	options *ort.RunOptions
	done    <-chan struct{} // of the context that is watched; nil if it cannot end
	stop    func() bool
	fired   chan error
}

// over watches ctx from now on and gives the options under which to run.
func (w *watch) over(ctx context.Context) (*ort.RunOptions, error) {
	done := ctx.Done()
	if done == w.done {
		return w.options, nil
	}
	if err := w.leave(); err != nil {
		return nil, err
	}
	if done != nil {
		fired := make(chan error, 1)
		w.fired = fired
		w.stop = context.AfterFunc(ctx, func() { fired <- w.options.Terminate() })
	}
	w.done = done
	return w.options, nil
}

// leave stops watching. A termination that came meanwhile, between two runs, is taken back.
func (w *watch) leave() error {
	stop := w.stop
	w.done, w.stop = nil, nil
	if stop == nil || stop() {
		return nil
	}
	if err := <-w.fired; err != nil {
		return err
	}
	return w.options.Unset()
}

// caused tells with the error of a run that the context has ended, if it has.
func caused(ctx context.Context, err error) error {
	if ended := ctx.Err(); ended != nil {
		return fmt.Errorf("%w: %w", ended, err)
	}
	return err
}

func (w *watch) close() error {
	// The options end here, whether or not they are set to terminate.
	_ = w.leave()
	return w.options.Close()
}
