//! Value at risk and conditional value at risk of the next period, from past returns rescaled to today's volatility.

use portfolio_core::{Confidence, return_rounding};

use super::{TailMass, tail_risk};
use crate::error::check_returns;
use crate::reason::finite;
use crate::spread::Spread;
use crate::volatility::check_decay;
use crate::{RiskError, RiskParameter, UnavailableReason};

/// How past returns are rescaled to today's volatility.
///
/// | field | default | purpose | range |
/// | --- | --- | --- | --- |
/// | `decay` | 0.94 | weight of yesterday's variance in today's | at least 0, below 1 |
/// | `warm_up` | 75 | returns that initialise the variance and are not rescaled | at least 1 |
///
/// At a decay of 0.94, a return that is 75 periods old has less than one percent of the weight of the last one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FilteredOptions {
    /// `λ` of the exponential weights.
    pub decay: f64,
    /// Returns at the start of the history that only initialise the variance.
    pub warm_up: usize,
}

impl Default for FilteredOptions {
    fn default() -> Self {
        Self { decay: 0.94, warm_up: 75 }
    }
}

impl FilteredOptions {
    /// Checks both numbers; [`filtered_tail`] calls this first.
    ///
    /// # Errors
    /// [`RiskError::OutOfRange`] with the parameter that is out of range.
    pub fn check(&self) -> Result<(), RiskError> {
        check_decay(self.decay)?;
        if self.warm_up == 0 {
            return Err(RiskError::OutOfRange { parameter: RiskParameter::WarmUp, value: 0.0 });
        }
        Ok(())
    }
}

/// The tail of the next period by filtered historical simulation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FilteredTail {
    /// Value at risk over the next period, a fraction, positive for a loss.
    pub value_at_risk: f64,
    /// Conditional value at risk over the next period, a fraction, positive for a loss; never below the VaR.
    pub conditional_value_at_risk: f64,
    /// Volatility forecast for the next period, a fraction, not annualised.
    pub volatility: f64,
    /// Number of rescaled returns: the history minus its warm-up.
    pub observations: usize,
}

/// VaR and CVaR of the next period by filtered historical simulation with exponentially weighted volatility.
///
/// Each return after the warm-up is divided by the volatility known one period before it, and multiplied by the
/// volatility known now. VaR and CVaR of the rescaled returns follow the rules of
/// [`value_at_risk`](crate::value_at_risk) and [`conditional_value_at_risk`](crate::conditional_value_at_risk), so CVaR
/// is never below VaR.
///
/// ```text
/// σ²_{w+1} = Σ_{i<w} λ^i·r²_{w−i} / Σ_{i<w} λ^i                   w = warm_up
/// σ²_{t+1} = λ·σ²_t + (1 − λ)·r²_t                                no mean is removed
/// x_t      = r_t·σ_{T+1}/σ_t,  t = w+1 … T
/// ```
///
/// A plain historical VaR is the same on a calm and on a turbulent day, so its violations cluster; the filtered VaR
/// follows the volatility. As `λ` tends to one, `σ` becomes constant and the figures become those of the returns after
/// the warm-up. When prices do not move for weeks, `σ` falls far below its usual size, and the next return is rescaled
/// to a very large one.
///
/// `returns`: simple returns per period as fractions, oldest first. Cost: linear in `T`.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`], [`RiskError::OutOfRange`]; [`RiskError::Unavailable`] when so few
/// returns follow the warm-up that the tail holds less than one (fewer than 20 at 95 %), when the returns do not vary
/// or the volatility falls to the size of rounding error, or on overflow.
///
/// # Reference
/// Barone-Adesi, Giannopoulos and Vosper (1999), "VaR without correlations for portfolios of derivative securities",
/// Journal of Futures Markets 19(5), 583–602; with the volatility of J.P. Morgan/Reuters (1996), "RiskMetrics technical
/// document", in place of GARCH, as Hull and White (1998), The Journal of Risk 1(1), 5–19.
///
/// # Example
/// ```
/// use risk::{Confidence, FilteredOptions, filtered_tail};
///
/// let options = FilteredOptions { decay: 0.5, warm_up: 1 };
/// // Variances known before each return: 4, 4, (4 + 36)/2 = 20; for the next period (20 + 4)/2 = 12, in units of 1e-4.
/// let tail = filtered_tail(&[0.02, 0.02, -0.06, -0.02], Confidence::new(0.6)?, &options)?;
/// assert!((tail.volatility - 12e-4_f64.sqrt()).abs() < 1e-15);
/// // k = ⌈0.4 · 3⌉ = 2: the second worst of 0.02·√3, −0.06·√3 and −0.02·√(12/20).
/// assert!((tail.value_at_risk - 0.02 * 0.6_f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn filtered_tail(returns: &[f64], level: Confidence, options: &FilteredOptions) -> Result<FilteredTail, RiskError> {
    options.check()?;
    check_returns(returns)?;
    let filtered = Filtered::of(returns, &Spread::of(returns), options)?;
    Ok(filtered.tail(level)?)
}

