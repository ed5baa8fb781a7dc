package auditreceiver

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.yaml.in/yaml/v3"
	"google.golang.org/grpc/codes"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// productEvent is an event of a product, in and out, as in the golden files of internal/profile.
type productEvent struct {
	In  map[string]any
	Out struct {
		EventName  string    `yaml:"event_name"`
		Timestamp  time.Time `yaml:"timestamp"`
		Attributes map[string]any
	}
	Error any
}

// productEvents reads those of a product that become events.
func productEvents(tb testing.TB, product string) []productEvent {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join("../../internal/profile/testdata", product, "events.yaml"))
	require.NoError(tb, err)
	var all, out []productEvent
	require.NoError(tb, yaml.Unmarshal(text, &all))
	for _, e := range all {
		if e.Error == nil {
			out = append(out, e)
		}
	}
	require.NotEmpty(tb, out)
	return out
}

var productNames = []string{"arize", "axiom", "datagrok", "observe", "xano"}

// raw gives an event as an application would send it that knows nothing of the conventions: in the body, without a time. Every
// other one is JSON text.
func raw(tb testing.TB, lr plog.LogRecord, i int, event map[string]any) {
	tb.Helper()
	if i%2 == 0 {
		require.NoError(tb, lr.Body().SetEmptyMap().FromRaw(event))
		return
	}
	text, err := json.Marshal(event)
	require.NoError(tb, err)
	lr.Body().SetStr(string(text))
}

// productLogs are all golden events of a product in one request, each with an id of its own.
func productLogs(tb testing.TB, product string) (plog.Logs, []productEvent) {
	tb.Helper()
	logs := events(0)
	golden := productEvents(tb, product)
	for i, e := range golden {
		lr := logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().AppendEmpty()
		raw(tb, lr, i, e.In)
		lr.Attributes().PutStr(audit.AttrRecordID, product+"-"+string(rune('a'+i/26))+string(rune('a'+i%26)))
	}
	return logs, golden
}

func TestProductsOwnEventsArriveAsEventsOfTheConventions(t *testing.T) {
	s := startServer(t, nil)
	for _, product := range productNames {
		for name, send := range map[string]func(logs plog.Logs){
			"grpc": func(logs plog.Logs) { require.Equal(t, codes.OK, sendLogs(t, s.grpcSender(t), logs).code) },
			"json": func(logs plog.Logs) {
				require.Equal(t, http.StatusOK, sendLogs(t, s.httpSender(t, jsonEncoding), logs).httpStatus)
			},
			"audit": func(logs plog.Logs) {
				response, answer := postAudit(t, s, protobufEncoding, encode(protobufEncoding, logs))
				require.Equal(t, http.StatusAccepted, response.StatusCode, answer["reason"])
				statuses, single := answer["record_status_map"].(map[string]any)
				for i := range logs.LogRecordCount() {
					receipt := answer
					if single {
						id, _ := record(logs, i).Attributes().Get(audit.AttrRecordID)
						receipt = statuses[id.Str()].(map[string]any)
					}
					assert.Equal(t, integrityHash(logs, i), receipt["integrity_hash"], "of the record as it came")
				}
			},
		} {
			t.Run(product+"/"+name, func(t *testing.T) {
				sent, golden := productLogs(t, product)
				send(sent)
				_, taken := s.pipeline.last(t)
				require.Equal(t, 1, taken.ResourceLogs().Len())
				got, _ := taken.ResourceLogs().At(0).Resource().Attributes().Get(audit.AttrProfile)
				assert.Equal(t, product, got.Str())
				require.Equal(t, len(golden), taken.LogRecordCount())
				for i, e := range golden {
					lr := record(taken, i)
					assert.Equal(t, e.Out.EventName, lr.EventName())
					assert.Equal(t, e.Out.Attributes[audit.AttrAction], lr.Attributes().AsRaw()[audit.AttrAction])
					assert.Equal(t, integrityHash(sent, i), lr.Attributes().AsRaw()[audit.AttrReceivedHash])
					for attr := range e.Out.Attributes {
						_, there := lr.Attributes().Get(attr)
						assert.True(t, there, attr)
					}
					assert.NotZero(t, lr.Timestamp())
				}
			})
		}
	}
	assert.Zero(t, s.log.FilterMessageSnippet("panic").Len())
}

