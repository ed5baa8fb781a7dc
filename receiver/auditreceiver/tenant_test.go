package auditreceiver

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/client"
	"go.opentelemetry.io/collector/component/componenttest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// byHeader takes the tenant from a header.
func byHeader(cfg *Config) {
	cfg.Tenant.Header = "X-Tenant"
	cfg.Protocols.GRPC.Get().IncludeMetadata = true
	cfg.Protocols.HTTP.Get().IncludeMetadata = true
}

// addHeaders adds headers to every request.
type addHeaders struct {
	next    http.RoundTripper
	headers http.Header
}

func (a addHeaders) RoundTrip(r *http.Request) (*http.Response, error) {
	for name, values := range a.headers {
		r.Header[name] = values
	}
	return a.next.RoundTrip(r)
}

// as gives what sends in the name of tenants, over every transport.
func (s *server) as(t *testing.T, tenants ...string) map[string]func(body func(*encoding) []byte) answer {
	t.Helper()
	out := map[string]func(func(*encoding) []byte) answer{"grpc": func(body func(*encoding) []byte) answer {
		md := metadata.MD{}
		md.Set("x-tenant", tenants...)
		return s.grpcSender(t).send(metadata.NewOutgoingContext(t.Context(), md), t, body(protobufEncoding))
	}}
	for _, enc := range []*encoding{protobufEncoding, jsonEncoding} {
		sender := s.httpSender(t, enc)
		if len(tenants) > 0 {
			sender.client.Transport = addHeaders{sender.client.Transport, http.Header{"X-Tenant": tenants}}
		}
		out["http "+enc.format] = func(body func(*encoding) []byte) answer { return sender.send(t.Context(), t, body(enc)) }
	}
	return out
}

// claiming gives events of which each claims a tenant, or none.
func claiming(claims ...string) func(*encoding) []byte {
	logs := events(len(claims))
	for i, claim := range claims {
		if claim != "" {
			record(logs, i).Attributes().PutStr(audit.AttrTenantID, claim)
		}
	}
	return func(enc *encoding) []byte { return encode(enc, logs) }
}

func TestTheTenantOfTheSenderIsStamped(t *testing.T) {
	s := startServer(t, byHeader)
	for name, send := range s.as(t, "acme") {
		require.Equal(t, codes.OK, send(claiming("", "acme")).code, name)
		_, taken := s.pipeline.last(t)
		for i := range 2 {
			assert.Equal(t, "acme", record(taken, i).Attributes().AsRaw()[audit.AttrTenantID], name)
		}
	}
}

func TestAnotherTenantMayNotBeClaimed(t *testing.T) {
	s := startServer(t, byHeader)
	for name, send := range s.as(t, "acme") {
		got := send(claiming("", canary, "acme"))
		assert.Equal(t, codes.OK, got.code, name)
		assert.EqualValues(t, 1, got.rejected, name)
		assert.Equal(t, "1 of 3 records refused; first: record 2: audit.tenant.id: must be the tenant of the sender, or left out", got.message)

		got = send(claiming(canary))
		assert.Equal(t, codes.PermissionDenied, got.code, name)
		if name != "grpc" {
			assert.Equal(t, http.StatusForbidden, got.httpStatus)
		}
	}
	assert.NotContains(t, s.pipeline.records(), canary)
	s.assertNoCanary(t)
}

func TestASenderWithoutATenantIsNotHeard(t *testing.T) {
	s := startServer(t, byHeader)
	for what, tenants := range map[string][]string{
		"none": nil, "empty": {""}, "two": {"acme", "globex"}, "the same twice": {"acme", "acme"}, "long": {strings.Repeat("a", 257)}, "tab": {"a\tb"},
	} {
		for name, send := range s.as(t, tenants...) {
			if what == "tab" && name == "grpc" {
				continue // the client refuses to send it
			}
			got := send(claiming(""))
			assert.Equal(t, codes.PermissionDenied, got.code, "%s %s", what, name)
			assert.Equal(t, "the request has no tenant: the header of tenant.header must be there once", got.message)
			assert.Zero(t, got.retry)
		}
	}
	assert.Empty(t, s.pipeline.records())
}

