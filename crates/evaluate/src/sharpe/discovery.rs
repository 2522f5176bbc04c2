//! False discoveries: how many of the strategies that pass a test have no skill.

use risk::normal_cdf;
use serde::Serialize;

use super::{SharpeForm, SharpeSample};
use crate::error::{EvaluateParameter, require, require_probability};
use crate::{EvaluateError, NoFigure};

/// A strategy without skill, one with skill, and the frequency of the latter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hypotheses {
    null: f64,
    alternative: f64,
    prior: f64,
}

impl Hypotheses {
    /// Checks two Sharpe ratios per period, `null < alternative`, and the share `prior` of strategies with skill.
    ///
    /// # Errors
    /// [`EvaluateError::OutOfRange`] for ratios that are not finite or a prior outside (0, 1);
    /// [`EvaluateError::HypothesesNotOrdered`].
    pub fn new(null: f64, alternative: f64, prior: f64) -> Result<Self, EvaluateError> {
        require(null.is_finite(), EvaluateParameter::Sharpe, null)?;
        require(alternative.is_finite(), EvaluateParameter::Sharpe, alternative)?;
        require_probability(EvaluateParameter::Prior, prior)?;
        if null < alternative {
            Ok(Self { null, alternative, prior })
        } else {
            Err(EvaluateError::HypothesesNotOrdered)
        }
    }
}

/// Planned false discovery rate: the probability that a strategy without skill is behind a rejection at a level,
///
/// ```text
/// pFDR = P[H₀ | SR > SR_c] = 1 / ( 1 + (1 − β)/α · P[H₁]/P[H₀] )
/// ```
///
/// `prior`: `P[H₁]`; `level`: `α`; `power`: `1 − β`, from 0 to 1, as [`SharpeSample::power`] gives it. It does not depend
/// on the observed ratio; [`SharpeSample::observed_false_discovery_rate`] does.
///
/// # Errors
/// [`EvaluateError::OutOfRange`] for a prior or level outside (0, 1) or a power outside `[0, 1]`.
///
/// # Example
/// ```
/// // A test at 5 % with power 68.5 % where one strategy in twenty has skill: more than half of what it finds is false.
/// assert!((evaluate::planned_false_discovery_rate(0.05, 0.05, 0.685)? - 0.581).abs() < 5e-4);
/// # Ok::<(), evaluate::EvaluateError>(())
/// ```
pub fn planned_false_discovery_rate(prior: f64, level: f64, power: f64) -> Result<f64, EvaluateError> {
    require_probability(EvaluateParameter::Prior, prior)?;
    require_probability(EvaluateParameter::Level, level)?;
    require((0.0..=1.0).contains(&power), EvaluateParameter::Power, power)?;
    Ok(1.0 / (1.0 + power / level * prior / (1.0 - prior)))
}

/// A test that keeps a false discovery rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FalseDiscoveryControl {
    /// Critical Sharpe ratio per period: a ratio above it counts as a discovery.
    pub critical: f64,
    /// Probability `α` that a strategy without skill is above it.
    pub significance: f64,
    /// Probability `β` that a strategy with skill is not.
    pub miss: f64,
}

impl SharpeSample {
    /// Observed false discovery rate: the probability that a strategy without skill is behind a ratio at least as high as the
    /// observed one,
    ///
    /// ```text
    /// oFDR = P[H₀ | SR > SR_observed] = p₀·P[H₀] / ( p₀·P[H₀] + p₁·P[H₁] ),   pᵢ = 1 − PSR(SRᵢ)
    /// ```
    ///
    /// Form of 2025.
    ///
    /// # Errors
    /// [`EvaluateError::Unavailable`] without a variance, or when both tails vanish.
    pub fn observed_false_discovery_rate(&self, hypotheses: &Hypotheses) -> Result<f64, EvaluateError> {
        let tail = |at: f64| -> Result<f64, NoFigure> {
            Ok(normal_cdf((at - self.sharpe()) / self.variance(SharpeForm::Form2025, at)?.sqrt()))
        };
        let without = tail(hypotheses.null)? * (1.0 - hypotheses.prior);
        let with = tail(hypotheses.alternative)? * hypotheses.prior;
        if without + with > 0.0 { Ok(without / (without + with)) } else { Err(NoFigure::NoCriticalValue.into()) }
    }

