// Package tools pins the programs that build, generate and check the project. Its module is apart, so that none of their
// dependencies reaches a user's collector. Run one with `go tool -modfile=internal/tools/go.mod NAME`.
package tools
