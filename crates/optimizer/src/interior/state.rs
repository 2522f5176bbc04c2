//! Where the interior point stands: weights, bounds on trades, slacks and multipliers.

use super::newton::Direction;
use super::{End, Interior, Lean, Side};
use crate::model::{axpy, dot, largest, sum};
use crate::program::{DualValues, Program};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Around the weights before the trade.
    Trades,
    /// Around zero.
    Gross,
}

/// `t ≥ |w − center|` for some assets, with a cost on `t` and perhaps a cap on its sum.
#[derive(Debug)]
pub(super) struct Epigraph {
    pub(super) kind: Kind,
    pub(super) index: Vec<usize>,
    pub(super) center: Vec<f64>,
    pub(super) cost: Vec<f64>,
    pub(super) impact: Vec<f64>,
    pub(super) cap: Option<f64>,
    /// First of `2·index.len()` pairs: `t − d ≥ 0`, then `t + d ≥ 0`.
    pub(super) pairs: usize,
    /// First of its `t`.
    pub(super) at: usize,
    /// The pair of the cap.
    pub(super) cap_pair: usize,
}

/// Pairs of slack and multiplier, in one flat order: lower bounds, upper bounds, the two sides of each epigraph, the
/// two sides of each row that is not an equality, the caps, tracking.
#[derive(Debug)]
pub(super) struct State {
    pub(super) n: usize,
    /// The objective is divided by this, so that gradients are near one.
    pub(super) scale: f64,
    /// A typical weight: what slacks of weights are measured in when they are compared with multipliers.
    pub(super) unit: f64,
    pub(super) w: Vec<f64>,
    pub(super) t: Vec<f64>,
    pub(super) s: Vec<f64>,
    pub(super) z: Vec<f64>,
    /// Multipliers of rows; of a row with two limits, the difference of its pair.
    pub(super) y: Vec<f64>,
    /// First pair of each row, `usize::MAX` for an equality.
    pub(super) row_pair: Vec<usize>,
    /// Rows with their largest coefficient brought to one, and what they were multiplied by for it.
    pub(super) row_a: Vec<f64>,
    pub(super) row_scale: Vec<f64>,
    pub(super) blocks: Vec<Epigraph>,
    pub(super) tracking_pair: usize,
    // Evaluated at the point by `residuals`.
    pub(super) gradient: Vec<f64>,
    pub(super) half_tracking: Vec<f64>,
    pub(super) r_w: Vec<f64>,
    pub(super) r_t: Vec<f64>,
    /// Two per row (an equality uses the first).
    pub(super) r_row: Vec<f64>,
    pub(super) r_cap: Vec<f64>,
    pub(super) r_tracking: f64,
    pub(super) active: Vec<f64>,
}

/// A copy of the moving part.
pub(super) struct Point {
    w: Vec<f64>,
    t: Vec<f64>,
    s: Vec<f64>,
    z: Vec<f64>,
    y: Vec<f64>,
}

impl State {
    pub(super) fn pairs(&self) -> usize {
        self.s.len()
    }

    pub(super) fn complementarity(&self) -> f64 {
        dot(&self.s, &self.z) / self.s.len().max(1) as f64
    }

    pub(super) fn nu(&self) -> f64 {
        if self.tracking_pair == usize::MAX { 0.0 } else { self.z[self.tracking_pair] }
    }

