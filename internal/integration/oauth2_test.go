package integration

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

const clientSecret = "gX1fBat3bV-of-the-client"

// guarded is a SCIM service with one user, and the OAuth2 server (RFC 6749, section 4.4) whose tokens it wants.
type guarded struct {
	mu         sync.Mutex
	tokens     int       // that were given
	expires    time.Time // the last one
	served     int       // requests for users with a token that holds
	refused    int       // requests with another, or one that has expired
	department string
}

// lifetime is that of a token. The client renews one ten seconds before it ends.
const lifetime = 12 * time.Second

func (g *guarded) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	answer := func(status int, v any) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	if r.URL.Path == "/token" {
		client, secret, _ := r.BasicAuth()
		if r.FormValue("grant_type") != "client_credentials" || client != "otelaudit" || secret != clientSecret {
			// As unhelpful as can be: it says the secret.
			answer(http.StatusUnauthorized, map[string]any{"error": "invalid_client", "error_description": "wrong secret " + secret})
			return
		}
		g.tokens++
		g.expires = time.Now().Add(lifetime)
		answer(http.StatusOK, map[string]any{"access_token": g.token(), "token_type": "bearer", "expires_in": int(lifetime.Seconds())})
		return
	}
	if g.tokens == 0 || r.Header.Get("Authorization") != "Bearer "+g.token() || time.Now().After(g.expires) {
		g.refused++
		answer(http.StatusUnauthorized, map[string]any{})
		return
	}
	g.served++
	var users []any
	if strings.HasSuffix(r.URL.Path, "/Users") {
		users = []any{map[string]any{
			"id": "1", "userName": "u-1", "displayName": "Ada Example", "active": true,
			"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": map[string]any{"department": g.department},
		}}
	}
	answer(http.StatusOK, map[string]any{"totalResults": len(users), "Resources": users})
}

func (g *guarded) token() string { return fmt.Sprintf("token-%d-secret", g.tokens) }

func (g *guarded) counts() (tokens, served, refused int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.tokens, g.served, g.refused
}

// The oauth2client extension of the built collector gets tokens for a SCIM service, keeps and renews them, and a secret that is
// refused is told without being told.
func TestADirectoryBehindOAuth2(t *testing.T) {
	t.Parallel()
	server := clickhousetest.New(t)
	service := &guarded{department: "Finance"}
	front := httptest.NewServer(service)
	defer front.Close()
	start := func(secret string) *collector {
		return startCollectorWith(t, server, "http", []string{"--config", "testdata/collector.yaml", "--config", "testdata/oauth2.yaml"},
			"CLIENT_SECRET="+secret, "TOKEN_URL="+front.URL+"/token", "SCIM_URL="+front.URL+"/scim/v2")
	}

	c := start(clientSecret)
	mustSend(t, c, batch("first", 1))
	service.mu.Lock()
	service.department = "Legal"
	service.mu.Unlock()
	require.Eventually(t, func() bool {
		tokens, _, _ := service.counts()
		return tokens >= 3
	}, time.Minute, 100*time.Millisecond, "a token that ends is renewed")
	mustSend(t, c, batch("second", 1))
	awaitRows(t, server, 2, time.Minute)
	assert.Equal(t, "hit\tAda Example\tFinance\nhit\tAda Example\tLegal", scalar(t, server,
		"SELECT actor_enrichment, directory_name, directory_department FROM %s.events ORDER BY record_id FORMAT TSV", database))
	tokens, served, refused := service.counts()
	assert.Zero(t, refused, "no request without a token that holds")
	assert.Greater(t, served, tokens, "a token is used again while it holds")
	c.stop(t)
	text, err := os.ReadFile(c.log.Name())
	require.NoError(t, err)
	assert.NotContains(t, string(text), "-secret")
	assert.NotContains(t, string(text), clientSecret)

	const wrong = "another-secret"
	c = start(wrong)
	require.Eventually(t, func() bool {
		text, err = os.ReadFile(c.log.Name())
		return err == nil && strings.Contains(string(text), "the token endpoint answered 401, invalid_client")
	}, time.Minute, 50*time.Millisecond)
	mustSend(t, c, batch("third", 1)) // an event does not wait for a directory longer than max_wait
	c.stop(t)
	text, err = os.ReadFile(c.log.Name())
	require.NoError(t, err)
	assert.NotContains(t, string(text), wrong)
}
