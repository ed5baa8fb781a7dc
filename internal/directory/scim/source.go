package scim

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"

	"github.com/otelaudit/otelaudit/internal/directory"
)

// Source reads users from a SCIM service.
type Source struct {
	cfg    Config
	client *http.Client
	paths  map[string]Path // of the mapping, by their text
	find   Path            // the attribute that has the id
	email  Path            // the attribute that has the address; no name where none does

	changed cursor // of users

	mu     sync.RWMutex
	groups *groups // nil until they were read
}

var (
	_ directory.Source   = (*Source)(nil)
	_ directory.Follower = (*Source)(nil)
)

// New makes a source. Nothing is asked yet.
func New(ctx context.Context, cfg Config, host component.Host, telemetry component.TelemetrySettings) (*Source, error) {
	client, err := cfg.HTTP.ToClient(ctx, host.GetExtensions(), telemetry)
	if err != nil {
		return nil, err
	}
	// A redirection could lead what identifies us to somebody else.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s := &Source{cfg: cfg, client: client, paths: map[string]Path{}}
	for _, paths := range cfg.Attributes {
		for _, text := range paths {
			if s.paths[text], err = ParsePath(text); err != nil {
				return nil, err
			}
		}
	}
	s.find = s.paths[cfg.Attributes["id"][0]]
	if paths := cfg.Attributes["email"]; len(paths) > 0 {
		s.email = s.paths[paths[0]]
	}
	return s, nil
}

// Close implements [directory.Source].
func (s *Source) Close() error {
	s.client.CloseIdleConnections()
	return nil
}

// Users implements [directory.Source]. Groups come first: a user who joins one meanwhile is found when the changes are read.
func (s *Source) Users(ctx context.Context, yield func(directory.User) error) error {
	read := newGroups()
	if s.cfg.ReadGroups {
		if err := s.all(ctx, "/Groups", url.Values{"attributes": {"displayName,members"}}, func(r map[string]any) error {
			read.add(r)
			return nil
		}); err != nil && !errors.Is(err, errNotFound) {
			return err
		}
	}
	of := read.byMember()
	var changed cursor
	err := s.all(ctx, "/Users", s.users(""), func(r map[string]any) error {
		changed.saw(r)
		return yield(s.user(r, of[text(r, "id")]))
	})
	if err != nil {
		if errors.Is(err, errNotFound) {
			return directory.Failuref("the service has no /Users")
		}
		return err
	}
	s.changed = changed
	s.mu.Lock()
	s.groups = read
	s.mu.Unlock()
	return nil
}

// users gives the query for users, confined further by a filter.
func (s *Source) users(filter string) url.Values {
	switch {
	case s.cfg.Filter != "" && filter != "":
		filter = "(" + s.cfg.Filter + ") and (" + filter + ")"
	case filter == "":
		filter = s.cfg.Filter
	}
	query := url.Values{}
	if filter != "" {
		query.Set("filter", filter)
	}
	return query
}

// maxAffected is how many users are asked for one by one because their groups have changed. For more, all are read.
const maxAffected = 500

// Changed implements [directory.Follower]: by meta.lastModified, for users and for groups, whose new and former members are asked
// for one by one.
func (s *Source) Changed(ctx context.Context, yield func(directory.User) error) error {
	if s.changed.empty() || s.groups == nil {
		return directory.ErrReadAll
	}
	affected := map[string]bool{}
	next := s.groups.clone()
	if s.cfg.ReadGroups && !next.changed.empty() {
		query := url.Values{"attributes": {"displayName,members"}, "filter": {next.changed.filter()}}
		if err := s.all(ctx, "/Groups", query, func(r map[string]any) error {
			next.replace(r, affected)
			return nil
		}); err != nil {
			return err
		}
	}
	if len(affected) > maxAffected {
		return directory.ErrReadAll
	}
	changed := s.changed
	err := s.all(ctx, "/Users", s.users(s.changed.filter()), func(r map[string]any) error {
		changed.saw(r)
		id := text(r, "id")
		delete(affected, id)
		return yield(s.user(r, next.of(id)))
	})
	if err != nil {
		return err
	}
	for id := range affected {
		var r map[string]any
		err := s.get(ctx, "/Users/"+url.PathEscape(id), nil, &r)
		if errors.Is(err, errNotFound) {
			continue // no user, or removed
		}
		if err != nil {
			return err
		}
		if s.cfg.Filter != "" {
			return directory.ErrReadAll // it is not known whether he passes
		}
		if err := yield(s.user(r, next.of(id))); err != nil {
			return err
		}
	}
	s.changed = changed
	s.mu.Lock()
	s.groups = next
	s.mu.Unlock()
	return nil
}

