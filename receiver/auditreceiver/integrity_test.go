package auditreceiver

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/pdata/plog"
	"google.golang.org/grpc/codes"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// published are the test vectors of internal/integrity, and where the keys to them are.
const published = "../../internal/integrity/testdata/"

// publishedKeys trusts every key of the published vectors.
func publishedKeys(require string) func(*Config) {
	return func(cfg *Config) {
		cfg.Integrity = IntegrityConfig{Require: require, Keys: []KeyConfig{
			{Algorithm: "EdDSA", ID: "key-2026-01", File: published + "ed25519.pem"},
			{Algorithm: "ES256", File: published + "p256.pem"},
			{Algorithm: "RS256", File: published + "rsa.pem"},
			{Algorithm: "HMAC-SHA256", Secret: "otelaudit test vectors: this is no secret"},
		}}
	}
}

// signed gives a published event with its signature by an algorithm.
func signed(t *testing.T, algorithm string) plog.Logs {
	t.Helper()
	text, err := os.ReadFile(published + "vectors.json")
	require.NoError(t, err)
	var vectors []struct {
		Request    json.RawMessage
		Signatures map[string]string
	}
	require.NoError(t, json.Unmarshal(text, &vectors))
	logs, err := (&plog.JSONUnmarshaler{}).UnmarshalLogs(vectors[0].Request)
	require.NoError(t, err)
	logs.ResourceLogs().At(0).Resource().Attributes().PutStr(audit.AttrIntegrityAlgorithm, algorithm)
	record(logs, 0).Attributes().PutStr(audit.AttrIntegrityValue, vectors[0].Signatures[algorithm])
	return logs
}

func TestASignatureThatFitsIsSaidToHavePassed(t *testing.T) {
	s := startServer(t, publishedKeys("signed"))
	for _, algorithm := range []string{"EdDSA", "ES256", "RS256", "HMAC-SHA256"} {
		for _, enc := range []*encoding{protobufEncoding, jsonEncoding} {
			logs := signed(t, algorithm)
			// The hash is of the record as it came, before it is stamped: so is what was signed.
			want := integrityHash(logs, 0)
			response, answer := postAudit(t, s, enc, encode(enc, logs))
			require.Equal(t, http.StatusAccepted, response.StatusCode, answer["reason"])
			assert.Equal(t, "passed", answer["verify_status"])
			assert.Equal(t, want, answer["integrity_hash"])
		}
		assert.Equal(t, codes.OK, sendLogs(t, s.grpcSender(t), signed(t, algorithm)).code)
	}
}

func TestAWrongSignatureIsRefused(t *testing.T) {
	for _, require := range []string{"none", "known", "signed"} {
		s := startServer(t, publishedKeys(require))
		for _, algorithm := range []string{"EdDSA", "ES256", "RS256", "HMAC-SHA256"} {
			logs := signed(t, algorithm)
			record(logs, 0).Attributes().PutStr(audit.AttrOutcome, audit.OutcomeFailure)
			response, answer := postAudit(t, s, jsonEncoding, encode(jsonEncoding, logs))
			assert.Equal(t, http.StatusBadRequest, response.StatusCode)
			assert.Equal(t, "rejected_verify_failed", answer["status"])
			assert.Equal(t, "failed", answer["verify_status"])
			assert.Contains(t, answer["reason"], "record 1: audit.integrity.value: does not fit the record")

			for name, sender := range s.senders(t) {
				got := sendLogs(t, sender, logs)
				assert.Equal(t, codes.InvalidArgument, got.code, name)
				assert.Equal(t, "1 of 1 records refused; first: record 1: audit.integrity.value: does not fit the record", got.message)
			}
		}
		assert.Empty(t, s.pipeline.records())
		if require == "none" {
			sum, err := s.telemetry.GetMetric("otelcol_receiver_audit_refused_records")
			assert.NoError(t, err)
			assert.Equal(t, map[string]int64{"signature": 16}, sums(t, sum, "reason"))
		}
	}
}

func TestAWrongSignatureDoesNotCostTheOthersOverOTLP(t *testing.T) {
	s := startServer(t, publishedKeys("none"))
	logs := signed(t, "EdDSA")
	events(2).ResourceLogs().MoveAndAppendTo(logs.ResourceLogs())
	record(logs, 0).SetEventName("other")
	got := sendLogs(t, s.grpcSender(t), logs)
	assert.Equal(t, codes.OK, got.code)
	assert.EqualValues(t, 1, got.rejected)
	assert.Equal(t, []string{"id-1", "id-2"}, s.pipeline.records())
}

