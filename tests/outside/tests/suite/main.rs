//! Four models from outside run in the pipeline: they change the answer as they should, they are on record, and they replay.

mod answers;
mod case;
mod guesses;
mod record;
mod replay;
mod walk_forward;
