package detect

import "github.com/otelaudit/otelaudit/internal/pseudonym"

// MaxValues is how many values are replaced in one text. A text with more is a list of personal data: [Masker.Append] refuses
// it, which also bounds by how much masking makes a text longer.
const MaxValues = 1000

// Counts are how many values of each class were found.
type Counts [NumClasses]int

// Personal is the number of personal values.
func (c *Counts) Personal() int { return c.sum(0, JWT) }

// Secret is the number of secrets.
func (c *Counts) Secret() int { return c.sum(JWT, classes) }

func (c *Counts) sum(first, end Class) (n int) {
	for _, v := range c[first:end] {
		n += v
	}
	return n
}

// Count counts the values in a text without changing it.
func Count(text string) (c Counts) {
	for pos := 0; ; {
		span, ok := Find(text, pos, All)
		if !ok {
			return c
		}
		c[span.Class]++
		pos = span.End
	}
}

// Whole gives the class of a text that is one value and nothing else, spaces around it aside.
func Whole(text string) (Class, bool) {
	start, end := 0, len(text)
	for start < end && text[start] == ' ' {
		start++
	}
	for end > start && text[end-1] == ' ' {
		end--
	}
	span, ok := Find(text[:end], start, All)
	return span.Class, ok && span.Start == start && span.End == end
}

// Masker replaces the values in texts.
type Masker struct {
	keys *pseudonym.Keys
}

// NewMasker gives a Masker that makes pseudonyms with keys.
func NewMasker(keys *pseudonym.Keys) Masker { return Masker{keys} }

// Append appends text to dst with every value of the scope replaced, and adds to counts what it replaced. Where nothing was
// found it appends nothing and changed is false, so that ordinary text is not copied. Where there are more than [MaxValues] ok
// is false and what was appended must not be used.
func (m Masker) Append(dst []byte, text string, scope Scope, counts *Counts) (out []byte, changed, ok bool) {
	pos := 0
	for n := 0; ; n++ {
		span, found := Find(text, pos, scope)
		if !found {
			break
		}
		if n == MaxValues {
			return dst, true, false
		}
		counts[span.Class]++
		dst = append(dst, text[pos:span.Start]...)
		dst = m.AppendValue(dst, span.Class, text[span.Start:span.End])
		pos = span.End
	}
	if pos == 0 {
		return dst, false, true
	}
	return append(dst, text[pos:]...), true, true
}

// AppendValue appends what stands for a value of a class: its pseudonym, or the marker of a secret.
func (m Masker) AppendValue(dst []byte, class Class, value string) []byte {
	if class.Secret() {
		return append(append(append(dst, "[secret:"...), class.String()...), ']')
	}
	return m.keys.AppendValue(dst, class.kind(), value)
}

// AppendPseudonym appends the pseudonym of a whole text. Where the text is one personal value, it is the pseudonym that the
// value has inside of other text.
func (m Masker) AppendPseudonym(dst []byte, text string) []byte {
	kind := pseudonym.Text
	if class, ok := Whole(text); ok && !class.Secret() {
		kind = class.kind()
	}
	return m.keys.AppendValue(dst, kind, text)
}
