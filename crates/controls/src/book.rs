//! The book against which orders are checked.

use chrono::{DateTime, Utc};
use orders::Decimal;
use portfolio_core::{Currency, Money};

/// The book before the orders. All amounts are in one currency, that of `nav`.
#[derive(Debug, Clone, PartialEq)]
pub struct ControlBook {
    /// Net asset value.
    pub nav: Money,
    /// The positions, and every asset that an order trades.
    pub positions: Vec<ControlPosition>,
    /// Names of the groups that positions belong to.
    pub groups: Vec<String>,
    /// Risk of the book after the orders.
    pub risk: PlanRisk,
}

/// A position: an asset, its holding, and what is known about its market.
#[derive(Debug, Clone, PartialEq)]
pub struct ControlPosition {
    /// Id of the asset.
    pub asset: String,
    /// Market value, negative for a short position.
    pub value: Money,
    /// Units held, negative for a short position.
    pub quantity: Option<f64>,
    /// Its groups, by position in [`ControlBook::groups`].
    pub groups: Vec<usize>,
    /// The price with which limit prices are compared.
    pub reference_price: Option<Decimal>,
    /// When that price was observed.
    pub priced_at: Option<DateTime<Utc>>,
    /// Average daily volume, units of the asset.
    pub average_daily_volume: Option<f64>,
}

/// Risk figures of the book after the orders, fractions, positive for a loss.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PlanRisk {
    /// Annual tracking error against the policy.
    pub tracking_error: Option<f64>,
    /// One-day value at risk at 95 %.
    pub var_95: Option<f64>,
    /// Drawdown of the book from its high-water mark, now.
    pub drawdown: Option<f64>,
}

/// Nothing, in US dollars.
impl Default for ControlBook {
    fn default() -> Self {
        Self {
            nav: Money::from_minor(0, Currency::USD),
            positions: Vec::new(),
            groups: Vec::new(),
            risk: PlanRisk::default(),
        }
    }
}

/// No holding in US dollars, of which nothing is known.
impl Default for ControlPosition {
    fn default() -> Self {
        Self {
            asset: String::new(),
            value: Money::from_minor(0, Currency::USD),
            quantity: None,
            groups: Vec::new(),
            reference_price: None,
            priced_at: None,
            average_daily_volume: None,
        }
    }
}
