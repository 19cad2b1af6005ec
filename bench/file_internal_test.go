package bench

import (
	"bytes"
	"errors"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
)

// shortDisk takes only so many bytes, and may refuse to sync or to truncate.
type shortDisk struct {
	bytes.Buffer
	room          int
	sync, cutting error
}

func (d *shortDisk) Write(p []byte) (int, error) {
	n := min(len(p), d.room-d.Len())
	d.Buffer.Write(p[:n])
	if n < len(p) {
		return n, syscall.ENOSPC
	}
	return n, nil
}

func (d *shortDisk) Sync() error { return d.sync }

func (d *shortDisk) Truncate(size int64) error {
	if d.cutting == nil {
		d.Buffer.Truncate(int(size))
	}
	return d.cutting
}

func (d *shortDisk) Close() error { return nil }

func someResult() Result {
	return Result{Schema: Schema, ID: "r", Status: Failed, Device: devices.Info{ID: "cpu"}, Workload: WorkloadInfo{Name: "w"},
		Scenario: Scenario{Name: Offline}}
}

func TestAppendTakesAPartialWriteBack(t *testing.T) {
	disk := &shortDisk{room: 9000}
	f := &File{path: "r.jsonl", out: disk, regular: true}
	require.NoError(t, f.Append(someResult()))
	safe := disk.String()
	disk.room = len(safe) + 10
	err := f.Append(someResult())
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.ErrorContains(t, err, "disk full")
	require.ErrorContains(t, err, "the results before this one are safe, 1 of them from this run")
	require.Equal(t, safe, disk.String())

	// Taking back fails too: the next append does it before it writes.
	disk.cutting = errors.New("no")
	require.ErrorIs(t, f.Append(someResult()), disk.cutting)
	require.ErrorIs(t, f.Append(someResult()), disk.cutting)
	require.Len(t, disk.String(), len(safe)+10)
	disk.cutting, disk.room = nil, 9000
	require.NoError(t, f.Append(someResult()))
	require.Equal(t, safe+safe, disk.String())

	// A write that does not reach the disk is no result.
	disk.sync = syscall.EIO
	require.ErrorIs(t, f.Append(someResult()), syscall.EIO)
	require.Equal(t, safe+safe, disk.String())
}