    /// Evaluates gradients and the residuals of every equation at the point.
    pub(super) fn residuals(&mut self, p: &Program<'_>) {
        let n = self.n;
        let inv = 1.0 / self.scale;
        if p.lambda > 0.0 {
            p.model.multiply(&self.w, &mut self.gradient);
            let c = 2.0 * p.lambda * inv;
            for (g, m) in self.gradient.iter_mut().zip(&p.mu) {
                *g = c * *g - inv * m;
            }
        } else {
            for (g, m) in self.gradient.iter_mut().zip(&p.mu) {
                *g = -inv * m;
            }
        }
        let (lower, upper) = self.z[..2 * n].split_at(n);
        for (((r, g), l), u) in self.r_w.iter_mut().zip(&self.gradient).zip(lower).zip(upper) {
            *r = g - l + u;
        }
        for (b, r_cap) in self.blocks.iter().zip(&mut self.r_cap) {
            let m = b.index.len();
            let eta = if b.cap.is_some() { self.z[b.cap_pair] } else { 0.0 };
            let (z1, z2) = self.z[b.pairs..b.pairs + 2 * m].split_at(m);
            let t = &self.t[b.at..b.at + m];
            let r_t = &mut self.r_t[b.at..b.at + m];
            for e in 0..m {
                self.r_w[b.index[e]] += z1[e] - z2[e];
                r_t[e] = b.cost[e] + 1.5 * b.impact[e] * t[e].sqrt() - z1[e] - z2[e] + eta;
            }
            if let Some(cap) = b.cap {
                *r_cap = sum(t) + self.s[b.cap_pair] - cap;
            }
        }
        for (r, row) in p.rows.iter().enumerate() {
            let scale = self.row_scale[r];
            row.a.add_to(scale * self.y[r], &mut self.r_w);
            let v = row.a.dot(&self.w);
            let at = self.row_pair[r];
            if at == usize::MAX {
                self.r_row[2 * r] = scale * (v - 0.5 * (row.lo + row.hi));
            } else {
                self.r_row[2 * r] = scale * (v - row.lo) - self.s[at];
                self.r_row[2 * r + 1] = scale * (v - row.hi) + self.s[at + 1];
            }
        }
        if let Some(tr) = &p.tracking {
            let value = tr.evaluate(&p.model, &self.w, &mut self.active, &mut self.half_tracking);
            self.r_tracking = value + self.s[self.tracking_pair] - tr.limit;
            let nu = 2.0 * self.nu();
            for (r, h) in self.r_w.iter_mut().zip(&self.half_tracking) {
                *r += nu * h;
            }
        }
    }

    pub(super) fn primal_residual(&self) -> f64 {
        let rows = largest(self.r_row.iter().map(|v| v.abs()));
        rows.max(largest(self.r_cap.iter().map(|v| v.abs()))).max(self.r_tracking.abs())
    }

    pub(super) fn dual_residual(&self) -> f64 {
        // What a bound on a trade near zero leaves over counts by the size of the trade: the root of the impact cost makes it
        // fall slowly, and it is worth little.
        let per_unit = 1.0 / self.unit;
        let trades = self.r_t.iter().zip(&self.t).map(|(r, t)| {
            let size = t * per_unit;
            r.abs() * if size < 1.0 { size } else { 1.0 }
        });
        largest(self.r_w.iter().map(|v| v.abs())).max(largest(trades))
    }

    /// Multipliers far beyond the gradients they balance.
    pub(super) fn diverging(&self) -> bool {
        self.dual_size() > 1e4 * self.scale
    }

    /// Largest multiplier of a limit that couples assets, in units of the objective.
    pub(super) fn dual_size(&self) -> f64 {
        let mut size = self.y.iter().zip(&self.row_scale).fold(self.nu(), |m, (y, s)| m.max((y * s).abs()));
        for b in &self.blocks {
            if b.cap.is_some() {
                size = size.max(self.z[b.cap_pair]);
            }
        }
        size * self.scale
    }

    pub(super) fn complementarity_after(&self, d: &Direction, alpha: f64) -> f64 {
        // (s + αds)ᵀ(z + αdz)
        let product = dot(&self.s, &self.z) + alpha * (dot(&self.s, &d.z) + dot(&d.s, &self.z));
        (product + alpha * alpha * dot(&d.s, &d.z)) / self.s.len().max(1) as f64
    }

    pub(super) fn advance(&mut self, d: &Direction, alpha: f64) {
        let step = |x: &mut [f64], dx: &[f64]| axpy(alpha, dx, x);
        step(&mut self.w, &d.w);
        step(&mut self.t, &d.t);
        step(&mut self.s, &d.s);
        step(&mut self.z, &d.z);
        step(&mut self.y, &d.y);
    }

