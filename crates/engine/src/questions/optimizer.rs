//! The optimizer's own questions: the best weights of a stated problem, and portfolios by name.

use optimizer::{
    AllocationAnswer, AllocationInput, AllocationOutcome, OptimizerError, RiskModel, SolveOptions, allocate,
    path_conflict, solve, solve_path,
};
use portfolio_core::{ReturnPanel, Universe};
use risk::RiskOptions;

use crate::context::RequestContext;
use crate::dto::absent;
use crate::dto::allocation::{AllocationRequest, AllocationResponse};
use crate::dto::metadata::{ENGINE_VERSION, Metadata, ModelReference};
use crate::dto::optimizer::{OptimizationStatus, OptimizerSolveRequest, OptimizerSolveResponse, RiskModelRequest};
use crate::dto::path::{RebalancePathRequest, RebalancePathResponse};
use crate::fault_code::FaultCode;
use crate::refusal::Refusal;

/// What the optimizer refuses although the fields were in range: the combination is at fault, named by `pointer`.
fn refused(pointer: impl Into<String>, error: &OptimizerError) -> Refusal {
    let detail = match error {
        OptimizerError::NotConverged { .. } => {
            "no optimum could be proven: the numbers differ too much in size".to_owned()
        }
        other => other.to_string(),
    };
    Refusal::fault(pointer, FaultCode::Value, detail)
}

/// Where an invalid covariance is at fault; `at` is the object that holds the matrices.
fn matrix_pointer(at: &str, error: &OptimizerError) -> String {
    let member = |what: &str| if what == "factor covariance" { "factor_cov" } else { "sigma" };
    match error {
        OptimizerError::NotSymmetric { what, row, column } => format!("{at}/{}/{row}/{column}", member(what)),
        OptimizerError::NotPositive { what } => format!("{at}/{}", member(what)),
        OptimizerError::OutOfRange { what: "variance", index, .. } => format!("{at}/sigma/{index}/{index}"),
        OptimizerError::RisklessMix { .. } => format!("{at}/sigma"),
        OptimizerError::NotConverged { .. } | OptimizerError::NotProven { .. } if at.is_empty() => String::new(),
        OptimizerError::NotConverged { .. } | OptimizerError::NotProven { .. } => "/problem".to_owned(),
        _ => at.to_owned(),
    }
}

fn risk_model(request: &RiskModelRequest) -> Result<RiskModel, OptimizerError> {
    match (&request.sigma, &request.loadings, &request.factor_cov, &request.specific_var) {
        (Some(sigma), ..) => RiskModel::dense(sigma),
        (_, Some(loadings), Some(factors), Some(specific)) => RiskModel::factor(loadings, factors, specific),
        _ => Err(OptimizerError::Empty),
    }
}

/// The model that solves, as answers name it.
#[must_use]
pub fn optimizer_reference() -> ModelReference {
    ModelReference::new("structured_interior_point", ENGINE_VERSION)
}

/// Answers a rebalancing problem.
///
/// # Errors
/// [`Refusal::Invalid`] for an invalid covariance, or when neither engine could prove an optimum.
pub fn solve_answer(
    request: OptimizerSolveRequest,
    context: &RequestContext,
) -> Result<OptimizerSolveResponse, Refusal> {
    let model = risk_model(&request.model).map_err(|e| refused(matrix_pointer("/model", &e), &e))?;
    let problem = request.problem.into_problem();
    let options = SolveOptions { portfolio_value: request.portfolio_value, ..SolveOptions::default() };
    let outcome = solve(&problem, &model, &options).map_err(|e| refused(matrix_pointer("/model", &e), &e))?;
    let solution = outcome.solution();
    Ok(OptimizerSolveResponse {
        status: (&outcome).into(),
        objective: solution.map(|s| s.objective),
        weights: solution.map(|s| s.weights.clone()),
        cash: solution.map(|s| s.cash),
        turnover: solution.map(|s| s.turnover),
        tracking_error: solution.and_then(|s| s.tracking_error),
        terms: solution.map(|s| s.terms),
        certificate: solution.map(|s| s.certificate.clone()),
        constraint_prices: solution.map(|s| s.constraint_prices.clone()),
        iterations: solution.map(|s| s.iterations),
        engine: solution.map(|s| s.engine),
        infeasibility: outcome.infeasibility().cloned(),
        metadata: Metadata::of(context, None, vec![optimizer_reference()]),
    })
}

