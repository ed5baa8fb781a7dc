package auditreceiver

import (
	"context"
	"errors"
	"io"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/mem"
)

// newGRPCServer makes a server of the OTLP LogsService.
func newGRPCServer(ctx context.Context, cfg *configgrpc.ServerConfig, host component.Host, telemetry component.TelemetrySettings, in *intake) (*grpc.Server, error) {
	server, err := cfg.ToServer(ctx, host.GetExtensions(), telemetry,
		configgrpc.WithGrpcServerOption(grpc.ForceServerCodecV2(bodyCodec{})),
		//nolint:staticcheck // the registry of compressors is the process's, and its zstd has no bound on the window
		configgrpc.WithGrpcServerOption(grpc.RPCDecompressor(zstdDecompressor{maxBytes: int64(cfg.MaxRecvMsgSizeMiB) << 20})),
	)
	if err != nil {
		return nil, err
	}
	server.RegisterService(logsService(in), nil)
	return server, nil
}

const (
	logsServiceName  = "opentelemetry.proto.collector.logs.v1.LogsService"
	exportMethodName = "Export"
)

// logsService describes the service to the server. pdata's own description decodes a request before it is authenticated,
// lets a panic in that end the process, and answers with the decoder's words, which quote the request.
func logsService(in *intake) *grpc.ServiceDesc {
	export := func(ctx context.Context, request any) (any, error) {
		return in.export(ctx, request.(*grpcBody))
	}
	handler := func(_ any, ctx context.Context, read func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) {
		body := &grpcBody{}
		if err := read(body); err != nil {
			return nil, err
		}
		defer body.free()
		if interceptor == nil {
			return export(ctx, body)
		}
		return interceptor(ctx, body, &grpc.UnaryServerInfo{FullMethod: "/" + logsServiceName + "/" + exportMethodName}, export)
	}
	return &grpc.ServiceDesc{
		ServiceName: logsServiceName,
		Methods:     []grpc.MethodDesc{{MethodName: exportMethodName, Handler: handler}},
		Metadata:    "opentelemetry/proto/collector/logs/v1/logs_service.proto",
	}
}

// export answers one request with the bytes of an ExportLogsServiceResponse.
func (in *intake) export(ctx context.Context, body *grpcBody) ([]byte, error) {
	logs, fail := in.decode(ctx, protobufEncoding, body.bytes())
	body.free() // the records are copies, and the pipeline may take its time
	if fail != nil {
		return nil, fail.status().Err()
	}
	out, fail := in.deliver(ctx, protobufEncoding, logs)
	if fail != nil {
		return nil, fail.status().Err()
	}
	if response, ok := out.response(); ok {
		return protobufEncoding.response(response)
	}
	return protobufEncoding.accepted, nil
}

// grpcBody is a message as it came, not decoded yet.
type grpcBody struct{ buffer mem.Buffer }

func (b *grpcBody) bytes() []byte { return b.buffer.ReadOnlyData() }

func (b *grpcBody) free() {
	if b.buffer != nil {
		b.buffer.Free()
		b.buffer = nil
	}
}

// bodyCodec passes messages through: they are decoded by the intake.
type bodyCodec struct{}

func (bodyCodec) Name() string { return "proto" }

func (bodyCodec) Unmarshal(data mem.BufferSlice, v any) error {
	body, ok := v.(*grpcBody)
	if !ok {
		return errors.New("not a message of this service")
	}
	body.buffer = data.MaterializeToBuffer(mem.DefaultBufferPool())
	return nil
}

func (bodyCodec) Marshal(v any) (mem.BufferSlice, error) {
	answer, ok := v.([]byte)
	if !ok {
		return nil, errors.New("not a message of this service")
	}
	return mem.BufferSlice{mem.SliceBuffer(answer)}, nil
}

// zstdDecompressor decompresses zstd with a bounded window, and no more of a message than may be received.
type zstdDecompressor struct{ maxBytes int64 }

func (zstdDecompressor) Type() string { return "zstd" }

func (d zstdDecompressor) Do(compressed io.Reader) ([]byte, error) {
	r, err := newZstdReader(compressed)
	if err != nil {
		return nil, err
	}
	defer r.release()
	return io.ReadAll(io.LimitReader(r, d.maxBytes+1)) // the server refuses what has this one byte too many
}
