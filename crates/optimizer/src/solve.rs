//! From a problem to its outcome: which engine runs, when, and what is reported.

use std::borrow::Cow;

use crate::OptimizerError;
use crate::active_set::ActiveSet;
use crate::certificate::certify;
use crate::fallback::{Settled, settle};
use crate::model::{AsRiskModel, RiskModel};
use crate::multipliers::Multipliers;
use crate::outcome::{Engine, RebalanceOutcome, RebalanceSolution};
use crate::polish::{self, Candidate};
use crate::prices::prices;
use crate::problem::RebalanceProblem;
use crate::program::Program;
use crate::settings::SolveOptions;
use crate::structured::structured;
use crate::tolerance::ACCEPTED;

/// Solves the rebalancing problem: optimal weights with a certificate and prices, or the reason why there are none.
///
/// 1. Check problem and options; convert the problem to the engines' form.
/// 2. Run the structured engine. A primal–dual interior point finds which limits bind, and a polish solves their
///    equations. Each iteration factorises one matrix of the order of the assets; with a factor model its cost is
///    linear in the assets.
/// 3. Run it again to a closer tolerance if the answer is not proven.
/// 4. If there is still no proof, diagnose contradictory limits, then run the conic solver (feature `conic`).
/// 5. Compute certificate and prices from the weights and multipliers alone.
///
/// # Errors
/// A malformed problem ([`RebalanceProblem::check`]) or option ([`SolveOptions::check`]); a model of another size;
/// [`OptimizerError::NotProven`] when neither engine closes the gap to `1e-6` of the largest part of the objective (or
/// of 1); and, without the feature `conic`, [`OptimizerError::NeedsConic`] for a problem that the structured engine
/// cannot solve.
///
/// # Example
/// ```
/// use optimizer::{RebalanceOutcome, RebalanceProblem, RiskModel, SolveOptions, solve};
///
/// // Two uncorrelated assets of equal risk and return, starting all in the first, trading at 10 bp one way.
/// let model = RiskModel::dense(&[[0.04, 0.0], [0.0, 0.04]])?;
/// let problem = RebalanceProblem {
///     w0: vec![1.0, 0.0],
///     cost_linear: Some(vec![0.001; 2]),
///     ..RebalanceProblem::long_only(vec![0.05, 0.05], 1.0)
/// };
/// let RebalanceOutcome::Optimal(s) = solve(&problem, &model, &SolveOptions::default())? else { panic!() };
/// // Without costs the answer is half and half; moving d gains 0.08·(1 − 2d) at the margin, which pays 20 bp up to d = 0.4875.
/// assert!((s.weights[1] - 0.4875).abs() < 1e-12);
/// assert!(s.certificate.duality_gap < 1e-12);
/// # Ok::<(), optimizer::OptimizerError>(())
/// ```
pub fn solve(
    problem: &RebalanceProblem,
    model: &impl AsRiskModel,
    options: &SolveOptions,
) -> Result<RebalanceOutcome, OptimizerError> {
    let model = checked(problem, model, options)?; // 1
    search(problem, &model, options)
}

/// Solves a problem that differs little from one that is solved, such as the same book after a cost: tries the limits that bind there, and
/// solves from scratch if they do not prove the optimum to full accuracy.
///
/// The answer is proven as that of [`solve`], and equal to it but for rounding. Its `iterations` are those of the solution it starts from
/// unless it needed some of its own.
///
/// * `near`: a problem with the same assets and limits, and its solution under the same model.
///
/// # Errors
/// As [`solve`].
///
/// # Example
/// ```
/// use optimizer::{RebalanceProblem, RiskModel, SolveOptions, solve, solve_near};
///
/// let model = RiskModel::dense(&[[0.04, 0.0], [0.0, 0.04]])?;
/// let problem = RebalanceProblem {
///     w0: vec![1.0, 0.0],
///     cost_linear: Some(vec![0.001; 2]),
///     ..RebalanceProblem::long_only(vec![0.05, 0.05], 1.0)
/// };
/// let options = SolveOptions::default();
/// let first = solve(&problem, &model, &options)?;
/// // The holding as a share of the book once 10 bp have been paid.
/// let paid = RebalanceProblem { w0: vec![1.001, 0.0], ..problem.clone() };
/// let again = solve_near(&paid, &model, &options, (&problem, first.solution().unwrap()))?;
/// assert!((again.solution().unwrap().weights[1] - 0.4875).abs() < 1e-12);
/// # Ok::<(), optimizer::OptimizerError>(())
/// ```
pub fn solve_near(
    problem: &RebalanceProblem,
    model: &impl AsRiskModel,
    options: &SolveOptions,
    near: (&RebalanceProblem, &RebalanceSolution),
) -> Result<RebalanceOutcome, OptimizerError> {
    let model = checked(problem, model, options)?;
    let (solved, solution) = near;
    if solved.assets() == problem.assets() && solution.weights.len() == problem.assets() {
        let program = Program::new(problem, &model);
        let multipliers = Multipliers::from(&solution.certificate.duals);
        if !program.crossed() && multipliers.rows.len() == program.rows.len() {
            let set = ActiveSet::of(solved, &solution.weights, &multipliers, &program);
            let start = Candidate::new(&program, solution.weights.clone(), multipliers);
            if let Some(found) = polish::settle(&program, start, set) {
                let iterations = solution.iterations;
                let s = report(problem, &program, &found, iterations, Engine::Structured, options);
                return Ok(RebalanceOutcome::Optimal(s));
            }
        }
    }
    search(problem, &model, options)
}

