package questions

import (
	"cmp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otelaudit/otelaudit/internal/audit"
)

func TestLogins(t *testing.T) {
	type row struct {
		Tenant    string    `json:"tenant_id"`
		Time      time.Time `json:"timestamp"`
		Actor     string    `json:"actor_id"`
		ActorName string    `json:"actor_name"`
		Auth      string    `json:"auth_method"`
		Outcome   string    `json:"outcome"`
		Reason    string    `json:"outcome_reason"`
		Address   string    `json:"source_address"`
		UserAgent string    `json:"user_agent"`
		Name      string    `json:"event_name"`
		ID        string    `json:"record_id"`
	}
	const columns = `tenant_id, timestamp, actor_id, actor_name, auth_method, outcome, outcome_reason, source_address, user_agent, event_name, record_id`
	for name, r := range ranges {
		for _, user := range []string{"", "mallory"} {
			want := []row{}
			for _, e := range within(r[0], r[1], func(e event) bool { return e.Action == audit.ActionLogin && (user == "" || e.Actor == user) }) {
				want = append(want, row{
					e.Tenant, e.Time, e.Actor, cmp.Or(directoryName[e.Actor], e.UserName), e.Auth, withDefault(e.Outcome, "success"), e.Reason, e.Address, e.UserAgent, e.Name, e.ID,
				})
			}
			p := bounds(r)
			p["user"] = user
			assert.ElementsMatch(t, want, ask[row](t, `SELECT `+columns+` FROM audit.logins(`+ofRange+`) WHERE {user:String} IN ('', actor_id)`, p), "%s of %q", name, user)
		}
	}
}

func TestFailedLogins(t *testing.T) {
	type row struct {
		Tenant    string    `json:"tenant_id"`
		Actor     string    `json:"actor_id"`
		Failures  int       `json:"failures"`
		Successes int       `json:"successes"`
		After     bool      `json:"succeeded_after"`
		Addresses int       `json:"addresses"`
		Methods   []string  `json:"auth_methods"`
		Reasons   []string  `json:"reasons"`
		First     time.Time `json:"first_failure"`
		Last      time.Time `json:"last_failure"`
	}
	for name, r := range ranges {
		for _, threshold := range []int{0, 3, 20} {
			want := []row{}
			for k, es := range groups(within(r[0], r[1], is(audit.ActionLogin)), func(e event) [2]string { return [2]string{e.Tenant, e.Actor} }) {
				failures, successes := []event{}, []event{}
				for _, e := range es {
					switch e.Outcome {
					case audit.OutcomeFailure:
						failures = append(failures, e)
					case "":
						successes = append(successes, e)
					}
				}
				if len(failures) <= threshold {
					continue
				}
				u := row{
					Tenant: k[0], Actor: k[1], Failures: len(failures), Successes: len(successes),
					Addresses: len(distinct(failures, func(e event) string { return e.Address })),
					Methods:   distinct(failures, func(e event) string { return e.Auth }), Reasons: distinct(failures, func(e event) string { return e.Reason }),
				}
				u.First, u.Last = span(failures)
				for _, e := range successes {
					u.After = u.After || e.Time.After(u.First)
				}
				want = append(want, u)
			}
			p := bounds(r)
			p["threshold"] = threshold
			assert.ElementsMatch(t, want, ask[row](t, `SELECT * FROM audit.failed_logins(threshold = {threshold:UInt64}, `+ofRange+`)`, p), "%s, over %d", name, threshold)
		}
	}
}
