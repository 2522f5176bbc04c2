//! When a drift is worth a trade, how far the trade goes, and where new cash goes.
//!
//! A policy is checked often and trades rarely. A [`BandRule`] says how far a weight may drift from its target,
//! [`no_trade_half_width`] computes that width from cost and risk aversion, [`destination`] says how far back a breached
//! weight is traded, and [`water_fill`] spends cash on the assets that are furthest below their targets. [`timing`]
//! says on which days a trade is due, by an exchange's [`calendar`], [`groups`] applies bands to asset classes and
//! sleeves, and [`footprint`] measures how well an observer can predict the trades.

pub mod calendar;
mod destination;
pub mod footprint;
pub mod groups;
mod measure;
mod no_trade;
mod rule;
pub mod timing;
mod water;

pub use destination::destination;
pub use measure::{RelativeDrift, drift_tracking_error, relative_drift};
pub use no_trade::no_trade_half_width;
pub use rule::BandRule;
pub use water::{water_fill, water_fill_then_spread};
