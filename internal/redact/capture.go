package redact

import (
	"slices"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// Capture is what is kept of records, compiled: the policy's table, with every attribute left out that a level does not keep. It
// is immutable and safe for concurrent use.
type Capture struct {
	redactor *Redactor
	level    *level
	keeps    func(name string) bool // asked of attributes that the table does not have
	withheld bool                   // stand-ins are kept
	made     [numberMade]bool
}

// made is an attribute that is made of a raw text.
type made uint8

const (
	madeQuery made = iota
	madeQueryFingerprint
	madeSummary
	madeDatasets
	madePrompt
	madePromptFingerprint
	madePromptLength
	madeError
	numberMade
)

var madeNames = [numberMade]string{
	audit.AttrQueryRepresentation, audit.AttrQueryFingerprint, audit.AttrQuerySummary, audit.AttrDatasets,
	audit.AttrPromptRepresentation, audit.AttrPromptFingerprint, audit.AttrPromptLength, audit.AttrErrorFingerprint,
}

// madeOf are the raw texts and what is made of each.
var madeOf = map[string][]made{
	audit.AttrQueryText:           {madeQuery, madeQueryFingerprint, madeSummary, madeDatasets},
	audit.AttrAIPrompt:            {madePrompt, madePromptFingerprint, madePromptLength},
	audit.AttrExceptionStacktrace: {madeError},
}

// withValues are the attributes whose values a level may ask for. Parameters of queries are not among them: they are the literals
// that representations leave out.
var withValues = []string{
	audit.AttrDetails, audit.AttrChangeBefore, audit.AttrChangeAfter, audit.AttrFunctionInputs, audit.AttrFunctionOutputs,
}

// Capture compiles what is kept: the attributes of which keeps is true, by the names under which they are stored. Where
// audit.withheld is not kept, there are no stand-ins for what is withheld. With values, maps that the table makes skeletons of
// keep what is neither personal nor secret; a rule of the user for one of them comes first.
func (r *Redactor) Capture(keeps func(name string) bool, values bool) *Capture {
	c := &Capture{redactor: r, keeps: keeps, withheld: keeps(audit.AttrWithheld)}
	for what, name := range madeNames {
		c.made[what] = keeps(name)
	}
	c.level = r.policy.compile(recordTable, func(name string, rule *rule) {
		switch {
		case !c.wants(name):
			rule.action, rule.typ = leaveOut, nil
		case values && slices.Contains(withValues, name) && rule.action == SkeletonOf && rule.reason != WithheldByRule:
			rule.action = valuesOf
		}
	})
	return c
}

// wants reports whether an attribute of the table, or anything that is made of it, is kept.
func (c *Capture) wants(name string) bool {
	for _, what := range madeOf[name] {
		if c.made[what] {
			return true
		}
	}
	return c.keeps(name)
}
