package detect

import (
	"encoding/base64"
	"strings"
)

// prefixed are tokens that providers mark with a prefix ending in - or _. min is the least length of what follows; it is below
// the real length where that is long, so that a token that was cut off counts too.
var prefixed = func() (byLast [256][]tokenPrefix) {
	for _, p := range []tokenPrefix{
		{"ghp_", 16, false},
		{"gho_", 16, false},
		{"ghu_", 16, false},
		{"ghs_", 16, false},
		{"ghr_", 16, false}, // GitHub
		{"github_pat_", 16, false},
		{"glpat-", 16, false},
		{"gldt-", 16, false},
		{"glrt-", 16, false},
		{"glptt-", 16, false}, // GitLab
		{"xoxa-", 8, false},
		{"xoxb-", 8, false},
		{"xoxc-", 8, false},
		{"xoxd-", 8, false},
		{"xoxe-", 8, false}, // Slack
		{"xoxp-", 8, false},
		{"xoxr-", 8, false},
		{"xoxs-", 8, false},
		{"xapp-", 8, false},
		{"sk_live_", 10, false},
		{"sk_test_", 10, false},
		{"rk_live_", 10, false},
		{"rk_test_", 10, false},
		{"whsec_", 16, false},     // Stripe
		{"sk-", 20, true},         // OpenAI, Anthropic and others
		{"GOCSPX-", 16, false},    // Google OAuth client
		{"npm_", 24, false},       // npm
		{"pypi-", 16, true},       // PyPI
		{"hf_", 24, false},        // Hugging Face
		{"dop_v1_", 24, false},    // DigitalOcean
		{"shpat_", 24, false},     // Shopify
		{"shpss_", 24, false},     //
		{"lin_api_", 24, false},   // Linear
		{"glsa_", 20, false},      // Grafana
		{"glc_", 20, true},        //
		{"xaat-", 16, false},      // Axiom
		{"xapt-", 16, false},      //
		{"sq0atp-", 16, false},    // Square
		{"sq0csp-", 16, false},    //
		{"SECRET-KEY-", 16, true}, // age
	} {
		// Ordered by the byte before the last, which is the first that tells them apart.
		byLast[p.text[len(p.text)-2]] = append(byLast[p.text[len(p.text)-2]], p)
	}
	return byLast
}()

type tokenPrefix struct {
	text       string
	min        int
	needsDigit bool // because words can look like it
}

// prefixedToken recognises a token whose prefix ends with the - or _ at i.
func prefixedToken(text string, from, i int) (Span, bool) {
	if i == from {
		return Span{}, false
	}
	for _, p := range prefixed[text[i-1]] {
		start := i + 1 - len(p.text)
		if start < from || text[start:i+1] != p.text || start > 0 && isAlnum(text[start-1]) {
			continue
		}
		if p.needsDigit && !hasDigit(text, i+1, isTokenByte) {
			continue
		}
		if end := runEnd(text, i+1, isTokenByte); end-(i+1) >= p.min {
			return Span{start, end, Token}, true
		}
	}
	return Span{}, false
}

// letterToken recognises what begins with letters at i: AWS and Google keys, JSON web tokens, credentials after their scheme.
func letterToken(text string, i int) (Span, bool) {
	if i+3 >= len(text) {
		return Span{}, false
	}
	// What is read to its end below is long enough to be taken, so nothing is read twice.
	rest := text[i:]
	switch {
	case strings.HasPrefix(rest, "eyJ"): // base64 of {"
		if end := runEnd(text, i, isBase64Byte); end-i >= 16 {
			return Span{i, trimmed(text, i, end, '.'), JWT}, true
		}
	case isAWSPrefix(rest[:4]):
		if end := runEnd(text, i, isAWSByte); end-i == 20 && !wordAt(text, end) {
			return Span{i, end, Token}, true
		}
	case strings.HasPrefix(rest, "AIza"): // Google API key
		if end := runEnd(text, i, isTokenByte); end-i >= 30 {
			return Span{i, end, Token}, true
		}
	case strings.HasPrefix(rest, "ya29."), strings.HasPrefix(rest, "SG."): // Google OAuth, SendGrid
		if end := runEnd(text, i, isBase64Byte); end-i >= 20 {
			return Span{i, trimmed(text, i, end, '.'), Token}, true
		}
	default:
		return credentials(text, i)
	}
	return Span{}, false
}

// isAWSPrefix reports whether a key id of AWS, 20 of A-Z and 2-7, begins with prefix.
func isAWSPrefix(prefix string) bool {
	return prefix == "AKIA" || prefix == "ASIA" || prefix == "ABIA" || prefix == "ACCA"
}

// maxLook is how far the digit is looked for that tells a token from words.
const maxLook = 64

// hasDigit reports whether the run of bytes at i has a digit.
func hasDigit(text string, i int, belongs func(byte) bool) bool {
	for end := min(len(text), i+maxLook); i < end && belongs(text[i]); i++ {
		if isDigit(text[i]) {
			return true
		}
	}
	return false
}

// runEnd gives the end of the bytes from i on that belong to a token.
func runEnd(text string, i int, belongs func(byte) bool) int {
	for i < len(text) && belongs(text[i]) {
		i++
	}
	return i
}

func isTokenByte(c byte) bool { return isAlnum(c) || c == '_' || c == '-' }
func isAWSByte(c byte) bool   { return c >= 'A' && c <= 'Z' || isDigit(c) }
func isBase64Byte(c byte) bool {
	return isTokenByte(c) || c == '.' || c == '=' || c == '+' || c == '/' || c == '~'
}

// credentials recognises what follows "Bearer" or, where it is base64 of user:password, "Basic" (RFC 6750, RFC 7617). The span
// is the credentials alone.
func credentials(text string, i int) (Span, bool) {
	scheme := ""
	for _, s := range [...]string{"bearer", "basic"} {
		if len(text)-i > len(s) && strings.EqualFold(text[i:i+len(s)], s) {
			scheme = s
		}
	}
	if scheme == "" {
		return Span{}, false
	}
	start := i + len(scheme)
	for n := 0; n < 4 && start < len(text) && strings.IndexByte(" \t:=", text[start]) >= 0; n++ {
		start++
	}
	if start == i+len(scheme) || scheme == "basic" && !isBasic(text[start:min(len(text), start+maxLook)]) {
		return Span{}, false
	}
	end := trimmed(text, start, runEnd(text, start, isBase64Byte), '.')
	if end-start < 6 || plainWords[strings.ToLower(text[start:min(end, start+16)])] {
		return Span{}, false
	}
	return Span{start, end, Bearer}, true
}

// plainWords follow "bearer" in prose.
var plainWords = map[string]bool{
	"tokens": true, "authentication": true, "authorization": true, "credential": true, "credentials": true, "scheme": true,
	"header": true, "headers": true, "format": true, "methods": true, "method": true, "missing": true, "required": true,
	"invalid": true, "expired": true,
}

// isBasic reports whether s begins with base64 of a text with a colon.
func isBasic(s string) bool {
	s = s[:runEnd(s, 0, isBase64Byte)]
	decoded, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
	if err != nil { // cut off
		decoded, err = base64.RawStdEncoding.DecodeString(s[:len(s)/4*4])
	}
	return err == nil && strings.IndexByte(string(decoded), ':') >= 0
}
