//! Drift, trade sizing under a turnover budget, and exact cash: the arithmetic of rebalancing a portfolio.
//!
//! A book drifts away from its policy as prices move. This crate measures how far ([`measure_drift`]), interprets raw
//! weights ([`resolve_weights`]), and sizes the trades that rebalance the book ([`size_trades`]): only assets outside
//! their band trade, all trades share one turnover budget, and sells pay for buys and costs to the cent.
//!
//! ```
//! use portfolio_core::{
//!     CostModel, Currency, Intent, Money, SizingInput, SizingOptions, WeightPolicy, resolve_weights, size_trades,
//! };
//!
//! // Equities ran: 70/30 against a 60/40 policy.
//! let w = resolve_weights(&[60.0, 40.0], &[70.0, 30.0], WeightPolicy::Normalize, Intent::Rebalance)?;
//! let plan = size_trades(
//!     &SizingInput {
//!         nav: Money::floor(250_000.0, Currency::USD).unwrap(),
//!         cash: None,
//!         current: &w.current,
//!         target: &w.target,
//!         optimized: &w.target,
//!         price: &[95.0, 101.5],
//!         costs: &CostModel::proportional(&[10.0, 5.0])?,
//!         histories: None,
//!     },
//!     &SizingOptions::default(),
//! )?;
//! // 10 % out and 10 % in would be 20 % of NAV, and a little more for the costs: the default budget just binds.
//! assert_eq!(plan.rows[0].value.to_string(), "-25018.75 USD");
//! assert_eq!(plan.cash_after.minor(), 0);
//! assert!(plan.turnover_bound && plan.turnover_two_way <= 0.2);
//! # Ok::<(), portfolio_core::CoreError>(())
//! ```
//!
//! - [`Universe`], [`ReturnPanel`], [`Covariance`], [`Confidence`], [`Seed`]: the types that the other crates share.
//! - [`Money`], [`Currency`]: booked amounts in whole minor units.
//! - [`Isin`], [`Cusip`], [`Figi`], [`Ticker`]: identifiers of assets, with their check digits.
//! - [`Book`], [`Position`]: holdings, and the resulting weights.
//! - [`CostModel`], [`CostTerm`]: what a trade costs.
//! - [`ModelParameter`]: a parameter of a model, as it appears in records.
//! - [`resolve_weights`], [`measure_drift`], [`size_trades`]: the plan.
//! - [`fit_lots`]: trades in whole lots, with a proven bound on the deviation that any lots could leave.
//! - [`interrupt`]: long work that ends when nobody waits for it.
//! - [`bands`]: when a drift is worth a trade, how far the trade goes, where new cash goes.

pub mod bands;
mod book;
mod confidence;
mod cost;
mod covariance;
mod currency;
mod drift;
mod error;
mod flatness;
mod identifier;
pub mod interrupt;
mod lots;
mod money;
mod name;
mod panel;
mod parameter;
mod rounding;
mod seed;
mod sizing;
mod universe;
mod weights;
mod written;

/// The type of every date in the workspace.
pub use chrono::NaiveDate;

pub use bands::{BandRule, destination, no_trade_half_width, water_fill, water_fill_then_spread};
pub use book::{Book, BookError, Position, PositionSize, TaxLot};
pub use confidence::{Confidence, ConfidenceError};
pub use cost::{
    ConvexCost, CostKind, CostModel, CostTerm, Duty, MarketImpact, MinimumCommission, PerShare, PowerImpact,
    Proportional, Ticket, TradeSide, square_root_impact,
};
pub use covariance::{Covariance, CovarianceError};
pub use currency::Currency;
pub use drift::{measure_drift, portfolio_drift};
pub use error::{CoreError, WeightSide};
pub use flatness::return_rounding;
pub use identifier::{Cusip, Figi, IdentifierError, Isin, Ticker};
pub use lots::{LotAsset, LotError, LotOptions, LotPlan, LotProblem, fit_lots};
pub use money::{Money, MoneyError, Rounding};
pub use name::{is_plain_name, is_unseen, lookalikes, without_unseen};
pub use panel::{PanelError, ReturnPanel, add_weighted};
pub use parameter::{ModelParameter, ParameterValue};
pub use rounding::round_to_12_decimals;
pub use seed::Seed;
pub use sizing::{
    Action, AssetRole, BandBreaches, FractionalRules, FractionalSizing, Intent, MAX_COST_BPS, Shortfall,
    SizingHistories, SizingInput, SizingOptions, SolvedWeights, TicketFit, TradePermit, TradePlan, TradeReason,
    TradeRow, TradeScope, TradingRules, book_weights, size_trades, size_under_rules,
};
pub use universe::{Universe, UniverseError};
pub use weights::{ResolvedWeights, WeightPolicy, resolve_weights};
pub use written::Written;

/// The example of the README, compiled and run with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
