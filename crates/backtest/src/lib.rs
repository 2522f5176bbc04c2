//! Walk-forward replay of rebalancing policies with the code that plans live books.
//!
//! A backtest misleads when it sees the future, uses other trading code than the product, rebalances for free, ignores
//! the drift of its weights, or is the best of a hundred tries. Here the types keep the future out of reach: a policy
//! gets a [`Past`] that ends with the day. Its trades are sized by [`portfolio_core::size_under_rules`] or planned by
//! [`pipeline::run`], like live trades, and booked to the minor unit with costs, lots, deposits, withdrawals, gaps and
//! delistings. A replay needs a [`TrialLedger`], so a result states how many tries there were. [`test_bias`] tests any
//! policy by replacing the rows after each decision.
//!
//! ```
//! use backtest::{Band, BuyAndHold, Cadence, FixedWeights, History, ReplayOptions, Terms, Trial, TrialLedger, replay};
//! use portfolio_core::{BandRule, ReturnPanel, Universe};
//!
//! let wave = |phase: usize| (0..520).map(|t| [0.012, -0.009, 0.004, -0.005][(t + phase) % 4]).collect::<Vec<f64>>();
//! let panel = ReturnPanel::new(Universe::new(["Stocks", "Bonds"])?, vec![wave(0), wave(1)])?;
//! let history = History::from_returns(panel)?;
//!
//! let target = vec![0.6, 0.4];
//! let terms = || Terms::proportional(2, 10.0);
//! let trials = [
//!     Trial::new("hold", BuyAndHold::new(target.clone()), terms()?),
//!     Trial::new("monthly", FixedWeights::new(target.clone(), Cadence::Monthly), terms()?),
//!     Trial::new("5/25", Band::new(target, BandRule::FIVE_TWENTY_FIVE)?, terms()?),
//! ];
//! let result = replay(&history, &trials, &ReplayOptions::default(), &mut TrialLedger::default())?;
//! assert_eq!(result.runs[0].costs().minor(), 0);
//! assert!(result.runs[1].turnover_two_way() > 0.0);
//! // The first trial is the benchmark of the others.
//! assert!(result.runs[1].figures.summary.tracking_error.is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - [`History`], [`Past`]: prices, and what a decision may see of them.
//! - [`Policy`], [`Decision`], [`Desk`]: the interface of a policy. [`BuyAndHold`], [`FixedWeights`], [`Band`],
//!   [`Planned`]: the policies of this crate.
//! - [`Trial`], [`Terms`], [`TrialLedger`]: a policy with its costs and lots, and the count of tries.
//! - [`replay()`], [`replay_watched`], [`replay_beside`], [`replay_day`], [`ReplayOptions`], [`Backtest`], [`Run`], [`Figures`]: the replay and its result.
//! - [`replay_splits`], [`replay_paths`], [`Training`]: policies that are fitted on some rows and judged on others.
//! - [`test_bias`], [`Poison`]: the bias tester.

mod account;
mod bias;
mod cadence;
mod desk;
mod error;
mod figures;
mod history;
mod options;
mod past;
mod policies;
mod policy;
mod record;
mod replay;
mod result;
mod split;
mod terms;
mod trial;
mod walk;

pub use bias::{BiasOptions, BiasReport, ChangedDecision, Poison, test_bias};
pub use cadence::Cadence;
pub use desk::{Desk, NO_TURNOVER_LIMIT};
pub use error::{BacktestError, BookFault, PolicyError, TradeFault};
pub use figures::Figures;
pub use history::{Delisting, History};
pub use options::{CashFlow, Opening, ReplayOptions};
pub use past::Past;
pub use policies::{Band, BuyAndHold, FixedWeights, Planned};
pub use policy::{Decision, Policy};
pub use record::{Cause, DayRecord, Trade};
pub use replay::{replay, replay_beside, replay_beside_watched, replay_day, replay_watched};
pub use result::{Backtest, Run};
pub use split::{CrossRun, Fit, SplitRun, Training, replay_paths, replay_splits};
pub use terms::Terms;
pub use trial::{Trial, TrialLedger};

/// The example of the README, compiled and run with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
