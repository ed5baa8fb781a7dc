package redact

import (
	"net/netip"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// How many bits of an address stay: those that a provider gives to a site rather than to a person.
const (
	ipv4Bits   = 24
	ipv6Bits   = 48
	sixTo4Bits = 16 + ipv4Bits // an address of 6to4 (RFC 3056) has an IPv4 address right behind its first 16 bits
	mappedBits = 96            // what stands before the IPv4 address that is mapped into an IPv6 one (RFC 4291, section 2.5.5.2)
)

var sixTo4 = netip.MustParsePrefix("2002::/16")

// maskAddress replaces an IP address by its network. An empty text, which says that there is none, stays.
func (w *walker) maskAddress(v pcommon.Value) {
	if v.Type() != pcommon.ValueTypeStr {
		w.refuse(v, NotAnAddress)
		return
	}
	if v.Str() == "" {
		return
	}
	network, ok := networkOf(v.Str())
	if !ok {
		w.refuse(v, NotAnAddress)
		return
	}
	w.report(AddressMasked)
	w.buf = network.AppendTo(w.buf[:0])
	v.SetStr(string(w.buf))
}

// networkOf gives the network of an address: "10.1.2.0/24" of "10.1.2.3", "2001:db8:1::/48" of "[2001:db8:1:2::3%eth0]:443".
// Spaces around, port and zone are left out, and an IPv4 address mapped into IPv6 is the IPv4 one. Of a network it gives the
// larger of that and this one, so that it gives itself of what it gave.
func networkOf(text string) (netip.Prefix, bool) {
	addr, bits, ok := parseAddress(strings.Trim(text, " "))
	if !ok {
		return netip.Prefix{}, false
	}
	if addr.Is4In6() {
		addr, bits = addr.Unmap(), bits-mappedBits
	}
	most := ipv6Bits
	switch {
	case addr.Is4():
		most = ipv4Bits
	case sixTo4.Contains(addr):
		most = sixTo4Bits
	}
	network, err := addr.Prefix(min(bits, most))
	return network, err == nil
}

// parseAddress reads an address without its zone, and how many bits of it count.
func parseAddress(text string) (addr netip.Addr, bits int, ok bool) {
	if strings.Contains(text, "/") { // the parser's errors cost memory
		if network, err := netip.ParsePrefix(text); err == nil {
			return network.Addr(), network.Bits(), true
		}
	}
	bare := text
	if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
		bare = text[1 : len(text)-1]
	}
	addr, err := netip.ParseAddr(bare)
	if err != nil {
		var withPort netip.AddrPort
		withPort, err = netip.ParseAddrPort(text)
		addr = withPort.Addr()
	}
	addr = addr.WithZone("")
	return addr, addr.BitLen(), err == nil
}
