package questions

import (
	"encoding/json"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/profile"
)

// event is an audit event as Go sees it. Zero values are not sent; measures, of which 0 is a value, are pointers.
type event struct {
	ID          string
	Time        time.Time
	Service     string // "questions" where empty
	Environment string
	Tenant      string
	Name        string

	Workspace, WorkspaceName string
	Branch, BranchName       string
	Live                     *bool

	Action, Outcome    string // outcome: success where empty
	Reason, ErrorType  string
	Exception, Stack   string
	Origin, Message    string
	Labels             []string
	Duration           *float64 // seconds
	Actor, ActorType   string   // type: user where empty
	OnBehalfOf         string
	UserName, Email    string
	Roles              []string
	TargetType, Target string
	TargetName         string
	Address, Session   string
	UserAgent, Auth    string
	Details            map[string]any
	Before, After      map[string]any

	QueryID, Language string
	Query             string // text
	Shape             string // the representation that the processor must make of it; not sent
	Operation         string // GraphQL operation name
	Parameters        map[string]any
	Cost              *float64 // GB·ms
	Scanned, Returned *int64
	Datasets          []string

	IngestBytes, IngestRecords *int64
	ExportRows, ExportBytes    *int64
	ExportFormat               string

	Provider, Model, Feature, Prompt string
	InputTokens, OutputTokens        *int64

	Function        string
	Inputs, Outputs map[string]any

	// Profile and Body are a product's own event, as one of its documents has it. All but ID, Tenant, Service and Time, when it
	// was observed, is left to the mapping then.
	Profile string
	Body    map[string]any
}

func some[T any](v T) *T { return &v }

// value is that of a measure, zero where there is none.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// isExecution and isCosted are what schema.md counts as executions and as costed executions.
func (e event) isExecution() bool { return e.Shape != "" }
func (e event) isCosted() bool    { return e.Cost != nil }

func (e event) appendTo(logs plog.Logs) {
	rl := logs.ResourceLogs().AppendEmpty()
	resource := attributes{rl.Resource().Attributes()}
	resource.text(audit.AttrServiceName, withDefault(e.Service, "questions"))
	resource.text(audit.AttrProfile, e.Profile)
	resource.text(audit.AttrEnvironment, e.Environment)
	r := rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	a := attributes{r.Attributes()}
	a.text(audit.AttrRecordID, e.ID)
	a.text(audit.AttrTenantID, e.Tenant)
	if e.Body != nil {
		text, err := json.Marshal(e.Body) // as text, because a map would give its keys in another order each time
		if err != nil {
			panic(err)
		}
		r.Body().SetStr(string(text))
		r.SetObservedTimestamp(pcommon.NewTimestampFromTime(e.Time))
		// What is mapped here is canonical, and is mapped by nobody after.
		mapping, ok := profile.Builtin().Select(e.Profile)
		if !ok {
			panic("there is no profile " + e.Profile)
		}
		if err := mapping.Apply(resource.Map, r); err != nil {
			panic(e.ID + ": " + err.Error())
		}
		return
	}
	r.SetTimestamp(pcommon.NewTimestampFromTime(e.Time))
	r.SetEventName(e.Name)
	e.putAction(a)
	e.putObjects(a)
	e.putQuery(a)
}

func (e event) putAction(a attributes) {
	a.text(audit.AttrWorkspaceID, e.Workspace)
	a.text(audit.AttrWorkspaceName, e.WorkspaceName)
	a.text(audit.AttrBranchID, e.Branch)
	a.text(audit.AttrBranchName, e.BranchName)
	a.flag(audit.AttrBranchLive, e.Live)
	a.text(audit.AttrAction, e.Action)
	a.text(audit.AttrOutcome, withDefault(e.Outcome, audit.OutcomeSuccess))
	a.text(audit.AttrOutcomeReason, e.Reason)
	a.text(audit.AttrErrorType, e.ErrorType)
	a.text(audit.AttrExceptionMessage, e.Exception)
	a.text(audit.AttrExceptionStacktrace, e.Stack)
	a.text(audit.AttrOrigin, e.Origin)
	a.text(audit.AttrMessage, e.Message)
	a.texts(audit.AttrLabels, e.Labels)
	a.double(audit.AttrDuration, e.Duration)
}