// What is asked of records is configured; a signature that does not fit is refused in any case.
func TestWhatCannotBeVerifiedIsTakenAsConfigured(t *testing.T) {
	const (
		taken    = ""
		unsigned = "audit.integrity.value: required"
		noKey    = "audit.integrity.certificate: no key of this name is configured"
		noAlg    = "audit.integrity.algorithm: no key is configured for this algorithm"
	)
	unknownKey := signed(t, "EdDSA")
	unknownKey.ResourceLogs().At(0).Resource().Attributes().PutStr(audit.AttrIntegrityCertificate, "key-2027-01")
	unknownAlgorithm := signed(t, "EdDSA")
	unknownAlgorithm.ResourceLogs().At(0).Resource().Attributes().PutStr(audit.AttrIntegrityAlgorithm, "HMAC-SHA512")
	for require, want := range map[string][3]string{
		"none":   {taken, taken, taken},
		"known":  {taken, noKey, noAlg},
		"signed": {unsigned, noKey, noAlg},
	} {
		s := startServer(t, publishedKeys(require))
		for i, logs := range []plog.Logs{events(1), unknownKey, unknownAlgorithm} {
			response, answer := postAudit(t, s, jsonEncoding, encode(jsonEncoding, logs))
			if want[i] == taken {
				assert.Equal(t, http.StatusAccepted, response.StatusCode)
				assert.Equal(t, "deferred", answer["verify_status"])
				continue
			}
			assert.Equal(t, http.StatusBadRequest, response.StatusCode)
			assert.Equal(t, "rejected_verify_failed", answer["status"])
			assert.Contains(t, answer["reason"], want[i])
		}
	}
}

func TestAKeyIsOfItsTenant(t *testing.T) {
	s := startServer(t, func(cfg *Config) {
		publishedKeys("known")(cfg)
		cfg.Integrity.Keys[0].Tenant = "acme"
		cfg.Integrity.Keys = cfg.Integrity.Keys[:1]
	})
	response, answer := postAudit(t, s, jsonEncoding, encode(jsonEncoding, signed(t, "EdDSA")))
	assert.Equal(t, http.StatusBadRequest, response.StatusCode)
	assert.Contains(t, answer["reason"], "no key of this tenant is configured for it")
}

func TestKeysThatCannotBeReadKeepTheReceiverFromStarting(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "hmac.key")
	require.NoError(t, os.WriteFile(secret, []byte("hunter2\n"), 0o600))
	for name, tt := range map[string]struct {
		key  KeyConfig
		want string
	}{
		"no file":      {KeyConfig{Algorithm: "EdDSA", File: "missing.pem"}, "integrity.keys[0].file: open missing.pem"},
		"wrong kind":   {KeyConfig{Algorithm: "EdDSA", File: published + "rsa.pem"}, `integrity.keys[0].file is "` + published + `rsa.pem": EdDSA needs an Ed25519 public key`},
		"short secret": {KeyConfig{Algorithm: "HMAC-SHA256", File: secret}, "must have at least 32 bytes, has 7"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, func(cfg *Config) { cfg.Integrity.Keys = []KeyConfig{tt.key} })
			err := s.receiver.Start(t.Context(), componenttest.NewNopHost())
			assert.ErrorContains(t, err, tt.want)
			assert.NotContains(t, err.Error(), "hunter2")
		})
	}
	long := filepath.Join(t.TempDir(), "hmac.key")
	require.NoError(t, os.WriteFile(long, []byte("otelaudit test vectors: this is no secret\r\n"), 0o600))
	s := startServer(t, func(cfg *Config) {
		cfg.Integrity = IntegrityConfig{Require: "signed", Keys: []KeyConfig{{Algorithm: "HMAC-SHA256", File: long}}}
	})
	_, answer := postAudit(t, s, jsonEncoding, encode(jsonEncoding, signed(t, "HMAC-SHA256")))
	assert.Equal(t, "passed", answer["verify_status"])
}

func TestSecretsAreNotShown(t *testing.T) {
	text, err := json.Marshal(KeyConfig{Algorithm: "HMAC-SHA256", Secret: configopaque.String(canary)})
	require.NoError(t, err)
	assert.NotContains(t, string(text), canary)
}
