use crate::OptimizerError;
use crate::certificate::{certify, slopes};
use crate::conic;
use crate::infeasible::{Infeasibility, diagnose, split};
use crate::interior::{self, End, Interior, Lean, Side, Stop};
use crate::limits::prices;
use crate::model::RiskModel;
use crate::outcome::{Engine, RebalanceOutcome, RebalanceSolution};
use crate::polish::{ActiveSet, Candidate, polish, settle};
use crate::problem::RebalanceProblem;
use crate::program::{DualValues, Program};

/// How a problem is solved and reported.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SolveOptions {
    /// Value of the book, to state prices in currency.
    pub portfolio_value: Option<f64>,
    /// Relative gap and residuals at which the interior point hands over to the polish.
    pub tolerance: f64,
    /// Most interior-point iterations.
    pub max_iterations: usize,
}

impl Default for SolveOptions {
    fn default() -> Self {
        Self { portfolio_value: None, tolerance: 1e-8, max_iterations: 60 }
    }
}

/// A gap up to this, relative to the largest part of the objective or 1, ends the search.
const PROVEN: f64 = 1e-7;
/// A solution with a larger gap than this is not handed out.
const ACCEPTED: f64 = 1e-6;
/// Nor is one that violates a limit by more than this, relative to the numbers the limit adds up or 1.
pub(crate) const KEPT: f64 = 1e-8;

/// Solves the rebalancing problem: optimal weights with a certificate and prices, or the reason why there are none.
///
/// A structured primal-dual interior point (one matrix of the order of the assets per iteration; linear in the assets
/// for a factor model) finds which limits bind, a polish solves their equations, and the certificate is computed from
/// the weights and multipliers alone. What the interior point cannot settle goes to a conic solver.
///
/// # Errors
/// A malformed problem ([`RebalanceProblem::check`]), a model of another size, or [`OptimizerError::NotProven`] when neither
/// engine closes the gap to `1e-6` of the largest part of the objective (or of 1).
///
/// # Example
/// ```
/// use optimizer::{RebalanceOutcome, RebalanceProblem, RiskModel, SolveOptions, solve};
///
/// // Two uncorrelated assets of equal risk and return, starting all in the first, trading at 10 bp one way.
/// let model = RiskModel::dense(&[vec![0.04, 0.0], vec![0.0, 0.04]])?;
/// let problem = RebalanceProblem {
///     w0: vec![1.0, 0.0],
///     cost_linear: Some(vec![0.001; 2]),
///     ..RebalanceProblem::long_only(vec![0.05, 0.05], 1.0)
/// };
/// let RebalanceOutcome::Optimal(s) = solve(&problem, &model, &SolveOptions::default())? else { panic!() };
/// // Without costs the answer is half and half; the marginal gain 0.04·(2·d − 1)·2 stops paying 20 bp at d = 0.4875.
/// assert!((s.weights[1] - 0.4875).abs() < 1e-12);
/// assert!(s.certificate.duality_gap < 1e-12);
/// # Ok::<(), optimizer::OptimizerError>(())
/// ```
pub fn solve(
    problem: &RebalanceProblem,
    model: &RiskModel,
    options: &SolveOptions,
) -> Result<RebalanceOutcome, OptimizerError> {
    problem.check()?;
    if model.assets() != problem.assets() {
        let (expected, got) = (problem.assets(), model.assets());
        return Err(OptimizerError::LengthMismatch { what: "the risk model's assets", expected, got });
    }
    let program = Program::new(problem, model);
    if program.crossed() {
        return diagnose(problem, &program, model).map(|i| RebalanceOutcome::Infeasible(split_proof(i, problem)));
    }
    let (mut found, mut iterations) = structured(&program, options);
    let good = |c: &Candidate| proven(&program, c, PROVEN);
    if found.as_ref().is_some_and(|c| !good(c)) {
        // The polish was given the wrong limits: a point closer to the solution tells them apart.
        let closer = SolveOptions { tolerance: 1e-4 * options.tolerance, ..*options };
        let again = structured(&program, &closer);
        iterations += again.1;
        if again.0.as_ref().is_some_and(|c| found.as_ref().is_none_or(|f| c.distance() < f.distance())) {
            found = again.0;
        }
    }
    if let Some(candidate) = found.as_ref().filter(|c| good(c)) {
        let s = report(problem, &program, candidate, iterations, Engine::Structured, options);
        return Ok(RebalanceOutcome::Optimal(s));
    }
    match diagnose(problem, &program, model) {
        Ok(i) => return Ok(RebalanceOutcome::Infeasible(split_proof(i, problem))),
        Err(OptimizerError::NotConverged { .. }) => {}
        Err(e) => return Err(e),
    }
    let mut best = found;
    let mut engine = Engine::Structured;
    if let Some(point) = conic::minimise(&program, model) {
        let polished = polish(&program, point.candidate(&program), point.active_set(&program));
        if best.as_ref().is_none_or(|b| polished.distance() < b.distance()) {
            best = Some(polished);
            engine = Engine::Conic;
        }
    }
    match best {
        Some(c) if proven(&program, &c, ACCEPTED) => {
            let s = report(problem, &program, &c, iterations, engine, options);
            Ok(RebalanceOutcome::Optimal(s))
        }
        Some(c) if c.gap.is_finite() => Err(OptimizerError::NotProven {
            iterations,
            gap: c.gap,
            violation: c.violation,
            tolerance: ACCEPTED * size(&program, &c),
        }),
        _ => Err(OptimizerError::NotConverged { iterations, gap: f64::MAX }),
    }
}

