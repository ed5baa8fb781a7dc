package auditreceiver

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/receiverhelper"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/integrity"
	"github.com/otelaudit/otelaudit/internal/profile"
	"github.com/otelaudit/otelaudit/receiver/auditreceiver/internal/metadata"
)

// intake is what happens to a request once its body is there, whatever transport brought it.
type intake struct {
	next      consumer.Logs
	limits    limits
	logger    *zap.Logger
	obsreport *receiverhelper.ObsReport
	telemetry *metadata.TelemetryBuilder
	labels    []attribute.KeyValue
	backlog   backlog
	gate      *gate
	requires  requirements
	chains    *integrity.Chains
	keys      func() *integrity.Keys  // read when the receiver starts
	profiles  func() *profile.Chooser // read when the receiver starts
	keep      bool                    // records that no profile explains go to quarantine

	now   func() time.Time
	newID func() string
}

// shared is what the transports of a receiver have in common.
type shared struct {
	gate     *gate
	chains   *integrity.Chains
	keys     *integrity.Keys
	profiles *profile.Chooser
}

// limits bound one request.
type limits struct {
	recordBytes       int
	recordsPerRequest int
}

func newIntake(transport string, set receiver.Settings, cfg *Config, telemetry *metadata.TelemetryBuilder, common *shared, next consumer.Logs) (*intake, error) {
	obsreport, err := receiverhelper.NewObsReport(receiverhelper.ObsReportSettings{
		ReceiverID:             set.ID,
		Transport:              transport,
		ReceiverCreateSettings: set,
	})
	if err != nil {
		return nil, err
	}
	return &intake{
		next:      next,
		limits:    limits{recordBytes: cfg.MaxRecordBytes, recordsPerRequest: cfg.MaxRecordsPerRequest},
		logger:    set.Logger,
		obsreport: obsreport,
		telemetry: telemetry,
		labels:    []attribute.KeyValue{attribute.String("receiver", set.ID.String()), attribute.String("transport", transport)},
		gate:      common.gate,
		requires:  newRequirements(cfg.Integrity.Require),
		chains:    common.chains,
		keys:      func() *integrity.Keys { return common.keys },
		profiles:  func() *profile.Chooser { return common.profiles },
		keep:      cfg.Profiles.Unexplained == unexplainedQuarantine,
		now:       time.Now,
		// crypto/rand ends the process rather than fail, so there is always an id.
		newID: func() string { return uuid.Must(uuid.NewV7()).String() },
	}, nil
}

// outcome is what became of a request that was answered with success.
type outcome struct {
	records int // in the request
	refused refusals
}

// response is the outcome as OTLP says it, and whether there is anything to say.
func (o outcome) response() (plogotlp.ExportResponse, bool) {
	response := plogotlp.NewExportResponse()
	partial := response.PartialSuccess()
	switch {
	case o.refused.total > 0:
		partial.SetRejectedLogRecords(int64(o.refused.total))
		partial.SetErrorMessage(o.refused.summary(o.records))
	case o.records == 0:
		// The specification wants success, and a warning is allowed: fields of unknown names are skipped, so a sender that
		// misspells one would never hear of it.
		partial.SetErrorMessage("request carries no log records")
	default:
		return response, false
	}
	return response, true
}

// admit lets a request in, or counts it.
func (in *intake) admit(ctx context.Context) (*admission, *failure) {
	admitted, fail := in.gate.admit(ctx, in.now())
	if fail != nil {
		in.countRequest(ctx, fail.reason)
	}
	return admitted, fail
}

// decode turns a body into log records.
func (in *intake) decode(ctx context.Context, enc *encoding, admitted *admission, body []byte) (logs plog.Logs, fail *failure) {
	defer func() {
		if r := recover(); r != nil {
			in.logPanic("decoding a request", r)
			fail = malformed("request body cannot be decoded")
		}
		records := 0
		if fail == nil {
			records = logs.LogRecordCount()
		} else {
			in.countRequest(ctx, fail.reason)
		}
		admitted.came(records, len(body), in.now())
	}()
	if fail := admitted.wait(ctx); fail != nil {
		return plog.Logs{}, fail
	}
	if fail := enc.shape(body, in.limits.recordsPerRequest); fail != nil {
		return plog.Logs{}, fail
	}
	if enc.ordinary != nil {
		if logs, ok := enc.ordinary(body); ok {
			return logs, nil
		}
	}
	request := plogotlp.NewExportRequest()
	if err := enc.unmarshal(request, body); err != nil {
		return plog.Logs{}, malformed(enc.explain(body))
	}
	return request.Logs(), nil
}

