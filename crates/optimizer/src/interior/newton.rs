//! The linear system of one iteration, reduced by elimination to one matrix of the order of the assets.

use super::state::State;
use crate::cholesky::{cholesky_in_place, cholesky_solve};
use crate::hessian::Hessian;
use crate::program::Program;
use crate::vector::{axpy, dot, largest, sum};

/// Raises a pivot of the Schur complement, by this share of it plus the least pivot, in case two equalities are the
/// same.
const LIFTED: f64 = 1e-14;
const LEAST_PIVOT: f64 = 1e-300;
/// Dense models of more assets than this get centrality corrections, because a solve is then cheap compared with a
/// factorisation.
const CORRECTED_FROM: usize = 40;
/// The increase in step length that a centrality correction aims at, and the least increase at which it is kept.
const LOOK_AHEAD: f64 = 0.3;
const WORTHWHILE: f64 = 0.03;
/// Products of slack and multiplier within these multiples of `μ` are central enough.
const NEARBY: (f64, f64) = (0.1, 10.0);

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
    /// Bordering rows as columns, and `K⁻¹` times them.
    border: Vec<f64>,
    solved: Vec<f64>,
    /// Regularisation of each bordering row (0 for an equality), and the factor of the Schur complement.
    delta: Vec<f64>,
    schur: Vec<f64>,
    /// For each bound on a trade, with the pivot `h`: `1/h`, and the coupling `(a₂ − a₁)/h`.
    pivot: Vec<f64>,
    coupling: Vec<f64>,
    /// For each pair: `1/s`, `z/s`, and the right side of its complementarity divided by `s`.
    inverse: Vec<f64>,
    ratio: Vec<f64>,
    push: Vec<f64>,
    /// Number of corrections tried after the predictor's: they are cheap when a factorisation costs much more than a
    /// solve.
    pub(super) correctors: usize,
    rhs: Vec<f64>,
    rhs_rows: Vec<f64>,
    rho: Vec<f64>,
    /// Right side of each complementarity, and the second-order parts of the other equations.
    target: Vec<f64>,
    bend_w: Vec<f64>,
    bend_t: Vec<f64>,
    bend_tracking: f64,
    pub(super) direction: Direction,
    spare: Direction,
}

impl Direction {
    fn zero(n: usize, trades: usize, pairs: usize, rows: usize) -> Self {
        let zeros = |len| vec![0.0; len];
        Self { w: zeros(n), t: zeros(trades), s: zeros(pairs), z: zeros(pairs), y: zeros(rows) }
    }
}