    /// Puts what the root of the impact cost left over into the two multipliers of a trade near zero.
    ///
    /// `d√t` has no tangent at zero, so Newton's method alone only halves that residual. Shifting both sides equally
    /// leaves the weight's own equation as it is.
    pub(super) fn settle(&mut self) {
        for b in &self.blocks {
            let m = b.index.len();
            let eta = if b.cap.is_some() { self.z[b.cap_pair] } else { 0.0 };
            for e in 0..m {
                let (one, two) = (b.pairs + e, b.pairs + m + e);
                let ratio = self.s[one] / self.s[two];
                if b.impact[e] > 0.0 && (0.1..10.0).contains(&ratio) {
                    let (z1, z2) = (self.z[one], self.z[two]);
                    let rest = b.cost[e] + 1.5 * b.impact[e] * self.t[b.at + e].sqrt() - z1 - z2 + eta;
                    let shift = (0.5 * rest).max(-0.5 * z1.min(z2));
                    self.z[one] += shift;
                    self.z[two] += shift;
                }
            }
        }
    }

    pub(super) fn clone_point(&self) -> Point {
        Point { w: self.w.clone(), t: self.t.clone(), s: self.s.clone(), z: self.z.clone(), y: self.y.clone() }
    }

    /// Overwrites a copy made earlier.
    pub(super) fn store(&self, p: &mut Point) {
        p.w.copy_from_slice(&self.w);
        p.t.copy_from_slice(&self.t);
        p.s.copy_from_slice(&self.s);
        p.z.copy_from_slice(&self.z);
        p.y.copy_from_slice(&self.y);
    }

    pub(super) fn restore(&mut self, p: Point) {
        (self.w, self.t, self.s, self.z, self.y) = (p.w, p.t, p.s, p.z, p.y);
    }

    /// Multipliers of the coupling limits, in units of the objective.
    pub(super) fn duals(&self, p: &Program<'_>) -> DualValues {
        let rows: Vec<f64> = self.y.iter().zip(&self.row_scale).map(|(y, s)| y * s * self.scale).collect();
        let (mut turnover, mut leverage) = (0.0, 0.0);
        for b in self.blocks.iter().filter(|b| b.cap.is_some()) {
            let z = self.z[b.cap_pair] * self.scale;
            *(if b.kind == Kind::Trades { &mut turnover } else { &mut leverage }) = z;
        }
        let groups = p.rows.len() - 1;
        DualValues::from_rows(&rows, groups, turnover, leverage, self.nu() * self.scale)
    }

    pub(super) fn finish(&self, p: &Program<'_>, iterations: usize, end: End) -> Interior {
        let n = self.n;
        let leans = |pair: usize| self.z[pair] > self.s[pair];
        let sticks = |pair: usize| self.unit * self.z[pair] > self.s[pair];
        let mut guess: Vec<Lean> = (0..n)
            .map(|i| {
                if sticks(i) {
                    Lean::Lower
                } else if sticks(n + i) {
                    Lean::Upper
                } else {
                    Lean::Free
                }
            })
            .collect();
        let (mut turnover_active, mut leverage_active) = (false, false);
        for b in &self.blocks {
            let m = b.index.len();
            let trading = b.kind == Kind::Trades;
            for (e, &i) in b.index.iter().enumerate() {
                if sticks(b.pairs + e) && sticks(b.pairs + m + e) && guess[i] == Lean::Free {
                    guess[i] = if trading { Lean::Start } else { Lean::Zero };
                }
            }
            if b.cap.is_some() {
                *(if trading { &mut turnover_active } else { &mut leverage_active }) = leans(b.cap_pair);
            }
        }
        let active_rows = self
            .row_pair
            .iter()
            .map(|&at| match at {
                usize::MAX => Side::Upper,
                at if leans(at) => Side::Lower,
                at if leans(at + 1) => Side::Upper,
                _ => Side::None,
            })
            .collect();
        Interior {
            w: self.w.clone(),
            duals: self.duals(p),
            guess,
            active_rows,
            turnover_active,
            leverage_active,
            tracking_active: self.tracking_pair != usize::MAX && leans(self.tracking_pair),
            iterations,
            end,
        }
    }
}
