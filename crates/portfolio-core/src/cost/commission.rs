//! Broker fees per share and per ticket.
//!
//! With `u` units of value `v` a ticket costs `p·u` per share, or `max(m, r·v)` with a minimum `m`. 1,000 shares at
//! 20.00 with 0.005 per share cost 5.00; 5 bp with a minimum of 12.00 cost 12.00, because 5 bp of 20,000.00 are 10.00.
//!
//! # Reference
//! Kissell (2013), "The Science of Algorithmic Trading and Portfolio Management", chapter 3: commissions and fees
//! among the costs of trading.

use super::{ConvexCost, CostKind, CostTerm, Ticket, check_rates};
use crate::{CoreError, MAX_COST_BPS, ModelParameter};

/// Largest fee per share or per ticket, major units.
const MAX_FEE: f64 = 1e6;

/// `p·u`: a fee on each of the `u` units traded, major units.
#[derive(Debug, Clone, PartialEq)]
pub struct PerShare {
    fees: Vec<f64>,
}

impl PerShare {
    /// Creates the term from one fee per asset, in major units per unit traded.
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`] for a fee outside 0 to 1,000,000.
    pub fn new(fees: &[f64]) -> Result<Self, CoreError> {
        check_rates("fee_per_share", fees, MAX_FEE)?;
        Ok(Self { fees: fees.to_vec() })
    }
}

impl CostTerm for PerShare {
    fn id(&self) -> &str {
        "per_share"
    }

    fn assets(&self) -> usize {
        self.fees.len()
    }

    fn kind(&self) -> CostKind {
        CostKind::Charged
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        vec![ModelParameter::new("fee_per_share", &self.fees[..])]
    }

    fn cost(&self, ticket: &Ticket) -> f64 {
        self.fees[ticket.asset] * ticket.units * ticket.minor_per_major
    }

    /// The fee divided by the price, which is `v/u`.
    fn slope(&self, ticket: &Ticket) -> f64 {
        if ticket.value > 0.0 { self.cost(ticket) / ticket.value } else { 0.0 }
    }

    fn convex(&self, asset: usize, price: f64) -> ConvexCost {
        ConvexCost::linear(self.fees[asset] / price)
    }
}

/// `max(minimum, rate·v)`: a commission with a minimum per ticket; zero when nothing trades.
///
/// Its convex part is the rate alone. This is a lower bound of the true cost, because the minimum makes small trades
/// more expensive.
#[derive(Debug, Clone, PartialEq)]
pub struct MinimumCommission {
    minimums: Vec<f64>,
    rates_bps: Vec<f64>,
}

impl MinimumCommission {
    /// Creates the term from each asset's minimum per ticket, in major units, and rate, in basis points.
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`] for an amount outside 0 to 1,000,000 or a rate outside 0 to [`MAX_COST_BPS`];
    /// [`CoreError::Lengths`] for lists of different length.
    pub fn new(minimums: &[f64], rates_bps: &[f64]) -> Result<Self, CoreError> {
        check_rates("minimum_commission", minimums, MAX_FEE)?;
        check_rates("commission_bps", rates_bps, MAX_COST_BPS)?;
        if minimums.len() != rates_bps.len() {
            return Err(CoreError::Lengths { expected: minimums.len(), got: rates_bps.len() });
        }
        Ok(Self { minimums: minimums.to_vec(), rates_bps: rates_bps.to_vec() })
    }

    fn rate(&self, asset: usize) -> f64 {
        self.rates_bps[asset] / 10_000.0
    }
}

impl CostTerm for MinimumCommission {
    fn id(&self) -> &str {
        "minimum_commission"
    }

    fn assets(&self) -> usize {
        self.minimums.len()
    }

    fn kind(&self) -> CostKind {
        CostKind::Charged
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        vec![
            ModelParameter::new("minimum_commission", &self.minimums[..]),
            ModelParameter::new("commission_bps", &self.rates_bps[..]),
        ]
    }

    fn cost(&self, ticket: &Ticket) -> f64 {
        if ticket.value <= 0.0 {
            return 0.0;
        }
        let least = self.minimums[ticket.asset] * ticket.minor_per_major;
        least.max(ticket.value * self.rate(ticket.asset))
    }

    fn slope(&self, ticket: &Ticket) -> f64 {
        let rate = self.rate(ticket.asset);
        let least = self.minimums[ticket.asset] * ticket.minor_per_major;
        if ticket.value * rate >= least { rate } else { 0.0 }
    }

    fn convex(&self, asset: usize, _price: f64) -> ConvexCost {
        ConvexCost::linear(self.rate(asset))
    }
}
