package redact

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/audit"
)

func TestOfAnAddressTheNetworkStays(t *testing.T) {
	r := newRedactor(t, Rule{Name: audit.AttrClientAddress, Action: MaskAddress})
	for address, want := range map[string]string{
		"203.0.113.17":                      "203.0.113.0/24",
		"0.0.0.0":                           "0.0.0.0/24",
		"255.255.255.255":                   "255.255.255.0/24",
		" 203.0.113.17 ":                    "203.0.113.0/24",
		"203.0.113.17:443":                  "203.0.113.0/24",
		"203.0.113.17/32":                   "203.0.113.0/24",
		"203.0.113.0/24":                    "203.0.113.0/24",
		"203.0.113.17/8":                    "203.0.0.0/8",
		"2001:db8:1:2:3:4:5:6":              "2001:db8:1::/48",
		"2001:DB8:1:2::3":                   "2001:db8:1::/48",
		"[2001:db8:1:2::3]":                 "2001:db8:1::/48",
		"[2001:db8:1:2::3]:443":             "2001:db8:1::/48",
		"2001:db8:1:2::3/128":               "2001:db8:1::/48",
		"2001:db8:1::/48":                   "2001:db8:1::/48",
		"2001:db8::/32":                     "2001:db8::/32",
		"fe80::1%eth0":                      "fe80::/48",
		"fe80::1%eth0/64":                   "fe80::/48",
		"[fe80::1%Jane's laptop]:22":        "fe80::/48",
		"::1":                               "::/48",
		"::ffff:203.0.113.17":               "203.0.113.0/24",
		"::ffff:cb00:7111":                  "203.0.113.0/24",
		"[::ffff:203.0.113.17]:443":         "203.0.113.0/24",
		"::ffff:203.0.113.17%eth0":          "203.0.113.0/24",
		"::ffff:203.0.113.17/128":           "203.0.113.0/24",
		"::ffff:203.0.0.0/104":              "203.0.0.0/8",
		"2002:cb00:7111::1":                 "2002:cb00:7100::/40", // 203.0.113.17 by 6to4
		"64:ff9b::203.0.113.17":             "64:ff9b::/48",
		"2001:0:cb00:7111:0:ffff:34ff:8eee": "2001:0:cb00::/48", // Teredo: of the server, not of the client
		"":                                  "",
	} {
		attrs, reason := redact(t, r, audit.AttrClientAddress, address)
		assert.Equal(t, map[string]any{audit.AttrClientAddress: want}, attrs, address)
		assert.Equal(t, map[bool]Reason{true: Clean, false: AddressMasked}[address == ""], reason, address)
		again, _ := redact(t, r, audit.AttrClientAddress, want)
		assert.Equal(t, attrs, again, "a network is its own")
	}
}

func TestWhatIsNoAddressIsWithheld(t *testing.T) {
	r := newRedactor(t, Rule{Name: audit.AttrClientAddress, Action: MaskAddress}, Rule{Prefix: "acme.", Action: MaskAddress})
	for _, text := range []string{
		"localhost", "jane.example.com", "203.0.113", "203.0.113.256", "203.0.113.017", "203.0.113.17:", "203.0.113.17:http", "203.0.113.17:70000", "203.0.113.17/33",
		"203.0.113.17, 10.0.0.1", "203.0.113.17 jane", "2001:db8", "2001:db8:::1", "[2001:db8::1", "2001:db8::1]", "[]", "[", "]", ":", "/", "%", "fe80::1%",
		"::ffff:203.0.113.17/90", "0x7f000001", "2130706433", "unix:/run/jane.sock", "\x00", "\xff", strings.Repeat("1", 1<<16),
	} {
		attrs, reason := redact(t, r, audit.AttrClientAddress, text)
		assert.Equal(t, map[string]any{audit.AttrClientAddress: textStandIn(r.mask, text)}, attrs)
		assert.Equal(t, NotAnAddress, reason)
	}
	for _, v := range []any{int64(2130706433), 1.5, true, []byte{127, 0, 0, 1}} {
		attrs, reason := redact(t, r, "acme.x", v)
		assert.Regexp(t, "^withheld:(int|double|bool|bytes):[04]:h1:k1:[A-Z2-7]{26}$", attrs["acme.x"])
		assert.Equal(t, NotAnAddress, reason)
	}
}

func TestAddressesInMapsAndListsAreMaskedOneByOne(t *testing.T) {
	r := newRedactor(t, Rule{Prefix: "acme.", Action: MaskAddress})
	attrs, reason := redact(t, r, "acme.peers", []any{"203.0.113.17", map[string]any{"via": []any{"::1", nil, "proxy"}}})
	assert.Equal(t, []any{"203.0.113.0/24", map[string]any{"via": []any{"::/48", nil, standIn(t, "string:5", "proxy")}}}, attrs["acme.peers"])
	assert.Equal(t, NotAnAddress, reason)
}

// Two addresses whose first bits are the same cannot be told apart.
func TestNothingBehindTheNetworkMakesADifference(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		var bytes [16]byte
		for i := range bytes {
			bytes[i] = byte(rnd.Uint32())
		}
		if rnd.IntN(4) == 0 {
			copy(bytes[:], []byte{0x20, 0x02})
		}
		addr, kept := netip.AddrFrom16(bytes), 6
		if bytes[0] == 0x20 && bytes[1] == 0x02 {
			kept = 5
		}
		network, ok := networkOf(addr.String())
		require.True(t, ok)
		for i := kept; i < 16; i++ {
			bytes[i] = byte(rnd.Uint32())
		}
		other, ok := networkOf(netip.AddrPortFrom(netip.AddrFrom16(bytes), uint16(rnd.Uint32())).String())
		require.True(t, ok)
		require.Equal(t, network, other)

		v4 := netip.AddrFrom4([4]byte(bytes[:4]))
		network, ok = networkOf(v4.String())
		require.True(t, ok)
		require.Equal(t, 24, network.Bits())
		bytes[3]++
		other, ok = networkOf(netip.AddrFrom16(netip.AddrFrom4([4]byte(bytes[:4])).As16()).String())
		require.True(t, ok)
		require.Equal(t, network, other, "mapped into IPv6, and with another last byte")
	}
}

func BenchmarkMaskAddress(b *testing.B) {
	r := newRedactor(b)
	w := r.walker(nil)
	for _, address := range []string{"203.0.113.17", "2001:db8:1:2:3:4:5:6", "203.0.113.17:443", "no address"} {
		b.Run(strings.Fields(address)[0], func(b *testing.B) {
			v := value(b, address)
			b.ReportAllocs()
			b.SetBytes(int64(len(address)))
			for b.Loop() {
				v.SetStr(address)
				w.maskAddress(v)
			}
		})
	}
}
