package profile

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// Set are the profiles that a component knows. It never changes and is safe for concurrent use.
type Set struct {
	profiles   []*Profile // in the order of their names
	recogniser *recogniser
}

// File is a data file.
type File struct {
	Name string // for errors
	Data []byte
}

// ReadFiles reads data files of the user.
func ReadFiles(paths ...string) ([]File, error) {
	files := make([]File, 0, len(paths))
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("profile: %w", err)
		}
		files = append(files, File{Name: path, Data: data})
	}
	return files, nil
}

// With gives a set that also has the profiles of these files. A profile of the name of a built-in one takes its place; two
// files with profiles of one name are an error. Errors say file, line, key and value.
func (s *Set) With(files ...File) (*Set, error) {
	from := map[string]string{}
	profiles := slices.Clone(s.profiles)
	for _, file := range files {
		p, err := parse(file)
		if err != nil {
			return nil, err
		}
		if other, twice := from[p.name]; twice {
			return nil, fmt.Errorf("%s: profile: %q is also the profile of %s", file.Name, p.name, other)
		}
		from[p.name] = file.Name
		profiles = slices.DeleteFunc(profiles, func(old *Profile) bool { return old.name == p.name })
		profiles = append(profiles, p)
	}
	return newSet(profiles)
}

func newSet(profiles []*Profile) (*Set, error) {
	slices.SortFunc(profiles, func(a, b *Profile) int { return strings.Compare(a.name, b.name) })
	r, ok := newRecogniser(profiles)
	if !ok {
		return nil, fmt.Errorf("recognise: the profiles have more than %d keys between them", maxKeys)
	}
	return &Set{profiles: profiles, recogniser: r}, nil
}

// Select gives the profile of a name.
func (s *Set) Select(name string) (*Profile, bool) {
	for _, p := range s.profiles {
		if p.name == name {
			return p, true
		}
	}
	return nil, false
}

// Names are the names of the profiles, sorted.
func (s *Set) Names() []string {
	names := make([]string, 0, len(s.profiles))
	for _, p := range s.profiles {
		names = append(names, p.name)
	}
	return names
}
