//! How far a trade moves the price.

use super::{ConvexCost, CostKind, CostTerm, Ticket, check_rates};
use crate::{CoreError, ModelParameter};

/// Largest coefficient: trading all of NAV would cost all of it.
const MAX_COEFFICIENT: f64 = 1e6;

/// `k·|x|^1.5` of NAV for a trade of `x` of NAV: the price moves with the square root of the size.
///
/// With `σ` the volatility and `V` the traded value of a period, as a share of NAV, `k = σ/√V` up to a factor of about one.
///
/// # Reference
/// Grinold and Kahn (2000), "Active Portfolio Management", chapter 16; Tóth et al. (2011), "Anomalous price impact and the
/// critical nature of liquidity in financial markets", Physical Review X 1, 021006.
#[derive(Debug, Clone, PartialEq)]
pub struct MarketImpact {
    coefficients: Vec<f64>,
}

impl MarketImpact {
    /// One coefficient per asset, not negative.
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
        self.coefficients[ticket.asset] * (ticket.value / ticket.nav).powf(1.5) * ticket.nav
    }

    fn slope(&self, ticket: &Ticket) -> f64 {
        1.5 * self.coefficients[ticket.asset] * (ticket.value / ticket.nav).sqrt()
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
