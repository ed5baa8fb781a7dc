// Package directory knows who an actor is, and was. A [Directory] answers from memory, and waits for its source only as long as a
// [Query] allows; a [Chain] asks several in order of precedence.
//
//	directory.go  the interface: queries, answers, users      chain.go   several directories in order
//	table.go      users in memory, found by id and address    user.go    the versions of one user
//	change.go     what a new table takes over from the one before, and what has changed
//	file.go       a [File], read whole and followed           csv.go, json.go, yaml.go, parse.go, fields.go   its formats
//	remote.go     a [Remote] of a [Source] on a server        sync.go    reading all users, or what has changed
//	ask.go        asking for one user: answers that are remembered, one question a user, rest after failures
//	source.go     what a source is                            mapping.go its attributes to our fields
//
// Packages scim, ldap and sqlsource are the sources.
//
// A user has these fields, in every format; all but id may be missing:
//
//	id          as the applications send it in audit.actor.id
//	name        of the person
//	email       upper and lower case are the same
//	roles       list
//	groups      list: teams, departments' mailing lists …
//	department
//	active      whether the account is in use
//	valid_from  since when all this holds
//	valid_to    until when, excluded; an id may stand again with times that do not overlap
//
// YAML and JSON files hold one map with the list "users". CSV has one line of column names, in any order, then a line a user; lists
// are separated by semicolons, active is true or false, and an empty cell means that the field is missing. Null means the same in
// YAML and JSON. Times are texts of RFC 3339, or dates.
//
// Files are read strictly: what is not one of these fields, has another type, stands twice or is too long is an error. Errors name
// the line and the field, never a value. Of servers, users that do not fit are left out and counted.
package directory
