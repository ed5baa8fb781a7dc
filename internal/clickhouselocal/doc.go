// Package clickhouselocal starts a real ClickHouse on any developer's machine, for the quickstart and for tests.
//
// [Start] takes the first of these that is there:
//
//  1. the server that CLICKHOUSE_ENDPOINT names: it is used as it is, nothing is started;
//  2. a clickhouse binary on the PATH, run as `clickhouse server`;
//  3. libchdb, ClickHouse's engine as a library, from a package that the user's npm client fetches once into the cache
//     directory (see [CacheDir]). A small program of this package's cmd directory loads it, in a process of its own.
//
// Whatever is started is a server of its own with one configuration (templates/): it listens on 127.0.0.1 only, keeps
// everything below one directory, can be killed and started again on the same data, and ends when the process that
// started it ends.
//
// Where to find what:
//
//   - options.go, environment.go: what a caller and what a user can choose; ports.go, users.go: parts of it
//   - server.go: the life of a server; process*.go: the operating system's process; log.go: what an error quotes of the logs
//   - engine.go: how each kind of ClickHouse is run and stopped; config.go and templates/: how it is configured
//   - platform.go, fetch.go, unpack.go: from npm package to library; build.go: the program that loads it;
//     cache.go, lock*.go, disk*.go, progress.go: what these need
//   - endpoint.go, connect.go: a server that is already there; query.go: SQL over HTTP
//
// Tests take package clickhousetest, which stops the server and fails the test on their behalf.
package clickhouselocal
