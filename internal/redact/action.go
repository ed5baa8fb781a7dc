package redact

import (
	"fmt"
	"strings"
)

// Action is what is done with a value.
type Action uint8

// Actions that rules may ask for.
const (
	// Keep leaves the value as it is, whatever it holds.
	Keep Action = iota
	// Actor leaves text but replaces secrets in it: for who acted and from where, where persons are the content.
	Actor
	// Mask leaves free text but replaces the personal values and secrets in it. Numbers that are one are replaced, bytes withheld.
	Mask
	// Name is Mask for names and ids: what has control characters or more than MaxNameBytes is no name and is withheld.
	Name
	// SkeletonOf replaces values by the names of their types, and those that are one personal value by its pseudonym.
	SkeletonOf
	// Pseudonymize replaces every value by its pseudonym.
	Pseudonymize
	// MaskAddress replaces IP addresses by their networks. What is no address is withheld.
	MaskAddress
	// Bucket replaces numbers by the 1, 2 or 5 of their decade. What is no number is withheld.
	Bucket
	// Withhold moves the attribute to audit.withheld, with a stand-in for its value.
	Withhold
	// Drop removes the attribute.
	Drop

	// Actions for raw content that must never be stored; no rule may ask for them, and a rule for such an attribute may only
	// withhold or drop it.
	queryText
	promptText
	stackTrace

	// Actions that a [Capture] chooses; no rule may ask for them.
	valuesOf // as SkeletonOf, but values stay that are neither personal nor secret
	leaveOut // as Drop, because the level does not keep the attribute
)

var actionNames = [...]string{
	Keep: "keep", Actor: "actor", Mask: "mask", Name: "name", SkeletonOf: "skeleton", Pseudonymize: "pseudonymize",
	MaskAddress: "mask_address", Bucket: "bucket",
	Withhold: "withhold", Drop: "drop", queryText: "query", promptText: "prompt", stackTrace: "stacktrace",
	valuesOf: "values", leaveOut: "leave_out",
}

// String is the action's name in the configuration.
func (a Action) String() string { return actionNames[a] }

// ParseAction gives the action of a name in the configuration.
func ParseAction(name string) (Action, error) {
	for a := Keep; a <= Drop; a++ {
		if a.String() == name {
			return a, nil
		}
	}
	return 0, fmt.Errorf("action %q must be one of %s", name, strings.Join(actionNames[:Drop+1], ", "))
}
