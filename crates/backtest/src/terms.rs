//! The costs of a policy's trades, and the quantities in which it trades.

use portfolio_core::{CoreError, CostModel, Money};

/// The terms on which the trades of one trial are executed: the replay books these costs, whatever costs the policy
/// assumes.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The costs of trades.
    pub costs: CostModel,
    /// Units of one lot of each asset; `None` where any amount of money trades. Empty for none at all.
    pub lots: Vec<Option<f64>>,
    /// Smallest value of a ticket.
    pub min_notional: Option<Money>,
    /// Largest number of assets that trade on one day.
    pub max_tickets: Option<usize>,
}

impl Terms {
    /// Trades with these costs in any amount of money.
    #[must_use]
    pub fn of(costs: CostModel) -> Self {
        Self { costs, lots: Vec::new(), min_notional: None, max_tickets: None }
    }

    /// Trades of `assets` assets without costs.
    #[must_use]
    pub fn free(assets: usize) -> Self {
        Self::of(CostModel::free(assets))
    }

    /// One rate for all assets, basis points of each side of a trade.
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`] for a rate outside 0 to [`MAX_COST_BPS`](portfolio_core::MAX_COST_BPS).
    pub fn proportional(assets: usize, rate_bps: f64) -> Result<Self, CoreError> {
        Ok(Self::of(CostModel::proportional(&vec![rate_bps; assets])?))
    }

    /// Trades in whole lots, units of each asset.
    #[must_use]
    pub fn with_lots(self, lots: Vec<Option<f64>>) -> Self {
        Self { lots, ..self }
    }
}
