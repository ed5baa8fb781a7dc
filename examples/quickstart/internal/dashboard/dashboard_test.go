package dashboard

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheFragmentHoldsWhatThePageReads(t *testing.T) {
	page := Page{"cost", []Panel{{"Cost", "SELECT 1 AS t, {seconds:UInt32} AS v"}}}
	location, err := page.Location("http://127.0.0.1:8123", "default")
	require.NoError(t, err)

	path, fragment, ok := strings.Cut(location, "#")
	require.True(t, ok)
	assert.Equal(t, "/dashboard", path)
	// The page tries to decompress first; a fragment that begins like this is empty when decompressed, and so read as base64.
	assert.True(t, strings.HasPrefix(fragment, "eyJ"))
	text, err := base64.StdEncoding.DecodeString(fragment)
	require.NoError(t, err)
	var state struct {
		Host, User string
		Queries    []struct{ Title, Query string }
		Params     map[string]string
	}
	require.NoError(t, json.Unmarshal(text, &state))
	assert.Equal(t, "http://127.0.0.1:8123", state.Host)
	assert.Equal(t, "default", state.User)
	require.Len(t, state.Queries, 1)
	assert.Equal(t, "Cost", state.Queries[0].Title)
	assert.Contains(t, state.Queries[0].Query, "SELECT 1")
	assert.NotEmpty(t, state.Params["seconds"])
}

func TestEveryDashboardIsAPage(t *testing.T) {
	pages, err := Pages()
	require.NoError(t, err)
	require.Len(t, pages, 10)
	assert.Equal(t, "overview", pages[0].Name)
	for _, page := range pages {
		assert.NotEmpty(t, page.Panels, page.Name)
		for _, panel := range page.Panels {
			assert.NotContains(t, panel.Query, "$", "%s, %s", page.Name, panel.Title)
		}
	}
}
