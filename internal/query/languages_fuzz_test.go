package query

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

// fuzzEnds are put behind the text that is fuzzed: literals and a comment with a canary in them, in a place where a
// complete text of the language goes on. Where the text is not complete, a quote of it may take them for something else;
// nothing of the canary may be told then either.
var fuzzEnds = map[Language][]string{
	APL:     {"\n| where zz == \"Qz7Rk2Vw8Lm\" and yy == @'Qz7Rk2Vw8Lm' // Qz7Rk2Vw8Lm it's", "\n| extend x = datetime(Qz7Rk2Vw8Lm), y = 83514277Qz7Rk2Vw8Lm"},
	OPAL:    {"\nfilter zz = \"Qz7Rk2Vw8Lm\" and yy ~ /Qz7Rk2Vw8Lm/ // Qz7Rk2Vw8Lm it's", "\nfilter a ~ Qz7Rk2Vw8Lm or b = 83514277Qz7Rk2Vw8Lm"},
	PromQL:  {"\n+ zz{yy=\"Qz7Rk2Vw8Lm\"}[83514277m] # Qz7Rk2Vw8Lm it's", "\n/ 83514277Qz7Rk2Vw8Lm"},
	LogQL:   {"\n|= \"Qz7Rk2Vw8Lm\" | json a=\"Qz7Rk2Vw8Lm\" # Qz7Rk2Vw8Lm it's", "\n| line_format `Qz7Rk2Vw8Lm` | a > 83514277Qz7Rk2Vw8Lm"},
	GraphQL: {"\n{ zz(yy: \"Qz7Rk2Vw8Lm\", xx: 83514277) { ww } } # Qz7Rk2Vw8Lm it's", "\n{ zz(yy: [Qz7Rk2Vw8Lm, {ww: \"Qz7Rk2Vw8Lm\"}]) }"},
}

// toldBytes are the bytes that may stand in what is told of a query.
var toldBytes = regexp.MustCompile("^[A-Za-z0-9_ ,;:.?!$@&|~^*/%+=<>(){}\\[\\]'`-]*$")

// longWord finds what is too long to come from nowhere.
var longWord = regexp.MustCompile(`[A-Za-z]{6,}`)

func fuzzLanguage(f *testing.F, lang Language) {
	f.Helper()
	for i := range languageCorpora {
		if languageCorpora[i].lang == lang {
			for _, query := range readSlots(f, languageCorpora[i].slots) {
				f.Add(unmark(query))
				f.Add(unmark(query)[:len(unmark(query))/2])
			}
		}
	}
	for _, beginning := range hostileBeginnings[lang] {
		for _, piece := range hostilePieces {
			f.Add(beginning + piece + piece)
		}
	}
	kept, strict := New(testOptions(NamesKept)), New(testOptions(NamesPseudonymised))
	f.Fuzz(func(t *testing.T, text string) {
		for _, end := range fuzzEnds[lang] {
			if res := kept.Represent(lang, "", text+end); leaked(res, "Qz7Rk2Vw8Lm")+leaked(res, "83514277") != "" && !strings.Contains(text, "Qz7Rk2") {
				t.Fatalf("%q: %s", text+end, res.Representation)
			}
		}
		res := strict.Represent(lang, "", text)
		if res.Outcome < Redacted && res.Reason == ReasonNone || res.Outcome >= Redacted && res.Reason != ReasonNone {
			t.Fatalf("%q: outcome %s with reason %q", text, res.Outcome, res.Reason)
		}
		res = kept.Represent(lang, "", text)
		if !toldBytes.Match(res.Representation) || !toldBytes.Match(res.Summary) {
			t.Fatalf("%q: %s, %s", text, res.Representation, res.Summary)
		}
		low := bytes.ToLower([]byte(text))
		for _, word := range longWord.FindAll(res.Representation, -1) {
			if !bytes.Contains(low, bytes.ToLower(word)) && !bytes.Contains(res.Representation, []byte("h1:")) {
				t.Fatalf("%q: %s is in no such text", text, word)
			}
		}
		if res.Outcome < Redacted {
			return
		}
		told, fingerprint := string(res.Representation), res.Fingerprint
		if again := kept.Represent(lang, "", told); string(again.Representation) != told || again.Fingerprint != fingerprint {
			t.Fatalf("%q: %s becomes %s (%s)", text, told, again.Representation, again.Reason)
		}
	})
}

func FuzzAPL(f *testing.F)     { fuzzLanguage(f, APL) }
func FuzzOPAL(f *testing.F)    { fuzzLanguage(f, OPAL) }
func FuzzPromQL(f *testing.F)  { fuzzLanguage(f, PromQL) }
func FuzzLogQL(f *testing.F)   { fuzzLanguage(f, LogQL) }
func FuzzGraphQL(f *testing.F) { fuzzLanguage(f, GraphQL) }
