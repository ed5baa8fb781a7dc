package month

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// feature is a part of the product that asks a language model.
type feature struct {
	name, provider, model string
	input, output         float64 // tokens, median
	prompt                string  // with placeholders
}

// features, the most used first.
var features = []feature{
	{"opal_copilot", "self_hosted", "Qwen2.5-7B", 2100, 160, "# Input Datasets\nName: \"Tracing/Span\"\nColumns:\n start_time: timestamp\n duration: duration\n service_name: string\n\n# OPAL Query\n// slowest spans of {service} for {email}, without {uuid}\n"},
	{"o11y_help", "openai", "gpt-4.1-2025-04-14", 420, 310, "why did {email} get {code} from {service} at {ip}?"},
	{"explain_log_message", "openai", "gpt-4.1-2025-04-14", 650, 380, "Can you explain this log message? E1121 07:43:56 {n} {service}/handler.go:{n}] msg=\"denied\" user={email} peer={ip} token={secret}"},
	{"trace_analysis", "anthropic", "claude-sonnet-4-5-20250929", 9800, 720, "This trace contains {n} spans.\n[{\"trace_id\": \"{trace}\", \"service_name\": \"{service}\", \"peer\": \"{ip}\", \"enduser\": \"{email}\"}]"},
	{"regex_extract", "openai", "gpt-4.1-2025-04-14", 240, 60, "I1121 18:00:26 {n} bind.go:583] msg=\"calculate effective window\" query_id={uuid} key={secret}"},
	{"incident_summary", "anthropic", "claude-sonnet-4-5-20250929", 14500, 900, "Summarise the incident for the status page. Reported by {email} on {date}: {service} answers {code} to {ip}."},
}

// models are the calls of language models.
func (o *observe) models(h hour, out []record) []record {
	d := o.dice
	for range d.count(o.events * observeModels * h.office) {
		f := favourite(d, features)
		r := newRecord(h.at(d), "llm_invocation", audit.ActionInvoke, favourite(d, o.who.engineers),
			target("ai_feature", f.name, f.name)...).with(
			attribute.String(audit.AttrAIFeature, f.name),
			attribute.String(audit.AttrAIProvider, f.provider),
			attribute.String(audit.AttrAIModel, f.model),
			attribute.String(audit.AttrAIPrompt, d.fill(f.prompt)),
			attribute.Int64(audit.AttrAIInputTokens, int64(d.lognormal(f.input, 0.6))),
			attribute.Float64(audit.AttrDuration, d.lognormal(1.4, 0.6)),
		)
		if d.chance(0.01) {
			out = append(out, r.failed("rate_limited", "the provider answered 429"))
			continue
		}
		out = append(out, r.succeeded().with(attribute.Int64(audit.AttrAIOutputTokens, int64(d.lognormal(f.output, 0.7)))))
	}
	return out
}
