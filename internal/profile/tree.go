package profile

import "strings"

// node is a place in the product's event that rules name, or that leads to one.
type node struct {
	path     string // "properties.datasets", for errors
	slot     int    // where what stands there is noted, -1 where no rule names the place itself
	children map[string]*node
}

func newNode(path string) *node { return &node{path: path, slot: -1} }

// find gives the place under a key. A key with dots stands for the places on the way to it: products flatten their events
// on export, so that "resource.id" as one key means the same as id in resource.
func (n *node) find(key string) *node {
	if n == nil || n.children == nil {
		return nil
	}
	if child := n.children[key]; child != nil {
		return child
	}
	for {
		first, rest, dotted := strings.Cut(key, ".")
		if !dotted {
			return nil
		}
		if n = n.children[first]; n == nil {
			return nil
		}
		if child := n.children[rest]; child != nil {
			return child
		}
		key = rest
	}
}

// paths gives every path that rules name a slot.
type paths struct {
	root  *node
	slots []*node // by slot
}

func newPaths() *paths { return &paths{root: newNode("")} }

// slot gives the slot of a path.
func (p *paths) slot(path string) int {
	n := p.root
	for segment := range strings.SplitSeq(path, ".") {
		child := n.children[segment]
		if child == nil {
			child = newNode(strings.TrimPrefix(n.path+"."+segment, "."))
			if n.children == nil {
				n.children = map[string]*node{}
			}
			n.children[segment] = child
		}
		n = child
	}
	if n.slot < 0 {
		n.slot = len(p.slots)
		p.slots = append(p.slots, n)
	}
	return n.slot
}

func (p *paths) depth(slot int) int { return strings.Count(p.slots[slot].path, ".") }
