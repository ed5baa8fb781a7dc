package clickhouselocal

import (
	"fmt"
	"path/filepath"
	"runtime"
)

// libraryVersion is the version of the npm packages that hold libchdb, and with it ClickHouse's version.
const libraryVersion = "26.7.3-stable.1"

// platform is a system for which there is a package with the library.
type platform struct {
	pkg string // name of the npm package
	// integrity is that of the package's tarball, in the form of npm's lock files. Empty where it is not known: then npm's
	// own check against its registry is the only one.
	integrity string
	packed    int64 // size of the tarball in bytes, 0 where it is not known
}

var platforms = map[string]platform{
	"linux/amd64": {
		pkg:       "@chdb/lib-linux-x64-gnu",
		integrity: "sha512-XP97mMqnc5tZpKQywR8N7cLTsHNiTmHr30pC5mzo3jWmukjKn2IBa60c2B/gWUNcuFjOMjWoorQICCqBVj5wpw==",
		packed:    177_817_999,
	},
	"linux/arm64":  {pkg: "@chdb/lib-linux-arm64-gnu"},
	"darwin/arm64": {pkg: "@chdb/lib-darwin-arm64"},
	"darwin/amd64": {pkg: "@chdb/lib-darwin-x64"},
}

// spec is the package with its version, as npm takes it.
func (p platform) spec() string { return p.pkg + "@" + libraryVersion }

// thisPlatform returns the platform of this process.
func thisPlatform() (platform, error) {
	return platformOf(runtime.GOOS, runtime.GOARCH, hasMusl("/"))
}

func platformOf(goos, goarch string, musl bool) (platform, error) {
	p, ok := platforms[goos+"/"+goarch]
	switch {
	case !ok:
		return platform{}, advise(fmt.Errorf("there is no packaged ClickHouse for %s/%s", goos, goarch), "set %s", elsewhere)
	case musl:
		return platform{}, advise(fmt.Errorf("the packaged ClickHouse needs glibc, and this %s/%s has musl", goos, goarch), "set %s", elsewhere)
	}
	return p, nil
}

// hasMusl tells whether the C library below root is musl: its loader is there and that of glibc is not.
func hasMusl(root string) bool {
	there := func(pattern string) bool {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		return err == nil && len(found) > 0
	}
	return there("lib/ld-musl-*") && !there("lib*/ld-linux*")
}
