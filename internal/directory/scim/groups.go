package scim

import (
	"maps"
	"slices"
)

// groups knows who is in which group. It is not changed once it is in use.
type groups struct {
	byID    map[string]group
	changed cursor
}

type group struct {
	name    string
	members []string // ids of users, sorted
}

func newGroups() *groups { return &groups{byID: map[string]group{}} }

func (g *groups) clone() *groups { return &groups{byID: maps.Clone(g.byID), changed: g.changed} }

// add takes a resource of /Groups.
func (g *groups) add(resource map[string]any) {
	g.changed.saw(resource)
	members := Path{name: "members"}.values(resource)
	slices.Sort(members)
	g.byID[text(resource, "id")] = group{text(resource, "displayName"), slices.Compact(members)}
}

// replace takes a resource that has changed, and notes whom that concerns.
func (g *groups) replace(resource map[string]any, affected map[string]bool) {
	id := text(resource, "id")
	before := g.byID[id]
	g.add(resource)
	after := g.byID[id]
	renamed := before.name != after.name
	for _, pair := range [][2]group{{before, after}, {after, before}} {
		for _, member := range pair[0].members {
			if _, both := slices.BinarySearch(pair[1].members, member); !both || renamed {
				affected[member] = true
			}
		}
	}
}

// byMember gives the names of the groups of everybody, the id of a member to the names of the groups that he is in.
func (g *groups) byMember() map[string][]string {
	of := map[string][]string{}
	for _, id := range slices.Sorted(maps.Keys(g.byID)) {
		for _, member := range g.byID[id].members {
			of[member] = append(of[member], g.byID[id].name)
		}
	}
	return of
}

// of gives the names of the groups of one user.
func (g *groups) of(id string) (names []string) {
	for _, key := range slices.Sorted(maps.Keys(g.byID)) {
		if _, in := slices.BinarySearch(g.byID[key].members, id); in {
			names = append(names, g.byID[key].name)
		}
	}
	return names
}
