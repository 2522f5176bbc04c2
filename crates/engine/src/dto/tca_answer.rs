//! What orders cost to execute: the answer.

use serde::Serialize;
use tca::NoCost;
use utoipa::ToSchema;

use crate::dto::metadata::Metadata;
use crate::dto::warning::PlanWarning;

/// Delay and opportunity in Kissell's split: delay is charged on all units ordered, and units that were not filled are
/// valued from arrival.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct KissellSplit {
    /// Cost of the move from decision to arrival on all units ordered.
    #[schema(example = 40.0)]
    pub delay: f64,
    /// The same in basis points of the decision value; null with a reason in `unavailable`.
    #[schema(required, example = 10.0)]
    pub delay_bps: Option<f64>,
    /// Cost of the move from arrival to the end on the units that were not filled; null with a reason in `unavailable`.
    #[schema(required, example = 12.0)]
    pub opportunity: Option<f64>,
    /// The same in basis points of the decision value; null with a reason in `unavailable`.
    #[schema(required, example = 3.0)]
    pub opportunity_bps: Option<f64>,
}

/// Implementation shortfall against the decision price (Perold), and its parts. Amounts are in major units and exact to the minor
/// unit, positive for a cost and negative for a gain; `delay + trading + opportunity + fees = shortfall` without a residual, and so
/// with the delay and opportunity of `kissell`, and `spread + impact = trading`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TcaCosts {
    /// `id` of the order in the request; absent where it had none, and in sums.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "SRQGCXBIYMWB5S6KM")]
    pub id: Option<String>,
    /// Units ordered at the decision price.
    #[schema(example = 40000.0)]
    pub decision_value: f64,
    /// Implementation shortfall; null with a reason in `unavailable`.
    #[schema(required, example = 76.0)]
    pub shortfall: Option<f64>,
    /// The same in basis points of the decision value; null with a reason in `unavailable`.
    #[schema(required, example = 19.0)]
    pub shortfall_bps: Option<f64>,
    /// Cost of the move from decision to arrival on the units that were filled (Wagner and Edwards).
    #[schema(example = 28.0)]
    pub delay: f64,
    /// The same in basis points of the decision value; null with a reason in `unavailable`.
    #[schema(required, example = 7.0)]
    pub delay_bps: Option<f64>,
    /// Cost of the fills against the arrival price.
    #[schema(example = 7.0)]
    pub trading: f64,
    /// The same in basis points of the decision value; null with a reason in `unavailable`.
    #[schema(required, example = 1.75)]
    pub trading_bps: Option<f64>,
    /// Cost of the move since the decision on the units that were not filled; null with a reason in `unavailable`.
    #[schema(required, example = 24.0)]
    pub opportunity: Option<f64>,
    /// The same in basis points of the decision value; null with a reason in `unavailable`.
    #[schema(required, example = 6.0)]
    pub opportunity_bps: Option<f64>,
    /// Commissions and charges.
    #[schema(example = 17.0)]
    pub fees: f64,
    /// The same in basis points of the decision value; null with a reason in `unavailable`.
    #[schema(required, example = 4.25)]
    pub fees_bps: Option<f64>,
    /// Delay and opportunity with the delay charged on all units ordered.
    pub kissell: KissellSplit,
    /// The half-spread on the units that were filled; null with a reason in `unavailable`.
    #[schema(required, example = 2.8)]
    pub spread: Option<f64>,
    /// The rest of `trading` after the spread; null with a reason in `unavailable`.
    #[schema(required, example = 4.2)]
    pub impact: Option<f64>,
    /// Cost of the fills against the market's volume-weighted average price; null with a reason in `unavailable`.
    #[schema(required, example = -7.0)]
    pub against_vwap: Option<f64>,
    /// `trading + fees` less the estimated cost's share of what was filled, rounded once to the minor unit; null with a reason in `unavailable`.
    #[schema(required, example = 4.0)]
    pub beyond_estimate: Option<f64>,
}

/// A figure that does not exist, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MissingCost {
    /// JSON pointer to the figure in this answer.
    #[schema(example = "/orders/0/opportunity")]
    pub pointer: String,
    /// Machine-readable cause; of a total, that of the first order without the figure.
    pub reason: NoCost,
    /// The cause as a sentence.
    #[schema(example = "no estimate was given")]
    pub detail: String,
}

/// What orders cost to execute.
#[derive(Debug, Serialize, ToSchema)]
pub struct TcaResponse {
    /// ISO 4217 code of the currency of all amounts.
    #[schema(example = "USD")]
    pub currency: String,
    /// The costs of each order, in the order of the request.
    pub orders: Vec<TcaCosts>,
    /// The sums over all orders.
    pub total: TcaCosts,
    /// Figures that do not exist, and why.
    pub unavailable: Vec<MissingCost>,
    /// What a reader needs to know about the figures.
    pub warnings: Vec<PlanWarning>,
    /// When, by which version and for which request this was made.
    pub metadata: Metadata,
}
