package profile

import "strings"

// action is what a name of the product means.
type action struct {
	name   string // as the data file spells it, empty where the list has none
	verb   string
	target string // type of target, empty where the name tells none
}

// actions knows the names of a product's events.
type actions struct {
	listed    map[string]action // as the product spells them, and in lower case
	words     map[string]string // word → verb, beyond [verbs]
	last      bool              // the verb is the last word of a name rather than the first
	otherwise string            // verb of names that none of this explains, empty where they are refused
}

// find explains a name: by the list, in any case; by the word in the place of the verb; by the verb for all others.
func (a *actions) find(name string) (action, bool) {
	if found, ok := a.listed[name]; ok {
		return found, true
	}
	if found, ok := a.listed[strings.ToLower(name)]; ok {
		return found, true
	}
	if found, ok := a.generic(name); ok {
		return found, true
	}
	return action{verb: a.otherwise}, a.otherwise != ""
}

// generic takes the verb and the type of the target from the words of a name.
func (a *actions) generic(name string) (action, bool) {
	if !isPlain(name) {
		return action{}, false
	}
	words := snake(name)
	word, rest, _ := strings.Cut(words, "_")
	if i := strings.LastIndexByte(words, '_'); a.last && i >= 0 {
		rest, word = words[:i], words[i+1:]
	}
	verb, ok := a.verb(word)
	return action{verb: verb, target: rest}, ok
}

func (a *actions) verb(word string) (string, bool) {
	if verb, ok := a.words[word]; ok {
		return verb, true
	}
	verb, ok := verbs[word]
	return verb, ok
}
