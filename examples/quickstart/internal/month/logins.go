package month

import (
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// session is how long most people stay signed in.
const session = 5 * time.Hour

// logins are people who sign in, most of them through the company's identity provider, and mistype a password now and then.
func (o *observe) logins(h hour, out []record) []record {
	d := o.dice
	for range d.count(o.events * observeLogins * h.office / 1.6) {
		who, at := favourite(d, o.who.all), h.at(d)
		method := "saml"
		if d.chance(0.22) {
			method = "local"
		}
		for method == "local" && d.chance(0.16) {
			out = append(out, failedLogin(at, who, method, "invalid_credentials"))
			at = at.Add(time.Duration(4+d.IntN(20)) * time.Second)
		}
		id := d.hex(20)
		out = append(out, newRecord(at, "user.login.success", audit.ActionLogin, who, target("user", who.id, who.login)...).succeeded().with(
			attribute.String(audit.AttrAuthMethod, method), attribute.String(audit.AttrSessionID, id)))
		if d.chance(0.55) {
			left := at.Add(time.Duration((0.2 + d.Float64()) * float64(session)))
			out = append(out, newRecord(left, "user.logout", audit.ActionLogout, who, target("user", who.id, who.login)...).succeeded().with(
				attribute.String(audit.AttrSessionID, id)))
		}
	}
	if d.chance(0.04) {
		// Somebody who has left still tries.
		out = append(out, failedLogin(h.at(d), pick(d, o.who.gone), "saml", "account_disabled"))
	}
	return out
}

func failedLogin(at time.Time, who actor, method, why string) record {
	return newRecord(at, "user.login.failure", audit.ActionLogin, who, target("user", who.id, who.login)...).
		failed(why, "login refused: "+why).with(attribute.String(audit.AttrAuthMethod, method))
}

// attack is one night in which a program tries passwords, and in the end finds one.
type attack struct {
	begin, end time.Time
	tries      int
	known      []actor
	victim     actor
}

// The attack is four days before the end of the month, begins at 02:13 and lasts for 25 minutes.
func newAttack(c Config, who *people) attack {
	begin := c.Until.UTC().Truncate(24 * time.Hour).Add(-4*24*time.Hour + 2*time.Hour + 13*time.Minute)
	return attack{
		begin:  begin,
		end:    begin.Add(25 * time.Minute),
		tries:  1340,
		known:  who.all[:min(6, len(who.all))],
		victim: who.all[min(5, len(who.all)-1)],
	}
}

func (a attack) hour(d *dice, h hour, out []record) []record {
	if !a.begin.Truncate(time.Hour).Equal(h.start) {
		return out
	}
	for range a.tries {
		at := a.begin.Add(time.Duration(d.Float64() * float64(a.end.Sub(a.begin))))
		who := favourite(d, a.known)
		if d.chance(0.4) {
			guess := pick(d, []string{"admin", "root", "test", "support"})
			who = actor{id: audit.ActorNotIdentified, kind: audit.ActorUser, login: guess, email: guess + "@example.com"}
		}
		out = append(out, failedLogin(at, a.from(d, who), "local", "invalid_credentials"))
	}
	in := newRecord(a.end.Add(8*time.Second), "user.login.success", audit.ActionLogin, a.from(d, a.victim),
		target("user", a.victim.id, a.victim.login)...).succeeded()
	return append(out, in.with(attribute.String(audit.AttrAuthMethod, "local"), attribute.String(audit.AttrSessionID, d.hex(20))))
}

// from is somebody's account, used from one of the attacker's addresses.
func (a attack) from(d *dice, who actor) actor {
	who.address = fmt.Sprintf("203.0.113.%d", 66+d.IntN(4))
	who.agent = "python-requests/2.32.5"
	return who
}
