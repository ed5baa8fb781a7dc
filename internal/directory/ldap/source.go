package ldap

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/otelaudit/otelaudit/internal/directory"
)

// Source reads users from an LDAP server.
type Source struct {
	cfg        Config
	host       string   // of the endpoint
	address    string   // with the port
	secure     bool     // ldaps
	attributes []string // that are asked for

	mu   sync.Mutex
	conn *goldap.Conn // of look-ups, which share it; nil where there is none
}

var _ directory.Source = (*Source)(nil)

// New makes a source. Nothing is asked yet. The configuration is valid.
func New(cfg Config) *Source {
	s := &Source{cfg: cfg}
	if u, err := url.Parse(cfg.Endpoint); err == nil {
		port := goldap.DefaultLdapPort
		if s.secure = u.Scheme == "ldaps"; s.secure {
			port = goldap.DefaultLdapsPort
		}
		s.host, s.address = u.Hostname(), net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), port))
	}
	for _, names := range cfg.Attributes {
		s.attributes = append(s.attributes, names...)
	}
	if g := cfg.Groups.Get(); g != nil && strings.EqualFold(g.Member, memberUID) {
		s.attributes = append(s.attributes, "uid")
	}
	slices.Sort(s.attributes)
	s.attributes = slices.Compact(s.attributes)
	return s
}

const memberUID = "memberUid"

// Users implements [directory.Source].
func (s *Source) Users(ctx context.Context, yield func(directory.User) error) error {
	conn, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	of := map[string][]string{} // names of groups by member
	if g := s.cfg.Groups.Get(); g != nil {
		if err := search(ctx, conn, request(g.BaseDN, g.Filter, []string{g.Name, g.Member}), s.cfg.PageSize, func(e *goldap.Entry) error {
			name := e.GetEqualFoldAttributeValue(g.Name)
			for _, member := range e.GetEqualFoldAttributeValues(g.Member) {
				key := s.member(member)
				of[key] = append(of[key], name)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return search(ctx, conn, request(s.cfg.BaseDN, s.cfg.Filter, s.attributes), s.cfg.PageSize, func(e *goldap.Entry) error {
		return yield(s.user(e, of[s.key(e)]))
	})
}

// Find implements [directory.Source].
func (s *Source) Find(ctx context.Context, id, email string) ([]directory.User, error) {
	conn, err := s.shared(ctx)
	if err != nil {
		return nil, err
	}
	for _, filter := range s.filters(id, email) {
		var found []*goldap.Entry
		if _, err := searchPage(ctx, conn, request(s.cfg.BaseDN, filter, s.attributes), collect(&found)); err != nil {
			s.forget(conn)
			return nil, err
		}
		if len(found) != 1 {
			continue // nobody, or several, of whom it identifies none
		}
		groups, err := s.groupsOf(ctx, conn, found[0])
		if err != nil {
			s.forget(conn)
			return nil, err
		}
		return []directory.User{s.user(found[0], groups)}, nil
	}
	return nil, nil
}

func collect(into *[]*goldap.Entry) func(*goldap.Entry) error {
	return func(e *goldap.Entry) error {
		*into = append(*into, e)
		return nil
	}
}

// filters are what is searched for, one after the other.
func (s *Source) filters(id, email string) (filters []string) {
	add := func(attributes []string, value string) {
		if value == "" || len(attributes) == 0 {
			return
		}
		var alternatives strings.Builder
		for _, attribute := range attributes {
			alternatives.WriteString(equals(attribute, value))
		}
		filters = append(filters, fmt.Sprintf("(&%s(|%s))", s.cfg.Filter, alternatives.String()))
	}
	add(s.cfg.Attributes["id"], id)
	if strings.Contains(id, "@") {
		add(s.cfg.Attributes["email"], id)
	}
	add(s.cfg.Attributes["email"], email)
	return filters
}

// groupsOf searches for the groups that list a user.
func (s *Source) groupsOf(ctx context.Context, conn *goldap.Conn, e *goldap.Entry) ([]string, error) {
	g := s.cfg.Groups.Get()
	if g == nil {
		return nil, nil
	}
	member := e.DN
	if strings.EqualFold(g.Member, memberUID) {
		member = e.GetEqualFoldAttributeValue("uid")
	}
	var names []string
	_, err := searchPage(ctx, conn, request(g.BaseDN, fmt.Sprintf("(&%s%s)", g.Filter, equals(g.Member, member)), []string{g.Name}),
		func(e *goldap.Entry) error {
			names = append(names, e.GetEqualFoldAttributeValue(g.Name))
			return nil
		})
	return names, err
}

// key gives what a group that lists an entry has, as it is compared.
func (s *Source) key(e *goldap.Entry) string {
	if g := s.cfg.Groups.Get(); g != nil && strings.EqualFold(g.Member, memberUID) {
		return s.member(e.GetEqualFoldAttributeValue("uid"))
	}
	return s.member(e.DN)
}

// member gives the name of a member as it is compared: names of entries in one spelling.
func (s *Source) member(name string) string {
	if dn, err := goldap.ParseDN(name); err == nil && len(dn.RDNs) > 0 {
		name = dn.String()
	}
	return strings.ToLower(name)
}

// user maps an entry.
func (s *Source) user(e *goldap.Entry, groups []string) directory.User {
	var u directory.User
	s.cfg.Attributes.Fill(&u, func(attribute string) []string {
		values := e.GetEqualFoldAttributeValues(attribute)
		if strings.EqualFold(attribute, "userAccountControl") {
			return enabled(values)
		}
		out := make([]string, len(values))
		for i, v := range values {
			out[i] = firstName(v)
		}
		return out
	})
	u.AddGroups(groups)
	return u
}

// enabled reads Active Directory's flags of an account, of which the second says that it is disabled.
func enabled(values []string) []string {
	if len(values) != 1 {
		return nil
	}
	flags, err := strconv.ParseInt(values[0], 10, 64)
	if err != nil {
		return nil
	}
	return []string{strconv.FormatBool(flags&2 == 0)}
}

// firstName gives of the name of an entry the value that it begins with: finance of cn=finance,ou=groups,dc=example,dc=com. Other
// texts stay.
func firstName(value string) string {
	if !strings.Contains(value, "=") || !strings.Contains(value, ",") {
		return value
	}
	dn, err := goldap.ParseDN(value)
	if err != nil || len(dn.RDNs) < 2 || len(dn.RDNs[0].Attributes) == 0 {
		return value
	}
	return dn.RDNs[0].Attributes[0].Value
}

// shared gives the connection of look-ups.
func (s *Source) shared(ctx context.Context) (*goldap.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil && !s.conn.IsClosing() {
		return s.conn, nil
	}
	conn, err := s.dial(ctx)
	if err != nil {
		return nil, err
	}
	s.conn = conn
	return conn, nil
}

// forget lets go of a connection that failed.
func (s *Source) forget(conn *goldap.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == conn {
		s.release()
	}
}

func (s *Source) release() {
	if s.conn != nil {
		_ = s.conn.Close()
		s.conn = nil
	}
}

// Close implements [directory.Source].
func (s *Source) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.release()
	return nil
}
