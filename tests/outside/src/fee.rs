//! A cost term: a fee on sales, up to a cap.

use portfolio_core::{ConvexCost, CostKind, CostTerm, ModelParameter, Ticket, TradeSide};

/// `min(rate·v, cap)` on each sale, nothing on a purchase: how a trading activity fee is charged.
#[derive(Debug, Clone, Copy)]
pub struct CappedSellFee {
    /// How many assets the book has.
    pub assets: usize,
    /// Fee on the value sold, basis points.
    pub rate_bps: f64,
    /// Most that one sale is charged, major units.
    pub cap: f64,
}

impl CappedSellFee {
    fn rate(&self) -> f64 {
        self.rate_bps / 10_000.0
    }

    fn cap_minor(&self, ticket: &Ticket) -> f64 {
        self.cap * ticket.minor_per_major
    }
}

impl CostTerm for CappedSellFee {
    fn id(&self) -> &str {
        "capped_sell_fee"
    }

    fn version(&self) -> &str {
        "4"
    }

    fn assets(&self) -> usize {
        self.assets
    }

    fn kind(&self) -> CostKind {
        CostKind::Charged
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        vec![ModelParameter::new("rate_bps", self.rate_bps), ModelParameter::new("cap", self.cap)]
    }

    fn cost(&self, ticket: &Ticket) -> f64 {
        match ticket.side {
            TradeSide::Buy => 0.0,
            TradeSide::Sell => (self.rate() * ticket.value).min(self.cap_minor(ticket)),
        }
    }

    fn slope(&self, ticket: &Ticket) -> f64 {
        let is_capped = self.rate() * ticket.value >= self.cap_minor(ticket);
        if ticket.side == TradeSide::Buy || is_capped { 0.0 } else { self.rate() }
    }

    /// A capped fee is not convex; no convex cost above zero lies below it everywhere.
    fn convex(&self, _asset: usize, _price: f64) -> ConvexCost {
        ConvexCost::default()
    }
}
