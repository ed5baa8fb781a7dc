package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
)

// recorded is a file of requests, each after its length (a uvarint): what examples/quickstart/cmd/month writes. Its record ids
// are its own, so a system gets it once.
type recorded struct {
	bodies  [][]byte
	records []int // how many each body has
}

// readRequests reads a file of requests. An empty path gives none.
func readRequests(path string) (recorded, error) {
	var out recorded
	if path == "" {
		return out, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return out, err
	}
	for len(data) > 0 {
		size, n := binary.Uvarint(data)
		if n <= 0 || size > uint64(len(data)-n) {
			return out, fmt.Errorf("%s: it ends in the middle of a request", path)
		}
		body := data[n : n+int(size)]
		data = data[n+int(size):]
		request := plogotlp.NewExportRequest()
		if err := request.UnmarshalProto(body); err != nil {
			return out, errors.Join(fmt.Errorf("%s: request %d", path, len(out.bodies)), err)
		}
		out.bodies, out.records = append(out.bodies, body), append(out.records, request.Logs().LogRecordCount())
	}
	return out, nil
}

// take gives the first n requests, and the others.
func (r recorded) take(n int) (first, others recorded) {
	n = min(n, len(r.bodies))
	return recorded{r.bodies[:n], r.records[:n]}, recorded{r.bodies[n:], r.records[n:]}
}

func (r recorded) count() (n int) {
	for _, records := range r.records {
		n += records
	}
	return n
}
