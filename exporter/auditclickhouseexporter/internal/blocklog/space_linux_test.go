package blocklog

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestARealDiskThatIsFullDrainsAndTakesAgain(t *testing.T) {
	t.Run("tmpfs", func(t *testing.T) {
		dir := t.TempDir()
		if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=9m"); err != nil {
			t.Skipf("a file system of a few megabytes cannot be mounted here (%v); the same is tested on a disk in memory", err)
		}
		t.Cleanup(func() { require.NoError(t, unix.Unmount(dir, 0)) })
		drainsOnAFullDisk(t, filepath.Join(dir, "log"))
	})
	t.Run("ext4", func(t *testing.T) {
		dir, image := t.TempDir(), filepath.Join(t.TempDir(), "image")
		require.NoError(t, os.WriteFile(image, nil, 0o600))
		require.NoError(t, os.Truncate(image, 24<<20))
		for _, command := range [][]string{{"mkfs.ext4", "-q", "-m", "0", image}, {"mount", "-o", "loop", image, dir}} {
			if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
				t.Skipf("%s: %v: %s", command[0], err, out)
			}
		}
		t.Cleanup(func() { require.NoError(t, unix.Unmount(dir, 0)) })
		drainsOnAFullDisk(t, filepath.Join(dir, "log"))
	})
}
