package policy

// Document is what a policy says. It stands in the processor's configuration or in a file of its own, under the same keys.
type Document struct {
	// Name is 1 to 64 of A-Z, a-z, 0-9, ".", "-" and "_".
	Name string `mapstructure:"name" json:"name"`
	// Version is at least 1, and to be raised with every change.
	Version int `mapstructure:"version" json:"version"`
	// Default is for events that no rule matches.
	Default Default `mapstructure:"default" json:"default"`
	// Plans are retentions by tenant. The first that names the tenant of an event counts.
	Plans []Plan `mapstructure:"plans" json:"plans,omitempty"`
	// Protected are events that no rule may switch off, beside those that never may be: see [Policy.Decide].
	Protected []Match `mapstructure:"protected" json:"protected,omitempty"`
	// ReadOnly are events that change nothing. Only they may be sampled.
	ReadOnly []Match `mapstructure:"read_only" json:"read_only,omitempty"`
	// Rules are in order: the first that matches an event counts.
	Rules []Rule `mapstructure:"rules" json:"rules,omitempty"`
}

// Silent reports whether the document says nothing but its name and version.
func (d *Document) Silent() bool {
	return d.Default == Default{} && len(d.Plans)+len(d.Protected)+len(d.ReadOnly)+len(d.Rules) == 0
}

// Default is what holds where no rule says otherwise.
type Default struct {
	// Level is metadata, standard (where it is empty) or verbose.
	Level string `mapstructure:"level" json:"level,omitempty"`
	// RetentionDays is 0 for no limit, at most [MaxRetentionDays]; nil leaves it open, which is no limit too.
	RetentionDays *int `mapstructure:"retention_days" json:"retention_days,omitempty"`
}

// Plan is the retention of some tenants.
type Plan struct {
	Name          string   `mapstructure:"name" json:"name,omitempty"`
	Tenants       []string `mapstructure:"tenants" json:"tenants"`
	RetentionDays *int     `mapstructure:"retention_days" json:"retention_days"`
}

// Rule says what becomes of the events that it matches.
type Rule struct {
	// Name is for people, and for the explanation of a decision. It may be empty.
	Name string `mapstructure:"name" json:"name,omitempty"`
	// Match is what an event must have. An empty one matches every event.
	Match Match `mapstructure:"match" json:"match"`
	// Level is none, metadata, standard, verbose or custom; that of the default where it is empty.
	Level string `mapstructure:"level" json:"level,omitempty"`
	// Attributes are what custom keeps beside what every level does: names, or beginnings of names followed by "*".
	Attributes []string `mapstructure:"attributes" json:"attributes,omitempty"`
	// RetentionDays is instead of that of plan and default. Of a protected event it can only lengthen it.
	RetentionDays *int `mapstructure:"retention_days" json:"retention_days,omitempty"`
	// Sample is the share of the read-only events that is kept, over 0 and at most 1; all where it is nil.
	Sample *float64 `mapstructure:"sample" json:"sample,omitempty"`
}

// Match says which events are meant: those of which every list that is not empty has a pattern for the event. In a pattern,
// "*" is any text and "?" any one character.
type Match struct {
	Tenant     []string `mapstructure:"tenant" json:"tenant,omitempty"`
	ActorID    []string `mapstructure:"actor_id" json:"actor_id,omitempty"`
	ActorType  []string `mapstructure:"actor_type" json:"actor_type,omitempty"`
	Email      []string `mapstructure:"email" json:"email,omitempty"`
	Role       []string `mapstructure:"role" json:"role,omitempty"`
	Group      []string `mapstructure:"group" json:"group,omitempty"`
	Department []string `mapstructure:"department" json:"department,omitempty"`
	Event      []string `mapstructure:"event" json:"event,omitempty"`
	Action     []string `mapstructure:"action" json:"action,omitempty"`
	TargetType []string `mapstructure:"target_type" json:"target_type,omitempty"`
	Origin     []string `mapstructure:"origin" json:"origin,omitempty"`
	Profile    []string `mapstructure:"profile" json:"profile,omitempty"`
}

// fields lists the lists of a match, in the order in which an event is compared: what tells events apart cheaply comes first.
func (m *Match) fields() []list {
	return []list{
		{"action", &m.Action, action},
		{"event", &m.Event, event},
		{"tenant", &m.Tenant, tenant},
		{"target_type", &m.TargetType, targetType},
		{"origin", &m.Origin, origin},
		{"profile", &m.Profile, profile},
		{"actor_type", &m.ActorType, actorType},
		{"actor_id", &m.ActorID, actorID},
		{"email", &m.Email, email},
		{"department", &m.Department, department},
		{"role", &m.Role, role},
		{"group", &m.Group, group},
	}
}

// list is one list of a match.
type list struct {
	key      string
	patterns *[]string
	field    field
}
