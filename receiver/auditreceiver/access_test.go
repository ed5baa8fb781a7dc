package auditreceiver

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/client"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configauth"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/config/configtls"
	"go.opentelemetry.io/collector/extension/extensionauth"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
)

var authenticatorID = component.MustNewID("testauth")

// authHost has an authenticator that knows one token.
type authHost struct{ component.Host }

func (authHost) GetExtensions() map[component.ID]component.Component {
	return map[component.ID]component.Component{authenticatorID: authenticator{}}
}

type authenticator struct {
	component.StartFunc
	component.ShutdownFunc
}

var _ extensionauth.Server = authenticator{}

func (authenticator) Authenticate(ctx context.Context, headers map[string][]string) (context.Context, error) {
	if !slices.Contains(headers["authorization"], "Bearer right") && !slices.Contains(headers["Authorization"], "Bearer right") {
		return ctx, errors.New("not a token")
	}
	info := client.FromContext(ctx)
	info.Auth = authData{}
	return client.NewContext(ctx, info), nil
}

type authData struct{}

func (authData) GetAttribute(string) any     { return "ada" }
func (authData) GetAttributeNames() []string { return []string{"subject"} }

func withAuth(cfg *Config) {
	auth := configauth.Config{AuthenticatorID: authenticatorID}
	cfg.Protocols.GRPC.Get().Auth = configoptional.Some(auth)
	cfg.Protocols.HTTP.Get().Auth = configoptional.Some(confighttp.AuthConfig{Config: auth})
}

func TestOnlyAuthenticatedSendersAreHeard(t *testing.T) {
	s := newServer(t, withAuth).start(t, authHost{componenttest.NewNopHost()})
	overGRPC, asProtobuf, asJSON := s.grpcSender(t), s.httpSender(t, protobufEncoding), s.httpSender(t, jsonEncoding)
	senders := map[string]struct {
		sender
		token *string
	}{
		"grpc":          {overGRPC, &overGRPC.token},
		"http protobuf": {asProtobuf, &asProtobuf.token},
		"http json":     {asJSON, &asJSON.token},
	}
	for name, sender := range senders {
		for _, token := range []string{"", canary} {
			t.Run(name+"/refused "+token, func(t *testing.T) {
				*sender.token = token
				// The body is not even decoded: a malformed one gets the same answer.
				got := sender.send(t.Context(), t, []byte(canary))
				assert.Equal(t, codes.Unauthenticated, got.code)
				if name != "grpc" {
					assert.Equal(t, http.StatusUnauthorized, got.httpStatus)
					assert.Equal(t, "authentication failed", got.message)
				}
			})
		}
		t.Run(name+"/taken", func(t *testing.T) {
			*sender.token = "right"
			require.Equal(t, codes.OK, sendLogs(t, sender, events(1)).code)
			ctx, _ := s.pipeline.last(t)
			require.NotNil(t, client.FromContext(ctx).Auth)
			assert.Equal(t, "ada", client.FromContext(ctx).Auth.GetAttribute("subject"), "who sent it goes down the pipeline")
		})
	}
	assert.Len(t, s.pipeline.records(), 3)
	_, err := s.telemetry.GetMetric("otelcol_receiver_audit_refused_requests")
	assert.Error(t, err, "bodies of strangers are not decoded")
}

func TestMetadataOfTheRequestGoesDownThePipeline(t *testing.T) {
	for _, include := range []bool{true, false} {
		s := startServer(t, func(cfg *Config) {
			cfg.Protocols.GRPC.Get().IncludeMetadata = include
			cfg.Protocols.HTTP.Get().IncludeMetadata = include
		})
		var want []string
		if include {
			want = []string{"acme"}
		}

		ctx := metadata.AppendToOutgoingContext(t.Context(), "x-tenant", "acme")
		require.Equal(t, codes.OK, s.grpcSender(t).send(ctx, t, encode(protobufEncoding, events(1))).code)
		got, _ := s.pipeline.last(t)
		assert.Equal(t, want, client.FromContext(got).Metadata.Get("x-tenant"))
		assert.Contains(t, client.FromContext(got).Addr.String(), "127.0.0.1")

		sender := s.httpSender(t, protobufEncoding)
		sender.client.Transport = addHeader{sender.client.Transport}
		require.Equal(t, codes.OK, sendLogs(t, sender, events(1)).code)
		got, _ = s.pipeline.last(t)
		assert.Equal(t, want, client.FromContext(got).Metadata.Get("x-tenant"))
		assert.Contains(t, client.FromContext(got).Addr.String(), "127.0.0.1")
	}
}

type addHeader struct{ next http.RoundTripper }

func (a addHeader) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("X-Tenant", "acme")
	return a.next.RoundTrip(r)
}

func TestEventsComeOverTLS(t *testing.T) {
	cert, key, pool := certificate(t)
	serverTLS := configtls.NewDefaultServerConfig()
	serverTLS.CertPem, serverTLS.KeyPem = configopaque.String(cert), configopaque.String(key)
	s := startServer(t, func(cfg *Config) {
		cfg.Protocols.GRPC.Get().TLS = configoptional.Some(serverTLS)
		cfg.Protocols.HTTP.Get().TLS = configoptional.Some(serverTLS)
	})
	s.clientTLS = &tls.Config{RootCAs: pool, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
	for name, sender := range s.senders(t) {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, codes.OK, sendLogs(t, sender, events(1)).code)
		})
	}
	s.clientTLS = nil
	t.Run("no plain text", func(t *testing.T) {
		assert.Equal(t, codes.Unavailable, sendLogs(t, s.grpcSender(t), events(1)).code)
		response, err := http.Post("http://"+s.httpAddr+logsPath, "application/json", nil)
		require.NoError(t, err)
		assert.Equal(t, http.StatusBadRequest, response.StatusCode)
		assert.NoError(t, response.Body.Close())
		http.DefaultClient.CloseIdleConnections()
	})
	assert.Len(t, s.pipeline.records(), 3)
}

// certificate makes a certificate for 127.0.0.1, valid for an hour.
func certificate(t *testing.T) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	require.NoError(t, err)
	keyDER, err := x509.MarshalECPrivateKey(private)
	require.NoError(t, err)
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	pool = x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(certPEM))
	return string(certPEM), string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER})), pool
}
