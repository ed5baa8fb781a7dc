package questions

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the answers into the guides")

// guides are the pages that put a product's queries beside ours, and the document that the product's are from.
var guides = map[string]string{
	"coming-from-axiom.md":   "000_a08cd5a532a244c6.txt",
	"coming-from-observe.md": "001_9433f84067a0aeec.txt",
}

// format is how the guides show answers.
const format = "\nFORMAT PrettyCompactMonoBlock SETTINGS date_time_output_format = 'simple', output_format_pretty_row_numbers = 0"

// exchange is a query of a guide and the answer below it.
var exchange = regexp.MustCompile("(?s)```sql\n(.*?)```\n\n```text\n(.*?)```")

// TestGuidesAnswer runs every query of the guides over the events of testdata/documents.
func TestGuidesAnswer(t *testing.T) {
	for page := range guides {
		t.Run(page, func(t *testing.T) {
			path := "../../docs/" + page
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			written := exchange.ReplaceAllStringFunc(string(text), func(match string) string {
				sql := exchange.FindStringSubmatch(match)[1]
				return "```sql\n" + sql + "```\n\n```text\n" + answer(t, sql+format, params{}) + "\n```"
			})
			require.NotEqual(t, 0, strings.Count(written, "```text"))
			assert.Equal(t, strings.Count(written, "```sql\n"), strings.Count(written, "```text\n"), "every query has its answer")
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(written), 0o600))
				return
			}
			assert.Equal(t, string(text), written, "after a change: go test ./internal/questions -run TestGuidesAnswer -update")
		})
	}
}

// TestGuidesOfTheQuickstartAsk runs the queries of the guides whose answers are of the quickstart's events, which are others each
// time: they are understood, and have the columns that the guide shows.
func TestGuidesOfTheQuickstartAsk(t *testing.T) {
	shownQuery := regexp.MustCompile("(?s)```sql\n([^`]*?)```\n(?:[^`\n]*\n)*?\n?```text\n(┌[^\n]*)")
	names := regexp.MustCompile("[^┌┐─┬]+")
	for _, page := range []string{"coming-from-xano.md", "coming-from-datagrok.md", "coming-from-arize.md"} {
		t.Run(page, func(t *testing.T) {
			text, err := os.ReadFile("../../docs/" + page)
			require.NoError(t, err)
			queries := shownQuery.FindAllStringSubmatch(string(text), -1)
			require.NotEmpty(t, queries)
			for _, query := range queries {
				got, _, _ := strings.Cut(answer(t, strings.TrimSuffix(strings.TrimSpace(query[1]), ";")+"\nFORMAT TSVWithNames", params{}), "\n")
				assert.Equal(t, names.FindAllString(query[2], -1), strings.Split(got, "\t"), query[1])
			}
		})
	}
}

// TestGuidesQuoteTheDocuments word for word, but for spaces.
func TestGuidesQuoteTheDocuments(t *testing.T) {
	quoted := regexp.MustCompile("(?s)```(?:kusto|opal)\n(.*?)```")
	words := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	for page, document := range guides {
		t.Run(page, func(t *testing.T) {
			source, err := os.ReadFile("../../../shared/seeds/" + document)
			if os.IsNotExist(err) {
				t.Skip("../shared is not here, and the products' documents are there")
			}
			require.NoError(t, err)
			text, err := os.ReadFile("../../docs/" + page)
			require.NoError(t, err)
			queries := quoted.FindAllStringSubmatch(string(text), -1)
			require.NotEmpty(t, queries)
			for _, query := range queries {
				assert.Contains(t, words(string(source)), words(query[1]))
			}
		})
	}
}
