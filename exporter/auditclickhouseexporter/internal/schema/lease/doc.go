// Package lease lets one of many collectors do what only one may do at a time: run migrations, or rebuild a rollup. It
// stands on the table `locks` and needs neither Keeper nor a server of its own.
//
// A lease of a name is a row of the highest generation. To take, prolong or end it is to insert the next generation, under
// the token `name-generation`. Of any number of rows inserted at once under one token, the deduplication window of a table
// lets exactly one in: that is the whole mechanism, and it is the same for a MergeTree and, through Keeper, for a
// ReplicatedMergeTree. Whoever finds the row to be another's has lost.
//
// A holder that dies leaves a row whose time runs out, by the server's clock. A server can note a token and be killed before
// it commits the row: then that generation never appears, and is passed over after as long as a holder of it could have it.
// What reads a replica that lags behind sees an old generation, tries the next, and is refused it.
//
// A holder that loses its lease is told by its context. What it sent to the server before may still run: see [Acquire].
package lease
