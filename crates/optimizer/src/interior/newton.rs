//! The linear system of one iteration, eliminated down to one matrix of the order of the assets.

use super::state::State;
use crate::linear::{Hessian, cholesky_in_place, cholesky_solve};
use crate::model::{axpy, dot};
use crate::program::Program;

/// A step in every variable.
#[derive(Debug, Default)]
pub(super) struct Direction {
    pub(super) w: Vec<f64>,
    pub(super) t: Vec<f64>,
    pub(super) s: Vec<f64>,
    pub(super) z: Vec<f64>,
    pub(super) y: Vec<f64>,
}

/// Workspace of the Newton systems; nothing is allocated after the first iteration.
#[derive(Debug)]
pub(super) struct Newton {
    n: usize,
    /// Rows of the problem, then caps, then tracking.
    m: usize,
    hessian: Hessian,
    diagonal: Vec<f64>,
    /// Bordering rows as columns, and `K⁻¹` of them.
    border: Vec<f64>,
    solved: Vec<f64>,
    /// Regulariser of each bordering row (0 for an equality), and the Schur complement's factor.
    delta: Vec<f64>,
    schur: Vec<f64>,
    /// Per bound on a trade: pivot `h` and coupling `a₂ − a₁`.
    pivot: Vec<f64>,
    coupling: Vec<f64>,
    ratio: Vec<f64>,
    rhs: Vec<f64>,
    rhs_rows: Vec<f64>,
    rho: Vec<f64>,
    /// Right side of each complementarity, and the second-order parts of the other equations.
    target: Vec<f64>,
    bend_w: Vec<f64>,
    bend_t: Vec<f64>,
    bend_tracking: f64,
    pub(super) direction: Direction,
}

impl Newton {
    pub(super) fn new(state: &State) -> Self {
        let n = state.n;
        let caps = state.blocks.iter().filter(|b| b.cap.is_some()).count();
        let tracking = usize::from(state.tracking_pair != usize::MAX);
        let rows = state.y.len();
        let m = rows + caps + tracking;
        let (pairs, count) = (state.s.len(), state.t.len());
        let mut border = vec![0.0; n * m];
        border[..n * rows].copy_from_slice(&state.row_a);
        Self {
            n,
            m,
            hessian: Hessian::default(),
            diagonal: vec![0.0; n],
            border,
            solved: vec![0.0; n * m],
            delta: vec![0.0; m],
            schur: vec![0.0; m * m],
            pivot: vec![0.0; count],
            coupling: vec![0.0; count],
            ratio: vec![0.0; pairs],
            rhs: vec![0.0; n],
            rhs_rows: vec![0.0; m],
            rho: vec![0.0; count],
            target: vec![0.0; pairs],
            bend_w: vec![0.0; n],
            bend_t: vec![0.0; count],
            bend_tracking: 0.0,
            direction: Direction {
                w: vec![0.0; n],
                t: vec![0.0; count],
                s: vec![0.0; pairs],
                z: vec![0.0; pairs],
                y: vec![0.0; rows],
            },
        }
    }

