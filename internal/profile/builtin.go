package profile

import (
	"embed"
	"io/fs"
	"path"
	"sync"
)

//go:embed data/*.yaml
var data embed.FS

// Builtin gives the profiles of the five products.
func Builtin() *Set { return builtin() }

// The files are part of the program, and a test reads them: what fails here is a mistake in them.
var builtin = sync.OnceValue(func() *Set {
	entries, err := fs.ReadDir(data, "data")
	if err != nil {
		panic(err)
	}
	files := make([]File, 0, len(entries))
	for _, e := range entries {
		text, err := data.ReadFile(path.Join("data", e.Name()))
		if err != nil {
			panic(err)
		}
		files = append(files, File{Name: e.Name(), Data: text})
	}
	empty, err := newSet(nil)
	if err != nil {
		panic(err)
	}
	set, err := empty.With(files...)
	if err != nil {
		panic(err)
	}
	return set
})
