//! A primal-dual interior-point method that eliminates all structured blocks of its linear system.
//!
//! Costs, turnover and leverage are written with one bound `t ≥ |w − w0|` per asset. The bounds, the two sides of each
//! `t` and the limits of each row contribute diagonals; turnover, leverage, tracking and the rows contribute one
//! bordering row each. Each iteration then factorises one matrix `K = 2(λ + ν)Σ + diag` of the order of the assets,
//! where `ν` is the multiplier of the tracking cap, and a Schur complement of the order of the rows.

mod layout;
mod newton;
mod start;
mod state;

use crate::SolveOptions;
use crate::active_set::{ActiveSet, Lean};
use crate::lagrangian::lagrangian_bound;
use crate::multipliers::Multipliers;
use crate::program::Program;
use newton::Newton;
use portfolio_core::interrupt::checkpoint;
use state::{Point, State};

/// The result of an interior-point run.
#[derive(Debug, Clone)]
pub(crate) struct Interior {
    pub(crate) w: Vec<f64>,
    pub(crate) multipliers: Multipliers,
    /// The limits that the point is at: the polish starts from this guess.
    pub(crate) set: ActiveSet,
    pub(crate) iterations: usize,
    pub(crate) end: End,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Converged,
    /// The run found multipliers that prove that no point of the box satisfies the limits.
    Infeasible,
    Stalled,
}

/// Residuals and gap below which the active set of a point is first tried.
const TRIED_FROM: f64 = 1e-4;
/// Factor by which both must fall after a failed trial before the next one.
const TRIED_AGAIN: f64 = 0.1;
/// A trial is made when at most one in this many weights is free, because it factorises the matrix of the free weights.
const TRIED_SHARE: usize = 4;
/// Progress means that the score has fallen to this share of its value at the last progress, in any number of steps:
/// with thousands of assets the first steps are small.
const PROGRESS: f64 = 0.5;
/// Iterations without progress: after `PATIENCE` the run ends; after `SUSPICIOUS`, from the sixth iteration on, it
/// looks for a contradiction.
const PATIENCE: usize = 12;
const SUSPICIOUS: usize = 2;
const SUSPICIOUS_FROM: usize = 6;
/// A primal residual below this is not a sign of contradictory limits.
const SATISFIED: f64 = 1e-7;
/// The limits contradict each other if, with a zero objective, the bound per unit of the largest multiplier is above
/// this.
const CONTRADICTED: f64 = 1e-7;
/// The best point of a stalled run goes to the polish, as if it had converged, if its score is at most this.
const STALLED_NEAR: f64 = 1e-5;
/// A step shorter than this makes no progress.
const NO_STEP: f64 = 1e-10;
/// A step longer than this is not worth lengthening.
const LONG_STEP: f64 = 0.9;
/// Bounds of Mehrotra's centring parameter, and its least value while the dual residual exceeds `LAGGING` times the
/// gap: impact leaves a residual of its own, which falls more slowly.
const CENTRING: (f64, f64) = (1e-8, 1.0);
const LAGGING: f64 = 100.0;
const CENTRING_LAGGING: f64 = 0.3;
/// Bounds of the fraction of the distance to the boundary that a step takes.
const TO_BOUNDARY: (f64, f64) = (0.99, 0.999_99);

