// Package detect finds personal values (e-mail and IP addresses, payment cards, bank accounts, phone and identity numbers) and
// secrets (tokens, keys, passwords) in text, and replaces them: a personal value by its keyed pseudonym, so that it stays
// joinable, a secret by a fixed marker, because nothing about a secret is worth keeping.
//
// A text is read once, from left to right. A table says for each byte whether a value can be recognised there; most bytes of
// ordinary text are passed over after one look. Every detector looks at a bounded number of bytes around that place, or
// consumes what it has read, so the time is linear in the length whatever the text; there are no regular expressions.
//
// Detectors are not complete and cannot be: a name, a street or a password in prose has no form. Text that must not come through
// at all is withheld by the caller, not masked.
package detect
