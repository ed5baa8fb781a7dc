package main

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/examples/quickstart/internal/dashboard"
)

// checkDashboards opens every dashboard on ClickHouse's page in a browser and counts what it drew. With the environment variable
// SCREENSHOTS, a picture of each goes to that directory.
func checkDashboards(t *testing.T, q *quickstart) {
	t.Helper()
	browser := findBrowser()
	if browser == "" {
		t.Skip("there is no chromium on this machine")
	}
	pages, err := dashboard.Pages()
	require.NoError(t, err)
	for i, page := range pages {
		location := q.clickhouse() + redirect(t, q.clickhouse()+shortcut(page, i == 0))
		dom := browse(t, browser, location, "--dump-dom")
		assert.Len(t, regexp.MustCompile(`class="uplot[ "]`).FindAllString(dom, -1), len(page.Panels), "%s: a chart for each panel", page.Name)
		for _, p := range page.Panels {
			assert.Contains(t, dom, ">"+p.Title+"<")
		}
		for _, problem := range regexp.MustCompile(`class="query-error"[^>]*>([^<]*)<|id="global-error"[^>]*>([^<]*)<`).FindAllStringSubmatch(dom, -1) {
			assert.Empty(t, problem[1]+problem[2], page.Name)
		}
		if directory := os.Getenv("SCREENSHOTS"); directory != "" {
			browse(t, browser, location, "--screenshot="+filepath.Join(directory, page.Name+".png"))
		}
	}
}

// redirect is where a path leads.
func redirect(t *testing.T, address string) string {
	t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Get(address)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	defer client.CloseIdleConnections()
	require.Equal(t, http.StatusFound, response.StatusCode)
	return response.Header.Get("Location")
}

func findBrowser() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// browse opens a page in a browser without a window, waits until it has settled, and returns what the browser prints.
func browse(t *testing.T, browser, address, action string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, browser,
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--user-data-dir="+filepath.Join(t.TempDir(), "browser"),
		"--virtual-time-budget=20000", "--window-size=1600,1200", action, address)
	out, err := command.Output()
	require.NoError(t, err)
	return string(out)
}
