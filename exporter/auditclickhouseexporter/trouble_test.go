package auditclickhouseexporter

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/config/configtls"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/eventtest"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// users are those a database administrator might make for the exporter.
func users(o *clickhouselocal.Options) {
	o.Users = []clickhouselocal.User{
		{Name: "reader", Grants: []string{"GRANT SELECT ON audit.*"}},
		{Name: "readonly", Grants: []string{"GRANT ALL ON audit.*"}, Settings: map[string]string{"readonly": "1"}},
		{Name: "writer", Password: "right", Grants: []string{
			"GRANT INSERT ON audit.events", "GRANT INSERT ON audit.quarantine", "GRANT INSERT ON audit.ledger", "GRANT INSERT ON audit.blocks", "GRANT INSERT ON audit.user_versions",
		}},
		{Name: "owner", Grants: []string{
			"GRANT CREATE DATABASE, CREATE TABLE, CREATE VIEW, SELECT, INSERT ON owned_native.*",
			"GRANT CREATE DATABASE, CREATE TABLE, CREATE VIEW, SELECT, INSERT ON owned_http.*",
			"GRANT TABLE ENGINE ON MergeTree", "GRANT TABLE ENGINE ON AggregatingMergeTree", "GRANT TABLE ENGINE ON ReplacingMergeTree",
		}},
	}
}

// TestUserThatMayNotIsSaid tries each kind of user that cannot do what is asked of it.
func TestUserThatMayNotIsSaid(t *testing.T) {
	server := clickhousetest.New(t, users)
	send(t, startExporter(t, configFor(t, server), newHost()), eventtest.Request(eventtest.Minimal("first")))
	for name, test := range map[string]struct {
		username, password, database string
		create                       bool
		want                         []string
	}{
		"wrong password":  {"writer", "wrong", "audit", true, []string{"516 (AUTHENTICATION_FAILED)"}},
		"unknown user":    {"nobody", "", "audit", true, []string{"516 (AUTHENTICATION_FAILED)"}},
		"may not create":  {"writer", "right", "other", true, []string{"create_schema: false"}},
		"may not see":     {"reader", "", "other", false, []string{"there is no table events", "create_schema: true", "grant the user INSERT"}},
		"may only read":   {"reader", "", "audit", false, []string{"insert into events", "497 (ACCESS_DENIED)", "grant INSERT"}},
		"is read-only":    {"readonly", "", "audit", true, []string{"164 (READONLY)", "grant INSERT"}},
		"schema is there": {"writer", "right", "audit", false, nil},
		"may create":      {"owner", "", "owned_", true, nil},
	} {
		for protocol, endpoint := range protocols {
			t.Run(name+" "+protocol, func(t *testing.T) {
				cfg := configFor(t, server)
				cfg.Endpoint = endpoint(server)
				cfg.Username, cfg.Password = test.username, configopaque.String(test.password)
				cfg.Database, cfg.CreateSchema = test.database, test.create
				if strings.HasSuffix(cfg.Database, "_") {
					cfg.Database += protocol
				}
				host := newHost()
				e := startExporter(t, cfg, host)
				if test.want == nil {
					send(t, e, eventtest.Request(eventtest.Minimal(protocol)))
					assert.EqualValues(t, 1, one(t, server, "SELECT count() FROM "+cfg.Database+".events WHERE record_id = '"+protocol+"'"))
					return
				}
				go func() { _ = e.ConsumeLogs(t.Context(), eventtest.Request(eventtest.Minimal("SECRET"))) }()
				reported := host.waitFor(t, componentstatus.StatusRecoverableError).Err()
				for _, text := range test.want {
					assert.ErrorContains(t, reported, text)
				}
				assert.NotContains(t, reported.Error(), "SECRET")
				if test.password != "" {
					assert.NotContains(t, reported.Error(), test.password)
				}
			})
		}
	}
}

func TestMissingColumnIsSaidAndEndsWhenItIsThere(t *testing.T) {
	server := clickhousetest.New(t)
	host := newHost()
	cfg := configFor(t, server)
	e := startExporter(t, cfg, host)
	send(t, e, eventtest.Request(eventtest.Minimal("before")))

	_, err := server.Query(t.Context(), "ALTER TABLE audit.events DROP COLUMN message")
	require.NoError(t, err)
	answered := make(chan error, 1)
	go func() { answered <- trySend(t, e, eventtest.Request(eventtest.Minimal("during")), 2*patience) }()
	reported := host.waitFor(t, componentstatus.StatusRecoverableError).Err()
	require.ErrorContains(t, reported, "16 (NO_SUCH_COLUMN_IN_TABLE): the schema is not the one this exporter writes")
	reported = host.waitFor(t, componentstatus.StatusRecoverableError).Err()
	require.ErrorContains(t, reported, "table events lacks columns that this collector writes: message String")

	_, err = server.Query(t.Context(), "ALTER TABLE audit.events ADD COLUMN message String")
	require.NoError(t, err)
	host.waitFor(t, componentstatus.StatusOK)
	require.NoError(t, <-answered)
	assert.EqualValues(t, 2, one(t, server, "SELECT count() FROM audit.events"))
}

