package directory

import (
	"fmt"
	"slices"
	"strings"
)

// Mapping says for each field of a user which attributes of a source fill it. The first one that has a value fills a text; all of
// them together fill a list.
type Mapping map[string][]string

// Validate gives what is wrong with it. Errors name keys below the one that holds the mapping.
func (m Mapping) Validate() []error {
	var errs []error
	for field, attributes := range m {
		if !isField(field) {
			errs = append(errs, fmt.Errorf(".%s is not a field: must be one of %s", field, strings.Join(fieldNames, ", ")))
		}
		if slices.Contains(attributes, "") {
			errs = append(errs, fmt.Errorf(".%s has an empty name: must be names of attributes", field))
		}
	}
	if len(m[fieldID]) == 0 {
		errs = append(errs, fmt.Errorf(".%s is empty: must name the attribute that the events' audit.actor.id is found in", fieldID))
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errs
}

// Fill fills a user from what values gives for an attribute.
func (m Mapping) Fill(u *User, values func(attribute string) []string) {
	for _, field := range fieldNames {
		for _, attribute := range m[field] {
			got := values(attribute)
			if to := u.list(field); to != nil {
				*to = appendNew(*to, got)
				continue
			}
			if len(got) > 0 && got[0] != "" && u.SetText(field, got[0]) {
				break
			}
		}
	}
}

// AddGroups adds groups that a source keeps elsewhere.
func (u *User) AddGroups(names []string) { u.Groups = appendNew(u.Groups, names) }

// appendNew adds what is not there yet.
func appendNew(list, more []string) []string {
	for _, s := range more {
		if s != "" && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}