// A signature is of what the producer signed, which is its own event.
func TestASignatureOfAProductsEventIsChecked(t *testing.T) {
	secret := []byte("otelaudit test vectors: this is no secret")
	s := startServer(t, publishedKeys("signed"))
	sent, _ := productLogs(t, "axiom")
	resource := sent.ResourceLogs().At(0).Resource().Attributes()
	resource.PutStr(audit.AttrIntegrityAlgorithm, "HMAC-SHA256")
	for i := range sent.LogRecordCount() {
		event := audit.Event{Resource: resource, Record: record(sent, i)}
		record(sent, i).Attributes().PutStr(audit.AttrIntegrityValue, base64.StdEncoding.EncodeToString(hmacOf(secret, event.AppendCanonical(nil))))
	}
	response, answer := postAudit(t, s, jsonEncoding, encode(jsonEncoding, sent))
	require.Equal(t, http.StatusAccepted, response.StatusCode, answer["reason"])
	for _, receipt := range answer["record_status_map"].(map[string]any) {
		assert.Equal(t, "passed", receipt.(map[string]any)["verify_status"])
	}
	record(sent, 1).Body().SetStr(`{"_time": "2026-02-06T09:12:04Z", "action": "login", "actor": {"id": "mallory"}}`)
	got := sendLogs(t, s.grpcSender(t), sent)
	assert.Equal(t, fmt.Sprintf("1 of %d records refused; first: record 2: audit.integrity.value: does not fit the record", sent.LogRecordCount()), got.message)
}

func hmacOf(secret, text []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write(text)
	return mac.Sum(nil)
}

// unexplained are records that no profile explains.
func unexplained() (logs plog.Logs, fields []string) {
	logs = events(1)
	records := logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords()
	add := func(field, body string) {
		lr := records.AppendEmpty()
		lr.Body().SetStr(body)
		fields = append(fields, field)
	}
	add("audit.action", canary+" is no JSON")
	add("audit.action", `{"message": "`+canary+`"}`)
	add("body.action", `{"_time": "2026-02-06T09:12:04Z", "action": "`+canary+`!", "actor": {"id": "u-1"}}`)
	add("body._time", `{"_time": "`+canary+`", "action": "createDataset", "actor": {"id": "u-1"}}`)
	return logs, fields
}

func TestWhatNothingExplainsIsRefused(t *testing.T) {
	s := startServer(t, nil)
	for name, sender := range s.senders(t) {
		logs, _ := unexplained()
		got := sendLogs(t, sender, logs)
		assert.EqualValues(t, 4, got.rejected, name)
		assert.Equal(t, "4 of 5 records refused; first: record 2: audit.action: required, and no profile knows the event in the body", got.message)
		assert.NotContains(t, string(got.raw), canary)
	}
	sum, err := s.telemetry.GetMetric("otelcol_receiver_audit_refused_records")
	require.NoError(t, err)
	assert.EqualValues(t, 4*len(s.senders(t)), sums(t, sum, "reason")["unexplained"])
	s.assertNoCanary(t)
}

