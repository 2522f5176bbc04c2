//! The answer of a test in words.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::EvaluateError;
use crate::error::{EvaluateParameter, require, require_probability};

/// What a test says about a candidate compared with its benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
// A plan has a verdict of its own in the same list of schemas.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ComparisonVerdict))]
pub enum Verdict {
    /// The candidate is better, beyond what chance explains at the level.
    #[serde(rename = "better")]
    Better,
    /// The candidate is worse, beyond what chance explains at the level.
    #[serde(rename = "worse")]
    Worse,
    /// Chance explains the difference.
    #[serde(rename = "not distinguishable")]
    NotDistinguishable,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::NotDistinguishable => "not distinguishable",
        })
    }
}

/// A verdict with the level and the number of trials on which it is based.
///
/// A p-value up to the level is significant; with `K` trials, only one up to `level/K` (Bonferroni): the best of many
/// tries must be that much less likely. Tests that allow for their trials themselves, such as the deflated Sharpe ratio
/// and the test for superior predictive ability, state their trials and are compared with the level itself.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Judgement {
    /// The answer.
    pub verdict: Verdict,
    /// Probability of reporting a difference that does not exist, over all trials.
    #[cfg_attr(feature = "openapi", schema(example = 0.05))]
    pub level: f64,
    /// Number of trials that the test allows for.
    #[cfg_attr(feature = "openapi", schema(example = 10))]
    pub trials: u64,
    /// The p-value that was compared with the level, before any division by the trials.
    #[cfg_attr(feature = "openapi", schema(example = 0.21))]
    pub p_value: f64,
}

impl Judgement {
    /// Judges one of `trials` tests of a difference by its p-value; `favourable` says whether the candidate came out ahead.
    ///
    /// # Errors
    /// [`EvaluateError::OutOfRange`] for a p-value outside `[0, 1]`, a level outside (0, 1) or no trials.
    ///
    /// # Example
    /// ```
    /// use evaluate::{Judgement, Verdict};
    ///
    /// assert_eq!(Judgement::bonferroni(0.03, true, 0.05, 1)?.verdict, Verdict::Better);
    /// assert_eq!(Judgement::bonferroni(0.03, false, 0.05, 1)?.verdict, Verdict::Worse);
    /// // The best of ten tries has to be 0.005 or less.
    /// let best_of_ten = Judgement::bonferroni(0.03, true, 0.05, 10)?;
    /// assert_eq!(best_of_ten.verdict.to_string(), "not distinguishable");
    /// # Ok::<(), evaluate::EvaluateError>(())
    /// ```
    pub fn bonferroni(p_value: f64, favourable: bool, level: f64, trials: u64) -> Result<Self, EvaluateError> {
        require(trials >= 1, EvaluateParameter::Trials, trials as f64)?;
        let mut judgement = Self::of(p_value, favourable, level, trials)?;
        if p_value * trials as f64 > level {
            judgement.verdict = Verdict::NotDistinguishable;
        }
        Ok(judgement)
    }

    /// Judges a test whose p-value already allows for its trials.
    ///
    /// # Errors
    /// [`EvaluateError::OutOfRange`] for a p-value outside `[0, 1]`, or a level outside (0, 1).
    pub fn of(p_value: f64, favourable: bool, level: f64, trials: u64) -> Result<Self, EvaluateError> {
        require_probability(EvaluateParameter::Level, level)?;
        require((0.0..=1.0).contains(&p_value), EvaluateParameter::PValue, p_value)?;
        let verdict = match (p_value <= level, favourable) {
            (false, _) => Verdict::NotDistinguishable,
            (true, true) => Verdict::Better,
            (true, false) => Verdict::Worse,
        };
        Ok(Self { verdict, level, trials, p_value })
    }
}

impl fmt::Display for Judgement {
    /// The words with their basis: `not distinguishable (p = 0.210, level 0.05, 10 trials)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.trials == 1 { "trial" } else { "trials" };
        write!(f, "{} (p = {:.3}, level {}, {} {noun})", self.verdict, self.p_value, self.level, self.trials)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_p_value_at_the_level_counts() {
        // Of 199 artificial histories 9 are above: (9 + 1)/200 is a test of exactly 5 %.
        assert_eq!(Judgement::of(0.05, true, 0.05, 1).unwrap().verdict, Verdict::Better);
        assert_eq!(Judgement::of(0.051, true, 0.05, 1).unwrap().verdict, Verdict::NotDistinguishable);
        assert_eq!(Judgement::bonferroni(0.005, true, 0.05, 10).unwrap().verdict, Verdict::Better);
    }

    #[test]
    fn the_words_name_what_they_rest_on() {
        let judgement = Judgement::bonferroni(0.21, true, 0.05, 10).unwrap();
        assert_eq!(judgement.to_string(), "not distinguishable (p = 0.210, level 0.05, 10 trials)");
        assert_eq!(serde_json::to_value(judgement.verdict).unwrap(), "not distinguishable");
    }

    #[test]
    fn what_is_no_probability_is_refused() {
        for (p, level, trials) in [(-0.1, 0.05, 1), (1.1, 0.05, 1), (f64::NAN, 0.05, 1), (0.5, 0.0, 1), (0.5, 0.05, 0)]
        {
            assert!(Judgement::bonferroni(p, true, level, trials).is_err(), "{p} {level} {trials}");
        }
    }
}
