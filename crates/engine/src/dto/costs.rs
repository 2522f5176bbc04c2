//! The parts of what a trade costs, as a client states them.

use portfolio_core::CostKind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// The fees of a broker and the taxes on a trade, in addition to `transaction_cost_bps`, which defaults to 0 for an
/// asset that has any of these.
///
/// An order of the value `v` in `u` units costs `max(commission_min, commission_bps·v) + fee_per_unit·u`, and the duty
/// of its side; these are booked. The market impact `impact·σ·√(u/V)·v` is a worse price: it reduces the worth of an
/// order and is not booked. `σ` is the standard deviation of the asset's `historical_returns`, per day, and `V` its
/// `average_daily_volume`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"commission_bps": 5.0, "commission_min": 1.0, "duty_buy_bps": 50.0}))]
pub struct CostsRequest {
    /// Commission, basis points of the value of the order.
    #[schema(example = 5.0, minimum = 0.0, maximum = 1000.0)]
    #[validate(range(min = 0.0, max = 1000.0))]
    pub commission_bps: Option<f64>,
    /// Minimum commission of an order, major units.
    #[schema(example = 1.0, minimum = 0.0, maximum = 1e6)]
    #[validate(range(min = 0.0, max = 1e6))]
    pub commission_min: Option<f64>,
    /// Fee on each share, or other unit, major units.
    #[schema(example = 0.005, minimum = 0.0, maximum = 1e6)]
    #[validate(range(min = 0.0, max = 1e6))]
    pub fee_per_unit: Option<f64>,
    /// Duty or tax on purchases only, basis points of the value of the order.
    #[schema(example = 50.0, minimum = 0.0, maximum = 1000.0)]
    #[validate(range(min = 0.0, max = 1000.0))]
    pub duty_buy_bps: Option<f64>,
    /// Duty or tax on sales only, basis points of the value of the order.
    #[schema(example = 0.3, minimum = 0.0, maximum = 1000.0)]
    #[validate(range(min = 0.0, max = 1000.0))]
    pub duty_sell_bps: Option<f64>,
    /// Factor of the square-root law of market impact, about one half to one. Above 0 an asset needs an `average_daily_volume` and at least 20
    /// returns. Absent: 1 for an asset that has both, unless a fitted model of costs or `optimization.market_impact` states its impact.
    #[schema(example = 0.0, minimum = 0.0, maximum = 10.0)]
    #[validate(range(min = 0.0, max = 10.0))]
    pub impact: Option<f64>,
}

impl CostsRequest {
    /// These members, and those of `others` where one of these is absent.
    #[must_use]
    pub fn or(self, others: Self) -> Self {
        Self {
            commission_bps: self.commission_bps.or(others.commission_bps),
            commission_min: self.commission_min.or(others.commission_min),
            fee_per_unit: self.fee_per_unit.or(others.fee_per_unit),
            duty_buy_bps: self.duty_buy_bps.or(others.duty_buy_bps),
            duty_sell_bps: self.duty_sell_bps.or(others.duty_sell_bps),
            impact: self.impact.or(others.impact),
        }
    }

    /// Whether it states anything.
    #[must_use]
    pub fn states_any(&self) -> bool {
        *self != Self::default()
    }
}

/// Whether a part of the costs is booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CostPartKind {
    /// It is paid: part of `estimated_cost` and of the cash after the plan.
    Charged,
    /// It is a worse price: counted in the worth of the plan only.
    Expected,
}

impl From<CostKind> for CostPartKind {
    fn from(kind: CostKind) -> Self {
        match kind {
            CostKind::Charged => Self::Charged,
            CostKind::Expected => Self::Expected,
        }
    }
}

/// What the trades of a plan cost in one part of its cost model.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CostPart {
    /// The part: `proportional`, `minimum_commission`, `per_share`, `duty_on_buys`, `duty_on_sells`, `market_impact`, or the id of a fitted model.
    #[schema(example = "minimum_commission")]
    pub part: String,
    /// Whether it is booked.
    pub kind: CostPartKind,
    /// Its sum over all trades, money, to the nearest minor unit.
    #[schema(example = 3.0)]
    pub estimated_cost: f64,
}
