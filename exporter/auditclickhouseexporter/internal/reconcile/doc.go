// Package reconcile counts in the database what must be there, and mends what is not: tokens make a repeated insert
// harmless except in the few moments in which a server dies, and an audit log has to be right after those too.
//
//   - After an error that leaves open whether an insert was done, [Reconciler.Verify] says whether all, none or some of its
//     rows are there, and [Reconciler.Missing] which are not.
//   - [Reconciler.Run] goes over what was received lately: copies of one event are deleted but for the first, and days on
//     which a rollup differs from `events` are rebuilt. What is lost, and what has one record id and two contents, is
//     reported.
//
// The same questions are views that anyone can ask by hand: reconcile_blocks, reconcile_doubled, reconcile_rollups.
//
// # Rebuilding while rows arrive
//
// A rebuild replaces a rollup's partition by one whose days in question are counted again. An insert is not one transaction
// over `events` and its rollups, so while that happens no insert may be half done. [Hold] is how that is had: a lease that
// every collector of the database asks for before an insert ([Held]). Its holder then waits until the server runs no insert
// into `events` any more. An insert whose collector asked just before the hold began can still come; so after the exchange
// the holder waits again for inserts to end and compares again, until nothing differs: an insert that was counted in part
// is found by that, and one that comes later is a whole one.
//
// An insert that failed halfway and is to be repeated would be counted twice when the rollup is rebuilt in between. Its rows
// have no row in the manifest `blocks` yet, and days that have such rows are put off until they do, for a day at most.
//
// # What can be judged
//
// Rows that retention has dropped cannot be counted. A day is compared only when every insert of the manifest since then is
// complete, so that a rollup is never rebuilt from less than it was made of. No retention is shorter than a day: rows that
// are not there within a day of receipt are lost, not dropped.
//
//	plan.go     one insert        doubled.go  copies of one event      hold.go     no inserts meanwhile
//	run.go      a round           blocks.go   lost rows, the horizon   rollups.go  compare and rebuild
package reconcile
