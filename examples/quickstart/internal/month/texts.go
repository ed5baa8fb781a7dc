package month

import (
	"strconv"
	"strings"
)

// What must never be found in the database: a check looks for both after the month is in.
const (
	// CanaryEmail stands wherever an event can hold somebody's e-mail address, other than that of who acts.
	CanaryEmail = "canary.do.not.store@example.com"
	// CanarySecret stands where nothing raw is kept: in query texts, prompts, parameters and stack traces.
	CanarySecret = "canary-secret-5e1f0c9d2b"
)

// canaryShare is how often a literal is a canary.
const canaryShare = 0.04

// fill replaces the placeholders of a text with literals, as programs and people do who write queries:
// {email}, {ip}, {secret}, {n}, {code}, {ago}, {trace}, {uuid}, {service}, {date}.
func (d *dice) fill(text string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	return strings.NewReplacer(
		"{email}", d.email(),
		"{ip}", d.ip(),
		"{secret}", d.secret(),
		"{n}", strconv.Itoa(1+d.IntN(5000)),
		"{code}", pick(d, []string{"500", "502", "503", "504", "429", "403"}),
		"{ago}", pick(d, []string{"15m", "1h", "6h", "12h", "1d", "7d"}),
		"{trace}", d.hex(32),
		"{uuid}", d.uuid(),
		"{service}", pick(d, serviceNames),
		"{date}", pick(d, []string{"2026-08-01", "2026-09-15", "2026-10-01", "2026-10-20"}),
	).Replace(text)
}

// email is the address of a customer: personal, and nobody's who acts.
func (d *dice) email() string {
	if d.chance(canaryShare) {
		return CanaryEmail
	}
	return pick(d, customers) + strconv.Itoa(d.IntN(900)+100) + "@customer.example.net"
}

func (d *dice) secret() string {
	if d.chance(canaryShare) {
		return CanarySecret
	}
	return "sk_live_" + d.hex(24)
}

func (d *dice) ip() string {
	return "203.0.113." + strconv.Itoa(1+d.IntN(254))
}

var (
	customers    = []string{"ada.moreau", "b.okafor", "chen.wei", "d.silva", "eva.horak", "f.rossi", "g.tanaka", "h.novotny"}
	serviceNames = []string{"checkout", "cart", "search", "identity", "billing", "shipping", "recommendations", "gateway"}
)
