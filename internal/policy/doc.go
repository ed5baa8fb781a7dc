// Package policy decides how much of an audit event is captured, how long it is kept, and whether it may be sampled. It is pure:
// a [Document] is parsed ([Parse]) and compiled ([Document.Compile]) into a [Policy], which decides about [Subject]s without
// allocating. What a level keeps is in levels.go; how what is kept is made safe is for package redact.
//
//	document.go  what a policy says, as configuration and as a file
//	parse.go     the strict reader of files
//	compile.go   documents to policies; every error names the key
//	identity.go  names of versions: number and hash of the content
//	match.go     patterns and what they are compared with
//	subject.go   what is looked at of an event
//	decide.go    the decision
//	levels.go    which attributes a level keeps
//	protected.go the events that no rule may switch off
//	sample.go    which records a rate keeps
//	explain.go   why a decision was made
package policy
