// Package query turns the text of a query into a privacy-safe representation: the shape of the query stays, every literal,
// comment and piece of inline data goes. It is fail-closed: a token is written out only if it is on a list (keywords,
// operators, functions) or stands where a name must stand; what is not understood makes the whole query coarse (verb,
// targets, length) or withholds it. Errors do not exist here: every text has a [Result], and its reason is a fixed code
// that carries nothing of the text.
//
// There is one entry point, [Representer.Represent], and one file a language. A language reads its text with a lexer of
// its own and writes through the one [writer], which owns spacing, the case of keywords, the folding of lists and the
// fingerprint, so that all languages agree on what "the same shape" means.
//
// `go run ./query` in the folder bench compares the speed with that of go-sqllexer on the same queries.
package query
