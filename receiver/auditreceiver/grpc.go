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
	server.RegisterService(logsService(in), nil) //nolint:contextcheck // each request brings its own context
	return server, nil
}

const (
	logsServiceName  = "opentelemetry.proto.collector.logs.v1.LogsService"
	exportMethodName = "Export"
)

// logsService describes the service to the server. pdata's own description decodes a request before it is authenticated,
// lets a panic in that end the process, and answers with the decoder's words, which quote the request. As a stream of one
// message each way, which looks the same from outside, the sender is authenticated before its message is read.
func logsService(in *intake) *grpc.ServiceDesc {
	return &grpc.ServiceDesc{
		ServiceName: logsServiceName,
		Streams: []grpc.StreamDesc{{
			StreamName: exportMethodName,
			Handler:    func(_ any, stream grpc.ServerStream) error { return in.serve(stream) },
		}},
		Metadata: "opentelemetry/proto/collector/logs/v1/logs_service.proto",
	}
}

// serve reads one request and answers it.
func (in *intake) serve(stream grpc.ServerStream) error {
	admitted, fail := in.admit(stream.Context())
	if fail != nil {
		return fail.status().Err()
	}
	defer admitted.leave()
	body := &grpcBody{}
	if err := stream.RecvMsg(body); err != nil {
		return err
	}
	defer body.free()
	answer, err := in.export(stream.Context(), admitted, body)
	if err != nil {
		return err
	}
	return stream.SendMsg(answer)
}

// export answers one request with the bytes of an ExportLogsServiceResponse.
func (in *intake) export(ctx context.Context, admitted *admission, body *grpcBody) ([]byte, error) {
	if fail := admitted.take(len(body.bytes())); fail != nil {
		in.countRequest(ctx, fail.reason)
		return nil, fail.status().Err()
	}
	logs, fail := in.decode(ctx, protobufEncoding, admitted, body.bytes())
	body.free() // the records are copies, and the pipeline may take its time
	if fail != nil {
		return nil, fail.status().Err()
	}
	out, fail := in.deliver(ctx, protobufEncoding, admitted, logs)
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
