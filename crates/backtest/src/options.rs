//! The settings of a replay: money, first day, cash flows, measures.

use std::sync::Arc;

use portfolio_core::{Book, Confidence, Currency, Money};
use risk::RiskOptions;

use crate::history::History;

/// What an account holds before the first decision.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub enum Opening {
    /// The weights of its policy, without the cost of buying them: the comparison concerns the policy, not its first
    /// purchase. In whole lots as many as fit, the rest in cash.
    #[default]
    Invested,
    /// Cash only: the first decision buys, and pays for it.
    Cash,
    /// This book: its assets and prices are those of the first day. The decision of that day is made of the book itself, as a live plan is,
    /// and `initial_value` is not looked at.
    Held(Arc<Book>),
}

/// A deposit or withdrawal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CashFlow {
    /// The row on which it is booked, before the decision of that day.
    pub day: usize,
    /// Positive for a deposit, negative for a withdrawal.
    pub amount: Money,
}

/// The settings of a replay; all trials share them.
///
/// | field | default | meaning |
/// |---|---|---|
/// | `initial_value` | 1,000,000.00 USD | value of each account on the first day; amounts are booked to its minor unit |
/// | `opening` | invested | what an account holds before the first decision |
/// | `start` | 0 | the row of the first decision; the rows before it are history only |
/// | `end` | the last row | the row of the last day; the rows after it are not replayed |
/// | `flows` | none | deposits and withdrawals |
/// | `benchmark` | 0 | index of the trial that the others are compared with |
/// | `risk` | [`RiskOptions::default`] | risk-free rate and rows of a year |
/// | `level` | 95 % | coverage of the intervals |
#[derive(Debug, Clone, PartialEq)]
pub struct ReplayOptions {
    /// Value of each account on the first day.
    pub initial_value: Money,
    /// What an account holds before the first decision.
    pub opening: Opening,
    /// The row of the first decision.
    pub start: usize,
    /// The row of the last day; `None` for the last of the history. No policy, plan or figure sees the rows after it.
    pub end: Option<usize>,
    /// Deposits and withdrawals.
    pub flows: Vec<CashFlow>,
    /// Index of the trial that the others are compared with.
    pub benchmark: usize,
    /// Risk-free rate and rows of a year.
    pub risk: RiskOptions,
    /// Coverage of the intervals.
    pub level: Confidence,
}

impl ReplayOptions {
    /// Number of rows of a history up to the last day.
    pub(crate) fn rows(&self, history: &History) -> usize {
        self.end.map_or(history.days(), |end| end.saturating_add(1))
    }

    /// What an account is worth on the first day.
    pub(crate) fn opening_value(&self) -> Money {
        match &self.opening {
            Opening::Held(book) => book.nav(),
            Opening::Invested | Opening::Cash => self.initial_value,
        }
    }
}

impl Default for ReplayOptions {
    fn default() -> Self {
        Self {
            initial_value: Money::from_minor(100_000_000, Currency::USD),
            opening: Opening::default(),
            start: 0,
            end: None,
            flows: Vec::new(),
            benchmark: 0,
            risk: RiskOptions::default(),
            level: Confidence::P95,
        }
    }
}
