//! The calibration ledger: the predictions of stored plans, their outcomes, and whether the predictions were right.
//!
//! Predictions are read from a plan's stored answer and never recomputed. An outcome is scored once, when it is
//! reported, and recorded with its scores in the audit chain; a scorecard is computed from recorded scores only and
//! sealed with them.

mod prediction;
mod record;
mod score;
mod scorecard;
mod waiting;

pub use record::{RecordedOutcome, record};
pub use scorecard::{CalibrationQuery, MAX_OUTCOMES, scorecard};
pub(crate) use scorecard::{cost, daily_var, horizon_var, tracking_error};
