package integration

import (
	"embed"
	"io/fs"
	"net"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/npmtest"
)

//go:embed testdata/s3rver
var s3rverFiles embed.FS

// s3Key is both key and secret of the S3 server.
const s3Key = "S3RVER"

// s3Server is a running s3rver with the bucket audit.
type s3Server struct {
	program string
	data    string // directory
	addr    string
	process *exec.Cmd // nil while it is stopped
}

// startS3 starts one, and ends it with the test.
func startS3(t *testing.T) *s3Server {
	t.Helper()
	if _, err := exec.LookPath("npm"); err != nil {
		t.Skip("npm is not installed, which brings the S3 server")
	}
	files, err := fs.Sub(s3rverFiles, "testdata/s3rver")
	require.NoError(t, err)
	s := &s3Server{
		program: filepath.Join(npmtest.Install(t, "s3rver", files), "node_modules", ".bin", "s3rver"),
		data:    t.TempDir(),
		addr:    "127.0.0.1:" + freePorts(t, 1)[0],
	}
	t.Cleanup(s.stop)
	s.start(t)
	return s
}

// start starts the server, again on what it has stored after stop.
func (s *s3Server) start(t *testing.T) {
	t.Helper()
	host, port, err := net.SplitHostPort(s.addr)
	require.NoError(t, err)
	s.process = exec.Command(s.program, "-d", s.data, "-a", host, "-p", port, "--configure-bucket", "audit", "--silent")
	require.NoError(t, s.process.Start())
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", s.addr)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	}, 30*time.Second, 50*time.Millisecond, "s3rver does not answer")
}

func (s *s3Server) stop() {
	if s.process != nil {
		_ = s.process.Process.Kill()
		_ = s.process.Wait()
		s.process = nil
	}
}

// bucket is the URL of the bucket audit.
func (s *s3Server) bucket() string { return "http://" + s.addr + "/audit" }
