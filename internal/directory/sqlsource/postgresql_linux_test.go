package sqlsource

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/config/configopaque"

	"github.com/otelaudit/otelaudit/internal/directory"
	"github.com/otelaudit/otelaudit/internal/directory/directorytest"
)

// cluster is a server of PostgreSQL with its data in a temporary directory.
type cluster struct {
	bin, dir, port, cert string
	process              *exec.Cmd
	who                  *syscall.Credential // nil where the test does not run as root
}

// newCluster starts a server, or skips the test where there is none to be had.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) == 0 {
		t.Skip("there is no /usr/lib/postgresql/*/bin/postgres: apt-get install postgresql")
	}
	dir, err := os.MkdirTemp("", "pg") // a short path
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	c := &cluster{bin: filepath.Dir(slices.Max(found)), dir: dir, port: directorytest.Port(t)}
	cert, key := directorytest.Certificate(t, dir)
	c.cert = cert
	if os.Getuid() == 0 { // the server refuses to run as root
		account, err := user.Lookup("postgres")
		require.NoError(t, err)
		uid, _ := strconv.Atoi(account.Uid)
		gid, _ := strconv.Atoi(account.Gid)
		c.who = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		for _, path := range []string{dir, cert, key} {
			require.NoError(t, os.Chown(path, uid, gid))
		}
		require.NoError(t, os.Chmod(dir, 0o755))
		require.NoError(t, os.Chmod(cert, 0o644))
	}
	out, err := c.command("initdb", "-D", filepath.Join(dir, "data"), "-U", "audit", "-A", "trust", "-E", "UTF8", "--locale=C", "-N").CombinedOutput()
	require.NoError(t, err, string(out))
	c.start(t)
	t.Cleanup(func() { c.stop(t) })
	return c
}

func (c *cluster) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, program), args...)
	cmd.Dir = c.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.who}
	if c.who != nil {
		const capDACOverride = 1 // there are containers in which /dev/null is root's alone
		cmd.SysProcAttr.AmbientCaps = []uintptr{capDACOverride}
	}
	return cmd
}

func (c *cluster) start(t *testing.T) {
	t.Helper()
	c.process = c.command("postgres", "-D", filepath.Join(c.dir, "data"), "-p", c.port, "-c", "listen_addresses=127.0.0.1", "-k", c.dir,
		"-c", "fsync=off", "-c", "ssl=on", "-c", "ssl_cert_file="+c.cert, "-c", "ssl_key_file="+filepath.Join(c.dir, "key.pem"))
	var out bytes.Buffer
	c.process.Stdout, c.process.Stderr = &out, &out
	require.NoError(t, c.process.Start())
	require.Eventually(t, func() bool {
		return c.command("pg_isready", "-h", "127.0.0.1", "-p", c.port, "-q").Run() == nil
	}, 60*time.Second, 50*time.Millisecond, "postgres is not ready")
}

func (c *cluster) stop(t *testing.T) {
	t.Helper()
	if c.process == nil {
		return
	}
	require.NoError(t, c.process.Process.Signal(syscall.SIGQUIT)) // immediate shutdown
	_ = c.process.Wait()
	c.process = nil
}

func (c *cluster) exec(t *testing.T, sql string) {
	t.Helper()
	out, err := c.command("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", c.port, "-U", "audit", "-d", "postgres", "-c", sql).CombinedOutput()
	require.NoError(t, err, string(out))
}

func (c *cluster) datasource(options string) configopaque.String {
	return configopaque.String("postgres://audit:canary@127.0.0.1:" + c.port + "/postgres?" + options)
}

const staff = `CREATE TABLE staff (login text, full_name varchar(80), mail text, team text, roles text[], groups text, employed boolean, since timestamptz, until timestamptz);
INSERT INTO staff VALUES
 ('ada', 'Ada "A" Example', 'ada@example.com', 'Finance', '{controller,"a, b"}', 'all; finance', true, '2026-01-01', '2026-03-10'),
 ('ada', 'Ada "A" Example', 'ada@example.com', 'Legal', '{}', 'all', true, '2026-03-10', NULL),
 ('bob', NULL, NULL, NULL, NULL, NULL, false, NULL, NULL);
CREATE TABLE numbers (id bigint, name text); INSERT INTO numbers VALUES (1952, 'Rosa');
CREATE FUNCTION fail(code text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'canary' USING ERRCODE = code; END $$;`