func TestDroppedDatabaseIsMadeAgain(t *testing.T) {
	server := clickhousetest.New(t)
	e := startExporter(t, configFor(t, server), newHost())
	send(t, e, eventtest.Request(eventtest.Minimal("before")))
	_, err := server.Query(t.Context(), "DROP DATABASE audit SYNC")
	require.NoError(t, err)
	send(t, e, eventtest.Request(eventtest.Minimal("after")))
	assert.Equal(t, "after", one(t, server, "SELECT record_id FROM audit.events"))
}

func TestTenExportersStartOnAnEmptyServerAtOnce(t *testing.T) {
	server := clickhousetest.New(t)
	var senders sync.WaitGroup
	for i := range 10 {
		cfg := configFor(t, server)
		if i%2 == 0 {
			cfg.Endpoint = protocols["http"](server)
		}
		e := startExporter(t, cfg, newHost())
		senders.Go(func() {
			assert.NoError(t, trySend(t, e, eventtest.Queries(string(rune('a'+i)), 100), 2*patience))
		})
	}
	senders.Wait()
	waitForRows(t, server, 1000)
	assert.Equal(t, one(t, server, "SELECT max(number) FROM audit.schema_migrations"),
		one(t, server, "SELECT uniqExact(number, name, checksum) FROM audit.schema_migrations"))
}

// TestTLS has a proxy that ends TLS in front of the server, for both protocols.
func TestTLS(t *testing.T) {
	server := clickhousetest.New(t)
	certificate, ca := selfSigned(t)
	httpURL, err := url.Parse(server.HTTPURL())
	require.NoError(t, err)
	for name, test := range map[string]struct {
		scheme, server string
		tls            configtls.ClientConfig
		want           string
	}{
		"native by scheme":       {"clickhouses://", server.NativeAddr(), configtls.ClientConfig{Config: configtls.Config{CAPem: ca}}, ""},
		"native by tls":          {"clickhouse://", server.NativeAddr(), configtls.ClientConfig{Config: configtls.Config{CAPem: ca}}, ""},
		"https":                  {"https://", httpURL.Host, configtls.ClientConfig{Config: configtls.Config{CAPem: ca}}, ""},
		"native, unknown issuer": {"clickhouses://", server.NativeAddr(), configtls.ClientConfig{}, "certificate"},
		"https, unknown issuer":  {"https://", httpURL.Host, configtls.ClientConfig{}, "certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := configFor(t, server)
			cfg.Endpoint = test.scheme + endTLS(t, certificate, test.server)
			cfg.TLS = configoptional.Some(test.tls)
			cfg.Database = "audit_" + strings.NewReplacer(" ", "", ",", "").Replace(name)
			host := newHost()
			e := startExporter(t, cfg, host)
			if test.want != "" {
				require.ErrorContains(t, host.waitFor(t, componentstatus.StatusRecoverableError).Err(), test.want)
				return
			}
			send(t, e, eventtest.Request(eventtest.Minimal("x")))
			assert.EqualValues(t, 1, one(t, server, "SELECT count() FROM "+cfg.Database+".events"))
		})
	}
}

// selfSigned makes a certificate for 127.0.0.1, which is its own issuer.
func selfSigned(t *testing.T) (tls.Certificate, configopaque.String) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	require.NoError(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key},
		configopaque.String(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// endTLS listens with TLS, passes what comes on to a server, and gives its own address.
func endTLS(t *testing.T, certificate tls.Certificate, server string) string {
	t.Helper()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { pass(ctx, client, server) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		stop()
		running.Wait()
	})
	return listener.Addr().String()
}

// pass copies both ways until one side or the test ends.
func pass(ctx context.Context, client net.Conn, server string) {
	to, err := (&net.Dialer{}).DialContext(ctx, "tcp", server)
	if err != nil {
		_ = client.Close()
		return
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	context.AfterFunc(ctx, func() {
		_ = client.Close()
		_ = to.Close()
	})
	go func() {
		defer stop()
		_, _ = io.Copy(to, client)
	}()
	_, _ = io.Copy(client, to)
}
