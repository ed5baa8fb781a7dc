// Package directory knows who an actor is. A [Directory] answers from memory and never blocks; [File] is the one that reads a
// YAML, JSON or CSV file and follows its changes.
//
// A user has these fields, in every format; all but id may be missing:
//
//	id          as the applications send it in audit.actor.id; unique
//	name        of the person
//	email       upper and lower case are the same
//	roles       list
//	groups      list: teams, departments' mailing lists …
//	department
//	active      whether the account is in use
//
// YAML and JSON hold one map with the list "users". CSV has one line of column names, in any order, then a line a user; lists are
// separated by semicolons, active is true or false, and an empty cell means that the field is missing. Null means the same in YAML
// and JSON.
//
// The formats are read strictly: what is not one of these fields, has another type, stands twice or is too long is an error. Errors
// name the line and the field, never a value.
package directory
