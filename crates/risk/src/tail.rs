//! Value at risk and conditional value at risk of the historical distribution.

use portfolio_core::Confidence;

use crate::RiskError;
use crate::error::check_returns;
use crate::reason::{Figure, finite};

/// Tails of up to this many observations stay on the stack.
const SMALL_TAIL: usize = 32;

/// How far a position in a sample may be from a whole number and still be that number.
const WHOLE: f64 = 1e-9;

/// Takes a count or position within 1e-9 of a whole number for that number: `(1 − 0.9)·10` is not 1 in binary.
///
/// Every rule that finds a tail or a quantile in a sample by counting goes through this, so that two of them cannot
/// disagree about the observation at the boundary.
///
/// # Example
/// ```
/// assert_eq!(risk::whole_within_rounding((1.0 - 0.9) * 10.0), 1.0);
/// assert_eq!(risk::whole_within_rounding(12.5), 12.5);
/// ```
#[must_use]
pub fn whole_within_rounding(k: f64) -> f64 {
    let whole = k.round();
    if (k - whole).abs() <= WHOLE { whole } else { k }
}

/// How many observations of a sample lie in its tail: the one rule of historical VaR and CVaR.
///
/// Of `T` observations, `k = (1 − level)·T` lie in the tail, and `k` within 1e-9 of a whole number is that number
/// ([`whole_within_rounding`]). The observation of rank `⌈k⌉`, counted from the worst, is the VaR; the mean of the worst `k`,
/// the last of them in part, is the CVaR.
///
/// # Example
/// ```
/// use risk::{Confidence, TailMass};
///
/// // Five outcomes at 70 %: k = 1.5.
/// let tail = TailMass::new(Confidence::new(0.7)?, 5)?;
/// assert_eq!(tail.rank(), 2);
/// assert!((tail.mass() - 1.5).abs() < 1e-12);
/// // Read off the two worst returns, ascending.
/// let worst = [-0.10, -0.04];
/// assert_eq!(tail.value_at_risk(&worst), Some(0.04));
/// assert!((tail.conditional_value_at_risk(&worst).unwrap() - 0.08).abs() < 1e-12);
/// # Ok::<(), risk::RiskError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TailMass {
    mass: f64,
    rank: usize,
}

impl TailMass {
    /// The tail beyond `level` of a sample of `observations`.
    ///
    /// # Errors
    /// [`RiskError::Empty`] for a sample of none.
    pub fn new(level: Confidence, observations: usize) -> Result<Self, RiskError> {
        if observations == 0 { Err(RiskError::Empty) } else { Ok(Self::of(level, observations)) }
    }

    /// The same for a sample known to have observations.
    pub(crate) fn of(level: Confidence, observations: usize) -> Self {
        let exact = level.tail() * observations as f64;
        let whole = whole_within_rounding(exact);
        let mass = if whole > 0.0 { whole } else { exact };
        Self { mass, rank: (mass.ceil() as usize).clamp(1, observations) }
    }

    /// `k`, above 0 and at most `T`.
    #[must_use]
    pub fn mass(&self) -> f64 {
        self.mass
    }

    /// `⌈k⌉`, from 1 to `T`: how many of the worst observations the tail reads, the last of them being the VaR.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.rank
    }

    /// Weight in the tail mean of each observation before the boundary one, and of the boundary one itself.
    #[must_use]
    pub fn shares(&self) -> (f64, f64) {
        let share = 1.0 / self.mass;
        (share, (self.mass - (self.rank - 1) as f64) * share)
    }

    /// VaR of a sample whose smallest returns are `worst`, ascending; `None` when there are fewer of them than
    /// [`rank`](Self::rank).
    #[must_use]
    pub fn value_at_risk(&self, worst: &[f64]) -> Option<f64> {
        (worst.len() >= self.rank).then(|| self.var(worst))
    }

    /// CVaR of the same sample; `None` when there are fewer than [`rank`](Self::rank) returns or their sum overflows.
    #[must_use]
    pub fn conditional_value_at_risk(&self, worst: &[f64]) -> Option<f64> {
        if worst.len() < self.rank { None } else { finite(self.cvar(worst)).ok() }
    }

    pub(crate) fn var(&self, worst: &[f64]) -> f64 {
        // Subtracting from zero, so that a VaR of nothing is 0 and not −0.
        0.0 - worst[self.rank - 1]
    }

    /// VaR plus the mean excess over it. The boundary observation has no excess, so its fraction needs no term of its own,
    /// and the sum of non-negative terms cannot round to less than VaR.
    pub(crate) fn cvar(&self, worst: &[f64]) -> f64 {
        let boundary = worst[self.rank - 1];
        let excess: f64 = worst[..self.rank].iter().map(|r| boundary - r).sum();
        0.0 - boundary + excess / self.mass
    }
}

