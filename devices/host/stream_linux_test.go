package host_test

import (
	"bufio"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices/host"
)

// alive tells whether a process is there and no zombie.
func alive(t *testing.T, pid string) bool {
	t.Helper()
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return false
	}
	_, rest, ok := strings.Cut(string(stat), ") ")
	require.True(t, ok)
	return !strings.HasPrefix(rest, "Z")
}

// TestStartEndsTheWholeGroup: the command's own child, which has the pipe open too, ends with it.
func TestStartEndsTheWholeGroup(t *testing.T) {
	out, err := host.Start("sh", "-c", `sleep 1000 & echo $$ $!; wait`)
	require.NoError(t, err)
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	pids := strings.Fields(line)
	require.Len(t, pids, 2)
	for _, pid := range pids {
		_, err := strconv.Atoi(pid)
		require.NoError(t, err)
		require.True(t, alive(t, pid))
	}
	require.NoError(t, out.Close())
	require.False(t, alive(t, pids[0]))
	require.Eventually(t, func() bool { return !alive(t, pids[1]) }, time.Minute, 10*time.Millisecond, "its child is killed and reaped by another")
	require.NoError(t, out.Close(), "again")
	_, err = out.Read(make([]byte, 1))
	require.ErrorIs(t, err, os.ErrClosed)
}

func TestStartOfACommandThatEnds(t *testing.T) {
	out, err := host.Start("sh", "-c", "echo all; exit 3")
	require.NoError(t, err)
	all, err := io.ReadAll(out)
	require.NoError(t, err)
	require.Equal(t, "all\n", string(all))
	require.NoError(t, out.Close())
}

func TestStartOfNoCommand(t *testing.T) {
	_, err := host.Start("no-such-command-anywhere")
	require.ErrorIs(t, err, exec.ErrNotFound)
	_, err = host.Start("/no/such/file")
	require.ErrorIs(t, err, fs.ErrNotExist)
}
