use actix_web::post;
use actix_web::web::Data;

use crate::dto::allocation::{AllocationRequest, AllocationResponse};
use crate::dto::optimizer::{OptimizerSolveRequest, OptimizerSolveResponse};
use crate::engine::optimize::{allocate_answer, solve_answer};
use crate::http::body::JsonBody;
use crate::http::compute::Compute;
use crate::http::context::RequestContext;
use crate::routes::{Answer, answer, json};

/// Solve a rebalancing problem
///
/// The best weights with a certificate of optimality and the price of every binding limit; or, when no portfolio
/// satisfies the limits, which of them contradict each other and the smallest repair, ready to be sent back.
#[utoipa::path(tag = "optimizer", operation_id = "solve_rebalancing_problem", request_body = OptimizerSolveRequest,
    responses((status = 200, description = "The solution, or why there is none", body = OptimizerSolveResponse)))]
#[post("/api/optimizer/solve")]
pub(super) async fn solve_rebalancing_problem(
    context: RequestContext,
    body: JsonBody<OptimizerSolveRequest>,
    compute: Data<Compute>,
) -> Answer {
    let n = body.0.problem.w0.len() as u64;
    // An infeasible problem goes to the conic solver, which is slower than a solution by far: count for it.
    let work = 2_000 * n + 30 * n * n * body.0.model.factor_cov.as_ref().map_or(n, |factors| factors.len() as u64);
    let inner = context.clone();
    let result = compute.run(work, move || json(&solve_answer(body.0, &inner)?)).await;
    answer(&context, result)
}

/// Allocate by a named method
///
/// Minimum variance, maximum Sharpe ratio or utility, efficient frontier, risk parity, maximum diversification,
/// hierarchical risk parity, minimum CVaR or EVaR.
#[utoipa::path(tag = "optimizer", operation_id = "create_allocation", request_body = AllocationRequest, responses(
    (status = 200, description = "The portfolio, or why there is none", body = AllocationResponse)
))]
#[post("/api/optimizer/allocate")]
pub(super) async fn create_allocation(
    context: RequestContext,
    body: JsonBody<AllocationRequest>,
    compute: Data<Compute>,
) -> Answer {
    let inner = context.clone();
    let result = compute.run(u64::MAX, move || json(&allocate_answer(&body.0, &inner)?)).await;
    answer(&context, result)
}
