package month

import (
	"fmt"

	"go.opentelemetry.io/otel/attribute"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// observe is the service with objects that people create, read and change, and through which everybody signs in.
type observe struct {
	dice   *dice
	who    *people
	events float64
	attack attack
}

// Shares of the month.
const (
	observeReads   = 0.055
	observeChanges = 0.020
	observeGrants  = 0.004
	observeLogins  = 0.026
	observeModels  = 0.045
)

func newObserve(d *dice, who *people, c Config, events float64) *observe {
	return &observe{dice: d, who: who, events: events, attack: newAttack(c, who)}
}

func (o *observe) hour(h hour) []record {
	var out []record
	out = o.reads(h, out)
	out = o.changes(h, out)
	out = o.grants(h, out)
	out = o.logins(h, out)
	out = o.attack.hour(o.dice, h, out)
	return o.models(h, out)
}

// object is something of the product that people look at and change.
type object struct{ kind, id, name string }

// objects, the most popular first.
var objects = []object{
	{"dashboard", "41280031", "Checkout golden signals"},
	{"dataset", "41007412", "Tracing/Span"},
	{"worksheet", "41291177", "Latency by region"},
	{"dashboard", "41280077", "Kubernetes capacity"},
	{"dataset", "41007588", "Logs/Ingress"},
	{"monitor", "42100004", "Error budget burn"},
	{"report", "42210007", "Weekly availability"},
	{"dataset", "41007613", "Payments/Attempts"},
	{"worksheet", "41291560", "Cold starts"},
	{"document", "42330019", "Runbook: failover of payments"},
	{"reference_table", "42000812", "Cost centres"},
	{"monitor", "42100021", "Queue depth"},
	{"datastream", "41990002", "Ingress"},
	{"drop_filter", "42450003", "Health checks"},
}

func (o *observe) reads(h hour, out []record) []record {
	d := o.dice
	for range d.count(o.events * observeReads * h.office) {
		thing := favourite(d, objects)
		out = append(out, newRecord(h.at(d), thing.kind+".read", audit.ActionRead, favourite(d, o.who.all),
			target(thing.kind, thing.id, thing.name)...).succeeded().with(attribute.String(audit.AttrOrigin, audit.OriginUI)))
	}
	return out
}

// verbs that change an object, the most frequent first.
var verbs = []struct{ name, action string }{
	{"update", audit.ActionUpdate},
	{"update", audit.ActionUpdate},
	{"create", audit.ActionCreate},
	{"disable", audit.ActionDisable},
	{"enable", audit.ActionEnable},
	{"delete", audit.ActionDelete},
}

func (o *observe) changes(h hour, out []record) []record {
	d := o.dice
	for range d.count(o.events * observeChanges * h.office) {
		thing, verb := favourite(d, objects), favourite(d, verbs)
		at, who := h.at(d), favourite(d, o.who.engineers)
		if d.chance(0.03) {
			// A script with somebody's token, at whatever time.
			who = service("svc-terraform", "192.0.2.40")
		}
		r := newRecord(at, thing.kind+"."+verb.name, verb.action, who, target(thing.kind, thing.id, thing.name)...)
		if verb.action == audit.ActionUpdate {
			r = r.with(
				attribute.Map(audit.AttrChangeBefore, attribute.String("description", "owned by "+d.email()), attribute.Int("retention_days", 30)),
				attribute.Map(audit.AttrChangeAfter, attribute.String("description", "owned by "+d.email()), attribute.Int("retention_days", 90)),
			)
		}
		if d.chance(0.02) {
			r = r.failed("permission_denied", "ask "+d.email()+" for access")
		} else {
			r = r.succeeded()
		}
		out = append(out, r)
	}
	return out
}

// grants are changes of who may do what.
func (o *observe) grants(h hour, out []record) []record {
	d := o.dice
	for range d.count(o.events * observeGrants * h.office) {
		who, whom := pick(d, o.who.admins), pick(d, o.who.all)
		group := pick(d, []string{"writers", "readers", "payments-readers", "on-call"})
		name, action := "rbac_group_member.create", audit.ActionCreate
		if d.chance(0.3) {
			name, action = "rbac_group_member.delete", audit.ActionDelete
		}
		if d.chance(0.25) {
			thing := pick(d, objects)
			out = append(out, newRecord(h.at(d), "rbac_statement.create", audit.ActionShare, who, target(thing.kind, thing.id, thing.name)...).succeeded().with(
				attribute.Map(audit.AttrDetails, attribute.String("group", group), attribute.String("level", "edit"), attribute.String("granted_to", whom.email)),
			))
			continue
		}
		out = append(out, newRecord(h.at(d), name, action, who, target("rbac_group_member", group+"/"+whom.id, group)...).succeeded().with(
			attribute.Map(audit.AttrDetails, attribute.String("member", whom.email)),
			attribute.String(audit.AttrMessage, fmt.Sprintf("%s changed the members of %s: %s", who.login, group, whom.email)),
		))
	}
	return out
}
