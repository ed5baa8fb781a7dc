package redact

import (
	"strconv"
	"strings"

	"github.com/otelaudit/otelaudit/internal/pseudonym"
	"github.com/otelaudit/otelaudit/internal/redact/detect"
)

// Prompter says of a prompt how long it is, which language it seems to be in, and how many personal values and secrets of which
// class were found in it: `length=812 language=en email=2 card=1`. Where masked text is released it follows after a line break.
// Detectors cannot find everything, so text is released only where the operator asks for it.
type Prompter struct {
	keys    *pseudonym.Keys
	mask    detect.Masker
	release bool
}

// NewPrompter gives a Prompter. release lets the text through with what the detectors find replaced.
func NewPrompter(keys *pseudonym.Keys, release bool) Prompter {
	return Prompter{keys: keys, mask: detect.NewMasker(keys), release: release}
}

// Prompt implements [Prompts].
func (p Prompter) Prompt(text string) Prompt {
	counts := detect.Count(text)
	out := Prompt{Fingerprint: p.keys.Fingerprint(pseudonym.Prompt, text), Reason: PromptWithheld}
	profile := appendPromptProfile(nil, text, &counts)
	if p.release {
		if masked, ok := p.masked(text); ok {
			profile = append(append(profile, '\n'), masked...)
			out.Reason = PromptMasked
		}
	}
	out.Representation = string(profile)
	return out
}

// masked gives the text with every value that was found replaced, false where there are too many to replace.
func (p Prompter) masked(text string) (string, bool) {
	var counts detect.Counts
	masked, changed, ok := p.mask.Append(nil, text, detect.All, &counts)
	if !changed {
		return text, ok
	}
	return string(masked), ok
}

func appendPromptProfile(dst []byte, text string, counts *detect.Counts) []byte {
	dst = strconv.AppendInt(append(dst, "length="...), int64(len(text)), 10)
	dst = append(append(dst, " language="...), guessLanguage(text)...)
	for class, n := range counts {
		if n > 0 {
			dst = append(append(dst, ' '), detect.Class(class).String()...)
			dst = strconv.AppendInt(append(dst, '='), int64(n), 10)
		}
	}
	return dst
}

// maxGuessed is how much of a text the guess of its language reads, in bytes.
const maxGuessed = 4096

// guessLanguage guesses the language of a text: by its script where that tells, else by the small words that are frequent in one
// language and rare in the others. It gives an ISO 639-1 code, or "und" where nothing can be told (RFC 5646, section 4.1).
func guessLanguage(text string) string {
	text = text[:min(len(text), maxGuessed)]
	if code := languageOfScript(text); code != "" {
		return code
	}
	scores := map[string]int{}
	best, second := "", ""
	for _, word := range strings.FieldsFunc(strings.ToLower(text), notALetter) {
		for _, code := range smallWords[word] {
			scores[code]++
		}
	}
	for _, code := range latinLanguages {
		switch {
		case best == "" || scores[code] > scores[best]:
			best, second = code, best
		case second == "" || scores[code] > scores[second]:
			second = code
		}
	}
	if scores[best] < 2 || scores[best] == scores[second] {
		return "und"
	}
	return best
}

func notALetter(r rune) bool { return r < 0x80 && (r < 'a' || r > 'z') }
