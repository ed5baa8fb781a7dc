// Command query compares the reader of internal/query with go-sqllexer on the same queries in the same run: CPU time and
// allocations for each of them. See the README beside this module.
package main

import (
	"flag"
	"fmt"
	"runtime"
)

func main() {
	rounds := flag.Int("rounds", 101, "how often the two take turns on each query")
	flag.Parse()
	runtime.GOMAXPROCS(1)

	own := ours()
	for _, other := range theirs() {
		fmt.Printf("otelaudit / go-sqllexer (%s)\n", other.name)
		var ratios []float64
		for _, s := range samples {
			c := compare(own, other, s, *rounds)
			ratios = append(ratios, c.ratio)
			fmt.Printf("  %-30s %5.0f ns, %.0f allocations / %5.0f ns, %3.0f allocations = %.2f times as fast\n",
				fmt.Sprintf("%s (%d bytes):", s.name, len(s.text)), c.ours.nanoseconds, c.ours.allocations, c.theirs.nanoseconds, c.theirs.allocations, c.ratio)
		}
		fmt.Printf("  median %.2f times as fast, least %.2f\n", median(ratios), ratios[0])
	}
}
