// Package ab compares two sides by runs that alternate: what changes on a machine while it measures, changes for both.
//
// The flow: a [Schedule] says in which order the sides run in each round, and after which rounds the comparison is looked at, all
// of it before the first run. An [Experiment] walks through the rounds, asks each [Side] for a run, hands over what it gave to be
// kept, and stops at the look that decides. A side is plans in workers ([Plans]) or any command ([Command]).
//
// The room's one rule: what was declared before the first run is what is done. Nothing that a run shows changes the order, the
// looks, or what may be spent at each; it can only end the rounds at a look.
package ab