    /// Builds and factorises the reduced system at the point. False when it has no factor.
    pub(super) fn factorise(&mut self, p: &Program<'_>, state: &State) -> bool {
        let n = self.n;
        for ((r, s), z) in self.ratio.iter_mut().zip(&state.s).zip(&state.z) {
            *r = z / s;
        }
        for i in 0..n {
            self.diagonal[i] = self.ratio[i] + self.ratio[n + i];
        }
        let mut at = state.y.len();
        for b in &state.blocks {
            let m = b.index.len();
            let (a1, a2) = self.ratio[b.pairs..b.pairs + 2 * m].split_at(m);
            let column = at * n;
            if b.cap.is_some() {
                self.border[column..column + n].fill(0.0);
            }
            let mut inverse = 0.0;
            for e in 0..m {
                let t = b.at + e;
                let curvature = if b.impact[e] > 0.0 { 0.75 * b.impact[e] / state.t[t].sqrt() } else { 0.0 };
                let sum = a1[e] + a2[e];
                let h = sum + curvature;
                let c = a2[e] - a1[e];
                self.pivot[t] = h;
                self.coupling[t] = c;
                // (a₁ + a₂) − (a₂ − a₁)²/h without the cancellation.
                self.diagonal[b.index[e]] += (sum * curvature + 4.0 * a1[e] * a2[e]) / h;
                if b.cap.is_some() {
                    self.border[column + b.index[e]] = -c / h;
                    inverse += 1.0 / h;
                }
            }
            if b.cap.is_some() {
                self.delta[at] = 1.0 / self.ratio[b.cap_pair] + inverse;
                at += 1;
            }
        }
        for (r, &pair) in state.row_pair.iter().enumerate() {
            self.delta[r] = if pair == usize::MAX { 0.0 } else { 1.0 / (self.ratio[pair] + self.ratio[pair + 1]) };
        }
        if state.tracking_pair != usize::MAX {
            for (b, h) in self.border[at * n..(at + 1) * n].iter_mut().zip(&state.half_tracking) {
                *b = 2.0 * h;
            }
            self.delta[at] = 1.0 / self.ratio[state.tracking_pair];
        }
        let c = 2.0 * (p.lambda / state.scale + state.nu());
        if !self.hessian.factorise(&p.model, c, &self.diagonal) {
            return false;
        }
        self.solved.copy_from_slice(&self.border);
        self.hessian.solve(n, &mut self.solved);
        let m = self.m;
        for a in 0..m {
            for b in a..m {
                self.schur[a * m + b] = dot(&self.solved[a * n..(a + 1) * n], &self.border[b * n..(b + 1) * n]);
            }
            // Linearly dependent equalities leave a pivot at rounding level: this keeps it positive.
            let d = &mut self.schur[a * m + a];
            *d += self.delta[a] + 1e-14 * *d + 1e-300;
        }
        cholesky_in_place(&mut self.schur, m)
    }

    /// Direction to the boundary: every complementarity at zero.
    pub(super) fn predict(&mut self, p: &Program<'_>, state: &State) {
        for ((c, s), z) in self.target.iter_mut().zip(&state.s).zip(&state.z) {
            *c = -s * z;
        }
        self.bend_w.fill(0.0);
        self.bend_t.fill(0.0);
        self.bend_tracking = 0.0;
        self.solve(p, state);
    }

    /// Direction to the central path at `mu`, with the second-order terms seen by the predictor.
    pub(super) fn correct(&mut self, p: &Program<'_>, state: &State, mu: f64) {
        let d = &self.direction;
        for i in 0..self.target.len() {
            self.target[i] = mu - state.s[i] * state.z[i] - d.s[i] * d.z[i];
        }
        for b in &state.blocks {
            for e in 0..b.index.len() {
                let t = b.at + e;
                // ½f‴dt² of f = k·t^1.5, held to the size of the first-order term it corrects.
                let x = (d.t[t] / state.t[t]).clamp(-1.0, 1.0);
                self.bend_t[t] = -0.1875 * b.impact[e] * state.t[t].sqrt() * x * x;
            }
        }
        if state.tracking_pair != usize::MAX {
            p.model.multiply(&d.w, &mut self.bend_w);
            self.bend_tracking = dot(&d.w, &self.bend_w);
            let nu = 2.0 * d.z[state.tracking_pair];
            self.bend_w.iter_mut().for_each(|b| *b *= nu);
        }
        self.solve(p, state);
    }

