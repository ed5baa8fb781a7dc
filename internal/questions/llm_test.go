package questions

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestLLMUsage(t *testing.T) {
	type key struct {
		Tenant   string `json:"tenant_id"`
		Feature  string `json:"ai_feature"`
		Provider string `json:"ai_provider"`
		Model    string `json:"ai_model"`
		Actor    string `json:"actor_id"`
	}
	type row struct {
		key
		Calls      int       `json:"calls"`
		Estimated  float64   `json:"estimated_calls"`
		Failures   int       `json:"failures"`
		WithTokens int       `json:"calls_with_tokens"`
		Input      int64     `json:"input_tokens"`
		Output     int64     `json:"output_tokens"`
		Length     *float64  `json:"avg_prompt_length"`
		First      time.Time `json:"first_time"`
		Last       time.Time `json:"last_time"`
	}
	for name, r := range ranges {
		want := []row{}
		for k, es := range groups(within(r[0], r[1], func(e event) bool { return e.Feature != "" || e.Model != "" || e.Provider != "" }),
			func(e event) key { return key{e.Tenant, e.Feature, e.Provider, e.Model, e.Actor} }) {
			u := row{key: k, Calls: len(es), Estimated: float64(len(es)), Failures: count(es, isFailure)}
			length, prompts := 0, 0
			for _, e := range es {
				if e.InputTokens != nil {
					u.WithTokens++
				}
				u.Input += value(e.InputTokens)
				u.Output += value(e.OutputTokens)
				if e.Prompt != "" {
					length, prompts = length+len(e.Prompt), prompts+1
				}
			}
			if prompts > 0 {
				u.Length = some(float64(length) / float64(prompts))
			}
			u.First, u.Last = span(es)
			want = append(want, u)
		}
		assert.ElementsMatch(t, want, ask[row](t, `SELECT * FROM audit.llm_usage(`+ofRange+`)`, bounds(r)), name)
	}
}
