package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

// pageSize is that of the pages of a search.
const pageSize = 50

// pages times the view search at its first page and at later ones, each reached by the cursor of the page before: the rows read must
// not grow with the number of the page.
func pages(ctx context.Context, server *clickhouselocal.Server, out io.Writer) error {
	fmt.Fprintln(out, "\n| `search`, 50 rows of org-1 | cold, ms | warm, ms | CPU, ms | rows read |\n|---|---|---|---|---|")
	for _, page := range []int{1, 10, 100, 1000} {
		after := ""
		if page > 1 {
			last, err := server.Query(ctx, fmt.Sprintf("SELECT concat(replaceOne(replaceRegexpOne(toString(timestamp), '\\\\.?0+$', ''), ' ', 'T'), 'Z ', record_id) "+
				"FROM audit.events WHERE tenant_id = 'org-1' ORDER BY timestamp DESC, record_id DESC LIMIT 1 OFFSET %d FORMAT TSVRaw", (page-1)*pageSize-1))
			if err != nil {
				return err
			}
			after = strings.TrimSpace(last)
		}
		sql := fmt.Sprintf("SELECT * FROM audit.search(tenant = 'org-1', text = '', type = '', user = '', label = '', target = '', workspace = '', "+
			"branch = '', from = '', to = '', sort = 'newest', after = '%s', page_size = %d)", after, pageSize)
		r, err := measure(ctx, server, sql, time.Time{}, time.Time{})
		if err != nil {
			return fmt.Errorf("page %d: %w", page, err)
		}
		fmt.Fprintf(out, "| page %d | %s |\n", page, r)
	}
	return nil
}
