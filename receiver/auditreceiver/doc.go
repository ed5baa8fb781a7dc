// Package auditreceiver is the collector receiver of type audit: it takes audit events as OTLP logs over gRPC and HTTP.
//
// A request goes through four steps. The gate (admit.go, tenant.go, rate.go) says before the body whose it is, whether its
// tenant may send more now, and while it arrives whether there is room for it. The transport (grpc.go, http.go) authenticates,
// reads the body and knows how to say an answer; audit.go, audit_http.go and audit_json.go are the draft's way to do so. The
// encoding (encoding.go with shape_proto.go and shape_json.go) turns the body into log records without trusting it. The intake (intake.go,
// sift.go, prove.go) is the same for every transport: it removes what may not pass, stamps the rest, hands it to the
// pipeline in the request's own context and says how that ended, as an outcome or as a failure (failure.go, refusals.go).
//
// What it answers is what the pipeline answered. The state that it keeps is a help and no more: what tenants have left of
// their limits, and the last records of numbered streams.
package auditreceiver

//go:generate go tool -modfile=../../internal/tools/go.mod mdatagen metadata.yaml