func TestWhatNothingExplainsGoesToQuarantineWhereThatIsConfigured(t *testing.T) {
	s := startServer(t, func(cfg *Config) { cfg.Profiles.Unexplained = "quarantine" })
	for name, sender := range s.senders(t) {
		logs, fields := unexplained()
		// What only this bundle may say stays so, and an attribute of the wrong type is the sender's own mistake.
		record(logs, 1).Attributes().PutStr(audit.AttrQuarantineField, canary)
		record(logs, 1).Attributes().PutStr(audit.AttrReceivedHash, canary)
		bad := logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().AppendEmpty()
		bad.Body().SetStr("{}")
		bad.Attributes().PutInt(audit.AttrActorID, 7)
		got := sendLogs(t, sender, logs)
		require.Equal(t, codes.OK, got.code, name)
		assert.EqualValues(t, 1, got.rejected)
		_, taken := s.pipeline.last(t)
		require.Equal(t, 5, taken.LogRecordCount())
		for i, field := range fields {
			attrs := record(taken, i+1).Attributes().AsRaw()
			assert.Equal(t, "unexplained", attrs[audit.AttrQuarantineReason])
			assert.Equal(t, field, attrs[audit.AttrQuarantineField])
			assert.NotEmpty(t, attrs[audit.AttrRecordID])
			assert.NotEmpty(t, attrs[audit.AttrReceivedTime])
			assert.NotContains(t, attrs, audit.AttrReceivedHash)
		}
		assert.NotContains(t, record(taken, 0).Attributes().AsRaw(), audit.AttrQuarantineReason)
	}

	// Who follows the draft hears of it.
	logs, _ := unexplained()
	record(logs, 1).Attributes().PutStr(audit.AttrRecordID, "id-2")
	response, answer := postAudit(t, s, jsonEncoding, encode(jsonEncoding, logs))
	assert.Equal(t, http.StatusBadRequest, response.StatusCode)
	assert.Equal(t, "rejected_schema_invalid", answer["status"])
	s.assertNoCanary(t)
}

func TestTheProfileIsThatOfTheResourceThenTheRecognisedThenTheDefault(t *testing.T) {
	door := `{"what": "door.opened", "when": 1770396534059, "badge": 77, "tookMs": 1500, "result": "denied", "floor": 3}`
	login := `{"operation": "login", "login_type": "SAML", "success": true, "time": "2026-02-06T16:24:56Z", "user_id": 1952}`
	tests := map[string]struct {
		change func(*Config)
		named  string
		body   string
		want   string // the profile
		err    string
	}{
		"recognised":         {nil, "", login, "observe", ""},
		"named":              {nil, "observe", login, "observe", ""},
		"named wrongly":      {nil, "axiom", login, "", "body.action: required"},
		"named and unknown":  {nil, "acme", door, "", "audit.profile: no profile of this name is configured"},
		"not to be told":     {func(cfg *Config) { cfg.Profiles.Recognise = false }, "", login, "", "audit.action: required, and no profile knows the event in the body"},
		"by default":         {func(cfg *Config) { cfg.Profiles.Recognise, cfg.Profiles.Default = false, "observe" }, "", login, "observe", ""},
		"not by default":     {func(cfg *Config) { cfg.Profiles.Default = "axiom" }, "", login, "observe", ""},
		"of the user":        {func(cfg *Config) { cfg.Profiles.Files = []string{acme} }, "", door, "acme", ""},
		"of the user, named": {func(cfg *Config) { cfg.Profiles.Files = []string{acme} }, "acme", door, "acme", ""},
		"of the user, by default": {func(cfg *Config) {
			cfg.Profiles.Files, cfg.Profiles.Default, cfg.Profiles.Recognise = []string{acme}, "acme", false
		}, "", door, "acme", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := startServer(t, tt.change)
			logs := events(0)
			if tt.named != "" {
				logs.ResourceLogs().At(0).Resource().Attributes().PutStr(audit.AttrProfile, tt.named)
			}
			logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().AppendEmpty().Body().SetStr(tt.body)
			got := sendLogs(t, s.httpSender(t, protobufEncoding), logs)
			if tt.err != "" {
				assert.Equal(t, "1 of 1 records refused; first: record 1: "+tt.err, got.message)
				return
			}
			require.Equal(t, codes.OK, got.code, got.message)
			_, taken := s.pipeline.last(t)
			profile, _ := taken.ResourceLogs().At(0).Resource().Attributes().Get(audit.AttrProfile)
			assert.Equal(t, tt.want, profile.Str())
		})
	}
}

const acme = "../../internal/profile/testdata/acme.yaml"

