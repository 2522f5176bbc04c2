//! Were the predictions right? Recorded predictions compared with their outcomes.
//!
//! Each function takes pairs of a prediction and its outcome and returns figures, one test and a
//! [`CalibrationVerdict`]. The tests are two-sided at [`SIGNIFICANCE`], each on its own: at least one of five tests of
//! correct predictions rejects with probability 23 %. They treat outcomes as independent; outcomes whose days overlap
//! are not, and then the p-values are too small.
//!
//! - [`assess_coverage`]: losses beyond a VaR, by Kupiec's test.
//! - [`assess_probability`]: a probability, by the Brier score and the exact test of the number of events.
//! - [`assess_spread`]: a standard deviation, by a chi-squared test of variances that allows for fat tails.
//! - [`assess_cost`]: costs, by the sign test.

mod cost;
mod coverage;
mod probability;
mod spread;
mod verdict;

pub use cost::{CostCalibration, CostPair, MIN_COST_OUTCOMES, assess_cost};
pub use coverage::{CoverageCalibration, MIN_EXPECTED_VIOLATIONS, assess_coverage};
pub use probability::{MIN_EVENT_OUTCOMES, ProbabilityCalibration, ProbabilityForecast, assess_probability};
pub use spread::{MIN_SPREAD_RETURNS, SpreadCalibration, SpreadSample, SpreadTest, assess_spread};
pub use verdict::{CalibrationReason, CalibrationVerdict, SIGNIFICANCE};