/// The returns of a checked series after its warm-up, rescaled to the volatility of the next period.
pub(crate) struct Filtered {
    rescaled: Vec<f64>,
    volatility: f64,
}

impl Filtered {
    pub(crate) fn of(returns: &[f64], spread: &Spread, options: &FilteredOptions) -> Result<Self, UnavailableReason> {
        spread.divisor()?;
        let Some((warm_up, rest)) = returns.split_at_checked(options.warm_up).filter(|(_, rest)| !rest.is_empty())
        else {
            return Err(UnavailableReason::TooFewReturns);
        };
        let decay = options.decay;
        let (squares, total) =
            warm_up.iter().fold((0.0, 0.0), |(squares, total), r| (decay * squares + r * r, decay * total + 1.0));
        let mut variance: f64 = squares / total;
        let mut volatilities = Vec::with_capacity(rest.len());
        for r in rest {
            volatilities.push(variance.sqrt());
            variance = decay * variance + (1.0 - decay) * r * r;
        }
        let volatility = finite(variance.sqrt())?;
        let rounding = return_rounding(1.0);
        if volatilities.iter().chain([&volatility]).any(|v| *v <= rounding) {
            return Err(UnavailableReason::ZeroVolatility);
        }
        let rescaled: Vec<f64> = rest.iter().zip(&volatilities).map(|(r, v)| r / v * volatility).collect();
        if rescaled.iter().all(|x| x.is_finite()) {
            Ok(Self { rescaled, volatility })
        } else {
            Err(UnavailableReason::Overflow)
        }
    }

    pub(crate) fn tail(&self, level: Confidence) -> Result<FilteredTail, UnavailableReason> {
        let observations = self.rescaled.len();
        if TailMass::of(level, observations).mass() < 1.0 {
            return Err(UnavailableReason::TooFewReturns);
        }
        let (value_at_risk, conditional) = tail_risk(&self.rescaled, level);
        Ok(FilteredTail {
            value_at_risk,
            conditional_value_at_risk: conditional?,
            volatility: self.volatility,
            observations,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tail_of(returns: &[f64]) -> Result<FilteredTail, RiskError> {
        filtered_tail(returns, Confidence::P95, &FilteredOptions::default())
    }

    fn wave(days: i32) -> Vec<f64> {
        (0..days).map(|i| f64::from((i * 37) % 101) / 5000.0 - 0.01).collect()
    }

    #[test]
    fn it_follows_the_volatility_of_the_last_days() {
        let calm = tail_of(&wave(300)).unwrap();
        let mut returns = wave(300);
        returns[280..].iter_mut().for_each(|r| *r *= 4.0);
        let wild = tail_of(&returns).unwrap();
        assert!(wild.volatility > 2.5 * calm.volatility && wild.value_at_risk > 2.5 * calm.value_at_risk);
        assert_eq!(calm.observations, 225);
    }

    #[test]
    fn a_history_too_short_or_flat_has_a_reason() {
        let refused = |returns: &[f64], reason| assert_eq!(tail_of(returns), Err(RiskError::Unavailable(reason)));
        for days in [1, 75, 76, 94] {
            refused(&wave(days), UnavailableReason::TooFewReturns);
        }
        assert!(tail_of(&wave(95)).is_ok());
        refused(&[0.0; 300], UnavailableReason::ZeroVolatility);
        // The price moves at first and then stands still until nothing is left of its volatility.
        let mut halted = wave(2000);
        halted[200..].fill(0.0);
        refused(&halted, UnavailableReason::ZeroVolatility);
        refused(&[0.001; 300], UnavailableReason::ZeroVolatility);
        let huge: Vec<f64> = wave(300).iter().map(|r| 1e200 * r).collect();
        refused(&huge, UnavailableReason::Overflow);
    }

    #[test]
    fn options_out_of_range_are_refused() {
        let refused = |options: &FilteredOptions| filtered_tail(&wave(300), Confidence::P95, options).unwrap_err();
        let decay = FilteredOptions { decay: 1.0, ..FilteredOptions::default() };
        assert_eq!(refused(&decay), RiskError::OutOfRange { parameter: RiskParameter::Decay, value: 1.0 });
        let none = FilteredOptions { warm_up: 0, ..FilteredOptions::default() };
        assert_eq!(refused(&none), RiskError::OutOfRange { parameter: RiskParameter::WarmUp, value: 0.0 });
    }
}