/// Solves `program`, in which no asset is fixed, by Mehrotra's predictor–corrector.
///
/// Iterates from `State::start` until gap and residuals are within `options.tolerance`:
///
/// 1. Evaluate the residuals of every equation and the gap `sᵀz`; keep the best point.
/// 2. Stop when the run has converged, when `settles` accepts the point's active set as that of the solution, when the
///    multipliers prove that the limits contradict each other, or when there is no progress.
/// 3. Factorise the Newton system.
/// 4. Predictor: compute the direction straight to the boundary, and the share `σ` of the gap that it would leave.
/// 5. Corrector: compute the direction to the central path at `σμ`, with the second-order terms from the predictor.
///    Lengthen it by centrality corrections where those are cheap.
/// 6. Step almost to the boundary.
pub(crate) fn solve(
    program: &Program<'_>,
    options: &SolveOptions,
    settles: &mut dyn FnMut(&Interior) -> bool,
) -> Interior {
    // Without impact and without a cap on the variance, the equations of a guess are linear. A trial then costs one
    // factorisation per round, of the few free weights that are left. Otherwise a trial costs as much as it saves.
    let mut trial = if program.is_curved() { 0.0 } else { TRIED_FROM };
    let mut state = State::start(program);
    let mut newton = Newton::new(&state, program.model.is_dense());
    let mut progress = Progress::new(&state);
    let mut end = End::Stalled;
    let mut iterations = 0;
    for iteration in 0..options.max_iterations {
        checkpoint();
        iterations = iteration;
        state.residuals(program); // 1
        let mu = state.complementarity();
        let (primal, dual) = (state.primal_residual(), state.dual_residual());
        let gap = mu * state.pairs() as f64;
        let score = gap.max(primal).max(dual);
        if !score.is_finite() {
            break;
        }
        progress.note(&state, score);
        if gap <= options.tolerance && primal <= options.tolerance && dual <= options.tolerance {
            end = End::Converged; // 2
            break;
        }
        if score <= trial {
            let point = state.finish(iteration, End::Converged);
            let free = point.set.leans.iter().filter(|lean| **lean == Lean::Free).count();
            if TRIED_SHARE * free <= state.n {
                if settles(&point) {
                    return point;
                }
                trial = TRIED_AGAIN * score;
            }
        }
        let suspicious = iteration >= SUSPICIOUS_FROM && progress.since > SUSPICIOUS || state.diverging();
        if suspicious && primal > SATISFIED && proves_infeasible(program, &state) {
            end = End::Infeasible;
            break;
        }
        if progress.since > PATIENCE || !newton.factorise(program, &state) {
            break; // 3
        }
        newton.predict(&state); // 4
        let reach = newton.step_length(&state, 1.0);
        let mu_ahead = state.complementarity_after(&newton.direction, reach);
        let sigma = (mu_ahead / mu).powi(3).clamp(CENTRING.0, CENTRING.1);
        let sigma = if dual > LAGGING * gap { sigma.max(CENTRING_LAGGING) } else { sigma };
        newton.correct(program, &state, sigma * mu); // 5
        let fraction = (1.0 - mu).clamp(TO_BOUNDARY.0, TO_BOUNDARY.1);
        let alpha = newton.lengthen(&state, sigma * mu, fraction);
        if alpha < NO_STEP {
            break;
        }
        state.advance(&newton.direction, alpha); // 6
        state.settle();
        iterations = iteration + 1;
    }
    if end == End::Stalled {
        let score = progress.score;
        state.restore(progress.best);
        if score <= STALLED_NEAR {
            end = End::Converged;
        } else if proves_infeasible(program, &state) {
            end = End::Infeasible;
        }
    }
    state.finish(iterations, end)
}

/// The best point so far, and the number of iterations since the last progress.
struct Progress {
    best: Point,
    score: f64,
    /// The score at the last progress, and the number of iterations since.
    mark: f64,
    since: usize,
}

impl Progress {
    fn new(state: &State) -> Self {
        Self { best: state.clone_point(), score: f64::INFINITY, mark: f64::INFINITY, since: 0 }
    }

    fn note(&mut self, state: &State, score: f64) {
        if score < self.score {
            if score < PROGRESS * self.mark {
                (self.mark, self.since) = (score, 0);
            }
            self.score = score;
            state.store(&mut self.best);
        }
        self.since += 1;
    }
}

impl Newton {
    /// The step length along the direction, after centrality corrections as long as each lengthens it.
    fn lengthen(&mut self, state: &State, mu: f64, fraction: f64) -> f64 {
        let mut alpha = self.step_length(state, fraction);
        for _ in 0..self.correctors {
            if alpha > LONG_STEP {
                break;
            }
            match self.centre(state, mu, alpha, fraction) {
                Some(longer) => alpha = longer,
                None => break,
            }
        }
        alpha
    }
}

/// With a zero objective, a positive Lagrangian bound over the box proves that no point satisfies the limits.
fn proves_infeasible(program: &Program<'_>, state: &State) -> bool {
    let size = state.dual_size();
    if size <= 0.0 || !size.is_finite() {
        return false;
    }
    lagrangian_bound(&program.without_objective(), &state.w, &state.multipliers()) > CONTRADICTED * size
}