/// The model, if problem, model and options are well-formed and fit together.
fn checked<'a>(
    problem: &RebalanceProblem,
    model: &'a impl AsRiskModel,
    options: &SolveOptions,
) -> Result<Cow<'a, RiskModel>, OptimizerError> {
    let model = model.as_risk_model();
    problem.check()?;
    options.check()?;
    if model.assets() != problem.assets() {
        let (expected, got) = (problem.assets(), model.assets());
        return Err(OptimizerError::LengthMismatch { what: "the risk model's assets", expected, got });
    }
    Ok(model)
}

/// Steps 2 to 5 of [`solve`].
fn search(
    problem: &RebalanceProblem,
    model: &RiskModel,
    options: &SolveOptions,
) -> Result<RebalanceOutcome, OptimizerError> {
    let program = Program::new(problem, model);
    let (mut found, mut iterations) = (None, 0);
    if !program.crossed() {
        (found, iterations) = structured(&program, options); // 2
        if found.as_ref().is_some_and(|c| !c.is_proven(&program, options.proven_gap)) {
            let closer = SolveOptions { tolerance: options.second_tolerance, ..*options }; // 3
            let (again, more) = structured(&program, &closer);
            iterations += more;
            if again.as_ref().is_some_and(|c| found.as_ref().is_none_or(|f| c.distance() < f.distance())) {
                found = again;
            }
        }
    }
    let report = |candidate: &Candidate, engine| {
        let s = report(problem, &program, candidate, iterations, engine, options); // 5
        Ok(RebalanceOutcome::Optimal(s))
    };
    if let Some(candidate) = found.as_ref().filter(|c| c.is_proven(&program, options.proven_gap)) {
        return report(candidate, Engine::Structured);
    }
    match settle(problem, &program, model, found)? {
        // 4
        #[cfg(feature = "conic")]
        Settled::Infeasible(why) => Ok(RebalanceOutcome::Infeasible(*why)),
        Settled::Candidate(Some(c), engine) if c.is_proven(&program, ACCEPTED) => report(&c, engine),
        Settled::Candidate(Some(c), _) if c.gap.is_finite() => Err(OptimizerError::NotProven {
            iterations,
            gap: c.gap,
            violation: c.violation,
            tolerance: ACCEPTED * c.size(&program),
        }),
        Settled::Candidate(..) => Err(OptimizerError::NotConverged { iterations, gap: f64::MAX }),
    }
}

fn report(
    problem: &RebalanceProblem,
    p: &Program<'_>,
    c: &Candidate,
    iterations: usize,
    engine: Engine,
    options: &SolveOptions,
) -> RebalanceSolution {
    let certified = certify(problem, p, &c.w, &c.multipliers);
    let constraint_prices = prices(problem, p, &c.w, &certified, options.portfolio_value);
    RebalanceSolution {
        weights: c.w.clone(),
        cash: certified.cash,
        objective: certified.objective,
        turnover: certified.turnover,
        tracking_error: certified.tracking_error,
        terms: certified.terms,
        certificate: certified.certificate,
        constraint_prices,
        iterations,
        engine,
    }
}
