package policy

import "github.com/otelaudit/otelaudit/internal/audit"

// TargetPolicy is the target type of events that tell of a change of the capture policy itself.
const TargetPolicy = "audit_policy"

// protectedActions are the verbs of events that no rule may switch off.
var protectedActions = set(
	audit.ActionLogin, audit.ActionLogout, audit.ActionDelete, audit.ActionShare, "UNSHARE", "GRANT", "REVOKE", "IMPERSONATE",
)

// protectedTargets are the types of targets that say who may do what: what is done to them is protected whatever the verb, but
// for those that only look at them.
var protectedTargets = set(
	"access_policy", "acl", "api_key", "api_token", "grant", "group", "group_membership", "membership", "permission", "personal_token", "policy",
	"rbac", "rbac_statement", "role", "role_assignment", "role_binding", "service_account", "share_link", "shared_access_key", "user", "user_role",
)

// policyTargets are the types of what decides of the audit log itself: looking at it is protected too.
var policyTargets = set(TargetPolicy)

// onlooking are the verbs that change nothing of a target.
var onlooking = set(audit.ActionRead, audit.ActionReport, "NOTIFY")

// protected reports whether an event is of those that no policy may switch off: logins and logouts, deletions, changes of
// permissions, and changes of the audit policy.
func protected(s *Subject) bool {
	verb, target := s.values[action], s.values[targetType]
	if contains(protectedActions, verb) {
		return true
	}
	if target == "" {
		return false
	}
	if contains(protectedTargets, target) {
		return !contains(onlooking, verb)
	}
	return contains(policyTargets, target)
}

func set(names ...string) map[string]struct{} {
	m := make(map[string]struct{}, len(names))
	for _, name := range names {
		m[string(appendWords(nil, name))] = struct{}{}
	}
	return m
}

// longest is how many bytes the longest name of the sets may have.
const longest = 32

// contains looks for a name in lower case, with "_" between its words: Role Binding, role-binding and role_binding are the same.
func contains(names map[string]struct{}, name string) bool {
	if _, ok := names[name]; ok || len(name) > longest {
		return ok
	}
	var buf [longest]byte
	_, ok := names[string(appendWords(buf[:0], name))]
	return ok
}

func appendWords(to []byte, name string) []byte {
	for i := range len(name) {
		c := lower(name[i])
		if c == '-' || c == ' ' || c == '.' {
			c = '_'
		}
		to = append(to, c)
	}
	return to
}
