package dashboards

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// DefaultDays is how many days before now a dashboard shows when it is opened.
const DefaultDays = 7

// Dashboard is a page of panels.
type Dashboard struct {
	Name        string   `yaml:"-"` // of the file, without its number
	Title       string   `yaml:"title"`
	Description string   `yaml:"description"`
	Variables   []string `yaml:"variables"` // names of variables.yaml
	Panels      []Panel  `yaml:"panels"`

	known map[string]Variable
}

// UID is the dashboard's id in Grafana, by which links name it.
func (d Dashboard) UID() string { return "audit-" + d.Name }

// Variable is a choice at the top of a dashboard. Its values are those of a query, or what somebody types.
type Variable struct {
	Label string `yaml:"label"`
	Query string `yaml:"query"` // SQL with one column; empty for a field to type into
}

// Variable gives a variable of the dashboard by its name.
func (d Dashboard) Variable(name string) Variable { return d.known[name] }

// Kinds of panels.
const (
	TimeSeries = "timeseries" // columns: `time`, the one that names the lines where there are several, and the value
	Bars       = "bars"       // the first column names the bars
	Table      = "table"
	Stat       = "stat" // one row; every column a number
)

// Panel is a chart or a table.
type Panel struct {
	SameAs      string            `yaml:"same_as"` // the panel of another dashboard, `name/title`; nothing but the width is its own then
	Title       string            `yaml:"title"`
	Description string            `yaml:"description"` // the question that it answers
	Kind        string            `yaml:"kind"`
	Width       int               `yaml:"width"`   // of 24
	Lines       string            `yaml:"lines"`   // column that names the lines of a time series
	Unit        string            `yaml:"unit"`    // Grafana's name of it
	Stacked     bool              `yaml:"stacked"` // lines on top of each other
	SQL         string            `yaml:"sql"`
	Units       map[string]string `yaml:"units"` // of columns that differ
	Links       map[string]Link   `yaml:"links"` // by column; that of a time series under `*`
}

// Link leads to another dashboard, with the value of the column that it stands at as one of its variables. The time range and the
// other variables go along.
type Link struct {
	Title     string `yaml:"title"`
	Dashboard string `yaml:"dashboard"` // name of the file without its number
	Variable  string `yaml:"variable"`
}

// Alert is a rule that fires while its query gives rows: each row is an instance, labelled by its columns of text.
type Alert struct {
	Title     string `yaml:"title"`
	Summary   string `yaml:"summary"`   // Go template of Grafana's, with $labels and $values.A
	Severity  string `yaml:"severity"`  // info, warning or critical
	Every     string `yaml:"every"`     // how often it is asked
	Range     int    `yaml:"range"`     // seconds before now that $__fromTime means
	Dashboard string `yaml:"dashboard"` // where to look
	SQL       string `yaml:"sql"`       // columns of text, and one number that is more than 0
}

var (
	macros    = regexp.MustCompile(`\$\{?\w+`)
	allowed   = regexp.MustCompile(`^\$(__fromTime|__toTime|__timeFilter|__timeInterval|__interval_s|__conditionalAll)$`)
	reference = regexp.MustCompile(`^\$\{?(\w+)$`)
)

func (d Dashboard) validate() error {
	if d.Title == "" || d.Description == "" || len(d.Panels) == 0 {
		return errors.New("a dashboard has a title, a description and panels")
	}
	for _, name := range d.Variables {
		if _, ok := d.known[name]; !ok {
			return fmt.Errorf("variables: %q is not in %s", name, variablesFile)
		}
	}
	for _, p := range d.Panels {
		if err := p.validate(d.Variables); err != nil {
			return fmt.Errorf("panel %q: %w", p.Title, err)
		}
	}
	return nil
}

func (p Panel) validate(variables []string) error {
	switch {
	case p.Title == "" || p.Description == "" || p.SQL == "":
		return errors.New("a panel has a title, a description and sql")
	case !slices.Contains([]string{TimeSeries, Bars, Table, Stat}, p.Kind):
		return fmt.Errorf("kind: %q is none of timeseries, bars, table, stat", p.Kind)
	case p.Width < 4 || p.Width > 24:
		return fmt.Errorf("width: %d is not between 4 and 24", p.Width)
	case p.Lines != "" && (p.Kind != TimeSeries || !strings.Contains(p.SQL, p.Lines)):
		return fmt.Errorf("lines: %q is no column of a time series", p.Lines)
	}
	return validateSQL(p.SQL, variables)
}

func (a Alert) validate() error {
	switch {
	case a.Title == "" || a.Summary == "" || a.SQL == "" || a.Every == "" || a.Range <= 0 || a.Dashboard == "":
		return errors.New("an alert has a title, a summary, sql, every, range and dashboard")
	case !slices.Contains([]string{"info", "warning", "critical"}, a.Severity):
		return fmt.Errorf("severity: %q is none of info, warning, critical", a.Severity)
	}
	return validateSQL(a.SQL, nil)
}

// validateSQL finds a macro that is not expanded everywhere, and a variable that the dashboard does not have: Grafana would send
// either to the database as it stands.
func validateSQL(sql string, variables []string) error {
	for _, word := range macros.FindAllString(sql, -1) {
		if !allowed.MatchString(word) && !slices.Contains(variables, reference.FindStringSubmatch(word)[1]) {
			return fmt.Errorf("sql: %s is neither a macro that package macro knows nor a variable of the dashboard", word)
		}
	}
	return nil
}
