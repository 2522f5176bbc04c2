//! What execution of many plans cost: the answer.

use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::controls::PlanState;
use crate::dto::metadata::Metadata;
use crate::dto::tca_answer::{MissingCost, TcaCosts};

/// What execution of a plan cost.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PlanCosts {
    /// The plan.
    #[schema(example = "9f4a3f3e-6c1b-4f57-8d0e-2a5b7c9d1e3f")]
    pub plan_id: String,
    /// `client_reference` of its request; absent when it had none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "order-2026-0107")]
    pub client_reference: Option<String>,
    /// When its orders left, UTC.
    #[schema(example = "2026-01-02T03:04:05.678901Z", format = "date-time")]
    pub left_at: String,
    /// Where it stands.
    pub state: PlanState,
    /// How many orders left.
    #[schema(example = 4)]
    pub orders: u64,
    /// ISO 4217 code of the currency of its amounts.
    #[schema(example = "USD")]
    pub currency: String,
    /// The sums over its orders, as `GET /api/plans/{plan_id}/execution` has them in `total`.
    pub costs: TcaCosts,
}

/// The sums over plans in one currency.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CostSums {
    /// The calendar month in UTC in which their orders left; absent in the sums of all months.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-01", pattern = "^[0-9]{4}-[0-9]{2}$")]
    pub month: Option<String>,
    /// ISO 4217 code of the currency of the amounts.
    #[schema(example = "USD")]
    pub currency: String,
    /// How many plans are in the sums: those whose shortfall is known.
    #[schema(example = 12)]
    pub plans: u64,
    /// How many plans are not, because their shortfall is not known: a price of the end was not reported, or an order is overfilled.
    #[schema(example = 1)]
    pub left_out: u64,
    /// The sums, exact to the minor unit.
    pub costs: TcaCosts,
}

/// What execution of plans cost over time.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExecutionHistoryResponse {
    /// The plans whose orders left, oldest first.
    pub plans: Vec<PlanCosts>,
    /// The sums by month and currency, oldest first.
    pub months: Vec<CostSums>,
    /// The sums by currency.
    pub totals: Vec<CostSums>,
    /// Figures that do not exist, and why.
    pub unavailable: Vec<MissingCost>,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}
