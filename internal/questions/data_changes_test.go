package questions

import (
	"fmt"
	"math/rand/v2"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// changeEvents are what people do to objects, as Observe's table of kinds and operations has it.
func changeEvents(d *rand.Rand) []event {
	var out []event
	for n := range 250 {
		kind := pick(d, "dashboard", "dashboard", "dashboard", "monitor", "monitor", "dataset", "api_token", "user", "rbac_statement")
		e := event{
			ID: id("change", n), Time: moment(d), Tenant: tenant(d), Actor: pick(d, "alice", "alice", "bob", "carol"), Origin: "ui",
			TargetType: kind, Target: id(kind, 1+d.IntN(5)), Action: pick(d, audit.ActionRead, audit.ActionRead, audit.ActionUpdate, audit.ActionUpdate, audit.ActionCreate, audit.ActionDelete),
			Workspace: pick(d, "", "w-1", "w-2"), Address: "203.0.113." + fmt.Sprint(d.IntN(250)), Session: id("session", d.IntN(20)),
		}
		e.TargetName = "Name of " + e.Target
		if (kind == "monitor" || kind == "user") && d.IntN(3) == 0 {
			e.Action = pick(d, audit.ActionDisable, audit.ActionEnable)
		}
		if e.Action == audit.ActionUpdate {
			e.Before, e.After = map[string]any{"version": int64(1)}, map[string]any{"owner": "nobody"}
		}
		if d.IntN(12) == 0 {
			e.Outcome, e.Reason = audit.OutcomeFailure, "forbidden"
		}
		e.Name = kind + "." + map[string]string{
			audit.ActionRead: "read", audit.ActionUpdate: "update", audit.ActionCreate: "create", audit.ActionDelete: "delete",
			audit.ActionDisable: "disable", audit.ActionEnable: "enable",
		}[e.Action]
		out = append(out, e)
	}
	return out
}

// loginEvents are logins and logouts. Whoever mallory is, most of the logins in that name fail.
func loginEvents(d *rand.Rand) []event {
	var out []event
	for n := range 160 {
		e := event{
			ID: id("login", n), Time: moment(d), Tenant: tenant(d), Actor: pick(d, "alice", "bob", "carol", "dave", "mallory", "mallory"), Origin: "ui",
			Name: "user.login.success", Action: audit.ActionLogin, Auth: pick(d, "saml", "local", "local", "oidc"),
			Address: "198.51.100." + fmt.Sprint(d.IntN(9)), UserAgent: "Mozilla/5.0",
		}
		failing := 6
		if e.Actor == "mallory" {
			failing = 1
		}
		switch {
		case d.IntN(8) == 0:
			e.Name, e.Action = "user.logout", audit.ActionLogout
		case d.IntN(20) == 0:
			e.Name, e.Outcome = "user.login", audit.OutcomeUnknown
		case d.IntN(failing+1) == 0 || e.Actor == "mallory" && d.IntN(2) == 0:
			e.Name, e.Outcome, e.Reason = "user.login.failure", audit.OutcomeFailure, "invalid_credentials"
		}
		out = append(out, e)
	}
	return out
}

// modelEvents are calls of language models.
func modelEvents(d *rand.Rand) []event {
	var out []event
	for n := range 120 {
		e := event{
			ID: id("llm", n), Time: moment(d), Tenant: tenant(d), Actor: pick(d, "alice", "bob", "carol"), Origin: "ui",
			Name: "llm_invocation", Action: audit.ActionInvoke, Feature: pick(d, "o11y_help", "regex_extract", "opal_copilot"),
			Prompt: "what is the verb for " + fmt.Sprint(n),
		}
		switch e.Feature {
		case "opal_copilot":
			e.Provider, e.Model = "self_hosted", "Qwen2.5-7B"
		case "regex_extract":
			e.Provider, e.Model = "openai", pick(d, "gpt-4.1-2025-04-14", "")
		default:
			e.Provider, e.Model = "openai", "gpt-4.1-2025-04-14"
		}
		if d.IntN(3) > 0 {
			e.InputTokens, e.OutputTokens = some(d.Int64N(4000)), some(d.Int64N(900))
			e.Duration = some(float64(d.IntN(64)) / 4)
		}
		if d.IntN(15) == 0 {
			e.Outcome, e.ErrorType = audit.OutcomeFailure, "rate_limited"
		}
		out = append(out, e)
	}
	return out
}
