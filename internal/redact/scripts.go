package redact

import (
	"strings"
	"unicode"
)

// scripts are those that tell a language, or the most likely one.
var scripts = []struct {
	table *unicode.RangeTable
	code  string
}{
	{unicode.Hiragana, "ja"},
	{unicode.Katakana, "ja"},
	{unicode.Hangul, "ko"},
	{unicode.Han, "zh"},
	{unicode.Cyrillic, "ru"},
	{unicode.Greek, "el"},
	{unicode.Arabic, "ar"},
	{unicode.Hebrew, "he"},
	{unicode.Devanagari, "hi"},
	{unicode.Thai, "th"},
}

// languageOfScript gives the language of the script that at least a third of the letters of a text are in, empty for Latin
// letters. Japanese writes Chinese characters among its own, so a few of its own decide.
func languageOfScript(text string) string {
	letters, japanese := 0, 0
	counts := map[string]int{}
	for _, r := range text {
		if r < 0x80 {
			if unicode.IsLetter(r) {
				letters++
			}
			continue
		}
		if !unicode.IsLetter(r) {
			continue
		}
		letters++
		for _, s := range scripts {
			if unicode.Is(s.table, r) {
				counts[s.code]++
				if s.code == "ja" {
					japanese++
				}
				break
			}
		}
	}
	for _, s := range scripts {
		n := counts[s.code]
		if s.code == "ja" && japanese > 0 {
			n += counts["zh"]
		}
		if n > 0 && 3*n >= letters {
			return s.code
		}
	}
	return ""
}

var latinLanguages = []string{"en", "de", "fr", "es", "it", "pt", "nl"}

// smallWords gives the languages in which a word is among the most frequent.
var smallWords = func() map[string][]string {
	m := map[string][]string{}
	for code, words := range map[string]string{
		"en": "the of and to is that it for was with are this have from what how can you not please which",
		"de": "der die das und ist nicht ein eine mit auf für von den dem zu wie was ich sie wir bitte auch",
		"fr": "le la les des et est une que pour dans qui sur avec pas vous nous je du au ce comment",
		"es": "el la los las de que y en un una es por con para no se lo como más pero cómo qué",
		"it": "il di che è la e un una per non con sono come mi gli della del alla si questo",
		"pt": "o a os as de que e em um uma é por com para não se como mais mas do da no na",
		"nl": "de het een en van is dat niet met op voor zijn hoe wat ik je wij ook aan te",
	} {
		for word := range strings.FieldsSeq(words) {
			m[word] = append(m[word], code)
		}
	}
	return m
}()