fn split_proof(mut i: Infeasibility, problem: &RebalanceProblem) -> Infeasibility {
    i.proof.duals = split(&i.proof.duals, problem.groups.len());
    i
}

/// True when the structured solver proves an optimum.
pub(crate) fn is_solvable(p: &Program<'_>) -> bool {
    structured(p, &SolveOptions::default()).0.is_some_and(|c| proven(p, &c, PROVEN))
}

fn proven(p: &Program<'_>, c: &Candidate, tolerance: f64) -> bool {
    c.gap <= tolerance * size(p, c) && c.violation <= KEPT
}

/// What the gap of a candidate is measured against.
fn size(p: &Program<'_>, c: &Candidate) -> f64 {
    let mut sigma_w = vec![0.0; p.n()];
    p.model.multiply(&c.w, &mut sigma_w);
    p.terms(&c.w, &sigma_w).size()
}

/// Interior point on the assets that can move, then the polish on all of them.
fn structured(p: &Program<'_>, options: &SolveOptions) -> (Option<Candidate>, usize) {
    let n = p.n();
    let (reduced, keep) = p.reduce();
    let held: Vec<f64> = (0..n)
        .map(|i| {
            if p.upper[i] - p.lower[i] <= crate::program::SAME {
                p.lower[i]
            } else {
                p.w0[i].clamp(p.lower[i], p.upper[i])
            }
        })
        .collect();
    if keep.is_empty() {
        let mut duals = DualValues::from_rows(&vec![0.0; p.rows.len()], groups(p), 0.0, 0.0, 0.0);
        hold(p, &held, &mut duals);
        return (Some(Candidate::new(p, held, duals)), 0);
    }
    let stop = Stop { tolerance: options.tolerance, max_iterations: options.max_iterations };
    // The point and the limits it leans on, with what was taken out put back.
    let whole = |run: &Interior| {
        let mut w = held.clone();
        // What was taken out stands at its bound, or at its start under a turnover cap of zero.
        let mut leans: Vec<Lean> = (0..n).map(|i| if w[i] == p.lower[i] { Lean::Lower } else { Lean::Start }).collect();
        for (at, &i) in keep.iter().enumerate() {
            w[i] = run.w[at];
            leans[i] = run.guess[at];
        }
        let mut duals = run.duals.clone();
        duals.groups.resize(groups(p), 0.0);
        hold(p, &w, &mut duals);
        let set = ActiveSet {
            leans,
            rows: run.active_rows.clone(),
            turnover: run.turnover_active,
            leverage: run.leverage_active,
            tracking: run.tracking_active,
        };
        (Candidate::new(p, w, duals), set)
    };
    let mut early = None;
    let run = interior::solve(&reduced, stop, &mut |run| {
        let (start, set) = whole(run);
        early = settle(p, start, set);
        early.is_some()
    });
    if early.is_some() {
        return (early, run.iterations);
    }
    if run.end == End::Infeasible {
        return (None, run.iterations);
    }
    let (start, set) = whole(&run);
    (Some(polish(p, start, set)), run.iterations)
}

fn groups(p: &Program<'_>) -> usize {
    p.rows.len() - 1
}

/// Under a turnover cap of zero every weight stays, and the cap's multiplier is whatever keeps the last one still.
fn hold(p: &Program<'_>, w: &[f64], duals: &mut DualValues) {
    if p.turnover.is_some_and(|t| t <= crate::program::STILL) {
        let still = DualValues { turnover: 0.0, ..duals.clone() };
        let s = slopes(p, w, &still);
        duals.turnover = s.left.iter().zip(&s.right).fold(0.0_f64, |m, (l, r)| m.max(*l).max(-r));
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
    let duals = split(&c.duals, problem.groups.len());
    let certified = certify(problem, p, &c.w, &duals);
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

/// Rows the polish may start from when nothing is known about them.
pub(crate) fn equality_rows(p: &Program<'_>) -> Vec<Side> {
    p.rows.iter().map(|r| if r.is_equality() { Side::Upper } else { Side::None }).collect()
}
