package detect

import "strings"

const maxURLUser = 256 // bytes of user and password that are looked through for the @

// urlPassword recognises the password in scheme://user:password@host, with the colon of the scheme at i. The password ends at
// the last @ before the path. Where it is not closed by an @ (cut off, or with a slash in it) everything is taken that cannot
// be a port.
func urlPassword(text string, i int) (Span, bool) {
	if i == 0 || !isAlnum(text[i-1]) || !strings.HasPrefix(text[i:], "://") {
		return Span{}, false
	}
	rest := text[i+3 : min(len(text), i+3+maxURLUser)]
	if stop := strings.IndexAny(rest, " \t\r\n\"'<>`"); stop >= 0 {
		rest = rest[:stop]
	}
	if rest == "" || rest[0] == '[' { // an IPv6 host
		return Span{}, false
	}
	authority := rest
	if stop := strings.IndexAny(rest, "/?#"); stop >= 0 {
		authority = rest[:stop]
	}
	password := strings.IndexByte(authority, ':') + 1
	if password == 0 {
		return Span{}, false
	}
	end := strings.LastIndexByte(authority, '@')
	if end < 0 {
		if isPort(authority[password:]) {
			return Span{}, false
		}
		if end = strings.LastIndexByte(rest, '@'); end < 0 {
			end = len(authority)
		}
	}
	if end <= password {
		return Span{}, false
	}
	return Span{i + 3 + password, i + 3 + end, Password}, true
}

func isPort(s string) bool {
	return len(s) <= 5 && digits(s, 0) == len(s)
}

const (
	maxName     = 64 // bytes of the name before the sign that are looked at
	minWeak     = 16 // bytes of a value after a name that is not always one of a secret
	maxNameGaps = 4  // quotes, backslashes and spaces between name, sign and value
)

// strongNames end the names of secrets; quotedNames do too, but need a quote or a space after the colon, because they also
// begin identifiers such as secret:prod/db.
var (
	strongNames = []string{"password", "passwd", "pwd", "passphrase"}
	quotedNames = []string{
		"secret", "apikey", "api_key", "accesskey", "access_key", "secretkey", "secret_key", "privatekey", "private_key",
		"accountkey", "account_key", "authorization", "credentials",
	}
	weakNames = []string{"token", "signature", "sig", "session_id", "sessionid"}
)

// assignment recognises a value behind a name of a secret and the = or : or > at i: password=x, "api_key": "x", <secret>x<.
// The span is the value alone, without its quotes.
func assignment(text string, from, i int) (Span, bool) {
	stop := i
	for n := 0; n < maxNameGaps && stop > from && strings.IndexByte(" \"'\\", text[stop-1]) >= 0; n++ {
		stop--
	}
	begin := stop
	for begin > from && stop-begin < maxName && isTokenByte(text[begin-1]) {
		begin--
	}
	strength := nameStrength(text[begin:stop])
	if strength == notSecret {
		return Span{}, false
	}
	if strength == medium && text[i] == ':' && i+1 < len(text) && isTokenByte(text[i+1]) {
		return Span{}, false // neither quote nor space: part of an identifier
	}
	start, quote := valueStart(text, i+1)
	if strength == weak && !hasDigit(text, start, isValueByte) {
		return Span{}, false
	}
	end := valueEnd(text, start, quote)
	return Span{start, end, Password}, end > start && (strength != weak || end-start >= minWeak)
}

type strength uint8

const (
	notSecret strength = iota
	weak
	medium
	strong
)

// nameStrength says how surely a name is that of a secret, by how it ends.
func nameStrength(name string) strength {
	if len(name) < 3 {
		return notSecret
	}
	for level, names := range [...][]string{weak: weakNames, medium: quotedNames, strong: strongNames} {
		for _, n := range names {
			if len(name) >= len(n) && equalName(name[len(name)-len(n):], n) {
				return strength(level)
			}
		}
	}
	return notSecret
}

// equalName compares without regard to case, taking - for _.
func equalName(s, name string) bool {
	for i := range len(name) {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		} else if c == '-' {
			c = '_'
		}
		if c != name[i] {
			return false
		}
	}
	return true
}

// valueStart gives where the value behind a sign begins, and the quote before it.
func valueStart(text string, i int) (start int, quote string) {
	for n := 0; n < maxNameGaps && i < len(text) && (text[i] == ' ' || text[i] == '\t'); n++ {
		i++
	}
	start = i
	for start < len(text) && start-i < maxNameGaps && (text[start] == '\\' || text[start] == '"' || text[start] == '\'') {
		start++
	}
	return start, text[i:start]
}

// valueEnd gives where it ends. A quoted value ends at its quote, or, where that is missing, at the end of the text; any other
// at the next space, quote, semicolon, ampersand or angle bracket. The word after an authentication scheme belongs to it.
func valueEnd(text string, start int, quote string) int {
	if quote == "" {
		end := runEnd(text, start, isValueByte)
		scheme := strings.ToLower(text[start:min(end, start+8)])
		if end < len(text) && text[end] == ' ' && (scheme == "bearer" || scheme == "basic" || scheme == "token") {
			end = runEnd(text, end+1, isValueByte)
		}
		return end
	}
	for from := start; ; {
		stop := strings.Index(text[from:], quote)
		if stop < 0 {
			return len(text)
		}
		if end := from + stop; len(quote) > 1 || end == start || text[end-1] != '\\' {
			return end
		}
		from += stop + 1
	}
}

func isValueByte(c byte) bool {
	return c > ' ' && strings.IndexByte("\"';&<>", c) < 0
}

// privateKey recognises a PEM block (RFC 7468) of a private key that begins at i. A block without an end goes to the end of the
// text.
func privateKey(text string, i int) (Span, bool) {
	const begin, end, dashes = "-----BEGIN ", "-----END ", "-----"
	if !strings.HasPrefix(text[i:], begin) {
		return Span{}, false
	}
	label := text[i+len(begin) : min(len(text), i+len(begin)+64)]
	if stop := strings.Index(label, dashes); stop >= 0 {
		label = label[:stop]
	}
	if !strings.Contains(label, "PRIVATE KEY") {
		return Span{}, false
	}
	stop := strings.Index(text[i:], end)
	if stop < 0 {
		return Span{i, len(text), PrivateKey}, true
	}
	stop += i + len(end)
	if last := strings.Index(text[stop:], dashes); last >= 0 && last < 64 {
		return Span{i, stop + last + len(dashes), PrivateKey}, true
	}
	return Span{i, len(text), PrivateKey}, true
}

// wholeNames are names of secrets that are too short to be looked for inside of longer ones.
var wholeNames = []string{"pass", "pin", "otp", "cvv", "cvc", "jwt", "cookie", "set_cookie", "credential", "auth", "bearer", "private"}

// SecretName reports whether a key is the name of a secret, so that what stands under it is one whatever it looks like: one that
// ends as names of secrets do, or has password, secret, credential or the like anywhere.
func SecretName(key string) bool {
	if nameStrength(key) != notSecret {
		return true
	}
	for _, n := range wholeNames {
		if len(key) == len(n) && equalName(key, n) {
			return true
		}
	}
	for _, names := range [...][]string{strongNames, quotedNames} {
		for _, n := range names {
			for i := 0; i+len(n) <= len(key); i++ {
				if equalName(key[i:], n) {
					return true
				}
			}
		}
	}
	return false
}
