//! A primal-dual interior point that never forms what it can eliminate.
//!
//! Costs, turnover and leverage are written with one bound `t ≥ |w − w0|` per asset. The bounds, the two sides of each
//! `t` and the limits of each row contribute diagonals; turnover, leverage, tracking and the rows contribute one
//! bordering row each. What is left per iteration is one matrix `K = 2(λ + ν)Σ + diag` of the order of the assets, with
//! `ν` the multiplier of the tracking cap, and a Schur complement of the order of the rows.

mod newton;
mod start;
mod state;

use crate::certificate::lagrangian_bound;
use crate::program::{DualValues, Program};
use newton::Newton;
use state::State;

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stop {
    /// Relative gap and residuals (in units of the largest gradient).
    pub(crate) tolerance: f64,
    pub(crate) max_iterations: usize,
}

/// What an interior-point run found.
#[derive(Debug, Clone)]
pub(crate) struct Interior {
    pub(crate) w: Vec<f64>,
    pub(crate) duals: DualValues,
    /// Which limits the point leans on: the guess the polish starts from.
    pub(crate) guess: Vec<Lean>,
    pub(crate) active_rows: Vec<Side>,
    pub(crate) turnover_active: bool,
    pub(crate) leverage_active: bool,
    pub(crate) tracking_active: bool,
    pub(crate) iterations: usize,
    pub(crate) end: End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Converged,
    /// Multipliers were found under which no point of the box satisfies the limits.
    Infeasible,
    Stalled,
}

/// What one weight leans on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lean {
    Lower,
    Upper,
    /// The weight before the trade.
    Start,
    /// Zero, where leverage is capped.
    Zero,
    Free,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    None,
    Lower,
    Upper,
}

/// Residuals and gap at which the limits a point leans on are first tried.
const TRIED_FROM: f64 = 1e-4;
/// How far both have to fall after a trial that failed.
const TRIED_AGAIN: f64 = 0.1;

/// Solves `program` (in which no asset is fixed).
///
/// `settles` is asked, at most a few times, whether the limits that a point on the way leans on are already those of the
/// solution; what it accepts ends the run.
pub(crate) fn solve(program: &Program<'_>, stop: Stop, settles: &mut dyn FnMut(&Interior) -> bool) -> Interior {
    // Every equation of a guess is linear where no root and no cap on the variance bends it: a trial is one factorisation
    // of the free weights a round, of which few are left by then. Otherwise it costs as much as it saves.
    let linear = program.tracking.is_none() && !program.impact.iter().any(|k| *k > 0.0);
    let mut trial = if linear { TRIED_FROM } else { 0.0 };
    let mut state = State::start(program);
    let mut newton = Newton::new(&state, program.model.is_dense());
    let mut end = End::Stalled;
    let mut iterations = 0;
    let (mut best, mut best_score, mut since_best) = (state.clone_point(), f64::INFINITY, 0);
    // Progress is a score half of what it was at the last progress, in however many steps: thousands of assets take small
    // ones at first.
    let mut mark = f64::INFINITY;
    for iteration in 0..stop.max_iterations {
        iterations = iteration;
        state.residuals(program);
        let mu = state.complementarity();
        let (primal, dual) = (state.primal_residual(), state.dual_residual());
        let gap = mu * state.pairs() as f64;
        let score = gap.max(primal).max(dual);
        if !score.is_finite() {
            break;
        }
        if score < best_score {
            if score < 0.5 * mark {
                (mark, since_best) = (score, 0);
            }
            best_score = score;
            state.store(&mut best);
        }
        since_best += 1;
        if gap <= stop.tolerance && primal <= stop.tolerance && dual <= stop.tolerance {
            end = End::Converged;
            break;
        }
        if score <= trial {
            let point = state.finish(program, iteration, End::Converged);
            if 4 * point.guess.iter().filter(|lean| **lean == Lean::Free).count() <= state.n {
                if settles(&point) {
                    return point;
                }
                trial = TRIED_AGAIN * score;
            }
        }
        if (iteration >= 6 && since_best > 2 || state.diverging())
            && primal > 1e-7
            && proves_infeasible(program, &state)
        {
            end = End::Infeasible;
            break;
        }
        if since_best > 12 {
            break;
        }
        if !newton.factorise(program, &state) {
            break;
        }
        // Predictor: straight for the boundary. Corrector: as central as the predictor's success allows.
        newton.predict(&state);
        let reach = newton.step_length(&state, 1.0);
        let mu_ahead = state.complementarity_after(&newton.direction, reach);
        let sigma = (mu_ahead / mu).powi(3).clamp(1e-8, 1.0);
        // Impact costs leave a dual residual of their own, which falls slower than the gap: wait for it.
        let sigma = if dual > 100.0 * gap { sigma.max(0.3) } else { sigma };
        newton.correct(program, &state, sigma * mu);
        let fraction = (1.0 - mu).clamp(0.99, 0.999_99);
        let mut alpha = newton.step_length(&state, fraction);
        for _ in 0..newton.correctors {
            if alpha > 0.9 {
                break;
            }
            match newton.centre(&state, sigma * mu, alpha, fraction) {
                Some(longer) => alpha = longer,
                None => break,
            }
        }
        if alpha < 1e-10 {
            break;
        }
        state.advance(&newton.direction, alpha);
        state.settle();
        iterations = iteration + 1;
    }
    if end == End::Stalled {
        state.restore(best);
        if best_score <= 1e-5 {
            end = End::Converged;
        } else if proves_infeasible(program, &state) {
            end = End::Infeasible;
        }
    }
    state.finish(program, iterations, end)
}

/// With a zero objective, a positive Lagrangian bound over the box proves that no point satisfies the limits.
fn proves_infeasible(program: &Program<'_>, state: &State) -> bool {
    let duals = state.duals(program);
    let size = state.dual_size();
    if size <= 0.0 || !size.is_finite() {
        return false;
    }
    let empty = Program {
        lambda: 0.0,
        mu: vec![0.0; program.n()],
        cost: vec![0.0; program.n()],
        impact: vec![0.0; program.n()],
        ..program.clone()
    };
    lagrangian_bound(&empty, &state.w, &duals) > 1e-7 * size
}