// Find implements [directory.Source].
func (s *Source) Find(ctx context.Context, id, email string) ([]directory.User, error) {
	type try struct {
		path  Path
		value string
	}
	tries := []try{{s.find, id}}
	if strings.Contains(id, "@") {
		tries = append(tries, try{s.email, id})
	}
	tries = append(tries, try{s.email, email})
	for _, t := range tries {
		if t.value == "" || t.path.name == "" {
			continue
		}
		quoted, err := json.Marshal(t.value)
		if err != nil {
			return nil, directory.Failuref("the id is no text")
		}
		query := s.users(t.path.filtered() + " eq " + string(quoted))
		query.Set("count", "2")
		var l list
		if err := s.get(ctx, "/Users", query, &l); err != nil && !errors.Is(err, errNotFound) {
			return nil, err
		}
		if len(l.Resources) == 0 && l.TotalResults > 0 {
			return nil, errFewer
		}
		if len(l.Resources) != 1 {
			continue // nobody, or several, of whom it identifies none
		}
		groups, err := s.groupsOf(ctx, text(l.Resources[0], "id"))
		if err != nil {
			return nil, err
		}
		return []directory.User{s.user(l.Resources[0], groups)}, nil
	}
	return nil, nil
}

// groupsOf gives the groups of a user, from what was read, or else from the service.
func (s *Source) groupsOf(ctx context.Context, id string) ([]string, error) {
	s.mu.RLock()
	read := s.groups
	s.mu.RUnlock()
	if read != nil {
		return read.of(id), nil
	}
	if !s.cfg.ReadGroups {
		return nil, nil
	}
	quoted, err := json.Marshal(id)
	if err != nil {
		return nil, directory.Failuref("the id is no text")
	}
	var l list
	err = s.get(ctx, "/Groups", url.Values{"filter": {"members.value eq " + string(quoted)}, "attributes": {"displayName"}}, &l)
	if err != nil && !errors.Is(err, errNotFound) {
		return nil, err
	}
	var names []string
	for _, r := range l.Resources {
		names = append(names, text(r, "displayName"))
	}
	return names, nil
}

// user maps a resource.
func (s *Source) user(resource map[string]any, groups []string) directory.User {
	var u directory.User
	s.cfg.Attributes.Fill(&u, func(attribute string) []string { return s.paths[attribute].values(resource) })
	u.AddGroups(groups)
	return u
}

func text(resource map[string]any, name string) string {
	s, _ := field(resource, name).(string)
	return s
}

// cursor is the latest meta.lastModified that was seen, as the service wrote it. Changes are read from it on, so those of one moment
// are read twice and none is left out.
type cursor struct {
	at   time.Time
	text string
}

func (c *cursor) saw(resource map[string]any) {
	meta, _ := field(resource, "meta").(map[string]any)
	if at, err := time.Parse(time.RFC3339, text(meta, "lastModified")); err == nil && at.After(c.at) {
		c.at, c.text = at, text(meta, "lastModified")
	}
}

func (c *cursor) empty() bool { return c.text == "" }

func (c *cursor) filter() string { return `meta.lastModified ge "` + c.text + `"` }
