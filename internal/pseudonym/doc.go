// Package pseudonym replaces values by keyed hashes, so that stored events can be joined and compared by people who must not
// read the values.
//
// Three things are made of the same key and can never be mistaken for each other, because HMAC-SHA-256 covers a label of the
// purpose before the value:
//
//   - a pseudonym of one value, "h1:<key id>:<128 bits in base32>" ([Keys.Value]): equal values, equal pseudonyms;
//   - a fingerprint of a text, 16 hex digits ([Keys.Fingerprint]): groups texts of one kind;
//   - the hash of a whole record, written like a pseudonym ([Keys.RecordHash]).
//
// Before a value is hashed it is brought into the normal form of its [Kind], so that one person has one pseudonym however an
// application writes the address. Who holds the key can make a pseudonym again, with any HMAC tool:
//
//	printf 'otelaudit/value\0jane@corp.com' | openssl dgst -sha256 -hmac "$KEY" -binary | head -c 16 | base32 | tr -d =
//
// Pseudonyms are deterministic. Somebody who may send events and read the results can therefore test a guess ("is this the
// pseudonym of jane@corp.com?"), and a value with few possible contents, such as a bool, is known by how often it occurs.
//
// Keys appear in no error, no log line and no formatted output.
package pseudonym