    fn solve(&mut self, _p: &Program<'_>, state: &State) {
        let (n, m) = (self.n, self.m);
        let (target, s) = (&self.target, &state.s);
        let push = |i: usize| target[i] / s[i];
        for i in 0..n {
            self.rhs[i] = push(i) - push(n + i) - state.r_w[i] - self.bend_w[i];
        }
        for (r, &pair) in state.row_pair.iter().enumerate() {
            self.rhs_rows[r] = if pair == usize::MAX {
                -state.r_row[2 * r]
            } else {
                let (lo, hi) = (self.ratio[pair], self.ratio[pair + 1]);
                let y = push(pair + 1) - push(pair) + hi * state.r_row[2 * r + 1] + lo * state.r_row[2 * r];
                -y / (lo + hi)
            };
        }
        let mut at = state.y.len();
        for (b, r_cap) in state.blocks.iter().zip(&state.r_cap) {
            let k = b.index.len();
            let mut sum = 0.0;
            for e in 0..k {
                let t = b.at + e;
                let (p1, p2) = (push(b.pairs + e), push(b.pairs + k + e));
                let rho = p1 + p2 - state.r_t[t] - self.bend_t[t];
                self.rho[t] = rho;
                self.rhs[b.index[e]] += p2 - p1 - self.coupling[t] * rho / self.pivot[t];
                sum += rho / self.pivot[t];
            }
            if b.cap.is_some() {
                self.rhs_rows[at] = -r_cap - push(b.cap_pair) / self.ratio[b.cap_pair] - sum;
                at += 1;
            }
        }
        if state.tracking_pair != usize::MAX {
            let pair = state.tracking_pair;
            self.rhs_rows[at] = -state.r_tracking - self.bend_tracking - push(pair) / self.ratio[pair];
        }
        // dw = K⁻¹(rhs − Borderᵀ dλ), with (Border K⁻¹ Borderᵀ + δ) dλ = Border K⁻¹ rhs − rhs_rows.
        let d = &mut self.direction;
        for (r, column) in self.solved.chunks_exact(n).enumerate() {
            self.rhs_rows[r] = dot(column, &self.rhs) - self.rhs_rows[r];
        }
        cholesky_solve(&self.schur, m, &mut self.rhs_rows);
        d.w.copy_from_slice(&self.rhs);
        for (y, column) in self.rhs_rows.iter().zip(self.border.chunks_exact(n)) {
            axpy(-y, column, &mut d.w);
        }
        self.hessian.solve(n, &mut d.w);

        for i in 0..n {
            d.s[i] = d.w[i];
            d.s[n + i] = -d.w[i];
        }
        let rows = state.y.len();
        for (r, &pair) in state.row_pair.iter().enumerate() {
            if pair == usize::MAX {
                d.y[r] = self.rhs_rows[r];
            } else {
                let v = dot(&self.border[r * n..(r + 1) * n], &d.w);
                d.s[pair] = v + state.r_row[2 * r];
                d.s[pair + 1] = -v - state.r_row[2 * r + 1];
            }
        }
        let mut at = rows;
        for (b, r_cap) in state.blocks.iter().zip(&state.r_cap) {
            let k = b.index.len();
            let eta = if b.cap.is_some() { self.rhs_rows[at] } else { 0.0 };
            let mut sum = 0.0;
            for e in 0..k {
                let t = b.at + e;
                let dw = d.w[b.index[e]];
                let dt = (self.rho[t] - self.coupling[t] * dw - eta) / self.pivot[t];
                d.t[t] = dt;
                d.s[b.pairs + e] = dt - dw;
                d.s[b.pairs + k + e] = dt + dw;
                sum += dt;
            }
            if b.cap.is_some() {
                d.s[b.cap_pair] = -r_cap - sum;
                at += 1;
            }
        }
        if state.tracking_pair != usize::MAX {
            let v = dot(&self.border[at * n..(at + 1) * n], &d.w);
            d.s[state.tracking_pair] = -state.r_tracking - self.bend_tracking - v;
        }
        for i in 0..d.s.len() {
            d.z[i] = self.target[i] / s[i] - self.ratio[i] * d.s[i];
        }
        for (r, &pair) in state.row_pair.iter().enumerate() {
            if pair != usize::MAX {
                d.y[r] = d.z[pair + 1] - d.z[pair];
            }
        }
    }
}
