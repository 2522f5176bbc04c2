//! A tax on one side of a trade.
//!
//! `d·v` where the side is taxed, and 0 on the other. Stamp duty reserve tax of 0.5 % on purchases of shares in the
//! United Kingdom (Finance Act 1986, section 87) makes 100.00 of a purchase of 20,000.00, and nothing of the sale.

use super::{ConvexCost, CostKind, CostTerm, Ticket, TradeSide, check_rates};
use crate::{CoreError, MAX_COST_BPS, ModelParameter};

/// `d·v` on buys only or on sells only, such as stamp duty or a transaction tax.
#[derive(Debug, Clone, PartialEq)]
pub struct Duty {
    side: TradeSide,
    rates_bps: Vec<f64>,
}

impl Duty {
    /// Creates the term from one rate per asset, in basis points, for trades of one side.
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`] for a rate outside 0 to [`MAX_COST_BPS`].
    pub fn new(side: TradeSide, rates_bps: &[f64]) -> Result<Self, CoreError> {
        check_rates("duty_bps", rates_bps, MAX_COST_BPS)?;
        Ok(Self { side, rates_bps: rates_bps.to_vec() })
    }
}

impl CostTerm for Duty {
    fn id(&self) -> &str {
        match self.side {
            TradeSide::Buy => "duty_on_buys",
            TradeSide::Sell => "duty_on_sells",
        }
    }

    fn assets(&self) -> usize {
        self.rates_bps.len()
    }

    fn kind(&self) -> CostKind {
        CostKind::Charged
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        vec![ModelParameter::new("duty_bps", &self.rates_bps[..])]
    }

    fn cost(&self, ticket: &Ticket) -> f64 {
        ticket.value * self.slope(ticket)
    }

    fn slope(&self, ticket: &Ticket) -> f64 {
        if ticket.side == self.side { self.rates_bps[ticket.asset] / 10_000.0 } else { 0.0 }
    }

    fn convex(&self, asset: usize, _price: f64) -> ConvexCost {
        let rate = self.rates_bps[asset] / 10_000.0;
        match self.side {
            TradeSide::Buy => ConvexCost { buy: rate, ..ConvexCost::default() },
            TradeSide::Sell => ConvexCost { sell: rate, ..ConvexCost::default() },
        }
    }
}
