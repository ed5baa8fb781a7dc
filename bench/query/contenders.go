package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"hash"

	sqllexer "github.com/DataDog/go-sqllexer"

	"github.com/otelaudit/otelaudit/internal/query"
)

// contender is one way to make a query safe. run reads it once and says how long what it tells of the query is, which
// also keeps the compiler from leaving the work out.
type contender struct {
	name string
	run  func(s sample) int
}

// ours is the reader of this project, with a keyed pseudonym for what does not look like a name. It gives the shape, a
// summary, the datasets and a fingerprint.
func ours() contender {
	keyed := hmac.New(sha256.New, []byte("a key of thirty-two bytes, or so"))
	r := query.New(query.Options{Pseudonym: func(dst, name []byte) []byte { return pseudonym(keyed, dst, name) }})
	return contender{"otelaudit", func(s sample) int {
		return len(r.Represent(s.lang, s.system, s.text).Representation)
	}}
}

func pseudonym(keyed hash.Hash, dst, name []byte) []byte {
	var sum [sha256.Size]byte
	keyed.Reset()
	keyed.Write(name)
	return base32.StdEncoding.WithPadding(base32.NoPadding).AppendEncode(append(dst, "h1:k1:"...), keyed.Sum(sum[:0])[:16])
}

// theirs are the two uses of go-sqllexer: with the metadata of the statement, as its README has it, and without. It knows
// SQL only, and is given APL as SQL: that is what a pipeline that has nothing else does.
func theirs() []contender {
	obfuscator := sqllexer.NewObfuscator(
		sqllexer.WithReplaceDigits(true),
		sqllexer.WithDollarQuotedFunc(true),
	)
	normalizer := sqllexer.NewNormalizer(
		sqllexer.WithCollectComments(true),
		sqllexer.WithCollectCommands(true),
		sqllexer.WithCollectTables(true),
		sqllexer.WithKeepSQLAlias(false),
	)
	return []contender{
		{"obfuscate and normalize", func(s sample) int {
			text, metadata, err := sqllexer.ObfuscateAndNormalize(s.text, obfuscator, normalizer, sqllexer.WithDBMS(dbms(s.system)))
			if err != nil {
				return 0
			}
			return len(text) + metadata.Size
		}},
		{"obfuscate", func(s sample) int {
			return len(obfuscator.Obfuscate(s.text, sqllexer.WithDBMS(dbms(s.system))))
		}},
	}
}

// dbms is what go-sqllexer calls a system of db.system.name; it has no name for the others.
func dbms(system string) sqllexer.DBMSType {
	switch system {
	case "postgresql":
		return sqllexer.DBMSPostgres
	case "mysql":
		return sqllexer.DBMSMySQL
	case "snowflake":
		return sqllexer.DBMSSnowflake
	default:
		return ""
	}
}