    /// The critical Sharpe ratio at which a share `rate` of the strategies that pass has no skill: the solution `SR_c`
    /// of
    ///
    /// ```text
    /// P[H₀ | SR > SR_c] = rate,   SR | Hᵢ ~ N( SRᵢ, V(SRᵢ) )
    /// ```
    ///
    /// found by bisection between the points of a grid, from the lowest. Form of 2025; the observed ratio is not used.
    ///
    /// # Errors
    /// [`EvaluateError::OutOfRange`] for a rate outside (0, 1); [`EvaluateError::Unavailable`] without a variance, when the
    /// share of strategies without skill is below the rate before any test, or when no critical value reaches the rate.
    pub fn false_discovery_control(
        &self,
        hypotheses: &Hypotheses,
        rate: f64,
    ) -> Result<FalseDiscoveryControl, EvaluateError> {
        require_probability(EvaluateParameter::FalseDiscoveryRate, rate)?;
        let Hypotheses { null, alternative, prior } = *hypotheses;
        if 1.0 - prior <= rate {
            return Err(NoFigure::EveryStrategyPasses.into());
        }
        let null_error = self.variance(SharpeForm::Form2025, null)?.sqrt();
        let error = self.variance(SharpeForm::Form2025, alternative)?.sqrt();
        let false_share = |at: f64| {
            let without = normal_cdf((null - at) / null_error) * (1.0 - prior);
            let with = normal_cdf((alternative - at) / error) * prior;
            without / (without + with)
        };
        // Eight errors beyond the hypotheses nothing is left to find; a share that is no number there reaches no rate.
        let reach = 8.0 * null_error.max(error);
        let (from, to) = (null - reach, alternative + reach);
        let at = |step: u32| from + (to - from) * f64::from(step) / f64::from(GRID);
        let reached = (1..=GRID).find(|&step| false_share(at(step)) <= rate).ok_or(NoFigure::NoCriticalValue)?;
        let (mut low, mut high) = (at(reached - 1), at(reached));
        for _ in 0..BISECTIONS {
            let middle = 0.5 * (low + high);
            if false_share(middle) <= rate { high = middle } else { low = middle }
        }
        Ok(FalseDiscoveryControl {
            critical: high,
            significance: normal_cdf((null - high) / null_error),
            miss: normal_cdf((high - alternative) / error),
        })
    }
}

/// Points at which the false share is evaluated before the search is narrowed.
const GRID: u32 = 1_000;
/// Halvings of a step of the grid: more than the digits of a double.
const BISECTIONS: u32 = 60;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SharpeMoments;

    fn sample() -> SharpeSample {
        let moments =
            SharpeMoments { mean: 0.3, sd: 1.0, skewness: 0.0, kurtosis: 3.0, autocorrelation: 0.0, observations: 60 };
        SharpeSample::from_moments(moments).unwrap()
    }

    #[test]
    fn the_controlled_test_has_the_rate_it_was_asked_for() {
        let hypotheses = Hypotheses::new(0.0, 0.4, 0.1).unwrap();
        for rate in [0.01, 0.1, 0.25, 0.5] {
            let control = sample().false_discovery_control(&hypotheses, rate).unwrap();
            let planned = planned_false_discovery_rate(0.1, control.significance, 1.0 - control.miss).unwrap();
            assert!((planned - rate).abs() < 1e-9, "{rate}: {planned}");
        }
    }

    #[test]
    fn a_rate_above_the_share_without_skill_needs_no_test() {
        let hypotheses = Hypotheses::new(0.0, 0.4, 0.8).unwrap();
        assert_eq!(
            sample().false_discovery_control(&hypotheses, 0.2),
            Err(EvaluateError::Unavailable(NoFigure::EveryStrategyPasses))
        );
        assert_eq!(Hypotheses::new(0.4, 0.4, 0.1), Err(EvaluateError::HypothesesNotOrdered));
        assert!(Hypotheses::new(0.0, 0.4, 1.0).is_err());
    }
}