func (e event) putObjects(a attributes) {
	a.text(audit.AttrActorID, e.Actor)
	a.text(audit.AttrActorType, withDefault(e.ActorType, audit.ActorUser))
	a.text(audit.AttrActorOnBehalfOf, e.OnBehalfOf)
	a.text(audit.AttrUserFullName, e.UserName)
	a.text(audit.AttrUserEmail, e.Email)
	a.texts(audit.AttrUserRoles, e.Roles)
	a.text(audit.AttrTargetType, e.TargetType)
	a.text(audit.AttrTargetID, e.Target)
	a.text(audit.AttrTargetName, e.TargetName)
	a.text(audit.AttrClientAddress, e.Address)
	a.text(audit.AttrSessionID, e.Session)
	a.text(audit.AttrUserAgent, e.UserAgent)
	a.text(audit.AttrAuthMethod, e.Auth)
	a.tree(audit.AttrDetails, e.Details)
	a.tree(audit.AttrChangeBefore, e.Before)
	a.tree(audit.AttrChangeAfter, e.After)
}

func (e event) putQuery(a attributes) {
	a.text(audit.AttrQueryID, e.QueryID)
	a.text(audit.AttrQueryLanguage, e.Language)
	a.text(audit.AttrQueryText, e.Query)
	a.text(audit.AttrGraphQLOperationName, e.Operation)
	a.tree(audit.AttrQueryParameters, e.Parameters)
	a.double(audit.AttrQueryCost, e.Cost)
	a.integer(audit.AttrQueryBytesScanned, e.Scanned)
	a.integer(audit.AttrReturnedRows, e.Returned)
	a.texts(audit.AttrDatasets, e.Datasets)
	a.integer(audit.AttrIngestBytes, e.IngestBytes)
	a.integer(audit.AttrIngestRecords, e.IngestRecords)
	a.integer(audit.AttrExportRows, e.ExportRows)
	a.integer(audit.AttrExportBytes, e.ExportBytes)
	a.text(audit.AttrExportFormat, e.ExportFormat)
	a.text(audit.AttrAIProvider, e.Provider)
	a.text(audit.AttrAIModel, e.Model)
	a.text(audit.AttrAIFeature, e.Feature)
	a.text(audit.AttrAIPrompt, e.Prompt)
	a.integer(audit.AttrAIInputTokens, e.InputTokens)
	a.integer(audit.AttrAIOutputTokens, e.OutputTokens)
	a.text(audit.AttrFunctionName, e.Function)
	a.tree(audit.AttrFunctionInputs, e.Inputs)
	a.tree(audit.AttrFunctionOutputs, e.Outputs)
}

func withDefault(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// attributes leaves out what is absent.
type attributes struct{ pcommon.Map }

func (a attributes) text(name, v string) {
	if v != "" {
		a.PutStr(name, v)
	}
}

func (a attributes) texts(name string, v []string) {
	if v != nil {
		list := a.PutEmptySlice(name)
		for _, s := range v {
			list.AppendEmpty().SetStr(s)
		}
	}
}

func (a attributes) flag(name string, v *bool) {
	if v != nil {
		a.PutBool(name, *v)
	}
}

func (a attributes) integer(name string, v *int64) {
	if v != nil {
		a.PutInt(name, *v)
	}
}

func (a attributes) double(name string, v *float64) {
	if v != nil {
		a.PutDouble(name, *v)
	}
}

func (a attributes) tree(name string, v map[string]any) {
	if v != nil {
		if err := a.PutEmptyMap(name).FromRaw(v); err != nil {
			panic(err)
		}
	}
}
