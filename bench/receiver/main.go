// Command receiver compares what a record costs in the audit receiver and in the collector's otlpreceiver, each into a
// consumer that does nothing. See the README of this module.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"slices"
)

func main() {
	serve := flag.String("serve", "", "run a receiver (ours or theirs) and report its CPU time, instead of the comparison")
	rounds := flag.Int("rounds", 15, "how often each receiver gets its turn")
	requests := flag.Int("requests", 5, "how many requests each client sends in a turn")
	flag.Parse()
	if *serve != "" {
		if err := serveUntilClosed(*serve, os.Stdin, os.Stdout); err != nil {
			log.Fatal(err)
		}
		return
	}
	if err := run(*rounds, *requests); err != nil {
		log.Fatal(err)
	}
}

// run compares over every way that both take, and over the one that only ours has with theirs of the same protocol.
func run(rounds, requests int) error {
	ours, err := startProcess("ours")
	if err != nil {
		return err
	}
	defer ours.stop()
	theirs, err := startProcess("theirs")
	if err != nil {
		return err
	}
	defer theirs.stop()
	body, own := request(records), requestOfProduct(records)
	fmt.Printf("%d clients, %d records of %d bytes a request (%d of a product's own), %d rounds; nanoseconds of CPU time a record\n",
		clients, records, len(body)/records, len(own)/records, rounds)
	for _, way := range []struct {
		name         string
		ours, theirs sender
		body         []byte
	}{
		{"grpc", overGRPC(ours.grpc), overGRPC(theirs.grpc), body},
		{"http", overHTTP(ours.http, "/v1/logs"), overHTTP(theirs.http, "/v1/logs"), body},
		{"http, /v1/audit for ours", overHTTP(ours.http, "/v1/audit"), overHTTP(theirs.http, "/v1/logs"), body},
		{"grpc, a product's own events, mapped by ours", overGRPC(ours.grpc), overGRPC(theirs.grpc), own},
	} {
		var costs [2][]float64
		var ratios []float64
		for round := range rounds + 1 {
			a, err := turn(ours, way.ours, way.body, requests)
			if err != nil {
				return fmt.Errorf("ours: %w", err)
			}
			b, err := turn(theirs, way.theirs, way.body, requests)
			if err != nil {
				return fmt.Errorf("theirs: %w", err)
			}
			if round > 0 { // the first warms up
				costs[0], costs[1], ratios = append(costs[0], a), append(costs[1], b), append(ratios, a/b)
			}
		}
		fmt.Printf("%s: %.0f / %.0f = %.2f\n", way.name, median(costs[0]), median(costs[1]), median(ratios))
	}
	return nil
}

// turn lets every client send so many requests to a process, and gives the CPU time of a record there.
func turn(p *process, send sender, body []byte, requests int) (float64, error) {
	before, err := p.cpu()
	if err != nil {
		return 0, err
	}
	if err := sendAll(send, body, requests); err != nil {
		return 0, err
	}
	after, err := p.cpu()
	return float64(after-before) / float64(clients*requests*records), err
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