func TestTheTenantComesFromTheAuthenticatedClient(t *testing.T) {
	s := newServer(t, func(cfg *Config) {
		withAuth(cfg)
		cfg.Tenant.AuthAttribute = "subject"
	}).start(t, authHost{componenttest.NewNopHost()})
	sender := s.grpcSender(t)
	sender.token = "right"
	require.Equal(t, codes.OK, sendLogs(t, sender, events(1)).code)
	_, taken := s.pipeline.last(t)
	assert.Equal(t, "ada", record(taken, 0).Attributes().AsRaw()[audit.AttrTenantID], "the authenticator of these tests says so")

	for value, want := range map[any]string{"acme": "acme", 7: "", true: "", "": "", nil: ""} {
		got, fail := (&tenants{attribute: "tenant"}).of(clientWith(value))
		assert.Equal(t, want, got.name)
		assert.Equal(t, want == "", fail != nil)
	}
	for _, value := range []any{[]string{"acme"}, []any{"acme"}} {
		got, _ := (&tenants{attribute: "tenant"}).of(clientWith(value))
		assert.Equal(t, tenant{name: "acme", known: true}, got)
	}
	for _, value := range []any{[]string{"acme", "globex"}, []any{"acme", 7}, []any{}} {
		_, fail := (&tenants{attribute: "tenant"}).of(clientWith(value))
		require.NotNil(t, fail)
		assert.Contains(t, fail.message, "tenant.auth_attribute")
	}
	_, fail := (&tenants{attribute: "tenant"}).of(context.Background())
	assert.NotNil(t, fail)
}

type attributes map[string]any

func (a attributes) GetAttribute(name string) any { return a[name] }
func (a attributes) GetAttributeNames() []string  { return keys(a) }

func clientWith(value any) context.Context {
	return client.NewContext(context.Background(), client.Info{Auth: attributes{"tenant": value}})
}

func TestATenantOverItsRateIsToldWhenToComeBack(t *testing.T) {
	for limit, limits := range map[string]LimitsConfig{
		limitRecords: {RecordsPerSecond: 0.5, Burst: 4 * time.Second}, // two at once
		limitBytes:   {BytesPerSecond: 100, Burst: time.Second},
	} {
		s := newServer(t, func(cfg *Config) {
			byHeader(cfg)
			cfg.Tenant.Limits = limits
			cfg.Tenant.Overrides = []OverrideConfig{{Tenant: "large"}}
		})
		now := sentAt
		s.receiver.overGRPC.now = func() time.Time { return now }
		s.receiver.overHTTP.now = s.receiver.overGRPC.now
		s.start(t, componenttest.NewNopHost())
		for name, send := range s.as(t, "acme") {
			now = now.Add(time.Hour)
			require.Equal(t, codes.OK, send(claiming("", "", "")).code, "%s: whoever is not over may send any request", name)
			got := send(claiming(""))
			assert.Equal(t, codes.ResourceExhausted, got.code)
			assert.GreaterOrEqual(t, got.retry, time.Second)
			assert.Equal(t, "the tenant has sent more than "+limit+" allows; send the request again later", got.message)
			if name != "grpc" {
				assert.Equal(t, http.StatusTooManyRequests, got.httpStatus)
			}
			if limit == limitRecords {
				assert.Equal(t, 2*time.Second, got.retry, "one record too many takes two seconds")
			}
			assert.Equal(t, codes.OK, s.as(t, "globex")["grpc"](claiming("")).code, "other tenants have their own")
			now = now.Add(got.retry)
			assert.Equal(t, codes.OK, send(claiming("")).code, "it came back in time")
		}
		for _, send := range s.as(t, "large") {
			for range 5 {
				assert.Equal(t, codes.OK, send(claiming("", "", "")).code, "it has limits of its own, and none of them")
			}
		}
		sum, err := s.telemetry.GetMetric("otelcol_receiver_audit_refused_requests")
		require.NoError(t, err)
		assert.GreaterOrEqual(t, sums(t, sum, "reason")["over_rate"], int64(3))
	}
}

