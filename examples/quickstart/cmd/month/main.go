// Command month writes the quickstart's month of events to a file as the OTLP requests in which the OpenTelemetry SDK sends
// them, each after its length (a uvarint): for benchmarks that want a believable mix of events.
//
//	go run ./examples/quickstart/cmd/month -events 200000 month.otlp
package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"google.golang.org/grpc"

	"github.com/otelaudit/otelaudit/examples/quickstart/internal/month"
	"github.com/otelaudit/otelaudit/examples/quickstart/internal/sender"
)

// largest is how large a request of the SDK may be, with room to spare.
const largest = 64 << 20

func main() {
	events := flag.Int("events", 200_000, fmt.Sprintf("how many events, about; at least %d", month.MinEvents))
	seed := flag.Uint64("seed", 1, "decides about everything in the month that is left to chance")
	users := flag.String("users", "examples/quickstart/users.yaml", "who acts")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "month: name the file to write")
		os.Exit(2)
	}
	if err := write(context.Background(), flag.Arg(0), *users, month.Config{Seed: *seed, Until: time.Now().UTC(), Events: *events}); err != nil {
		fmt.Fprintln(os.Stderr, "month:", err)
		os.Exit(1)
	}
}

func write(ctx context.Context, path, users string, c month.Config) (err error) {
	text, err := os.ReadFile(users)
	if err != nil {
		return err
	}
	if c.People, err = month.ParsePeople(text); err != nil {
		return err
	}
	all, err := month.Events(c)
	if err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	r := &recorder{out: bufio.NewWriter(file)}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := grpc.NewServer(grpc.MaxRecvMsgSize(largest))
	plogotlp.RegisterGRPCServer(server, r)
	go func() { _ = server.Serve(listener) }() // until Stop, or until the sender says what is wrong
	defer server.Stop()

	var tally sender.Tally
	s, err := sender.New(ctx, listener.Addr().String(), month.Services(), &tally)
	if err != nil {
		return err
	}
	if err := errors.Join(s.Send(ctx, all), s.Close(ctx), r.out.Flush()); err != nil {
		return err
	}
	if t := tally.Totals(); t.Acknowledged != t.Emitted {
		return fmt.Errorf("%d of %d events were written", t.Acknowledged, t.Emitted)
	}
	return nil
}

// recorder is an OTLP receiver that keeps requests as they come.
type recorder struct {
	plogotlp.UnimplementedGRPCServer
	mu  sync.Mutex
	out *bufio.Writer
}

// Export writes a request.
func (r *recorder) Export(_ context.Context, request plogotlp.ExportRequest) (plogotlp.ExportResponse, error) {
	body, err := request.MarshalProto()
	if err != nil {
		return plogotlp.NewExportResponse(), err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	_, err = r.out.Write(append(binary.AppendUvarint(nil, uint64(len(body))), body...))
	return plogotlp.NewExportResponse(), err
}
