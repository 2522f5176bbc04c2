//! A law of shocks: the multivariate Student law.

use portfolio_core::ModelParameter;
use stress::{LANES, LaneStream, Lanes, NormalShocks, ShockLaw};

/// Student shocks of variance 1: all rows of a step share one chi-square number per path, so they are extreme together.
#[derive(Debug, Clone, Copy)]
pub struct StudentShocks {
    /// Degrees of freedom, 3 or more; below 3 there is no variance.
    pub degrees: usize,
}

impl ShockLaw for StudentShocks {
    fn id(&self) -> &str {
        "student"
    }

    fn version(&self) -> &str {
        "3"
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        vec![ModelParameter::new("degrees_of_freedom", self.degrees as f64)]
    }

    fn fill(&self, stream: &mut LaneStream, rows: &mut [Lanes]) {
        NormalShocks.fill(stream, rows);
        let mut chi_square = [0.0; LANES];
        for _ in 0..self.degrees {
            let mut normal = [[0.0; LANES]];
            NormalShocks.fill(stream, &mut normal);
            chi_square.iter_mut().zip(&normal[0]).for_each(|(sum, z)| *sum += z * z);
        }
        // A Student variable has the variance ν/(ν − 2); shocks need 1.
        let scale = chi_square.map(|x| ((self.degrees as f64 - 2.0) / x).sqrt());
        for row in rows {
            row.iter_mut().zip(&scale).for_each(|(shock, scale)| *shock *= scale);
        }
    }
}
