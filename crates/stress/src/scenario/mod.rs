//! Scenarios: the effect of one stated market move on a book.
//!
//! | question | function |
//! | --- | --- |
//! | What would March 2020 do to this book? | [`replay`] of a [`Window`] of [`windows`] |
//! | What is the most it lost in any window? | [`CoveringWindows::worst`] of those that cover its series |
//! | Stocks fall by 20 %: what do the other assets do? | [`propagate`] |
//! | Which move most likely loses 20 %? | [`reverse_stress`] |
//! | What if the assets move together? | [`stress_correlations`] |
//! | What do forced sales cost? | [`liquidation_haircut`] |
//!
//! Weights are fractions of the value of the book; one minus their sum is cash that earns nothing. Returns are simple
//! fractions: −0.2 is a loss of 20 %. A return or contribution below zero is a loss. Nothing is traded within a
//! scenario.
//!
//! ```
//! use stress::scenario::{ReplayAsset, replay, window};
//!
//! let pandemic = window("2020_march").ok_or("no such window")?;
//! let stocks = ReplayAsset { weight: 0.6, series: Some("SP500_INDEX") };
//! let bonds = ReplayAsset { weight: 0.4, series: Some("UST10Y_TR") };
//! let replayed = replay(pandemic, &[stocks, bonds]);
//! // The shipped Treasuries end in 2017: their part of the book is not assessed, and never guessed.
//! assert_eq!(replayed.covered_weight, 0.6);
//! assert!(replayed.assets[1].is_err());
//! let total = replayed.total.ok_or("nothing was assessed")?;
//! assert!((total + 0.6 * 0.339).abs() < 1e-3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod correlation;
mod error;
mod factorisation;
mod haircut;
mod numbers;
mod propagation;
mod replay;
mod residual;
mod reverse;
mod series;
mod stand_in;
mod window;
mod windows;
mod worst;

pub use correlation::{CorrelationStress, CorrelationTarget, stress_correlations};
pub use error::ScenarioError;
pub use haircut::{LiquidationHaircut, liquidation_haircut};
pub use propagation::{MAX_SHOCK, PropagatedReturn, propagate};
pub use replay::{AssetReplay, NotReplayed, Replay, ReplayAsset, WorstPoint, replay};
pub use reverse::{ReverseStress, reverse_stress};
pub use series::{ScenarioSeries, SeriesKind, all_series, series};
pub use stand_in::stand_in;
pub use window::{Window, WindowStep, window, windows};
pub use worst::{CoveringWindows, WorstWindow};
