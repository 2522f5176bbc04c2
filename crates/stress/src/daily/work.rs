//! What the trades of a simulation may cost, counted in asset-days.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{BandTrades, DailyOptions, DailyPolicy};
use crate::StressError;

/// Asset-days of a trade for the book and for each of its assets, along the straight line and as a plan does: its processor time in units of 10 ns
/// (`examples/band_work.rs`).
const LINE_TRADE: [u64; 2] = [12, 4];
const PLAN_TRADE: [u64; 2] = [60, 25];

/// Counts the trades of all paths, from any thread.
pub(super) struct TradeWork {
    /// Asset-days that are left for trades; `None`: without bound.
    most: Option<u64>,
    /// Asset-days of one trade of the book.
    each: u64,
    done: AtomicU64,
}

impl TradeWork {
    /// `assets`: number of assets of the law.
    pub(super) fn of(options: &DailyOptions, assets: usize) -> Self {
        let [book, asset] = match &options.policy {
            DailyPolicy::Band(band) => match band.trades {
                BandTrades::StraightLine { .. } => LINE_TRADE,
                BandTrades::OfPlan { .. } => PLAN_TRADE,
            },
            DailyPolicy::FixedWeights | DailyPolicy::BuyAndHold => [0, 0],
        };
        let most = options.work_budget.map(|budget| budget.saturating_sub(options.work(assets)));
        Self { most, each: book + asset * assets as u64, done: AtomicU64::new(0) }
    }

    /// One more path has traded on a day.
    #[inline(always)]
    pub(super) fn count(&self) {
        if self.most.is_some() {
            self.done.fetch_add(self.each, Ordering::Relaxed);
        }
    }

    #[inline(always)]
    pub(super) fn is_spent(&self) -> bool {
        self.most.is_some_and(|most| self.done.load(Ordering::Relaxed) > most)
    }

    /// # Errors
    /// [`StressError::WorkBudget`] once the trades have taken more than is left for them: a sum over all paths, which is the same
    /// whatever the order in which threads get there.
    pub(super) fn check(&self, options: &DailyOptions) -> Result<(), StressError> {
        match options.work_budget {
            Some(budget) if self.is_spent() => Err(StressError::WorkBudget { budget }),
            _ => Ok(()),
        }
    }
}
