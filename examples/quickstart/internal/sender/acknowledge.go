package sender

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	collector "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	"google.golang.org/grpc"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// acknowledger is an exporter that knows what became of each record given to it.
type acknowledger struct {
	sdklog.Exporter
	tally *Tally
	gate  gate
}

// Export passes the records on and counts them by what the receiver answered. An error is passed on too: the SDK reports
// it and forgets the records, since the exporter below has tried again for as long as it may.
func (a acknowledger) Export(ctx context.Context, records []sdklog.Record) error {
	var reply answer
	err := a.Exporter.Export(context.WithValue(ctx, answerKey{}, &reply), records)
	a.count(records, reply, err)
	a.gate.leave(len(records))
	return err
}

func (a acknowledger) count(records []sdklog.Record, reply answer, err error) {
	switch rejected := min(max(int(reply.rejected), 0), len(records)); {
	case rejected > 0:
		// The answer says how many were refused, and not which.
		a.tally.refuse(len(records)-rejected, rejected, reply.message)
	case err != nil && !reply.accepted:
		a.tally.fail(len(records), err)
	default:
		for i := range records {
			a.tally.acknowledge(recordID(&records[i]))
		}
	}
}

func recordID(r *sdklog.Record) string {
	var id string
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		if kv.Key == audit.AttrRecordID {
			id = kv.Value.AsString()
		}
		return id == ""
	})
	return id
}

// answer is what the receiver said to the last try of a request.
type answer struct {
	accepted bool
	rejected int64
	message  string
}

type answerKey struct{}

// readAnswer is a gRPC interceptor that hands the receiver's answer to the acknowledger that waits for it.
func readAnswer(
	ctx context.Context, method string, request, reply any,
	conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption,
) error {
	err := invoke(ctx, method, request, reply, conn, options...)
	if a, ok := ctx.Value(answerKey{}).(*answer); ok && err == nil {
		a.accepted = true
		if response, ok := reply.(*collector.ExportLogsServiceResponse); ok {
			a.rejected = response.GetPartialSuccess().GetRejectedLogRecords()
			a.message = response.GetPartialSuccess().GetErrorMessage()
		}
	}
	return err
}
