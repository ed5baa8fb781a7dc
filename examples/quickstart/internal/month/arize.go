package month

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// arize is the service in which models are watched: GraphQL operations, logins, and exports of data.
type arize struct {
	dice   *dice
	who    *people
	events float64
}

// Shares of the month.
const (
	arizeOperations = 0.044
	arizeLogins     = 0.010
	arizeExports    = 0.004
)

func newArize(d *dice, who *people, events float64) *arize {
	return &arize{dice: d, who: who, events: events}
}

func (a *arize) hour(h hour) []record {
	var out []record
	out = a.operations(h, out)
	out = a.logins(h, out)
	return a.exports(h, out)
}

// operation is a GraphQL operation of the product's UI.
type operation struct{ name, kind, action, text string }

var operations = []operation{
	{"GetModelHealth", "query", audit.ActionRead, `query GetModelHealth($id: ID!) { node(id: $id) { ... on Model { name driftScore owner(email: "{email}") { id } } } }`},
	{"CreateMonitor", "mutation", audit.ActionCreate, `mutation CreateMonitor { createMonitor(input: {modelId: "{uuid}", threshold: {n}, notify: ["{email}"]}) { monitor { id } } }`},
	{"UpdateDashboard", "mutation", audit.ActionUpdate, `mutation UpdateDashboard { updateDashboard(input: {id: "{uuid}", title: "drift of {service}"}) { dashboard { id } } }`},
	{"RotateApiKey", "mutation", audit.ActionUpdate, `mutation RotateApiKey { rotateApiKey(input: {current: "{secret}"}) { apiKey { id } } }`},
	{"InviteMember", "mutation", audit.ActionCreate, `mutation InviteMember { inviteMember(input: {email: "{email}", role: READ_ONLY}) { user { id } } }`},
}

// models that are watched, the most popular first.
var models = []string{"fraud-scoring-v7", "search-ranking", "eta-prediction", "churn-2026", "demand-forecast"}

func (a *arize) operations(h hour, out []record) []record {
	d := a.dice
	for range d.count(a.events * arizeOperations * h.office) {
		op, model := favourite(d, operations), favourite(d, models)
		out = append(out, newRecord(h.at(d), op.name, op.action, favourite(d, a.who.analysts), target("model", model, model)...).succeeded().with(
			attribute.String(audit.AttrOrigin, audit.OriginUI),
			attribute.String(audit.AttrQueryLanguage, "graphql"),
			attribute.String(audit.AttrGraphQLOperationName, op.name),
			attribute.String(audit.AttrGraphQLOperationType, op.kind),
			attribute.String(audit.AttrQueryText, d.fill(op.text)),
			attribute.Map(audit.AttrQueryParameters, attribute.String("id", d.uuid()), attribute.String("email", d.email()), attribute.Int("first", 50)),
			attribute.StringSlice(audit.AttrDatasets, []string{model}),
			attribute.Float64(audit.AttrDuration, d.lognormal(0.18, 0.5)),
		))
	}
	return out
}

// logins are those of the product's own form; nobody is authenticated yet, so the actor is who they say they are.
func (a *arize) logins(h hour, out []record) []record {
	d := a.dice
	for range d.count(a.events * arizeLogins * h.office) {
		who, at := favourite(d, a.who.analysts), h.at(d)
		if d.chance(0.05) {
			out = append(out, failedLogin(at, who, "local", "invalid_credentials"))
			continue
		}
		out = append(out, newRecord(at, "user.login.success", audit.ActionLogin, who, target("user", who.id, who.login)...).succeeded().with(
			attribute.String(audit.AttrAuthMethod, "local")))
	}
	return out
}

func (a *arize) exports(h hour, out []record) []record {
	d := a.dice
	for range d.count(a.events * arizeExports * h.office) {
		model := favourite(d, models)
		rows := d.lognormal(4000, 1.6)
		out = append(out, newRecord(h.at(d), "exporter", audit.ActionExport, favourite(d, a.who.analysts), target("model", model, model)...).succeeded().with(
			attribute.String(audit.AttrOrigin, audit.OriginAPI),
			attribute.Int64(audit.AttrExportRows, int64(rows)+1),
			attribute.Int64(audit.AttrExportBytes, int64(rows*180)+1),
			attribute.String(audit.AttrExportFormat, pick(d, []string{"parquet", "csv"})),
		))
	}
	return out
}
