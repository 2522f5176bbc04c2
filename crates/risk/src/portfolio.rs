//! The return series of a portfolio, from the return series of its assets.

use std::fmt;

use portfolio_core::add_weighted;
use serde::{Deserialize, Serialize};

use crate::columns::{check_panel, slices};
use crate::error::{RiskInput, check_series};
use crate::{RiskError, UnavailableReason};

/// What happens to the weights of a portfolio over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Rebalancing {
    /// Traded back to the given weights after every period, at no cost. It is also read as `daily`, the name in the reference files.
    #[default]
    #[serde(alias = "daily")]
    FixedWeights,
    /// Bought at the given weights and not traded: winners grow, losers shrink.
    BuyAndHold,
}

impl Rebalancing {
    /// The name as records and answers hold it: `fixed_weights`, `buy_and_hold`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FixedWeights => "fixed_weights",
            Self::BuyAndHold => "buy_and_hold",
        }
    }
}

impl fmt::Display for Rebalancing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Simple returns of a portfolio over time, length `T`.
///
/// * `columns`: one series of simple returns per asset (slices, vectors, arrays), all of length `T`, oldest first.
/// * `weights`: fractions of wealth at the start, one per asset. They may be negative. One minus their sum is cash,
///   which earns nothing if positive and costs nothing if borrowed.
///
/// Daily rebalancing gives `r_t = Σ wᵢ·r_{t,i}`. Under buy and hold, the weights drift with the returns,
/// `wᵢ ← wᵢ(1 + r_{t,i})/(1 + r_t)`, which equals `W_t = Σ wᵢ·Π(1 + r_{s,i})` without its overflow. A portfolio that
/// has lost everything stays at zero and returns 0.
///
/// # Errors
/// [`RiskError::Empty`] for no assets; [`RiskError::LengthMismatch`], [`RiskError::NotFinite`];
/// [`RiskError::NegativeWealth`] when a buy-and-hold portfolio loses more than it is worth;
/// [`RiskError::Unavailable`] on overflow.
///
/// # Example
/// ```
/// use risk::{Rebalancing, portfolio_returns};
///
/// let assets: [&[f64]; 2] = [&[1.0, 0.5], &[0.0, 0.0]];
/// assert_eq!(portfolio_returns(&assets, &[0.5, 0.5], Rebalancing::FixedWeights)?, [0.5, 0.25]);
/// // After the first period the first asset is two thirds of the portfolio.
/// let held = portfolio_returns(&assets, &[0.5, 0.5], Rebalancing::BuyAndHold)?;
/// assert!((held[1] - 1.0 / 3.0).abs() < 1e-15);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn portfolio_returns<S: AsRef<[f64]>>(
    columns: &[S],
    weights: &[f64],
    rebalancing: Rebalancing,
) -> Result<Vec<f64>, RiskError> {
    let columns = &slices(columns)[..];
    let periods = check_panel(columns)?;
    check_series(RiskInput::Weights, columns.len(), weights)?;
    let returns = match rebalancing {
        Rebalancing::FixedWeights => daily(columns, weights, periods),
        Rebalancing::BuyAndHold => buy_and_hold(columns, weights, periods)?,
    };
    if returns.iter().all(|r| r.is_finite()) {
        Ok(returns)
    } else {
        Err(RiskError::Unavailable(UnavailableReason::Overflow))
    }
}

fn daily(columns: &[&[f64]], weights: &[f64], periods: usize) -> Vec<f64> {
    let mut returns = vec![0.0; periods];
    add_weighted(columns.iter().copied().zip(weights.iter().copied()), &mut returns);
    returns
}

fn buy_and_hold(columns: &[&[f64]], weights: &[f64], periods: usize) -> Result<Vec<f64>, RiskError> {
    let mut held = weights.to_vec();
    let mut returns = vec![0.0; periods];
    for (period, out) in returns.iter_mut().enumerate() {
        let r: f64 = held.iter().zip(columns).map(|(w, column)| w * column[period]).sum();
        *out = r;
        let growth = 1.0 + r;
        if growth < 0.0 {
            return Err(RiskError::NegativeWealth { period });
        }
        if growth == 0.0 {
            // Everything is lost; the returns that follow are already zero.
            break;
        }
        let scale = 1.0 / growth;
        for (w, column) in held.iter_mut().zip(columns) {
            *w *= (1.0 + column[period]) * scale;
        }
    }
    Ok(returns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_positions_and_ruin() {
        let assets: [&[f64]; 2] = [&[0.5, 0.5], &[0.0, 0.0]];
        // Short one unit of an asset that rises by half, twice: wealth 1, 0.5, −0.25.
        let short = [-1.0, 2.0];
        let ruined = portfolio_returns(&assets, &short, Rebalancing::BuyAndHold);
        assert_eq!(ruined, Err(RiskError::NegativeWealth { period: 1 }));
        assert_eq!(portfolio_returns(&assets, &short, Rebalancing::FixedWeights), Ok(vec![-0.5, -0.5]));

        let lost: [&[f64]; 1] = [&[-1.0, 7.0]];
        assert_eq!(portfolio_returns(&lost, &[1.0], Rebalancing::BuyAndHold), Ok(vec![-1.0, 0.0]));
    }

    #[test]
    fn cash_dampens() {
        let assets: [&[f64]; 1] = [&[1.0, 1.0]];
        // Half in cash: wealth 1, 1.5, 2.5.
        let held = portfolio_returns(&assets, &[0.5], Rebalancing::BuyAndHold).unwrap();
        assert!((held[0] - 0.5).abs() < 1e-15 && (held[1] - 2.0 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn growth_beyond_a_float_is_no_obstacle() {
        let wild = vec![100.0; 10_000];
        let calm = vec![0.0; 10_000];
        let held = portfolio_returns(&[&wild, &calm], &[0.5, 0.5], Rebalancing::BuyAndHold).unwrap();
        assert!((held[9_999] - 100.0).abs() < 1e-6);
    }

    #[test]
    fn ragged_or_bad_panels_are_refused() {
        let refused =
            |columns: &[&[f64]]| portfolio_returns(columns, &vec![0.5; columns.len()], Rebalancing::FixedWeights);
        assert_eq!(refused(&[]), Err(RiskError::Empty));
        assert!(matches!(refused(&[&[0.1], &[]]), Err(RiskError::LengthMismatch { .. })));
        let infinite = RiskError::NotFinite { input: RiskInput::Asset(1), index: 0 };
        assert_eq!(refused(&[&[0.1], &[f64::INFINITY]]), Err(infinite));
    }
}
