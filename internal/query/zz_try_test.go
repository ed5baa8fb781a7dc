package query
import ("testing";"fmt";"os";"strings")
func TestTry(t *testing.T) {
	b, err := os.ReadFile("/tmp/try.sql"); if err != nil { t.Skip() }
	r := New(testOptions(NamesKept))
	for _, l := range strings.Split(string(b), "\n") { if l=="" {continue}
		sys, q, _ := strings.Cut(l, "|")
		res := r.Represent(SQL, sys, q)
		fmt.Printf("%-9s %-12s %s\n          => %s\n          s=%s d=%s\n", res.Outcome, res.Reason, q, res.Representation, res.Summary, res.Datasets)
	}
}