func TestRatesHoldOverTime(t *testing.T) {
	r := newRates(&TenantConfig{Limits: LimitsConfig{RecordsPerSecond: 100, Burst: 2 * time.Second}})
	now := sentAt
	sent := 0
	for range 1000 { // 100 seconds, asking ten times a second for fifty records
		if wait, _ := r.wait("acme", now); wait == 0 {
			r.take("acme", 50, 0, now)
			sent += 50
		}
		now = now.Add(100 * time.Millisecond)
	}
	assert.InDelta(t, 100*100+200, sent, 60)
	for i := range 3 * maxRatedTenants {
		r.take(fmt.Sprint(i), 1, 1, now)
	}
	assert.Equal(t, maxRatedTenants, r.used.Len(), "tenants are not remembered without end")
}

// 401, 403, 413, 429 and 503 in the form of the draft, in the order in which they are found.
func TestRefusalsBeforeTheRecordsHaveTheFormOfTheDraft(t *testing.T) {
	s := newServer(t, func(cfg *Config) {
		withAuth(cfg)
		byHeader(cfg)
		cfg.Tenant.Limits = LimitsConfig{RecordsPerSecond: 0.001, Burst: time.Second}
		cfg.Protocols.HTTP.Get().MaxRequestBodySize = 1 << 16
		cfg.Protocols.GRPC.Get().MaxRecvMsgSizeMiB = 1
		cfg.MaxInFlightBytes = mebi
	}).start(t, authHost{componenttest.NewNopHost()})
	large, small := bytes.Repeat([]byte(" "), 1<<17), encode(jsonEncoding, events(1))
	fill := func() func() {
		admitted := &admission{gate: s.receiver.common.gate}
		require.Nil(t, admitted.take(mebi))
		return admitted.leave
	}
	for _, tt := range []struct {
		name, token, tenant string
		body                []byte
		full                bool
		status              int
		domain, reason      string
		retry               bool
	}{
		{"nobody", "", "", large, true, 401, "rejected_authz", "authentication failed", false},
		{"somebody without a tenant", "right", "", large, true, 403, "rejected_authz", "the request has no tenant", false},
		{"too large", "right", "acme", large, false, 413, "rejected_schema_invalid", "over protocols.http.max_request_body_size", false},
		{"no room", "right", "acme", small, true, 503, "failed_internal", "max_in_flight_bytes (1048576 bytes)", true},
		{"taken", "right", "acme", small, false, 202, "verified_queued", "", false},
		{"over the rate", "right", "acme", large, true, 429, "failed_internal", "tenant.limits.records_per_second", true},
		{"another tenant", "right", "globex", claiming("acme")(jsonEncoding), false, 403, "rejected_authz", "must be the tenant of the sender", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.full {
				defer fill()()
			}
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.httpAddr+auditPath, bytes.NewReader(tt.body))
			require.NoError(t, err)
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("Authorization", "Bearer "+tt.token)
			if tt.tenant != "" {
				request.Header.Set("X-Tenant", tt.tenant)
			}
			response, err := s.httpSender(t, jsonEncoding).client.Do(request)
			require.NoError(t, err)
			defer func() { _ = response.Body.Close() }()
			var answer map[string]any
			require.NoError(t, json.NewDecoder(response.Body).Decode(&answer))
			assert.Equal(t, tt.status, response.StatusCode)
			assert.Equal(t, tt.domain, answer["status"])
			if tt.reason != "" {
				assert.Contains(t, answer["reason"], tt.reason)
			}
			assert.Equal(t, tt.retry, answer["retry_after"] != nil)
			assert.Equal(t, tt.retry, response.Header.Get("Retry-After") != "")
		})
	}
}
