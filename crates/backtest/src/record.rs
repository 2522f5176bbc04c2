//! What happened on the days of a replay.

use governance::Digest;
use pipeline::VerdictDecision;
use portfolio_core::Money;

/// One executed trade.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trade {
    /// Index of the asset.
    pub asset: usize,
    /// Units, positive for a buy.
    pub units: f64,
    /// Booked value, positive for a buy.
    pub value: Money,
    /// Booked cost, never negative.
    pub cost: Money,
}

/// Why trades were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The policy decided on them.
    Decision,
    /// They funded a withdrawal.
    Withdrawal,
}

/// A day on which something traded, or on which the pipeline made a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct DayRecord {
    /// The row.
    pub day: usize,
    /// Why.
    pub cause: Cause,
    /// Value of the account before the trades.
    pub nav: Money,
    /// The trades, in the order of the assets.
    pub trades: Vec<Trade>,
    /// The digest of the pipeline's plan; `None` for other policies.
    pub plan: Option<Digest>,
    /// The verdict of the pipeline's plan; a rejected one has no trades.
    pub verdict: Option<VerdictDecision>,
}

impl DayRecord {
    /// Two-way turnover, a fraction of the value before the trades.
    #[must_use]
    pub fn turnover_two_way(&self) -> f64 {
        self.trades.iter().map(|trade| trade.value.minor().abs()).sum::<i64>() as f64 / self.nav.minor() as f64
    }

    /// Costs, a fraction of the value before the trades.
    #[must_use]
    pub fn cost_fraction(&self) -> f64 {
        self.costs().minor() as f64 / self.nav.minor() as f64
    }

    /// Costs of the trades.
    #[must_use]
    pub fn costs(&self) -> Money {
        Money::from_minor(self.trades.iter().map(|trade| trade.cost.minor()).sum(), self.nav.currency())
    }

    /// The bytes covered by the digest of a run.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let head = [self.day as u64, u64::from(self.cause == Cause::Withdrawal), self.nav.minor() as u64];
        let trades = (self.trades.iter())
            .flat_map(|t| [t.asset as u64, t.units.to_bits(), t.value.minor() as u64, t.cost.minor() as u64]);
        let mut bytes: Vec<u8> = head.into_iter().chain(trades).flat_map(u64::to_le_bytes).collect();
        if let Some(plan) = &self.plan {
            bytes.extend_from_slice(plan.as_bytes());
        }
        bytes
    }
}