// deliver checks records and hands the good ones to the pipeline. It returns when the pipeline has returned, and says what
// the pipeline said even if the sender went away meanwhile: if the answer still reaches it, it is the right one.
func (in *intake) deliver(ctx context.Context, enc *encoding, admitted *admission, logs plog.Logs) (outcome, *failure) {
	out := outcome{records: logs.LogRecordCount()}
	if out.records == 0 {
		return out, nil
	}
	ctx = in.obsreport.StartLogsOp(ctx)
	s := in.newSifting(admitted, false)
	err := in.process(ctx, logs, s)
	out.refused = s.refused
	var fail *failure
	switch {
	case err != nil:
		fail = failureOf(err)
		err = &withheldError{message: fail.message, cause: err}
	case out.refused.total == out.records:
		// Partial success is for requests that are "only partially accepted"; one of which nothing is accepted holds bad
		// data and nothing else, which is to be answered with INVALID_ARGUMENT or 400 and not to be sent again. Also, some
		// SDKs do not look into the response of a success.
		fail = out.refused.failure(out.records)
	}
	in.obsreport.EndLogsOp(ctx, enc.format, out.records-out.refused.total, err)
	if fail == nil || !fail.retryable() {
		in.countRecords(ctx, out.refused)
	}
	return out, fail
}

// process removes the bad records and hands the rest to the pipeline, together with what the ledger is to count. Records
// whose id another record has are refused by whoever keeps them, which the receipts tell.
func (in *intake) process(ctx context.Context, logs plog.Logs, s *sifting) (err error) {
	defer func() {
		if r := recover(); r != nil {
			in.logPanic("handing records to the pipeline", r)
			err = errPanic
		}
	}()
	s.sift(logs)
	if logs.ResourceLogs().Len() == 0 {
		in.backlog.put(&s.counts.tally)
		return nil
	}
	receipts := &audit.Receipts{}
	if err := in.hand(ctx, logs, s, receipts); err != nil {
		return err
	}
	for _, receipt := range receipts.List() {
		if receipt.Conflict {
			s.refused.add(0, reasonConflict, errConflict)
		}
	}
	in.kept(ctx, s)
	return nil
}

// hand gives records to the pipeline, together with the counts of this request and of those before that had no record left.
func (in *intake) hand(ctx context.Context, logs plog.Logs, s *sifting, receipts *audit.Receipts) error {
	waiting := &audit.Tally{}
	in.backlog.take(waiting)
	waiting.Each(s.counts.tally.Add)
	ctx = audit.ContextWithReceipts(audit.ContextWithTally(ctx, &s.counts.tally), receipts)
	err := s.turn.hand(ctx, func(ctx context.Context) error { return in.next.ConsumeLogs(ctx, logs) })
	if err != nil {
		in.backlog.put(waiting)
	}
	return err
}

// kept makes records that the pipeline took part of their streams, and tells of breaks in them.
func (in *intake) kept(ctx context.Context, s *sifting) {
	s.chain.Commit()
	for warning, n := range s.warnings {
		in.telemetry.ReceiverAuditSequenceWarnings.Add(ctx, int64(n), in.because(string(warning)))
		in.logger.Warn("records break the sequence of their stream", zap.String("warning", string(warning)), zap.Int("records", n))
	}
}

// errConflict is what is wrong with a record whose id another one has.
var errConflict = &audit.FieldError{Field: audit.AttrRecordID, Problem: "another record with this id and other content was taken before"}

// logPanic tells where a panic came from. Its value is left out: it may quote a record.
func (in *intake) logPanic(during string, value any) {
	in.logger.Error("panic while "+during, zap.String("type", fmt.Sprintf("%T", value)), zap.ByteString("stack", debug.Stack()))
}

func (in *intake) countRequest(ctx context.Context, reason string) {
	in.telemetry.ReceiverAuditRefusedRequests.Add(ctx, 1, in.because(reason))
}

func (in *intake) countRecords(ctx context.Context, refused refusals) {
	for reason, n := range refused.byReason {
		if n > 0 {
			in.telemetry.ReceiverAuditRefusedRecords.Add(ctx, int64(n), in.because(recordReasons[reason].label))
		}
	}
}

func (in *intake) because(reason string) metric.MeasurementOption {
	return metric.WithAttributes(append(in.labels[:len(in.labels):len(in.labels)], attribute.String("reason", reason))...)
}
