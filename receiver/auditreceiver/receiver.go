package auditreceiver

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"
	"go.uber.org/zap"
	"google.golang.org/grpc"

	"github.com/otelaudit/otelaudit/internal/integrity"
	"github.com/otelaudit/otelaudit/receiver/auditreceiver/internal/metadata"
)

// auditReceiver runs the servers.
type auditReceiver struct {
	cfg       *Config
	settings  component.TelemetrySettings
	telemetry *metadata.TelemetryBuilder
	common    *shared
	overGRPC  *intake
	overHTTP  *intake
	next      consumer.Logs

	stopQueryLog context.CancelFunc // nil where it is not followed

	grpc    *grpc.Server
	http    *http.Server
	serving sync.WaitGroup
}

func newReceiver(set receiver.Settings, cfg *Config, next consumer.Logs) (*auditReceiver, error) {
	telemetry, err := metadata.NewTelemetryBuilder(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	common := &shared{gate: newGate(cfg), chains: integrity.NewChains(cfg.Sequence.MaxStreams, cfg.Sequence.Window), keys: integrity.NewKeys()}
	r := &auditReceiver{cfg: cfg, settings: set.TelemetrySettings, telemetry: telemetry, common: common, next: next}
	if r.overGRPC, err = newIntake("grpc", set, cfg, telemetry, common, next); err != nil {
		return nil, err
	}
	if r.overHTTP, err = newIntake("http", set, cfg, telemetry, common, next); err != nil {
		return nil, err
	}
	return r, nil
}

// Start reads the keys of producers and the profiles of the user, and listens on every configured protocol. If one cannot be started, none is left running.
func (r *auditReceiver) Start(ctx context.Context, host component.Host) error {
	keys, err := loadKeys(&r.cfg.Integrity)
	if err != nil {
		return err
	}
	profiles, err := r.cfg.Profiles.Load()
	if err != nil {
		return err
	}
	r.common.keys, r.common.profiles = keys, profiles
	if err := errors.Join(r.startGRPC(ctx, host), r.startHTTP(ctx, host), r.startQueryLog(ctx, host)); err != nil {
		return errors.Join(err, r.Shutdown(ctx))
	}
	return nil
}

func (r *auditReceiver) startGRPC(ctx context.Context, host component.Host) error {
	cfg := r.cfg.Protocols.GRPC.Get()
	if cfg == nil {
		return nil
	}
	server, err := newGRPCServer(ctx, cfg, host, r.settings, r.overGRPC)
	if err != nil {
		return err
	}
	listener, err := cfg.NetAddr.Listen(ctx)
	if err != nil {
		return err
	}
	r.grpc = server
	r.serve(host, "grpc", listener, server.Serve)
	return nil
}

func (r *auditReceiver) startHTTP(ctx context.Context, host component.Host) error {
	cfg := r.cfg.Protocols.HTTP.Get()
	if cfg == nil {
		return nil
	}
	server, err := newHTTPServer(ctx, cfg, host, r.settings, r.overHTTP)
	if err != nil {
		return err
	}
	listener, err := cfg.ToListener(ctx)
	if err != nil {
		return err
	}
	r.http = server
	r.serve(host, "http", listener, server.Serve)
	return nil
}

// serve runs a server until it is shut down. A server that ends otherwise is a fatal error of the component.
func (r *auditReceiver) serve(host component.Host, protocol string, listener net.Listener, serve func(net.Listener) error) {
	r.settings.Logger.Info("taking audit events", zap.String("protocol", protocol), zap.Stringer("endpoint", listener.Addr()))
	r.serving.Go(func() {
		err := serve(listener)
		if err != nil && !errors.Is(err, grpc.ErrServerStopped) && !errors.Is(err, http.ErrServerClosed) {
			componentstatus.ReportStatus(host, componentstatus.NewFatalErrorEvent(err))
		}
	})
}

// Shutdown takes no more requests and waits until those in flight have their answer. If ctx ends before that, their
// connections are closed, which ends their contexts too.
func (r *auditReceiver) Shutdown(ctx context.Context) error {
	if r.stopQueryLog != nil {
		r.stopQueryLog()
	}
	var stopping sync.WaitGroup
	var errGRPC, errHTTP error
	if r.grpc != nil {
		stopping.Go(func() { errGRPC = stopGRPC(ctx, r.grpc) })
	}
	if r.http != nil {
		stopping.Go(func() { errHTTP = stopHTTP(ctx, r.http) })
	}
	stopping.Wait()
	r.serving.Wait()
	r.telemetry.Shutdown()
	return errors.Join(errGRPC, errHTTP)
}

func stopGRPC(ctx context.Context, server *grpc.Server) error {
	inTime := context.AfterFunc(ctx, server.Stop)
	server.GracefulStop()
	if !inTime() {
		return ctx.Err()
	}
	return nil
}

func stopHTTP(ctx context.Context, server *http.Server) error {
	if err := server.Shutdown(ctx); err != nil {
		return errors.Join(err, server.Close())
	}
	return nil
}
