//! The options a caller chooses for a solve.

use crate::OptimizerError;
use crate::tolerance::ACCEPTED;

/// How a problem is solved and reported.
///
/// | name | default | purpose | range |
/// | --- | --- | --- | --- |
/// | `portfolio_value` | none | value of the book, to state prices in currency | finite, at least 0 |
/// | `tolerance` | 1e-8 | relative gap and residuals at which the interior point hands over to the polish | above 0, at most 0.01 |
/// | `max_iterations` | 60 | most iterations of one run of the interior point | 1 to 10,000 |
/// | `proven_gap` | 1e-7 | gap up to which an answer ends the search, relative to the largest part of the objective or 1 | above 0, at most 1e-6 |
/// | `second_tolerance` | 1e-12 | `tolerance` of a second run, made where the first leaves more than `proven_gap` | above 0, at most 0.01 |
///
/// Whatever the options, no answer is returned whose gap is above 1e-6 or that violates a limit by more than 1e-8.
///
/// # Example
/// ```
/// use optimizer::{OptimizerError, SolveOptions};
///
/// let options = SolveOptions { portfolio_value: Some(1e6), ..SolveOptions::default() };
/// assert_eq!(options.check(), Ok(()));
/// let never = SolveOptions { tolerance: 0.0, ..options };
/// assert!(matches!(never.check(), Err(OptimizerError::OutOfRange { what: "tolerance", .. })));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SolveOptions {
    /// Value of the book, used to state prices in currency.
    pub portfolio_value: Option<f64>,
    /// Relative gap and residuals at which the interior point hands over to the polish.
    pub tolerance: f64,
    /// Most iterations of one run of the interior point.
    pub max_iterations: usize,
    /// Gap up to which an answer ends the search, relative to the largest part of the objective or 1.
    pub proven_gap: f64,
    /// Tolerance of a second run, made when the first leaves more than `proven_gap`: closer to the solution it is
    /// clearer which limits bind.
    pub second_tolerance: f64,
}

impl Default for SolveOptions {
    fn default() -> Self {
        Self {
            portfolio_value: None,
            tolerance: 1e-8,
            max_iterations: 60,
            proven_gap: 1e-7,
            second_tolerance: 1e-4 * 1e-8,
        }
    }
}

impl SolveOptions {
    /// Rejects options outside the ranges of the table above.
    ///
    /// # Errors
    /// [`OptimizerError::OutOfRange`] with the name of the option.
    pub fn check(&self) -> Result<(), OptimizerError> {
        let iterations = self.max_iterations as f64;
        let book = self.portfolio_value.unwrap_or_default();
        for (what, value, holds, requirement) in [
            ("portfolio_value", book, (0.0..f64::INFINITY).contains(&book), "finite and at least 0"),
            ("tolerance", self.tolerance, within(self.tolerance, 0.01), "above 0 and at most 0.01"),
            ("max_iterations", iterations, (1..=10_000).contains(&self.max_iterations), "from 1 to 10,000"),
            ("proven_gap", self.proven_gap, within(self.proven_gap, ACCEPTED), "above 0 and at most 1e-6"),
            (
                "second_tolerance",
                self.second_tolerance,
                within(self.second_tolerance, 0.01),
                "above 0 and at most 0.01",
            ),
        ] {
            if !holds {
                return Err(OptimizerError::OutOfRange { what, index: 0, requirement, value });
            }
        }
        Ok(())
    }
}

fn within(value: f64, most: f64) -> bool {
    value > 0.0 && value <= most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_has_a_range() {
        let good = SolveOptions::default();
        assert_eq!(good.check(), Ok(()));
        let bad = [
            ("portfolio_value", SolveOptions { portfolio_value: Some(f64::INFINITY), ..good }),
            ("tolerance", SolveOptions { tolerance: f64::NAN, ..good }),
            ("max_iterations", SolveOptions { max_iterations: 0, ..good }),
            ("proven_gap", SolveOptions { proven_gap: 1e-5, ..good }),
            ("second_tolerance", SolveOptions { second_tolerance: -1.0, ..good }),
        ];
        for (name, options) in bad {
            let refused = options.check().unwrap_err();
            assert!(matches!(refused, OptimizerError::OutOfRange { what, .. } if what == name), "{name}: {refused}");
        }
    }
}
