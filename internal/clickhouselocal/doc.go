// Package clickhouselocal starts a real ClickHouse on any developer's machine, for the quickstart and for tests.
//
// [Start] takes the first of these that is there:
//
//  1. the server that CLICKHOUSE_ENDPOINT names: it is used as it is, nothing is started;
//  2. a clickhouse binary on the PATH, run as `clickhouse server`;
//  3. libchdb, ClickHouse's engine as a library, from a package that the user's npm client fetches once into the cache
//     directory (see [CacheDir]). A small program of this package's cmd directory loads it, in a process of its own.
//
// Whichever it is, the process that runs is a server of its own with one configuration (templates/): it listens on
// 127.0.0.1 only, keeps everything below one directory, can be killed and started again on the same data, and ends when
// the process that started it ends.
//
// Where to find what:
//
//	options.go       what a caller can choose           fetch.go, unpack.go   npm package to library in the cache
//	environment.go   what a user can choose             platform.go           which package fits, and its integrity
//	server.go        life of a server                   build.go              the program that loads the library
//	process*.go      the operating system's process     config.go, users.go   options to ClickHouse's configuration
//	query.go         SQL over HTTP                      endpoint.go           a server that is already there
//
// Tests take package clickhousetest, which stops the server and fails the test on their behalf.
package clickhouselocal
