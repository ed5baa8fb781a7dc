package query

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWhatIsNoTextOfALanguageIsWithheld(t *testing.T) {
	r := New(testOptions(NamesKept))
	for name, tc := range map[string]struct {
		lang Language
		text string
		want Reason
	}{
		"no language":      {"", "SELECT a FROM t", ReasonLanguage},
		"another language": {"cobol", "SELECT a FROM t", ReasonLanguage},
		"other":            {Other, "SELECT a FROM t", ReasonLanguage},
		"too long":         {SQL, strings.Repeat(" ", MaxLength+1), ReasonTooLong},
		"not UTF-8":        {SQL, "SELECT \xff FROM t", ReasonNotUTF8},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, Result{Length: len(tc.text), Reason: tc.want}, r.Represent(tc.lang, "", tc.text))
		})
	}
}

func TestACharacterCutInTwoIsTrimmed(t *testing.T) {
	for text, want := range map[string]string{"": "", "a": "a", "aé": "aé", "a\xc3": "a", "a\xe5\xae": "a", "a\xf0\x9f\x98": "a", "a\xff": "a\xff", "\xae\xae": "\xae\xae"} {
		assert.Equal(t, want, trimBrokenRune(text))
	}
}
