//! The objective of every plan: the price of deviating from the policy over a horizon, plus the cost of trading.

use crate::error::PipelineError;

/// The objective of a plan, a fraction of NAV over the horizon; smaller is better.
///
/// With `b` the targets, `Σ` the annual covariance of returns, `γ` the risk aversion, `H` the horizon in years, `w0` and `w` the weights
/// before and after, `c` the cost of a trade and `k` its impact:
///
/// ```text
/// (γ/2)·H·(w − b)ᵀΣ(w − b) − H·αᵀ(w − b) + Σ c·|w − w0| + Σ k·|w − w0|^1.5
/// ```
///
/// The policy is the reference: at `w = b` trading gains nothing, whatever the history of returns, as long as no view is asked for (`α = 0`).
/// A view `α` moves the reference to `b + (γΣ)⁻¹α`. The forecast tilt is stated as that reference, `b + d`: it stands for `α = γΣd`, as far
/// as the posterior of the returns, its budget and the bands allow. Both methods measure plan, worth, marginal benefits, no-trade regions and
/// waiting from it; the verdict measures the tracking error from the policy.
///
/// | field | default | meaning | range |
/// |---|---|---|---|
/// | `risk_aversion` | 5 | γ: half of it is the price of one unit of annual variance | 0 … 1e6 |
/// | `horizon_years` | 1 | H: years over which the benefit of a plan is counted, until the next rebalance of this kind | above 0, at most 30 |
///
/// With a risk aversion of 5, a tracking error of 2 % costs 10 basis points a year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PolicyObjective {
    /// Risk aversion γ.
    pub risk_aversion: f64,
    /// Horizon H, years.
    pub horizon_years: f64,
}

impl Default for PolicyObjective {
    fn default() -> Self {
        Self { risk_aversion: 5.0, horizon_years: 1.0 }
    }
}

impl PolicyObjective {
    /// Largest risk aversion.
    pub const MAX_RISK_AVERSION: f64 = 1e6;
    /// Longest horizon, years.
    pub const MAX_HORIZON_YEARS: f64 = 30.0;

    /// The price of one unit of annual variance against the targets over the horizon: `γH/2`.
    #[must_use]
    pub fn price_of_variance(&self) -> f64 {
        0.5 * self.risk_aversion * self.horizon_years
    }

    /// Rejects fields outside their ranges.
    ///
    /// # Errors
    /// [`PipelineError::OutOfRange`] with the name of the field.
    pub fn check(&self) -> Result<(), PipelineError> {
        let out = |name, value| Err(PipelineError::OutOfRange { name, value });
        if !(0.0..=Self::MAX_RISK_AVERSION).contains(&self.risk_aversion) {
            return out("risk aversion", self.risk_aversion);
        }
        if !(self.horizon_years > 0.0 && self.horizon_years <= Self::MAX_HORIZON_YEARS) {
            return out("horizon", self.horizon_years);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_percent_of_tracking_error_cost_ten_basis_points_a_year() {
        let objective = PolicyObjective::default();
        assert!((1e4 * objective.price_of_variance() * 0.02_f64.powi(2) - 10.0).abs() < 1e-12);
        let quarter = PolicyObjective { horizon_years: 0.25, ..objective };
        assert!((quarter.price_of_variance() - 0.625).abs() < 1e-15);
    }

    #[test]
    fn fields_outside_their_ranges_are_refused() {
        let objective = PolicyObjective::default();
        assert_eq!(objective.check(), Ok(()));
        for bad in [-1.0, f64::NAN, 2e6] {
            assert!(PolicyObjective { risk_aversion: bad, ..objective }.check().is_err(), "{bad}");
        }
        for bad in [0.0, -1.0, f64::NAN, 31.0] {
            assert!(PolicyObjective { horizon_years: bad, ..objective }.check().is_err(), "{bad}");
        }
    }
}