// One resource may send what it likes: each record is of its own product then, and canonical ones stay what they are.
func TestARequestMayMixProducts(t *testing.T) {
	s := startServer(t, nil)
	logs := events(2)
	records := logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords()
	for i, product := range productNames {
		raw(t, records.AppendEmpty(), i, productEvents(t, product)[0].In)
	}
	soundEvent(records.AppendEmpty(), "id-3")
	require.Equal(t, codes.OK, sendLogs(t, s.grpcSender(t), logs).code)
	_, taken := s.pipeline.last(t)
	got := map[string]int{}
	for _, rl := range taken.ResourceLogs().All() {
		profile := audit.Event{Resource: rl.Resource().Attributes()}.Str(audit.AttrProfile)
		name, _ := rl.Resource().Attributes().Get(audit.AttrServiceName)
		assert.Equal(t, "shop", name.Str())
		for _, sl := range rl.ScopeLogs().All() {
			got[profile] += sl.LogRecords().Len()
		}
	}
	assert.Equal(t, map[string]int{"": 3, "arize": 1, "axiom": 1, "datagrok": 1, "observe": 1, "xano": 1}, got)
}

// What a profile makes of the id of the product is an id that is stable over retries, which is what /v1/audit asks for.
func TestTheProductsIDIsTheRecords(t *testing.T) {
	s := startServer(t, nil)
	logs := events(0)
	logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().AppendEmpty().Body().SetStr(
		`{"id": 7, "created_at": "2024-01-15T10:30:00Z", "type": "Create Table", "msg": "Created", "label": [], "user": {"id": 1}, "workspace": {"id": 2}}`)
	response, answer := postAudit(t, s, jsonEncoding, encode(jsonEncoding, logs))
	require.Equal(t, http.StatusAccepted, response.StatusCode, answer["reason"])
	assert.Equal(t, "xano:shop:7", answer["record_id"])

	response, answer = postAudit(t, s, jsonEncoding, []byte(`{"resourceLogs": [{"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "observe"}}]},
		"scopeLogs": [{"logRecords": [{"body": {"stringValue": "{\"operation\": \"logout\", \"time\": \"2026-02-06T16:24:56Z\", \"user_id\": 1952}"}}]}]}]}`))
	assert.Equal(t, http.StatusBadRequest, response.StatusCode)
	assert.Contains(t, answer["reason"], "audit.record.id: is required on /v1/audit")
}

func TestProfilesThatCannotBeReadKeepTheReceiverFromStarting(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"profiles.files: profile: open missing.yaml": func(cfg *Config) { cfg.Profiles.Files = []string{"missing.yaml"} },
		`profiles.default is "acmes": must be one of acme, arize`: func(cfg *Config) {
			cfg.Profiles.Files, cfg.Profiles.Default = []string{acme}, "acmes"
		},
	} {
		s := newServer(t, change)
		assert.ErrorContains(t, s.receiver.Start(t.Context(), componenttest.NewNopHost()), want)
		require.NoError(t, s.receiver.Shutdown(t.Context()))
	}
}

// FuzzProductBody sends whatever body: it becomes an event, or its sender hears why not, or it is kept.
func FuzzProductBody(f *testing.F) {
	for _, product := range productNames {
		for _, e := range productEvents(f, product) {
			text, err := json.Marshal(e.In)
			require.NoError(f, err)
			f.Add(string(text), false)
		}
	}
	f.Add(canary, true)
	z := newFuzzed(f)
	f.Fuzz(func(t *testing.T, body string, keep bool) {
		z.keep = keep
		logs := events(1)
		logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().AppendEmpty().Body().SetStr(body)
		admitted := &admission{gate: z.gate, tenant: tenant{name: "t"}}
		require.Nil(t, admitted.wait(t.Context()))
		defer admitted.leave()
		out, fail := z.deliver(t.Context(), protobufEncoding, admitted, logs)
		require.Nil(t, fail, "one record is sound")
		require.Zero(t, z.log.Len(), "a panic was logged")
		taken := z.pipeline.taken[0]
		z.pipeline.taken, z.pipeline.contexts = nil, nil
		require.Equal(t, 2, taken.LogRecordCount()+out.refused.total)
		audit.Events(taken, func(e audit.Event) bool {
			if e.Str(audit.AttrQuarantineReason) == "" {
				assert.Nil(t, e.Validate())
			} else {
				assert.True(t, keep)
				assert.Equal(t, body, e.Record.Body().Str(), "as it came")
			}
			return true
		})
		_, err := plogotlp.NewExportRequestFromLogs(taken).MarshalProto()
		require.NoError(t, err)
	})
}
