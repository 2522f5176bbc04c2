//! Runs: accepted as a whole, processed one item at a time by a thread of their own, reported to their followers.
//!
//! The store is the queue and the log of what happened; this process may be killed at any moment. An item ends in one
//! transaction with its result, so it ends once.

mod admit;
mod checkpoint;
mod event;
mod follow;
mod histories;
mod item;
mod progress;
mod queue;
mod results;
pub mod state;
mod worker;

pub use admit::{AdmittedRun, RUN_LIMITS, admit};
pub use event::{RunUpdate, write_event};
pub use follow::{FollowStep, RunFollower};
pub use item::RefusalWriter;
pub(crate) use progress::Progress;
pub use queue::Runs;
pub use results::RunResults;