/// Passes the `rank` smallest values, ascending, to `read`; `rank` is from 1 to the number of values.
pub(crate) fn with_worst<R>(values: &[f64], rank: usize, read: impl FnOnce(&[f64]) -> R) -> R {
    if rank <= SMALL_TAIL {
        // One pass against the current worst few. Most values fail the first comparison.
        let mut buffer = [f64::INFINITY; SMALL_TAIL];
        let worst = &mut buffer[..rank];
        for &value in values {
            if value < worst[rank - 1] {
                let mut place = rank - 1;
                while place > 0 && worst[place - 1] > value {
                    worst[place] = worst[place - 1];
                    place -= 1;
                }
                worst[place] = value;
            }
        }
        read(worst)
    } else {
        let mut copy = values.to_vec();
        let (below, boundary, _) = copy.select_nth_unstable_by(rank - 1, f64::total_cmp);
        // Sorting the tail alone makes the sums below independent of the order of the input.
        below.sort_unstable_by(f64::total_cmp);
        let boundary = *boundary;
        copy[rank - 1] = boundary;
        read(&copy[..rank])
    }
}

/// VaR and CVaR of a checked, non-empty sample.
pub(crate) fn tail_risk(returns: &[f64], level: Confidence) -> (f64, Figure) {
    let tail = TailMass::of(level, returns.len());
    with_worst(returns, tail.rank, |worst| (tail.var(worst), finite(tail.cvar(worst))))
}

/// Historical value at risk: the `k`-th worst return with its sign turned, `k = ⌈(1 − level)·T⌉`.
///
/// This is the inverse of the empirical distribution function (quantile type 1 of Hyndman and Fan): an observed
/// return, no interpolation. It is the VaR that belongs to [`conditional_value_at_risk`].
///
/// `returns`: simple returns per period as fractions, any order, length `T ≥ 1`.
/// Result: a fraction of value over one period, positive for a loss; negative when even the tail gains.
/// Cost: linear in `T`.
///
/// # Errors
/// [`RiskError::Empty`] for no returns; [`RiskError::NotFinite`] with the first bad position.
///
/// # Reference
/// Hyndman and Fan (1996), "Sample quantiles in statistical packages", The American Statistician 50(4), 361–365.
///
/// # Example
/// ```
/// use risk::{Confidence, value_at_risk};
///
/// let returns = [0.02, -0.10, 0.00, -0.04, 0.03];
/// // k = ⌈0.3 · 5⌉ = 2: the second worst return.
/// assert_eq!(value_at_risk(&returns, Confidence::new(0.7)?)?, 0.04);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn value_at_risk(returns: &[f64], level: Confidence) -> Result<f64, RiskError> {
    check_returns(returns)?;
    Ok(tail_risk(returns, level).0)
}

