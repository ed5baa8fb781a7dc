package query
import ("testing";"time";"fmt";"os")
func TestMin(t *testing.T) {
	if os.Getenv("MIN")=="" { t.Skip() }
	r := New(testOptions(NamesKept))
	for _, sys := range []string{"", "postgresql"} {
	best := time.Hour
	for i:=0;i<40000;i++ {
		s := time.Now()
		for j:=0;j<5;j++ { r.Represent(SQL, sys, benchmarkSQL) }
		if d := time.Since(s)/5; d < best { best = d }
	}
	fmt.Println("MIN", sys, best) }
}

func TestMinLex(t *testing.T) {
	if os.Getenv("MIN")=="" { t.Skip() }
	best := time.Hour
	n := 0
	for i:=0;i<40000;i++ {
		s := time.Now()
		for j:=0;j<5;j++ { 
			n = 0
			l := sqlLexer{text: benchmarkSQL, bracket: -2}
			var cur, nxt sqlToken
			for { l.next(&nxt, &cur); cur = nxt; n++; if cur.kind == kindEOF { break } }
		}
		if d := time.Since(s)/5; d < best { best = d }
	}
	fmt.Println("MIN lex", best, n)
	w := &newTestRep().w
	best = time.Hour
	for i:=0;i<40000;i++ {
		s := time.Now()
		for j:=0;j<5;j++ { 
			w.begin(sqlSyntax)
			readSQL(w, "", benchmarkSQL)
		}
		if d := time.Since(s)/5; d < best { best = d }
	}
	fmt.Println("MIN readSQL", best)
}
func newTestRep() *Representer { return New(testOptions(NamesKept)) }
