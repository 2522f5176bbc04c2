//! The name of a state.

use std::fmt;

use serde::Serialize;

use crate::GaussianHmm;

/// The name of a state, by the mean and variance of its first feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RegimeName {
    /// The smallest variance, and a mean above zero.
    Bull,
    /// Neither of the others.
    Sideways,
    /// The largest variance, and a mean below zero.
    Bear,
    /// The largest variance, and a mean of zero or more.
    Turbulent,
}

impl RegimeName {
    /// The name as it is written in records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bull => "bull",
            Self::Sideways => "sideways",
            Self::Bear => "bear",
            Self::Turbulent => "turbulent",
        }
    }
}

impl fmt::Display for RegimeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl GaussianHmm {
    /// The name of each state. Names describe the past of a state and are no forecast; two states can have the same
    /// name.
    ///
    /// # Example
    /// ```
    /// use regimes::{GaussianHmm, RegimeName};
    ///
    /// let model = GaussianHmm::new(&[0.5, 0.5], &[[0.95, 0.05], [0.1, 0.9]], &[[0.06], [-0.08]], &[[0.5], [4.0]])?;
    /// assert_eq!(model.names(), [RegimeName::Bull, RegimeName::Bear]);
    /// # Ok::<(), regimes::RegimeError>(())
    /// ```
    #[must_use]
    pub fn names(&self) -> Vec<RegimeName> {
        let last = self.states() - 1;
        let name = |(state, means): (usize, &Vec<f64>)| match (state, means[0]) {
            (state, mean) if state == last && last > 0 => {
                if mean < 0.0 {
                    RegimeName::Bear
                } else {
                    RegimeName::Turbulent
                }
            }
            (0, mean) if mean > 0.0 => RegimeName::Bull,
            _ => RegimeName::Sideways,
        };
        self.means().iter().enumerate().map(name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_variance_and_sign() {
        use RegimeName::{Bear, Bull, Sideways, Turbulent};
        let names = |means: &[f64]| {
            let states = means.len();
            let law = vec![1.0 / states as f64; states];
            let means: Vec<[f64; 1]> = means.iter().map(|mean| [*mean]).collect();
            let variances: Vec<[f64; 1]> = (1..=states).map(|k| [k as f64]).collect();
            GaussianHmm::new(&law, &vec![law.clone(); states], &means, &variances).unwrap().names()
        };
        assert_eq!(names(&[0.1, -0.1]), [Bull, Bear]);
        assert_eq!(names(&[0.1, 0.0, -0.1]), [Bull, Sideways, Bear]);
        assert_eq!(names(&[-0.1, 0.2]), [Sideways, Turbulent]);
        assert_eq!(names(&[0.1]), [Bull]);
        assert_eq!(names(&[-0.1]), [Sideways]);
    }
}
