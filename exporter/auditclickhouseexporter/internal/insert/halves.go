package insert

import (
	"slices"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
)

// halves cuts blocks, or one block's rows, into two of about as many rows.
func halves(blocks []columns.Sealed) (first, second []columns.Sealed, err error) {
	if len(blocks) > 1 {
		n := len(blocks) / 2
		return blocks[:n], blocks[n:], nil
	}
	rows, err := columns.Open(blocks[0].Header, blocks[0].Data)
	if err != nil {
		return nil, nil, err
	}
	n := rows.Len() / 2
	return []columns.Sealed{rows.Slice(0, n)}, []columns.Sealed{rows.Slice(n, rows.Len())}, nil
}

// halvesByPartition cuts blocks into the rows of one half of their partitions and those of the other, or just into halves
// where they have one.
func halvesByPartition(blocks []columns.Sealed) (first, second []columns.Sealed, err error) {
	var partitions []uint64
	for i := range blocks {
		partitions = append(partitions, blocks[i].Partitions...)
	}
	slices.Sort(partitions)
	partitions = slices.Compact(partitions)
	if len(partitions) < 2 {
		return halves(blocks)
	}
	half := partitions[:len(partitions)/2]
	for i := range blocks {
		rows, err := columns.Open(blocks[i].Header, blocks[i].Data)
		if err != nil {
			return nil, nil, err
		}
		var in, out []int
		for row := range rows.Len() {
			if _, found := slices.BinarySearch(half, rows.Partition(row)); found {
				in = append(in, row)
			} else {
				out = append(out, row)
			}
		}
		if len(in) > 0 {
			first = append(first, rows.Pick(in))
		}
		if len(out) > 0 {
			second = append(second, rows.Pick(out))
		}
	}
	return first, second, nil
}
