package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
)

// loopback is an address on this machine that others cannot reach.
func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// check finds taken ports before the collector does, whose message does not say what to do.
func (p *ports) check(ctx context.Context) error {
	var errs []error
	for _, v := range p.variables() {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", loopback(*v.port))
		if err != nil {
			errs = append(errs, fmt.Errorf("port %d is taken (%w); stop what listens there, or set %s to another port", *v.port, err, v.name))
			continue
		}
		errs = append(errs, listener.Close())
	}
	return errors.Join(errs...)
}
