package questions

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// memberOf is testdata/users.yaml.
var memberOf = map[string][]string{"alice": {"platform", "on-call"}, "carol": {"search"}, "dave": {"support"}}

type somebody struct{ tenant, actor string }

// profilesOf are the shares of each user's operations.
func profilesOf(events []event) map[somebody]map[string]float64 {
	out := map[somebody]map[string]float64{}
	for who, es := range groups(slices.DeleteFunc(slices.Clone(events), func(e event) bool { return e.Action == "REPORT" }), func(e event) somebody { return somebody{e.Tenant, e.Actor} }) {
		out[who] = map[string]float64{}
		for operation, of := range groups(es, func(e event) string { return strings.TrimSpace(e.Action + " " + e.TargetType) }) {
			out[who][operation] = float64(len(of)) / float64(len(es))
		}
	}
	return out
}

// patternOf are the two operations of the largest shares, of at least a tenth.
func patternOf(profile map[string]float64) []string {
	var operations []string
	for operation, share := range profile {
		if share >= 0.1 {
			operations = append(operations, operation)
		}
	}
	slices.SortFunc(operations, func(a, b string) int { return -cmp.Or(cmp.Compare(profile[a], profile[b]), strings.Compare(a, b)) })
	operations = operations[:min(2, len(operations))]
	slices.Sort(operations)
	if len(operations) == 0 {
		return []string{"mixed"}
	}
	return operations
}

func cosine(a, b map[string]float64) float64 {
	product, lengthA, lengthB := 0.0, 0.0, 0.0
	for operation, share := range a {
		product += share * b[operation]
		lengthA += share * share
	}
	for _, share := range b {
		lengthB += share * share
	}
	return product / math.Sqrt(lengthA) / math.Sqrt(lengthB)
}

func TestUsageProfiles(t *testing.T) {
	from, to := at(1, 0), at(28, 0)
	profiles := profilesOf(within(from, to, func(event) bool { return true }))
	teams := map[somebody]map[string]float64{} // of a group: the sum of its members' profiles
	for who, profile := range profiles {
		for _, group := range memberOf[who.actor] {
			team := somebody{who.tenant, group}
			if teams[team] == nil {
				teams[team] = map[string]float64{}
			}
			for operation, share := range profile {
				teams[team][operation] += share
			}
		}
	}
	type row struct {
		Tenant     string             `json:"tenant_id"`
		Actor      string             `json:"actor_id"`
		Groups     []string           `json:"directory_groups"`
		Pattern    []string           `json:"pattern"`
		Profile    map[string]float64 `json:"profile"`
		Nearest    string             `json:"nearest_group"`
		Similarity float64            `json:"similarity"`
	}
	got := ask[row](t, `SELECT tenant_id, actor_id, directory_groups, pattern, profile, nearest_group, similarity
		FROM audit.usage_profiles(from = {from:DateTime64(9)}, to = {to:DateTime64(9)})`, params{"from": from, "to": to})
	assert.Len(t, got, len(profiles))
	for _, r := range got {
		who := somebody{r.Tenant, r.Actor}
		assert.Equal(t, patternOf(profiles[who]), r.Pattern, who)
		assert.ElementsMatch(t, memberOf[r.Actor], r.Groups, who)
		assert.InDeltaMapValues(t, profiles[who], r.Profile, 1e-9, who)
		best := 0.0
		for team, profile := range teams {
			if team.tenant == r.Tenant {
				best = max(best, cosine(profiles[who], profile))
			}
		}
		assert.InDelta(t, best, r.Similarity, 1e-9, who)
		if r.Nearest != "" {
			assert.InDelta(t, best, cosine(profiles[who], teams[somebody{r.Tenant, r.Nearest}]), 1e-9, who)
		}
	}
}

func TestUsagePatterns(t *testing.T) {
	from, to := at(1, 0), at(28, 0)
	type row struct {
		Tenant         string   `json:"tenant_id"`
		Pattern        []string `json:"pattern"`
		PatternUsers   int      `json:"pattern_users"`
		PatternEvents  int      `json:"pattern_events"`
		Group          string   `json:"group"`
		GroupUsers     int      `json:"group_users"`
		Users          int      `json:"users"`
		ShareOfPattern float64  `json:"share_of_pattern"`
		ShareOfGroup   float64  `json:"share_of_group"`
		Lift           float64  `json:"lift"`
		Actors         []string `json:"actor_ids"`
	}
	type cell struct{ tenant, pattern, group string }
	active := within(from, to, func(e event) bool { return e.Action != "REPORT" })
	cells, patterns, sizes, everybody, counts := map[cell][]string{}, map[cell]int{}, map[cell]int{}, map[string]int{}, map[cell]int{}
	for who, profile := range profilesOf(active) {
		pattern := strings.Join(patternOf(profile), "\n")
		everybody[who.tenant]++
		patterns[cell{who.tenant, pattern, ""}]++
		counts[cell{who.tenant, pattern, ""}] += len(groups(active, func(e event) somebody { return somebody{e.Tenant, e.Actor} })[who])
		teams := memberOf[who.actor]
		if teams == nil {
			teams = []string{""}
		}
		for _, group := range teams {
			cells[cell{who.tenant, pattern, group}] = append(cells[cell{who.tenant, pattern, group}], who.actor)
			sizes[cell{who.tenant, "", group}]++
		}
	}
	want := []row{}
	for c, actors := range cells {
		slices.Sort(actors)
		pattern, size := patterns[cell{c.tenant, c.pattern, ""}], sizes[cell{c.tenant, "", c.group}]
		share := float64(len(actors)) / float64(pattern)
		want = append(want, row{
			c.tenant, strings.Split(c.pattern, "\n"), pattern, counts[cell{c.tenant, c.pattern, ""}], c.group, size, len(actors), share,
			float64(len(actors)) / float64(size), share / (float64(size) / float64(everybody[c.tenant])), actors,
		})
	}
	assert.ElementsMatch(t, want, ask[row](t, `SELECT * FROM audit.usage_patterns(from = {from:DateTime64(9)}, to = {to:DateTime64(9)})`, params{"from": from, "to": to}))
}

func TestActiveActors(t *testing.T) {
	from, to := at(1, 0), at(28, 0)
	want := []string{}
	for who, es := range groups(within(from, to, func(event) bool { return true }), func(e event) somebody { return somebody{e.Tenant, e.Actor} }) {
		slices.SortFunc(es, newest)
		want = append(want, strings.Join([]string{who.tenant, who.actor, person(es[0]), es[len(es)-1].Time.Format("2006-01-02T15:04:05.000000000Z")}, "\t"))
	}
	assert.ElementsMatch(t, want, lines(t, `SELECT tenant_id, actor_id, name, first_time FROM audit.active_actors(from = {from:DateTime64(9)}, to = {to:DateTime64(9)})`,
		params{"from": from, "to": to}))
}
