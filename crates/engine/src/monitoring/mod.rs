//! Monitoring of models: what the triggers of a card measure over stored plans and their outcomes.
//!
//! Nothing is kept: a reading is computed from the records when somebody asks, so the same records give the same figures.

mod figures;
mod read;
mod seen;

pub use read::{MAX_OUTCOMES, of_model};
