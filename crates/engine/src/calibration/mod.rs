//! The calibration ledger: what stored plans predicted, what came of it, and whether the predictions were right.
//!
//! Predictions are read from a plan's stored answer and never computed again. An outcome is scored once, when it is reported, and
//! recorded with its scores in the audit chain; a scorecard is computed from recorded scores alone and sealed with them.

mod prediction;
mod record;
mod score;
mod scorecard;
mod waiting;

pub use record::{RecordedOutcome, record};
pub use scorecard::{CalibrationQuery, MAX_OUTCOMES, scorecard};
