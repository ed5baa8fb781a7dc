package month

import (
	"errors"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// Person is an entry of the directory of users.
type Person struct {
	ID         string   `yaml:"id"`
	Name       string   `yaml:"name"`
	Email      string   `yaml:"email"`
	Roles      []string `yaml:"roles"`
	Groups     []string `yaml:"groups"`
	Department string   `yaml:"department"`
	Active     bool     `yaml:"active"`
}

// ParsePeople reads a directory of users, the file that the collector's processor reads too.
func ParsePeople(text []byte) ([]Person, error) {
	var file struct {
		Users []Person `yaml:"users"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("read the directory of users: %w", err)
	}
	return file.Users, nil
}

// actor is who does something, from where.
type actor struct {
	id, kind, login, email string
	address, agent         string
}

// people are all who act, by what they do. The first of a list does it most.
type people struct {
	all       []actor // everybody with an active account
	admins    []actor
	engineers []actor
	analysts  []actor
	gone      []actor // accounts the directory knows as inactive
}

func newPeople(directory []Person) (*people, error) {
	var p people
	for i, person := range directory {
		a := actor{
			id: person.ID, kind: audit.ActorUser, login: person.Name, email: person.Email,
			address: fmt.Sprintf("198.51.100.%d", 10+i), agent: agents[i%len(agents)],
		}
		if !person.Active {
			p.gone = append(p.gone, a)
			continue
		}
		p.all = append(p.all, a)
		if slices.Contains(person.Roles, "admin") {
			p.admins = append(p.admins, a)
		}
		if slices.Contains(person.Groups, "engineering") {
			p.engineers = append(p.engineers, a)
		}
		if slices.Contains(person.Groups, "analytics") {
			p.analysts = append(p.analysts, a)
		}
	}
	for _, list := range [][]actor{p.admins, p.engineers, p.analysts, p.gone} {
		if len(list) == 0 {
			return nil, errors.New("the directory needs users with the role admin, in the groups engineering and analytics, and an inactive one")
		}
	}
	return &p, nil
}

// service is a program with credentials of its own.
func service(name, address string) actor {
	return actor{id: name, kind: audit.ActorService, address: address, agent: "axiom-go/0.27.1"}
}

// system is the product itself.
func system(product string) actor { return actor{id: product, kind: audit.ActorSystem} }

var agents = []string{
	"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
}
