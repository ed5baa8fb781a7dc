package main

import (
	"embed"
	"io/fs"
)

// The files that the quickstart is made of, so that it runs from any directory.
var (
	//go:embed collector.yaml
	collectorConfig []byte
	//go:embed users.yaml
	usersFile []byte
	//go:embed sql panels events/*.json
	files embed.FS
)

// directory is one of the directories in files.
func directory(name string) fs.FS {
	sub, err := fs.Sub(files, name)
	if err != nil {
		panic(err) // a name that is not a path: cannot happen
	}
	return sub
}