/// Mean loss over the worst `1 − level` share of periods (CVaR, expected shortfall).
///
/// With losses in descending order, `L₁ ≥ L₂ ≥ … ≥ L_T`, and tail mass `k = (1 − level)·T`,
///
/// ```text
/// CVaR = ( L₁ + … + L_⌊k⌋ + (k − ⌊k⌋)·L_⌊k⌋₊₁ ) / k
/// ```
///
/// A fractional `k` counts its boundary period in part, so the measure is continuous in `level` and never below
/// [`value_at_risk`] at the same level: both read the same order statistics.
///
/// `returns`: simple returns per period as fractions, any order, length `T ≥ 1`.
/// Result: a fraction of value over one period, positive for a loss, not annualised.
/// Cost: linear in `T`, plus a sort of the tail.
///
/// # Errors
/// [`RiskError::Empty`] for no returns; [`RiskError::NotFinite`] with the first bad position;
/// [`RiskError::Unavailable`] when the sum of the tail overflows.
///
/// # Reference
/// Rockafellar and Uryasev (2002), "Conditional value-at-risk for general loss distributions", Journal of Banking &
/// Finance 26(7), 1443–1471.
///
/// # Example
/// ```
/// use risk::{Confidence, conditional_value_at_risk};
///
/// let returns = [0.02, -0.10, 0.00, -0.04, 0.03];
/// // k = 0.3 · 5 = 1.5 periods: all of the 10 % loss and half of the 4 % loss.
/// let cvar = conditional_value_at_risk(&returns, Confidence::new(0.7)?)?;
/// assert!((cvar - 0.08).abs() < 1e-12);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn conditional_value_at_risk(returns: &[f64], level: Confidence) -> Result<f64, RiskError> {
    check_returns(returns)?;
    Ok(tail_risk(returns, level).1?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(value: f64) -> Confidence {
        Confidence::new(value).unwrap()
    }

    #[test]
    fn a_whole_tail_mass_takes_exactly_that_many() {
        // (1 − 0.9)·10 is 0.9999999999999998 in binary.
        let returns: Vec<f64> = (0..10).map(|i| f64::from(i) / 100.0 - 0.05).collect();
        assert_eq!(value_at_risk(&returns, level(0.9)).unwrap(), 0.05);
        assert_eq!(conditional_value_at_risk(&returns, level(0.9)).unwrap(), 0.05);
        // (1 − 0.95)·1000 is 50.00000000000004: the 50th worst, not the 51st.
        let returns: Vec<f64> = (0..1000).map(|i| -f64::from(i)).collect();
        assert_eq!(value_at_risk(&returns, Confidence::P95).unwrap(), 950.0);
        assert_eq!(conditional_value_at_risk(&returns, Confidence::P95).unwrap(), 974.5);
    }

    #[test]
    fn the_rule_reads_any_sample_and_refuses_none() {
        assert_eq!(TailMass::new(Confidence::P95, 0), Err(RiskError::Empty));
        let tail = TailMass::new(Confidence::P95, 100).unwrap();
        assert_eq!((tail.mass(), tail.rank()), (5.0, 5));
        assert_eq!((tail.value_at_risk(&[-0.1; 4]), tail.conditional_value_at_risk(&[-0.1; 4])), (None, None));
        let sorted: Vec<f64> = (0..100).map(|i| f64::from(i) / 100.0 - 0.3).collect();
        assert_eq!(tail.value_at_risk(&sorted), value_at_risk(&sorted, Confidence::P95).ok());
        assert_eq!(tail.conditional_value_at_risk(&sorted), conditional_value_at_risk(&sorted, Confidence::P95).ok());
        let (share, boundary) = tail.shares();
        assert!((4.0 * share + boundary - 1.0).abs() < 1e-15);
    }

    #[test]
    fn both_routes_to_the_tail_agree() {
        let values: Vec<f64> = (0..200).map(|i| f64::from((i * 7919) % 211) - 100.0).collect();
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        for rank in [1, 2, SMALL_TAIL, SMALL_TAIL + 1, 199, 200] {
            with_worst(&values, rank, |worst| assert_eq!(worst, &sorted[..rank], "rank {rank}"));
        }
    }

    #[test]
    fn equal_losses_are_their_own_tail_mean() {
        for count in 1..60 {
            let returns = vec![-0.1; count];
            let (var, cvar) = tail_risk(&returns, Confidence::P95);
            assert_eq!((var, cvar), (0.1, Ok(0.1)), "{count}");
        }
    }

    #[test]
    fn extreme_levels_stay_within_the_sample() {
        let returns = [0.01, -0.02, 0.03];
        assert_eq!(tail_risk(&returns, level(1.0 - 1e-16)).0, 0.02);
        assert_eq!(tail_risk(&returns, level(1.0 - 1e-16)).1, Ok(0.02));
        assert_eq!(tail_risk(&returns, level(1e-300)).0, -0.03);
        let mean_loss = tail_risk(&returns, level(1e-300)).1.unwrap();
        assert!((mean_loss + 0.02 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn a_tail_of_gains_is_a_negative_loss() {
        assert_eq!(value_at_risk(&[0.4, 0.5, 0.6], Confidence::P95), Ok(-0.4));
        let zero = value_at_risk(&[0.0, 0.0], Confidence::P95).unwrap();
        assert!(zero == 0.0 && zero.is_sign_positive());
    }
}
