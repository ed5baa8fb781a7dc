package detect

// Lengths of card numbers (ISO/IEC 7812 allows 8 to 19 digits; the brands in use have 12 to 19).
const (
	minCard = 12
	maxCard = 19
)

// card recognises a payment card number at i, where n digits stand: either those digits, or groups of digits with single
// spaces or dashes between them. The first digits must be those of a brand, the length one of its, and the check digit right.
func card(text string, i, n int) (Span, bool) {
	if n > maxCard || isFraction(text, i) {
		return Span{}, false
	}
	var number [maxCard]byte
	total := 0
	for end := i; ; {
		group := 0
		for ; end < len(text) && isDigit(text[end]); end++ {
			if total == maxCard {
				return Span{}, false
			}
			number[total] = text[end] - '0'
			total++
			group++
		}
		if group == 0 {
			return Span{}, false
		}
		if total >= minCard && isCard(number[:total]) {
			return Span{i, end, Card}, true
		}
		if end+1 >= len(text) || text[end] != ' ' && text[end] != '-' {
			return Span{}, false
		}
		end++
	}
}

// isFraction reports whether the digits at i stand behind a decimal point.
func isFraction(text string, i int) bool {
	return i >= 2 && text[i-1] == '.' && isDigit(text[i-2])
}

func isCard(number []byte) bool {
	n := len(number)
	prefix := int(number[0])*1000 + int(number[1])*100 + int(number[2])*10 + int(number[3])
	for _, b := range brands {
		if prefix >= b.first && prefix <= b.last && n >= b.min && n <= b.max {
			return luhn(number)
		}
	}
	return false
}

// brands are the ranges of the first four digits that issuers use, with the lengths of their numbers.
var brands = [...]struct{ first, last, min, max int }{
	{2200, 2204, 16, 19}, // Mir
	{2221, 2720, 16, 16}, // Mastercard
	{3000, 3059, 14, 19}, // Diners Club
	{3400, 3499, 15, 15}, // American Express
	{3528, 3589, 16, 19}, // JCB
	{3600, 3699, 14, 19}, // Diners Club
	{3700, 3799, 15, 15}, // American Express
	{3800, 3999, 14, 19}, // Diners Club
	{4000, 4999, 13, 13}, // Visa
	{4000, 4999, 16, 16},
	{4000, 4999, 19, 19},
	{5018, 5038, 12, 19}, // Maestro
	{5080, 5089, 16, 16}, // RuPay
	{5100, 5599, 16, 16}, // Mastercard
	{5600, 5899, 12, 19}, // Maestro
	{6000, 6099, 16, 19}, // Discover, RuPay
	{6200, 6299, 16, 19}, // UnionPay
	{6304, 6304, 12, 19}, // Maestro
	{6440, 6599, 16, 19}, // Discover, RuPay
	{6700, 6799, 12, 19}, // Maestro
	{8100, 8299, 16, 19}, // UnionPay, RuPay
}

// luhn checks the last digit (ISO/IEC 7812-1, annex B).
func luhn(number []byte) bool {
	sum := 0
	for i, d := range number {
		v := int(d)
		if (len(number)-i)%2 == 0 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}
