//! Errors of a history, of the terms of a replay, or of a decision.

use std::error::Error;
use std::sync::Arc;

use portfolio_core::{BookError, CoreError, Money, MoneyError, PanelError, Written};
use risk::RiskError;

/// Why a replay was refused or ended early.
///
/// A library names its subject by type: asset `i`, day `t` (0 is the first row of the history), trial `k`.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum BacktestError {
    /// The series of prices do not form a table.
    #[error("asset {} has {got} prices for {expected} days", asset + 1)]
    PriceCount {
        /// Index of the asset.
        asset: usize,
        /// Days of the history.
        expected: usize,
        /// Prices given.
        got: usize,
    },
    /// A price is not a finite number above 0, and is not a 0 that ends the prices of an asset.
    #[error("the price of asset {} on day {} is {value}", asset + 1, day + 1, value = Written(*value))]
    Price {
        /// Index of the asset.
        asset: usize,
        /// Index of the row.
        day: usize,
        /// The rejected price.
        value: f64,
    },
    /// A return is below −1, compounds to a price that is not a number, or follows a total loss and is not 0.
    #[error("return {} of asset {} is {value}", period + 1, asset + 1, value = Written(*value))]
    Return {
        /// Index of the asset.
        asset: usize,
        /// Index of the period.
        period: usize,
        /// The rejected return.
        value: f64,
    },
    /// An asset has no price on any day.
    #[error("asset {} has no price", asset + 1)]
    NoPrice {
        /// Index of the asset.
        asset: usize,
    },
    /// The history cannot be a panel of returns, or its dates do not increase.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// The history has fewer than two days, or ends before the first decision.
    #[error("the first decision is on day {}, and the history has {days} days", first + 1)]
    TooShort {
        /// Index of the first day.
        first: usize,
        /// Days of the history.
        days: usize,
    },
    /// A number of the options is outside its range.
    #[error("{name} is {value}", value = Written(*value))]
    Option {
        /// Name of the option.
        name: &'static str,
        /// The rejected number.
        value: f64,
    },
    /// A list of a trial does not have one entry per asset.
    #[error("{list} of trial {} has {got} entries for {expected} assets", trial + 1)]
    Length {
        /// Index of the trial.
        trial: usize,
        /// Which list.
        list: &'static str,
        /// Assets of the history.
        expected: usize,
        /// Entries given.
        got: usize,
    },
    /// The target weights of a trial are negative, not finite, or sum to more than one.
    #[error("the weights of trial {} are no portfolio: {value}", trial + 1, value = Written(*value))]
    Weights {
        /// Index of the trial.
        trial: usize,
        /// The rejected weight or sum.
        value: f64,
    },
    /// The book that an account begins with has other assets than the history, or other prices than its first day.
    #[error("the book to begin with has other assets or prices than the history on day {}", day + 1)]
    Opening {
        /// Index of the row.
        day: usize,
    },
    /// None of the assets of a policy can be held on the first day.
    #[error("no asset of trial {} has a price on the first day", trial + 1)]
    NothingToHold {
        /// Index of the trial.
        trial: usize,
    },
    /// The book cannot be valued or booked.
    #[error("the book of trial {} cannot be booked on day {}", trial + 1, day + 1)]
    Book {
        /// Index of the trial.
        trial: usize,
        /// Index of the row.
        day: usize,
        /// Why.
        #[source]
        source: BookFault,
    },
    /// A withdrawal is more than the book can pay.
    #[error("trial {} cannot pay the withdrawal of day {}: {missing} is missing", trial + 1, day + 1)]
    CannotPay {
        /// Index of the trial.
        trial: usize,
        /// Index of the row.
        day: usize,
        /// The missing amount.
        missing: Money,
    },
    /// The observer of the replay ended it.
    #[error("the replay was stopped")]
    Stopped,
    /// A policy made no decision.
    #[error("trial {} made no decision on day {}", trial + 1, day + 1)]
    Policy {
        /// Index of the trial.
        trial: usize,
        /// Index of the row.
        day: usize,
        /// Why.
        #[source]
        source: PolicyError,
    },
    /// A decision that no broker could execute: see [`TradeFault`].
    #[error("trial {} decided on an impossible trade of asset {} on day {}: {fault}", trial + 1, asset + 1, day + 1)]
    Trade {
        /// Index of the trial.
        trial: usize,
        /// Index of the row.
        day: usize,
        /// Index of the asset.
        asset: usize,
        /// What is impossible.
        fault: TradeFault,
    },
    /// The measures of a wealth curve could not be computed.
    #[error("the wealth of trial {} cannot be measured", trial + 1)]
    Measure {
        /// Index of the trial.
        trial: usize,
        /// Why.
        #[source]
        source: RiskError,
    },
    /// A split trains on a row that it tests, tests none, or has an interval that is empty or beyond the history.
    #[error("split {} trains on a row that it tests, or has an interval without rows of the history", split + 1)]
    Split {
        /// Index of the split.
        split: usize,
    },
    /// A policy could not be fitted.
    #[error("no policy was fitted on the training of split {}", split + 1)]
    Fit {
        /// Index of the split.
        split: usize,
        /// Why.
        #[source]
        source: PolicyError,
    },
    /// There is no such day in the replay.
    #[error("day {} is not in the replay", day + 1)]
    NoSuchDay {
        /// Index of the row.
        day: usize,
    },
}

/// Why a book cannot be booked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BookFault {
    /// Its positions do not form a book.
    #[error(transparent)]
    Positions(#[from] BookError),
    /// An amount cannot be booked.
    #[error(transparent)]
    Amount(#[from] MoneyError),
    /// Its trades cannot be sized.
    #[error(transparent)]
    Sizing(#[from] CoreError),
}

/// What is impossible about a trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TradeFault {
    /// The decision does not have one row per asset.
    #[error("the decision has another number of rows than there are assets")]
    Rows,
    /// The asset has no price on this day.
    #[error("it does not trade on this day")]
    NotTradable,
    /// More is sold than is held.
    #[error("more is sold than is held")]
    Short,
    /// Value and units disagree with the price.
    #[error("its value is not its units at the price of the day")]
    Value,
    /// The booked cost is not that of the cost model.
    #[error("its cost is not that of the cost model")]
    Cost,
    /// The trades and costs of the day use more cash than there is.
    #[error("it uses more cash than there is")]
    Cash,
}

/// The reason why a policy made no decision, of any type.
#[derive(Debug, Clone, thiserror::Error)]
#[error(transparent)]
pub struct PolicyError(Arc<dyn Error + Send + Sync>);

impl PolicyError {
    /// Wraps an error.
    #[must_use]
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Arc::from(source.into()))
    }
}

impl From<CoreError> for PolicyError {
    fn from(error: CoreError) -> Self {
        Self::new(error)
    }
}

impl From<PanelError> for PolicyError {
    fn from(error: PanelError) -> Self {
        Self::new(error)
    }
}

impl From<BookFault> for PolicyError {
    fn from(fault: BookFault) -> Self {
        Self::new(fault)
    }
}

impl From<pipeline::Veto> for PolicyError {
    fn from(veto: pipeline::Veto) -> Self {
        Self::new(veto)
    }
}