impl Newton {
    pub(super) fn new(state: &State, dense: bool) -> Self {
        let n = state.n;
        let caps = state.layout.blocks.iter().filter(|b| b.cap.is_some()).count();
        let tracking = usize::from(state.layout.tracking_pair.is_some());
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
            inverse: vec![0.0; pairs],
            ratio: vec![0.0; pairs],
            push: vec![0.0; pairs],
            correctors: if dense && n > CORRECTED_FROM { 2 } else { 0 },
            rhs: vec![0.0; n],
            rhs_rows: vec![0.0; m],
            rho: vec![0.0; count],
            target: vec![0.0; pairs],
            bend_w: vec![0.0; n],
            bend_t: vec![0.0; count],
            bend_tracking: 0.0,
            direction: Direction::zero(n, count, pairs, rows),
            spare: Direction::zero(n, count, pairs, rows),
        }
    }

    /// Builds and factorises the reduced system at the point. False when it has no factor.
    pub(super) fn factorise(&mut self, p: &Program<'_>, state: &State) -> bool {
        let n = self.n;
        for (((i, r), s), z) in self.inverse.iter_mut().zip(&mut self.ratio).zip(&state.s).zip(&state.z) {
            *i = 1.0 / s;
            *r = z * *i;
        }
        let (lower, upper) = self.ratio[..2 * n].split_at(n);
        for ((d, l), u) in self.diagonal.iter_mut().zip(lower).zip(upper) {
            *d = l + u;
        }
        let mut at = state.y.len();
        for b in &state.layout.blocks {
            let m = b.index.len();
            let (a1, a2) = self.ratio[b.pairs..b.pairs + 2 * m].split_at(m);
            let column = at * n;
            let (pivot, coupling) = (&mut self.pivot[b.at..b.at + m], &mut self.coupling[b.at..b.at + m]);
            let t = &state.t[b.at..b.at + m];
            for e in 0..m {
                let curvature = b.cost[e].curvature(t[e]);
                let sum = a1[e] + a2[e];
                let over = 1.0 / (sum + curvature);
                pivot[e] = over;
                coupling[e] = (a2[e] - a1[e]) * over;
                // (a₁ + a₂) − (a₂ − a₁)²/h, written without cancellation.
                self.diagonal[b.index[e]] += (sum * curvature + 4.0 * a1[e] * a2[e]) * over;
            }
            if let Some(cap) = b.cap {
                let border = &mut self.border[column..column + n];
                border.fill(0.0);
                for (c, &i) in coupling.iter().zip(&b.index) {
                    border[i] = -c;
                }
                let inverse = sum(pivot);
                self.delta[at] = 1.0 / self.ratio[cap.pair] + inverse;
                at += 1;
            }
        }
        for (r, &pair) in state.layout.row_pair.iter().enumerate() {
            self.delta[r] = pair.map_or(0.0, |pair| 1.0 / (self.ratio[pair] + self.ratio[pair + 1]));
        }
        if let Some(pair) = state.layout.tracking_pair {
            for (b, h) in self.border[at * n..(at + 1) * n].iter_mut().zip(&state.half_tracking) {
                *b = 2.0 * h;
            }
            self.delta[at] = 1.0 / self.ratio[pair];
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
            // Linearly dependent equalities leave a pivot at rounding level; this keeps it positive.
            let d = &mut self.schur[a * m + a];
            *d += self.delta[a] + LIFTED * *d + LEAST_PIVOT;
        }
        cholesky_in_place(&mut self.schur, m)
    }

    /// Direction to the boundary: the target of every complementarity is zero.
    pub(super) fn predict(&mut self, state: &State) {
        for ((c, s), z) in self.target.iter_mut().zip(&state.s).zip(&state.z) {
            *c = -(s * z);
        }
        self.bend_w.fill(0.0);
        self.bend_t.fill(0.0);
        self.bend_tracking = 0.0;
        self.solve(state);
    }

    /// Direction to the central path at `mu`, with the second-order terms from the predictor.
    pub(super) fn correct(&mut self, p: &Program<'_>, state: &State, mu: f64) {
        let d = &self.direction;
        let pairs = state.s.iter().zip(&state.z).zip(d.s.iter().zip(&d.z));
        for (c, ((s, z), (ds, dz))) in self.target.iter_mut().zip(pairs) {
            *c = mu - s * z - ds * dz;
        }
        for b in &state.layout.blocks {
            for e in 0..b.index.len() {
                let t = b.at + e;
                // Limited to the size of the first-order term that it corrects.
                let x = (d.t[t] / state.t[t]).clamp(-1.0, 1.0);
                self.bend_t[t] = b.cost[e].bend(state.t[t], x);
            }
        }
        if let Some(pair) = state.layout.tracking_pair {
            p.model.multiply(&d.w, &mut self.bend_w);
            self.bend_tracking = dot(&d.w, &self.bend_w);
            let nu = 2.0 * d.z[pair];
            self.bend_w.iter_mut().for_each(|b| *b *= nu);
        }
        self.solve(state);
    }

    /// Tries to lengthen the step (Gondzio 1996): products of slack and multiplier that a longer step would move far
    /// from `mu` are pulled back towards it. Returns the length of the longer step; otherwise keeps the direction
    /// unchanged.
    pub(super) fn centre(&mut self, state: &State, mu: f64, alpha: f64, fraction: f64) -> Option<f64> {
        let ahead = (alpha + LOOK_AHEAD).min(1.0);
        let d = &self.direction;
        let (mu_least, mu_most) = (NEARBY.0 * mu, NEARBY.1 * mu);
        for i in 0..self.target.len() {
            let product = (state.s[i] + ahead * d.s[i]) * (state.z[i] + ahead * d.z[i]);
            let off = product.clamp(mu_least, mu_most) - product;
            self.target[i] += off.max(-mu_most);
        }
        std::mem::swap(&mut self.direction, &mut self.spare);
        self.solve(state);
        let longer = self.step_length(state, fraction);
        if longer > alpha + WORTHWHILE {
            return Some(longer);
        }
        std::mem::swap(&mut self.direction, &mut self.spare);
        None
    }

    fn solve(&mut self, state: &State) {
        let (n, m) = (self.n, self.m);
        for ((p, c), i) in self.push.iter_mut().zip(&self.target).zip(&self.inverse) {
            *p = c * i;
        }
        let push = &self.push;
        let (lower, upper) = push[..2 * n].split_at(n);
        for ((((r, l), u), w), bend) in self.rhs.iter_mut().zip(lower).zip(upper).zip(&state.r_w).zip(&self.bend_w) {
            *r = l - u - w - bend;
        }
        for (r, &pair) in state.layout.row_pair.iter().enumerate() {
            self.rhs_rows[r] = if let Some(pair) = pair {
                let (lo, hi) = (self.ratio[pair], self.ratio[pair + 1]);
                let y = push[pair + 1] - push[pair] + hi * state.r_row[2 * r + 1] + lo * state.r_row[2 * r];
                -y / (lo + hi)
            } else {
                -state.r_row[2 * r]
            };
        }
        let mut at = state.y.len();
        for (b, r_cap) in state.layout.blocks.iter().zip(&state.r_cap) {
            let k = b.index.len();
            let here = b.at..b.at + k;
            let (one, two) = push[b.pairs..b.pairs + 2 * k].split_at(k);
            let (r_t, bend) = (&state.r_t[here.clone()], &self.bend_t[here.clone()]);
            let (rho, coupling) = (&mut self.rho[here.clone()], &self.coupling[here.clone()]);
            for e in 0..k {
                rho[e] = one[e] + two[e] - r_t[e] - bend[e];
                self.rhs[b.index[e]] += two[e] - one[e] - coupling[e] * rho[e];
            }
            if let Some(cap) = b.cap {
                let sum = dot(rho, &self.pivot[here]);
                self.rhs_rows[at] = -r_cap - push[cap.pair] / self.ratio[cap.pair] - sum;
                at += 1;
            }
        }
        if let Some(pair) = state.layout.tracking_pair {
            self.rhs_rows[at] = -state.r_tracking - self.bend_tracking - push[pair] / self.ratio[pair];
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

        let (lower, upper) = d.s[..2 * n].split_at_mut(n);
        for ((l, u), w) in lower.iter_mut().zip(upper).zip(&d.w) {
            *l = *w;
            *u = -w;
        }
        let rows = state.y.len();
        for (r, &pair) in state.layout.row_pair.iter().enumerate() {
            if let Some(pair) = pair {
                let v = dot(&self.border[r * n..(r + 1) * n], &d.w);
                d.s[pair] = v + state.r_row[2 * r];
                d.s[pair + 1] = -v - state.r_row[2 * r + 1];
            } else {
                d.y[r] = self.rhs_rows[r];
            }
        }
        let mut at = rows;
        for (b, r_cap) in state.layout.blocks.iter().zip(&state.r_cap) {
            let k = b.index.len();
            let here = b.at..b.at + k;
            let eta = if b.cap.is_some() { self.rhs_rows[at] } else { 0.0 };
            let (one, two) = d.s[b.pairs..b.pairs + 2 * k].split_at_mut(k);
            let dt = &mut d.t[here.clone()];
            let (rho, coupling, pivot) =
                (&self.rho[here.clone()], &self.coupling[here.clone()], &self.pivot[here.clone()]);
            for e in 0..k {
                let dw = d.w[b.index[e]];
                dt[e] = (rho[e] - eta) * pivot[e] - coupling[e] * dw;
                one[e] = dt[e] - dw;
                two[e] = dt[e] + dw;
            }
            if let Some(cap) = b.cap {
                d.s[cap.pair] = -r_cap - sum(dt);
                at += 1;
            }
        }
        if let Some(pair) = state.layout.tracking_pair {
            let v = dot(&self.border[at * n..(at + 1) * n], &d.w);
            d.s[pair] = -state.r_tracking - self.bend_tracking - v;
        }
        for (((dz, p), r), ds) in d.z.iter_mut().zip(push).zip(&self.ratio).zip(&d.s) {
            *dz = p - r * ds;
        }
        for (r, &pair) in state.layout.row_pair.iter().enumerate() {
            if let Some(pair) = pair {
                d.y[r] = d.z[pair + 1] - d.z[pair];
            }
        }
    }

    /// The longest step along the direction, at most 1, that leaves slacks and multipliers at least `1 − fraction` of
    /// their value.
    pub(super) fn step_length(&self, state: &State, fraction: f64) -> f64 {
        let d = &self.direction;
        // The largest ratio −ds/s or −dz/z determines the step, where dz/z = push/z − ds/s.
        let slacks = largest(d.s.iter().zip(&self.inverse).map(|(d, i)| -d * i));
        let multipliers = largest(d.z.iter().zip(&state.z).map(|(d, z)| -d / z));
        let ratio = slacks.max(multipliers);
        if ratio > fraction { fraction / ratio } else { 1.0 }
    }
}
