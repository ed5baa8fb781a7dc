package policy

import (
	"slices"
	"strings"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// Level is how much of an event is captured.
type Level uint8

// Levels. Each of None to Verbose keeps what the one before does; they are modelled on the levels of Kubernetes' audit policy.
const (
	None     Level = iota // nothing: the event is counted and not stored
	Metadata              // who did what to what, when, from where and how it ended; nothing of what was said
	Standard              // and the shape of what was said: representations, skeletons, masked texts, stand-ins
	Verbose               // and the values in details, changes and function calls, personal values and secrets replaced
	Custom                // what no event can do without, and the attributes that the rule names
)

var levelNames = [...]string{None: "none", Metadata: "metadata", Standard: "standard", Verbose: "verbose", Custom: "custom"}

// String is the value of audit.capture.level.
func (l Level) String() string { return levelNames[l] }

func parseLevel(name string) (Level, bool) {
	i := slices.Index(levelNames[:], name)
	return Level(max(i, 0)), i >= 0
}

// Levels lists the names of all levels.
func Levels() []string { return slices.Clone(levelNames[:]) }

// Capture is what is kept of the attributes of a record that is stored. Names are those of what is stored, so of a query text
// audit.query.representation, audit.query.fingerprint and db.query.summary.
type Capture struct {
	Level  Level
	Values bool // values in details, changes and function calls are kept

	names    []string // of custom
	prefixes []string
	floor    bool // everything that metadata keeps, too
}

// Keeps reports whether an attribute is kept. It is asked when a policy is compiled and of attributes that the conventions do not
// know, so it need not be fast.
func (c *Capture) Keeps(name string) bool {
	switch c.Level {
	case None:
		return false
	case Metadata:
		return ofMetadata(name)
	case Custom:
		return slices.Contains(base, name) || c.floor && ofMetadata(name) || c.named(name)
	default:
		return true
	}
}

func (c *Capture) named(name string) bool {
	if slices.Contains(c.names, name) {
		return true
	}
	for _, p := range c.prefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// base is what no event can do without. The event's name and times are no attributes, and always kept, as are those of resources:
// they are shared by records of different levels.
var base = []string{
	audit.AttrRecordID, audit.AttrTenantID, audit.AttrActorID, audit.AttrActorType, audit.AttrAction, audit.AttrOutcome,
	audit.AttrSequenceNumber, audit.AttrSequencePrevHash, audit.AttrIntegrityValue, audit.AttrSequenceWarning,
	audit.AttrReceivedTime, audit.AttrRecordHash, audit.AttrActorEnrichment, audit.AttrActorDirectory,
	audit.AttrCaptureLevel, audit.AttrSampleRate, audit.AttrRetentionDays,
	audit.AttrRedactionOutcome, audit.AttrRedactionReason, audit.AttrRedactionPolicy,
}

// content is what says more of an event than who did what to what, when, from where, how it ended and how large it was. Metadata
// keeps every other attribute of the conventions, and none that they do not know.
var content = []string{
	audit.AttrOutcomeReason, audit.AttrExceptionMessage, audit.AttrMessage, audit.AttrDetails, audit.AttrChangeBefore, audit.AttrChangeAfter,
	audit.AttrQueryRepresentation, audit.AttrQueryParameters, audit.AttrPromptRepresentation, audit.AttrFunctionInputs, audit.AttrFunctionOutputs,
	audit.AttrWithheld,
}

func ofMetadata(name string) bool {
	_, known := audit.Lookup(name)
	return known && !slices.Contains(content, name)
}

// made are the attributes that are made of raw text, and not stored themselves.
var made = map[string][]string{
	audit.AttrQueryText:           {audit.AttrQueryRepresentation, audit.AttrQueryFingerprint, audit.AttrQuerySummary, audit.AttrDatasets},
	audit.AttrAIPrompt:            {audit.AttrPromptRepresentation, audit.AttrPromptLength, audit.AttrPromptFingerprint},
	audit.AttrExceptionStacktrace: {audit.AttrErrorFingerprint},
}

// newCustom gives the capture of the attributes that a rule names. A raw text stands for all that is made of it.
func newCustom(attributes []string) Capture {
	c := Capture{Level: Custom}
	for _, a := range attributes {
		if prefix, ok := strings.CutSuffix(a, "*"); ok {
			c.prefixes = append(c.prefixes, prefix)
			continue
		}
		c.names = append(c.names, a)
		c.names = append(c.names, made[a]...)
	}
	return c
}
