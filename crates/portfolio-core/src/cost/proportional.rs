//! A rate on the traded value.

use super::{ConvexCost, CostKind, CostTerm, Ticket, check_rates};
use crate::{CoreError, MAX_COST_BPS, ModelParameter};

/// `c·v`: a rate on the traded value `v`, basis points, for each asset.
#[derive(Debug, Clone, PartialEq)]
pub struct Proportional {
    rates_bps: Vec<f64>,
}

impl Proportional {
    /// One rate per asset, basis points.
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`] for a rate outside 0 to [`MAX_COST_BPS`].
    pub fn new(rates_bps: &[f64]) -> Result<Self, CoreError> {
        check_rates("transaction_cost_bps", rates_bps, MAX_COST_BPS)?;
        Ok(Self { rates_bps: rates_bps.to_vec() })
    }
}

impl CostTerm for Proportional {
    fn id(&self) -> &str {
        "proportional"
    }

    fn assets(&self) -> usize {
        self.rates_bps.len()
    }

    fn kind(&self) -> CostKind {
        CostKind::Charged
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        vec![ModelParameter::new("transaction_cost_bps", &self.rates_bps[..])]
    }

    fn cost(&self, ticket: &Ticket) -> f64 {
        ticket.value * self.rates_bps[ticket.asset] / 10_000.0
    }

    fn slope(&self, ticket: &Ticket) -> f64 {
        self.rates_bps[ticket.asset] / 10_000.0
    }

    fn convex(&self, asset: usize, _price: f64) -> ConvexCost {
        ConvexCost::linear(self.rates_bps[asset] / 10_000.0)
    }
}
