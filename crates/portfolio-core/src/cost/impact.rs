//! Market impact: how far a trade moves the price.

use super::{ConvexCost, CostKind, CostTerm, Ticket, check_rates};
use crate::{CoreError, ModelParameter};

/// Largest coefficient of the square-root law.
const MAX_COEFFICIENT: f64 = 1e6;

/// The square-root law of market impact: a trade of `size` moves the price by `coefficient·√size`.
///
/// The result has the unit of `coefficient`, which is the impact of a trade of size one. With the daily volatility `σ`
/// as the coefficient and the share `Q/V` of the day's volume as the size, it is the expected impact `σ·√(Q/V)` as a
/// fraction of the traded value, for a prefactor of one. Large samples of orders give prefactors of about one half to
/// one.
///
/// # Reference
/// Grinold and Kahn (2000), "Active Portfolio Management", chapter 16; Tóth et al. (2011), "Anomalous price impact and the
/// critical nature of liquidity in financial markets", Physical Review X 1, 021006.
///
/// # Example
/// ```
/// use portfolio_core::square_root_impact;
///
/// // One per cent of the day's volume, at a daily volatility of 2 %: 20 basis points.
/// assert!((square_root_impact(0.02, 0.01) - 0.002).abs() < 1e-18);
/// ```
#[must_use]
pub fn square_root_impact(coefficient: f64, size: f64) -> f64 {
    coefficient * size.sqrt()
}

/// `k·|x|^1.5` of NAV for a trade of `x` of NAV: the square-root law ([`square_root_impact`]) applied to the traded
/// value.
///
/// With the volatility `σ` and the traded value `V` of a period, as a share of NAV, `k = σ/√V`.
#[derive(Debug, Clone, PartialEq)]
pub struct MarketImpact {
    coefficients: Vec<f64>,
}

impl MarketImpact {
    /// Creates the term from one coefficient per asset, not negative.
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`] for a coefficient outside 0 to 1,000,000.
    pub fn new(coefficients: &[f64]) -> Result<Self, CoreError> {
        check_rates("market_impact", coefficients, MAX_COEFFICIENT)?;
        Ok(Self { coefficients: coefficients.to_vec() })
    }
}

impl CostTerm for MarketImpact {
    fn id(&self) -> &str {
        "market_impact"
    }

    fn assets(&self) -> usize {
        self.coefficients.len()
    }

    fn kind(&self) -> CostKind {
        CostKind::Expected
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        vec![ModelParameter::new("market_impact", &self.coefficients[..])]
    }

    fn cost(&self, ticket: &Ticket) -> f64 {
        square_root_impact(self.coefficients[ticket.asset], ticket.value / ticket.nav) * ticket.value
    }

    fn slope(&self, ticket: &Ticket) -> f64 {
        1.5 * square_root_impact(self.coefficients[ticket.asset], ticket.value / ticket.nav)
    }

    /// Infinite for an empty trade.
    fn curvature(&self, ticket: &Ticket) -> f64 {
        match self.coefficients[ticket.asset] {
            0.0 => 0.0,
            k => 0.75 * k / ((ticket.value / ticket.nav).sqrt() * ticket.nav),
        }
    }

    fn convex(&self, asset: usize, _price: f64) -> ConvexCost {
        ConvexCost { impact: self.coefficients[asset], ..ConvexCost::default() }
    }
}
