package query

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNamesThatLookLikeNamesStay(t *testing.T) {
	for name, want := range map[string]string{
		"users":                  "users",
		"_private":               "_private",
		"axiom-audit":            "axiom-audit",
		"v$session":              "v$session",
		"covid19":                "covid19",
		"c3po":                   "c3po",
		"utf8mb4":                "utf8mb4",
		"events_2024":            "events_0",
		"events_20240131_v2":     "events_0_v2",
		"decade":                 "decade",
		"facade1":                "facade1",
		strings.Repeat("a", 64):  strings.Repeat("a", 64),
		"":                       "",
		"jane@corp.com":          "",
		"right$$jane$$":          "",
		"as$tag$jane$tag$":       "",
		"first name":             "",
		"客户":                     "",
		"1st":                    "",
		"tmp_deadbeef01":         "",
		"x7k2m9":                 "",
		"k_a1b2c3d4":             "",
		strings.Repeat("a", 65):  "",
		"eyJhbGciOiJIUzI1NiJ9.e": "",
	} {
		w := newTestWriter(NamesKept)
		w.name(name, false)
		if want == "" {
			assert.Regexp(t, "^`h1:test:[A-Z2-7]{26}`$", string(w.out), name)
			assert.True(t, w.redacted)
			continue
		}
		assert.Equal(t, want, string(w.out), name)
		again, kept := appendName(nil, want, &w.opts, &w.scratch)
		assert.True(t, kept)
		assert.Equal(t, want, string(again), "a masked name masks to itself")
	}
}

func TestAPseudonymStaysAsItIs(t *testing.T) {
	for _, names := range []Names{NamesKept, NamesPseudonymised} {
		w := newTestWriter(names)
		w.name("first name", false)
		first := string(w.out)
		w.begin(w.syntax)
		w.name(strings.Trim(first, "`"), false)
		assert.Equal(t, first, string(w.out))
	}
	for _, no := range []string{
		"h1::" + strings.Repeat("A", 26), "h1:k:" + strings.Repeat("a", 26), "h1:k-k:" + strings.Repeat("A", 26),
		"h2:k:" + strings.Repeat("A", 26), "h1:k:" + strings.Repeat("A", 25), "",
	} {
		assert.False(t, isPseudonym(no), no)
	}
}

func TestEveryNameIsAPseudonymWhereThePolicySaysSo(t *testing.T) {
	w := newTestWriter(NamesPseudonymised)
	w.name("users", false)
	assert.NotContains(t, string(w.out), "users")
	assert.True(t, isPseudonym(strings.Trim(string(w.out), "`")))
}
