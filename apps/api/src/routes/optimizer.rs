//! The optimizer's own questions.

use actix_web::post;
use engine::dto::allocation::{AllocationRequest, AllocationResponse};
use engine::dto::optimizer::{OptimizerSolveRequest, OptimizerSolveResponse};
use engine::dto::path::{RebalancePathRequest, RebalancePathResponse};
use engine::{Engine, questions};

use crate::http::answer::{Answer, answer};
use crate::http::body::JsonBytes;
use crate::http::caller::Caller;
use crate::http::own::Own;

/// Solve a rebalancing problem
///
/// The best weights with a certificate of optimality and the price of every binding limit; or, when no portfolio
/// satisfies the limits, which of them contradict each other and the smallest repair, ready to be sent back.
#[utoipa::path(tag = "optimizer", operation_id = "solve_rebalancing_problem", request_body = OptimizerSolveRequest,
    responses((status = 200, description = "The solution, or why there is none", body = OptimizerSolveResponse)))]
#[post("/api/optimizer/solve")]
pub(super) async fn solve_rebalancing_problem(caller: Caller, body: JsonBytes, engine: Own<Engine>) -> Answer {
    answer(&caller, questions::solve(&engine, &caller.context, &body.0).await)
}

/// Solve a rebalancing problem over several periods
///
/// The best path under forecasts that fade, known cash flows, costs and limits, with a lower bound on the objective of
/// every path. Trade the first step only, and plan again in the next period.
#[utoipa::path(tag = "optimizer", operation_id = "solve_rebalancing_path", request_body = RebalancePathRequest, responses(
    (status = 200, description = "The path, or that a period's limits contradict each other", body = RebalancePathResponse)
))]
#[post("/api/optimizer/path")]
pub(super) async fn solve_rebalancing_path(caller: Caller, body: JsonBytes, engine: Own<Engine>) -> Answer {
    answer(&caller, questions::path(&engine, &caller.context, &body.0).await)
}

/// Allocate by a named method
///
/// Minimum variance, maximum Sharpe ratio or utility, efficient frontier, risk parity, maximum diversification,
/// hierarchical risk parity, minimum CVaR or EVaR.
#[utoipa::path(tag = "optimizer", operation_id = "create_allocation", request_body = AllocationRequest, responses(
    (status = 200, description = "The portfolio, or why there is none", body = AllocationResponse)
))]
#[post("/api/optimizer/allocate")]
pub(super) async fn create_allocation(caller: Caller, body: JsonBytes, engine: Own<Engine>) -> Answer {
    answer(&caller, questions::allocate(&engine, &caller.context, &body.0).await)
}
