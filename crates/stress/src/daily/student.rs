//! Multivariate Student-t shocks.

use portfolio_core::ModelParameter;

use super::chi_square::chi_square;
use crate::{
    LANES, LaneStream, Lanes, NormalShocks, ShockLaw, StressError,
    instruction_set::{Kernel, vectorised},
};

/// Multivariate Student-t shocks with variance one: all assets share one chi-square number a day, so extremes occur
/// together, and every margin has the same degrees of freedom. [`TCopula`](crate::TCopula) keeps the margin of each
/// asset instead.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use stress::{PortfolioLaw, SimulationOptions, StudentShocks, simulate};
///
/// let law = PortfolioLaw::new(0.0, 0.3, 252.0)?;
/// let options = SimulationOptions { horizon_days: 1, shocks: Arc::new(StudentShocks::new(4.0)?), ..Default::default() };
/// assert!(simulate(law, &options)?.statistics.terminal_quantile_01.value < 0.97);
/// assert!(StudentShocks::new(2.0).is_err());
/// # Ok::<(), stress::StressError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StudentShocks {
    degrees_of_freedom: f64,
}

impl StudentShocks {
    /// Shocks with these degrees of freedom, above 2 (below there is no variance) and at most 1,000.
    ///
    /// # Errors
    /// [`StressError::DegreesOfFreedom`].
    pub fn new(degrees_of_freedom: f64) -> Result<Self, StressError> {
        check_degrees(degrees_of_freedom)?;
        Ok(Self { degrees_of_freedom })
    }
}

/// Rejects degrees of freedom without a variance.
pub(super) fn check_degrees(value: f64) -> Result<(), StressError> {
    if value > 2.0 && value <= 1000.0 { Ok(()) } else { Err(StressError::DegreesOfFreedom { value }) }
}

impl ShockLaw for StudentShocks {
    fn id(&self) -> &str {
        "student_t"
    }

    fn version(&self) -> &str {
        "1"
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        vec![ModelParameter::new("degrees_of_freedom", self.degrees_of_freedom)]
    }

    fn fill(&self, stream: &mut LaneStream, rows: &mut [Lanes]) {
        NormalShocks.fill(stream, rows);
        let mut chi = [0.0; LANES];
        chi_square(self.degrees_of_freedom, stream, &mut chi);
        // t has the variance ν/(ν − 2).
        vectorised(Divide { numerator: self.degrees_of_freedom - 2.0, chi: &mut chi, rows });
    }
}

/// Multiplies every row by `√(numerator/chi)`.
struct Divide<'a> {
    numerator: f64,
    chi: &'a mut Lanes,
    rows: &'a mut [Lanes],
}

impl Kernel for Divide<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for c in self.chi.iter_mut() {
            *c = (self.numerator / *c).sqrt();
        }
        for row in self.rows {
            for (z, scale) in row.iter_mut().zip(self.chi.iter()) {
                *z *= scale;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seed;

    /// Excess kurtosis 6/(ν − 4), and squares of uncorrelated rows that are correlated: E z₁²z₂² = (ν − 2)/(ν − 4).
    #[test]
    fn moments_are_those_of_the_law() {
        let law = StudentShocks::new(12.0).unwrap();
        let (mut m1, mut m2, mut m4, mut cross, mut squares) = (0.0, 0.0, 0.0, 0.0, 0.0);
        let blocks = 2000;
        let mut rows = [[0.0; LANES]; 2];
        for block in 0..blocks {
            law.fill(&mut LaneStream::new(Seed(5), block), &mut rows);
            for (a, b) in rows[0].iter().zip(&rows[1]) {
                m1 += a;
                m2 += a * a;
                m4 += a * a * a * a;
                cross += a * b;
                squares += a * a * b * b;
            }
        }
        let n = (blocks as usize * LANES) as f64;
        assert!((m1 / n).abs() < 4.0 / n.sqrt());
        assert!((m2 / n - 1.0).abs() < 4.0 * (2.75 / n).sqrt());
        assert!((m4 / n - 3.75).abs() < 0.1, "{}", m4 / n);
        assert!((cross / n).abs() < 4.0 * (1.25 / n).sqrt());
        assert!((squares / n - 1.25).abs() < 0.03, "{}", squares / n);
        for bad in [2.0, 1.0, f64::NAN, 1e9] {
            assert!(matches!(StudentShocks::new(bad), Err(StressError::DegreesOfFreedom { .. })));
        }
    }
}
