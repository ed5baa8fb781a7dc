// Package auditreceiver is the collector receiver of type audit: it takes audit events as OTLP logs over gRPC and HTTP.
//
// A request goes through three steps. The transport (grpc.go, http.go) authenticates, reads the body and knows how to say an
// answer. The encoding (encoding.go with shape_proto.go and shape_json.go) turns the body into log records without trusting
// it. The intake (intake.go, sift.go) is the same for every transport: it removes what may not pass, stamps the rest,
// hands it to the pipeline in the request's own context and says how that ended, as an outcome or as a failure (failure.go).
//
// The receiver keeps no state: what it answers is what the pipeline answered.
package auditreceiver

//go:generate go tool -modfile=../../internal/tools/go.mod mdatagen metadata.yaml
