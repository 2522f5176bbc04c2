//! The interface of a cost term: cost, slope, curvature and convex part of a trade.

use std::fmt::{self, Debug};
use std::ops::Add;

use crate::ModelParameter;

/// One part of the cost of trading, with its parameters for every asset.
///
/// A term prices a [`Ticket`]: an asset, a side and a size. Costs are in minor units of the book's currency and never
/// negative. Slope and curvature are the derivatives of [`cost`](Self::cost) with respect to the traded value, from the
/// right at a kink.
///
/// # Example
/// ```
/// use portfolio_core::{ConvexCost, CostKind, CostModel, CostTerm, ModelParameter, Ticket};
///
/// /// Half of a bid-ask spread that is the same for every asset.
/// #[derive(Debug)]
/// struct HalfSpread {
///     assets: usize,
///     spread_bps: f64,
/// }
///
/// impl CostTerm for HalfSpread {
///     fn id(&self) -> &str { "half_spread" }
///     fn assets(&self) -> usize { self.assets }
///     fn kind(&self) -> CostKind { CostKind::Expected }
///     fn parameters(&self) -> Vec<ModelParameter> { vec![ModelParameter::new("spread_bps", self.spread_bps)] }
///     fn cost(&self, ticket: &Ticket) -> f64 { ticket.value * self.slope(ticket) }
///     fn slope(&self, _: &Ticket) -> f64 { self.spread_bps / 2e4 }
///     fn convex(&self, _: usize, _: f64) -> ConvexCost { ConvexCost::linear(self.spread_bps / 2e4) }
/// }
///
/// let costs = CostModel::proportional(&[10.0, 10.0])?.with(HalfSpread { assets: 2, spread_bps: 4.0 })?;
/// assert!((costs.convex(0, 50.0).buy - 0.0012).abs() < 1e-15);
/// # Ok::<(), portfolio_core::CoreError>(())
/// ```
pub trait CostTerm: Debug + Send + Sync {
    /// The id used in records, snake_case.
    fn id(&self) -> &str;

    /// The version of the formula. It changes whenever the same ticket and parameters give a different cost.
    fn version(&self) -> &str {
        "1"
    }

    /// Number of assets it has parameters for.
    fn assets(&self) -> usize;

    /// Whether the cost is booked with the trade or only counts in decisions.
    fn kind(&self) -> CostKind;

    /// Every parameter, in a fixed order: the digest of a record covers them.
    fn parameters(&self) -> Vec<ModelParameter>;

    /// Cost of the ticket, minor units, not rounded.
    fn cost(&self, ticket: &Ticket) -> f64;

    /// The marginal cost: the additional cost of one more minor unit of traded value.
    fn slope(&self, ticket: &Ticket) -> f64;

    /// Second derivative with respect to the traded value; 0 for a piecewise linear cost.
    fn curvature(&self, _ticket: &Ticket) -> f64 {
        0.0
    }

    /// The convex part of the cost of an asset, or a convex lower bound of it. `price` is in major units.
    fn convex(&self, asset: usize, price: f64) -> ConvexCost;
}

/// Whether a cost is booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CostKind {
    /// An explicit cost: booked with the trade, and part of the cash identity.
    Charged,
    /// An implicit cost, a worse execution price: counted in decisions and reported, but not booked.
    Expected,
}

/// The direction of a trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TradeSide {
    /// The position grows.
    Buy,
    /// The position shrinks.
    Sell,
}

impl fmt::Display for TradeSide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Buy => "buy",
            Self::Sell => "sell",
        })
    }
}

/// A trade to be priced.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ticket {
    /// Index of the asset.
    pub asset: usize,
    /// Direction of the trade.
    pub side: TradeSide,
    /// Traded value, minor units, not negative.
    pub value: f64,
    /// Traded units, not negative.
    pub units: f64,
    /// NAV of the book, minor units, above 0.
    pub nav: f64,
    /// Minor units in one major unit of the book's currency.
    pub minor_per_major: f64,
}

/// A convex cost of trading `x` of NAV: `buy·x⁺ + sell·x⁻ + impact·|x|^1.5`, a fraction of NAV.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ConvexCost {
    /// Rate of buying.
    pub buy: f64,
    /// Rate of selling.
    pub sell: f64,
    /// Coefficient of the 3/2 power.
    pub impact: f64,
}

impl ConvexCost {
    /// The same rate on both sides.
    #[must_use]
    pub fn linear(rate: f64) -> Self {
        Self { buy: rate, sell: rate, impact: 0.0 }
    }
}

impl Add for ConvexCost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { buy: self.buy + other.buy, sell: self.sell + other.sell, impact: self.impact + other.impact }
    }
}
