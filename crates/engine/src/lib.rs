//! The use cases of the rebalancer without a transport: bytes and an actor come in, an outcome or a refusal goes out.
//!
//! A plan has to be made for a request, stored before it is answered, and answered again when the request is repeated.
//! This crate does that and defines the documents; it does not know HTTP, status codes or a command line. A host reads
//! a request, names the [`governance::Actor`] that sent it, and calls one function.
//!
//! - [`plans`], [`agent_runs`]: plans, created and stored or made to be reported once.
//! - [`stored`], [`audit`]: what is stored, read and checked.
//! - [`named_books`]: portfolios under a name, kept in versions.
//! - [`control`]: the policy of pre-trade controls, halts, and decisions about plans.
//! - [`execution`]: fills of the exported orders, the book after them, and the costs of execution.
//! - [`access`]: API keys, their scopes, and the actor behind one.
//! - [`calibration`]: the outcomes of stored plans, and how well the plans predicted them.
//! - [`shadow`]: what challengers compute from the inputs of stored plans, and whether they would have been better.
//! - [`monitoring`]: what the triggers of a model's card measure over stored plans and their outcomes.
//! - [`runs`]: batches that are processed after they are accepted, by [`jobs`].
//! - [`webhooks`]: who is notified when a run ends.
//! - [`studies`]: which trials were run under a name.
//! - [`questions`]: a forecast, a risk report, a covariance, a simulation, the best weights of a problem.
//! - [`decode`], [`dto`]: from bytes to a checked document, or to the list of everything wrong with them.
//! - [`planning`], [`telling`]: from a document to a plan, and the plan as it is on the wire.
//! - [`records`]: where plans and their audit trail are kept; [`compute`]: where the work is done.
//! - [`surroundings`]: the clock and the entropy, which the host supplies.
//!
//! # Example
//! ```
//! use engine::plans::plan_without_keeping;
//! use engine::refusal::Refusal;
//!
//! let body = br#"{"portfolio_value": 1000, "assets": [
//!     {"asset": "A", "target_weight": 0.5, "current_weight": 0.7},
//!     {"asset": "B", "target_weight": 0.5, "current_weight": 0.3}]}"#;
//! let planned = plan_without_keeping(body)?;
//! assert_eq!(planned.plan.trades.rows.len(), 2);
//!
//! let Err(Refusal::Invalid(faults)) = plan_without_keeping(b"{}") else { panic!("an empty request has no plan") };
//! assert_eq!(faults[0].pointer.as_deref(), Some("/assets"));
//! # Ok::<(), Refusal>(())
//! ```

pub mod access;
pub mod agent_runs;
pub mod audit;
mod backlog;
pub mod backtests;
pub mod calibration;
pub mod champions;
pub mod compare;
pub mod compute;
pub mod context;
pub mod control;
mod creation;
pub mod decode;
pub mod draining;
pub mod dto;
pub mod execution;
pub mod fault;
pub mod fault_code;
mod held_out_evidence;
mod host;
pub mod inventory;
pub mod jobs;
pub mod keys;
pub mod latency;
pub mod meter;
pub mod monitoring;
pub mod named_books;
pub mod planning;
pub mod plans;
pub mod questions;
pub mod records;
pub mod refusal;
pub mod runs;
pub mod scenarios;
pub mod shadow;
pub mod stored;
pub mod studies;
pub mod surroundings;
pub mod telling;
pub mod trainings;
mod turns;
pub mod webhooks;

pub use host::Engine;

/// The example of the README, compiled and run with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
