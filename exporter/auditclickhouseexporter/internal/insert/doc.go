// Package insert brings the blocks of the log into the database: a run of blocks is planned, the plan is kept in the log,
// and only then sent, so that whatever happens in between the same bytes go out again under the same token.
//
//	options.go    what a carrier needs of others          carrier.go  the tables' lanes
//	lane.go       which blocks become one insert          load.go     the blocks of a plan, read back
//	carry.go      a plan from sending to done             store.go    one insert until it is taken, or taken apart
//	halves.go     how it is taken apart
//	doubt.go      an insert whose outcome is open         refused.go  rows that the database does not take
//	notes.go      counts and manifest become rows         pace.go     how fast, and how much at once
//	telemetry.go  what is counted
package insert