/// Answers a problem over several periods.
///
/// # Errors
/// [`Refusal::Invalid`] for an invalid covariance, or when no optimum could be proven.
pub fn path_answer(request: RebalancePathRequest, context: &RequestContext) -> Result<RebalancePathResponse, Refusal> {
    let refuse = |e: &OptimizerError| refused(matrix_pointer("/model", e), e);
    let model = risk_model(&request.model).map_err(|e| refuse(&e))?;
    let problem = request.problem.into_problem();
    let options = SolveOptions::default();
    let (solution, conflict) = match solve_path(&problem, &model, &options) {
        Ok(solution) => (Some(solution), None),
        Err(OptimizerError::Infeasible { .. }) => {
            (None, path_conflict(&problem, &model, &options).map_err(|e| refuse(&e))?)
        }
        Err(error) => return Err(refuse(&error)),
    };
    let metadata =
        Metadata::of(context, None, vec![ModelReference::new("multi_period_interior_point", ENGINE_VERSION)]);
    Ok(RebalancePathResponse {
        status: if solution.is_some() { OptimizationStatus::Optimal } else { OptimizationStatus::Infeasible },
        objective: solution.as_ref().map(|s| s.objective),
        lower_bound: solution.as_ref().map(|s| s.lower_bound),
        iterations: solution.as_ref().map(|s| s.iterations),
        trade_prices: solution.as_ref().map(|s| s.trade_prices.clone()),
        limit_prices: solution.as_ref().map(|s| s.limit_prices.clone().into()),
        conflict_period: conflict.as_ref().map(|conflict| conflict.period + 1),
        infeasibility: conflict.map(|conflict| conflict.infeasibility),
        path: solution.map(|s| s.path),
        metadata,
    })
}

/// Answers an allocation request.
///
/// # Errors
/// [`Refusal::Invalid`] for an invalid covariance, or for what the method cannot work with.
pub fn allocate_answer(request: &AllocationRequest, context: &RequestContext) -> Result<AllocationResponse, Refusal> {
    let refuse = |e: OptimizerError| refused(matrix_pointer("", &e), &e);
    let model = request.sigma.as_ref().map(|sigma| RiskModel::dense(sigma)).transpose().map_err(refuse)?;
    let panel = request.returns.as_ref().map(|returns| {
        let names: Vec<String> = returns.0.iter().map(|(name, _)| name.clone()).collect();
        let series: Vec<&[f64]> = returns.0.iter().map(|(_, series)| series.as_slice()).collect();
        let universe = Universe::new(names).map_err(|e| e.to_string())?;
        ReturnPanel::common_tail(universe, &series).map_err(|e| e.to_string())
    });
    let panel = panel.transpose().map_err(|detail: String| Refusal::fault("/returns", FaultCode::Value, detail))?;
    let bounds = request.bounds();
    let input = AllocationInput {
        mu: request.mu.as_deref(),
        model: model.as_ref(),
        returns: panel.as_ref(),
        bounds: &bounds,
        risk_free_rate: request.risk_free_rate.unwrap_or_else(|| RiskOptions::default().risk_free_rate),
        risk_aversion: request.risk_aversion.unwrap_or(absent::RISK_AVERSION),
        points: request.frontier_points(),
    };
    let outcome = allocate(request.method, &input).map_err(refuse)?;
    let metadata = Metadata::of(context, None, vec![optimizer_reference()]);
    let mut response = AllocationResponse {
        status: OptimizationStatus::Optimal,
        objective: None,
        weights: None,
        points: None,
        reason: None,
        metadata,
    };
    match outcome {
        AllocationOutcome::Optimal(AllocationAnswer::Portfolio(p)) => {
            (response.objective, response.weights) = (Some(p.objective), Some(p.weights));
        }
        AllocationOutcome::Optimal(AllocationAnswer::Frontier { points }) => response.points = Some(points),
        AllocationOutcome::Infeasible { reason } => {
            (response.status, response.reason) = (OptimizationStatus::Infeasible, Some(reason));
        }
    }
    Ok(response)
}