// Everything against one server, because starting one takes a second.
func TestPostgreSQL(t *testing.T) {
	c := newCluster(t)
	c.exec(t, staff)
	lookup := staffQuery + " WHERE login = $1 OR mail = lower($1) OR mail = lower($2) AND $2 != '' ORDER BY since"
	t.Run("users", func(t *testing.T) {
		for _, options := range []string{"sslmode=disable", "sslmode=verify-full&sslrootcert=" + c.cert} {
			s := open(t, postgresConfig(c.datasource(options), staffQuery+" ORDER BY login, since", lookup))
			users, err := read(t, s)
			require.NoError(t, err)
			assert.Equal(t, []directory.User{adaInFinance, adaInLegal, bob}, users)
			for _, q := range [][2]string{{"ada", ""}, {"ADA@example.com", ""}, {"x", "ada@example.com"}} {
				users, err = s.Find(t.Context(), q[0], q[1])
				require.NoError(t, err)
				assert.Equal(t, []directory.User{adaInFinance, adaInLegal}, users)
			}
			users, err = s.Find(t.Context(), "' OR true --", "")
			require.NoError(t, err)
			assert.Empty(t, users)
		}
		users, err := read(t, open(t, postgresConfig(c.datasource("sslmode=disable"), "SELECT id, name FROM numbers", "")))
		require.NoError(t, err)
		assert.Equal(t, []directory.User{{ID: "1952", Name: "Rosa"}}, users, "numbers are ids too")
	})
	t.Run("refusals", func(t *testing.T) {
		for name, tc := range map[string]struct{ options, query, want string }{
			"bad certificate": {"sslmode=verify-full", staffQuery, "certificate"},
			"no such table":   {"sslmode=disable", "SELECT canary AS id FROM canary", "SQLSTATE 42P01 (undefined_table)"},
			"bad value":       {"sslmode=disable", "SELECT 'canary'::int AS id", "SQLSTATE 22P02"},
			"writes":          {"sslmode=disable", "DELETE FROM staff RETURNING login AS id", "SQLSTATE 25006"},
			"unknown column":  {"sslmode=disable", "SELECT login AS id, 'canary' AS canary FROM staff", "column 2 of the query is not named as one of id, name"},
			"no id":           {"sslmode=disable", "SELECT full_name AS name FROM staff", "the query has no column id"},
			"a column twice":  {"sslmode=disable", "SELECT login AS id, login AS id FROM staff", "has the column id twice"},
			"wrong type":      {"sslmode=disable", "SELECT login AS id, 'canary' AS active FROM staff", "column active: must be a boolean"},
			"infinite":        {"sslmode=disable", "SELECT login AS id, 'infinity'::timestamptz AS valid_to FROM staff", "column valid_to: must be a time from 1970 on"},
			"too busy":        {"sslmode=disable", "SELECT fail('53300') AS id", "SQLSTATE 53300"}, // too_many_connections
			"broken":          {"sslmode=disable", "SELECT fail('XX000') AS id", "SQLSTATE XX000"}, // internal_error
			"wrong user":      {"sslmode=disable&user=nobody_canary", staffQuery, "SQLSTATE 28000"},
		} {
			_, err := read(t, open(t, postgresConfig(c.datasource(tc.options), tc.query, "")))
			if assert.ErrorContains(t, err, tc.want, name) {
				assert.NotContains(t, err.Error(), "canary", name)
			}
		}
	})
	t.Run("slow", func(t *testing.T) {
		s := open(t, postgresConfig(c.datasource("sslmode=disable"), staffQuery, "SELECT login AS id FROM staff, pg_sleep(30) WHERE login = $1 OR login = $2"))
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		began := time.Now()
		_, err := s.Find(ctx, "ada", "")
		require.ErrorContains(t, err, "did not answer in time")
		assert.Less(t, time.Since(began), 10*time.Second)
	})
	t.Run("stopped, started again, a user removed", func(t *testing.T) {
		s := open(t, postgresConfig(c.datasource("sslmode=disable"), staffQuery, lookup))
		testFollowed(t, s, func() { c.exec(t, "DELETE FROM staff WHERE login = 'bob'") }, func() { c.stop(t) }, func() { c.start(t) })
	})
}
