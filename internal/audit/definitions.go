package audit

import (
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Type is the type that an attribute must have on the wire.
type Type uint8

// Types of attributes. A double also takes an int, because JSON senders cannot tell 3 from 3.0.
const (
	String Type = iota
	Bool
	Int
	Double
	Strings // a list of strings
	Map
)

// String is the name used in error messages and documents.
func (t Type) String() string {
	return [...]string{"string", "bool", "int", "double", "string[]", "map"}[t]
}

// Accepts reports whether v may stand where t is asked for.
func (t Type) Accepts(v pcommon.Value) bool {
	switch t {
	case String:
		return v.Type() == pcommon.ValueTypeStr
	case Bool:
		return v.Type() == pcommon.ValueTypeBool
	case Int:
		return v.Type() == pcommon.ValueTypeInt
	case Double:
		return v.Type() == pcommon.ValueTypeDouble || v.Type() == pcommon.ValueTypeInt
	case Strings:
		return isStrings(v)
	case Map:
		return v.Type() == pcommon.ValueTypeMap
	}
	return false
}

func isStrings(v pcommon.Value) bool {
	if v.Type() != pcommon.ValueTypeSlice {
		return false
	}
	for _, e := range v.Slice().All() {
		if e.Type() != pcommon.ValueTypeStr {
			return false
		}
	}
	return true
}

// Origin says where the name of an attribute comes from.
type Origin string

// Origins of names, in order of precedence.
const (
	OTEP    Origin = "OTEP 0267"            // The draft for audit logging.
	Semconv Origin = "semantic conventions" // The OpenTelemetry semantic conventions.
	Own     Origin = "otelaudit"            // An addition of this project.
)

// Definition describes one attribute of the conventions.
type Definition struct {
	Name     string
	Type     Type
	Origin   Origin
	Resource bool // on the resource rather than on the record
	Derived  bool // set by this bundle, never by a sender
}

// Attributes lists every attribute of the conventions, in the order of the documents.
func Attributes() []Definition { return append([]Definition(nil), attributes...) }

// Lookup gives the definition of an attribute, false where the conventions have none of that name.
func Lookup(name string) (Definition, bool) {
	if d := find(name); d != nil {
		return d.Definition, true
	}
	return Definition{}, false
}

var attributes = []Definition{
	{Name: AttrRecordID, Origin: OTEP},
	{Name: AttrTenantID, Origin: Own},
	{Name: AttrWorkspaceID, Origin: Own},
	{Name: AttrWorkspaceName, Origin: Own},
	{Name: AttrBranchID, Origin: Own},
	{Name: AttrBranchName, Origin: Own},
	{Name: AttrBranchLive, Type: Bool, Origin: Own},
	{Name: AttrSchemaVersion, Origin: OTEP},

	{Name: AttrActorID, Origin: OTEP},
	{Name: AttrActorType, Origin: OTEP},
	{Name: AttrActorOnBehalfOf, Origin: Own},
	{Name: AttrUserName, Origin: Semconv},
	{Name: AttrUserFullName, Origin: Semconv},
	{Name: AttrUserEmail, Origin: Semconv},
	{Name: AttrUserRoles, Type: Strings, Origin: Semconv},

	{Name: AttrAction, Origin: OTEP},
	{Name: AttrOutcome, Origin: OTEP},
	{Name: AttrOutcomeReason, Origin: Own},
	{Name: AttrErrorType, Origin: Semconv},
	{Name: AttrExceptionMessage, Origin: Semconv},
	{Name: AttrExceptionStacktrace, Origin: Semconv},
	{Name: AttrOrigin, Origin: Own},
	{Name: AttrMessage, Origin: Own},
	{Name: AttrLabels, Type: Strings, Origin: Own},
	{Name: AttrDuration, Type: Double, Origin: Own},

	{Name: AttrTargetID, Origin: OTEP},
	{Name: AttrTargetType, Origin: OTEP},
	{Name: AttrTargetName, Origin: Own},
	{Name: AttrSourceID, Origin: OTEP},
	{Name: AttrSourceType, Origin: OTEP},
	{Name: AttrClientAddress, Origin: Semconv},
	{Name: AttrUserAgent, Origin: Semconv},
	{Name: AttrSessionID, Origin: Semconv},
	{Name: AttrAuthMethod, Origin: Own},
	{Name: AttrDetails, Type: Map, Origin: Own},
	{Name: AttrChangeBefore, Type: Map, Origin: Own},
	{Name: AttrChangeAfter, Type: Map, Origin: Own},

	{Name: AttrQueryID, Origin: Own},
	{Name: AttrQueryText, Origin: Semconv},
	{Name: AttrQueryLanguage, Origin: Own},
	{Name: AttrDBSystemName, Origin: Semconv},
	{Name: AttrQueryParameters, Type: Map, Origin: Own},
	{Name: AttrGraphQLOperationName, Origin: Semconv},
	{Name: AttrGraphQLOperationType, Origin: Semconv},
	{Name: AttrQueryCost, Type: Double, Origin: Own},
	{Name: AttrQueryBytesScanned, Type: Int, Origin: Own},
	{Name: AttrReturnedRows, Type: Int, Origin: Semconv},
	{Name: AttrDatasets, Type: Strings, Origin: Own},
	{Name: AttrIngestBytes, Type: Int, Origin: Own},
	{Name: AttrIngestRecords, Type: Int, Origin: Own},
	{Name: AttrIngestPeriod, Type: Double, Origin: Own},
	{Name: AttrExportRows, Type: Int, Origin: Own},
	{Name: AttrExportBytes, Type: Int, Origin: Own},
	{Name: AttrExportFormat, Origin: Own},

	{Name: AttrAIProvider, Origin: Semconv},
	{Name: AttrAIModel, Origin: Semconv},
	{Name: AttrAIInputTokens, Type: Int, Origin: Semconv},
	{Name: AttrAIOutputTokens, Type: Int, Origin: Semconv},
	{Name: AttrAIFeature, Origin: Own},
	{Name: AttrAIPrompt, Origin: Own},
	{Name: AttrFunctionName, Origin: Own},
	{Name: AttrFunctionInputs, Type: Map, Origin: Own},
	{Name: AttrFunctionOutputs, Type: Map, Origin: Own},

	{Name: AttrSequenceNumber, Type: Int, Origin: OTEP},
	{Name: AttrSequencePrevHash, Origin: OTEP},
	{Name: AttrIntegrityValue, Origin: OTEP},

	{Name: AttrServiceName, Origin: Semconv, Resource: true},
	{Name: AttrServiceVersion, Origin: Semconv, Resource: true},
	{Name: AttrEnvironment, Origin: Semconv, Resource: true},
	{Name: AttrProfile, Origin: Own, Resource: true},
	{Name: AttrIntegrityAlgorithm, Origin: OTEP, Resource: true},
	{Name: AttrIntegrityCertificate, Origin: OTEP, Resource: true},

	{Name: AttrReceivedTime, Type: Int, Origin: Own, Derived: true},
	{Name: AttrReceivedHash, Origin: Own, Derived: true},
	{Name: AttrQuarantineReason, Origin: Own, Derived: true},
	{Name: AttrQuarantineField, Origin: Own, Derived: true},
	{Name: AttrSequenceWarning, Origin: Own, Derived: true},
	{Name: AttrQueryRepresentation, Origin: Own, Derived: true},
	{Name: AttrQueryFingerprint, Origin: Own, Derived: true},
	{Name: AttrQuerySummary, Origin: Semconv, Derived: true},
	{Name: AttrPromptRepresentation, Origin: Own, Derived: true},
	{Name: AttrPromptLength, Type: Int, Origin: Own, Derived: true},
	{Name: AttrPromptFingerprint, Origin: Own, Derived: true},
	{Name: AttrErrorFingerprint, Origin: Own, Derived: true},
	{Name: AttrActorEnrichment, Origin: Own, Derived: true},
	{Name: AttrActorDirectory, Origin: Own, Derived: true},
	{Name: AttrDirectoryName, Origin: Own, Derived: true},
	{Name: AttrDirectoryEmail, Origin: Own, Derived: true},
	{Name: AttrDirectoryRoles, Type: Strings, Origin: Own, Derived: true},
	{Name: AttrDirectoryGroups, Type: Strings, Origin: Own, Derived: true},
	{Name: AttrDirectoryDepartment, Origin: Own, Derived: true},
	{Name: AttrDirectoryActive, Type: Bool, Origin: Own, Derived: true},
	{Name: AttrDirectoryChange, Origin: Own, Derived: true},
	{Name: AttrDirectoryValidFrom, Type: Int, Origin: Own, Derived: true},
	{Name: AttrDirectoryValidTo, Type: Int, Origin: Own, Derived: true},
	{Name: AttrCaptureLevel, Origin: Own, Derived: true},
	{Name: AttrSampleRate, Type: Double, Origin: Own, Derived: true},
	{Name: AttrRetentionDays, Type: Int, Origin: Own, Derived: true},
	{Name: AttrRecordHash, Origin: Own, Derived: true},
	{Name: AttrRedactionOutcome, Origin: Own, Derived: true},
	{Name: AttrRedactionReason, Origin: Own, Derived: true},
	{Name: AttrRedactionPolicy, Origin: Own, Derived: true},
	{Name: AttrWithheld, Type: Map, Origin: Own, Derived: true},
}

// known is a definition and what follows from it.
type known struct {
	Definition
	index  int                         // in the list
	rank   int                         // by name
	proof  bool                        // it proves the record, see [Event.AppendCanonical]
	member []byte                      // what stands in front of its value in the canonical form
	note   func(*Facts, pcommon.Value) // what is noted of its value

	textMember []byte // member and the beginning of a value that is a string
}

var definitions = func() map[string]*known {
	m := make(map[string]*known, len(attributes))
	for i, d := range attributes {
		member := appendMember(nil, d.Name)
		m[d.Name] = &known{
			Definition: d, index: i, proof: strings.HasPrefix(d.Name, proofPrefix), member: member, note: notes[d.Name],
			textMember: append(slices.Clip(member), `{"stringValue":"`...),
		}
	}
	for rank, name := range slices.Sorted(maps.Keys(m)) {
		m[name].rank = rank
	}
	return m
}()

// find gives the definition of a name, nil where the conventions have none. It is asked of every attribute of every record
// several times, so each name has a place of its own in a table, and finding one, or that there is none, is one comparison.
func find(name string) *known {
	if len(name) < minName {
		return nil
	}
	if e := &byLetters[letters(name)*letterFactor>>letterShift]; e.name == name {
		return e.known
	}
	return nil
}

// Place gives a number below [Places] to each name of the conventions, -1 to any other: for tables that are asked more often
// than a map is good for.
func Place(name string) int {
	if d := find(name); d != nil {
		return d.index
	}
	return -1
}

// Places is how many names the conventions have.
var Places = len(attributes)

// letters tells the names of the conventions apart, by length and four letters.
func letters(name string) uint64 {
	n := len(name)
	return uint64(n)<<32 | uint64(name[n/3])<<24 | uint64(name[n/2])<<16 | uint64(name[n-1-n/4])<<8 | uint64(name[n-2])
}

// minName is shorter than any name of the conventions.
const minName = 4

const letterShift = 64 - 11

type named struct {
	name  string
	known *known
}

// byLetters holds the definitions by their letters, multiplied by the first factor that gives each a place of its own.
var byLetters, letterFactor = func() (table [1 << (64 - letterShift)]named, factor uint64) {
	for try := uint64(1); try < 1<<20; try++ {
		factor = try*0x9e3779b97f4a7c15 | 1
		clear(table[:])
		apart := true
		for _, d := range definitions {
			e := &table[letters(d.Name)*factor>>letterShift]
			if apart = e.known == nil; !apart {
				break
			}
			*e = named{d.Name, d}
		}
		if apart {
			return table, factor
		}
	}
	panic("audit: two names of the conventions have the same letters") // letters has to look at more of them
}()
