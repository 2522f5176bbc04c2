//! The current point of the interior-point method: weights, bounds on trades, slacks and multipliers.

use super::layout::{Around, Layout};
use super::newton::Direction;
use super::{End, Interior};
use crate::active_set::{ActiveSet, Lean, Side};
use crate::multipliers::Multipliers;
use crate::program::Program;
use crate::vector::{axpy, dot, largest, sum};

/// A trade is near zero when the ratio of the slacks of its two sides is in this range.
const NEAR_ZERO: std::ops::Range<f64> = 0.1..10.0;

/// The point, and the residuals of every equation there.
#[derive(Debug)]
pub(super) struct State {
    pub(super) n: usize,
    /// The objective is divided by this, so that gradients are near one.
    pub(super) scale: f64,
    /// A typical weight: the unit of slacks of weights when they are compared with multipliers.
    pub(super) unit: f64,
    pub(super) w: Vec<f64>,
    pub(super) t: Vec<f64>,
    pub(super) s: Vec<f64>,
    pub(super) z: Vec<f64>,
    /// Multipliers of rows; for a row with two limits, the difference of its pair.
    pub(super) y: Vec<f64>,
    pub(super) layout: Layout,
    /// Rows, each scaled so that its largest coefficient is one, and the scale factors.
    pub(super) row_a: Vec<f64>,
    pub(super) row_scale: Vec<f64>,
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

/// A copy of the variables of the point.
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
        self.layout.tracking_pair.map_or(0.0, |pair| self.z[pair])
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
        for (b, r_cap) in self.layout.blocks.iter().zip(&mut self.r_cap) {
            let m = b.index.len();
            let eta = b.cap.map_or(0.0, |cap| self.z[cap.pair]);
            let (z1, z2) = self.z[b.pairs..b.pairs + 2 * m].split_at(m);
            let t = &self.t[b.at..b.at + m];
            let r_t = &mut self.r_t[b.at..b.at + m];
            for e in 0..m {
                self.r_w[b.index[e]] += z1[e] - z2[e];
                r_t[e] = b.cost[e].slope(t[e]) - z1[e] - z2[e] + eta;
            }
            if let Some(cap) = b.cap {
                *r_cap = sum(t) + self.s[cap.pair] - cap.limit;
            }
        }
        for (r, row) in p.rows.iter().enumerate() {
            let scale = self.row_scale[r];
            row.a.add_to(scale * self.y[r], &mut self.r_w);
            let v = row.a.dot(&self.w);
            if let Some(at) = self.layout.row_pair[r] {
                self.r_row[2 * r] = scale * (v - row.lo) - self.s[at];
                self.r_row[2 * r + 1] = scale * (v - row.hi) + self.s[at + 1];
            } else {
                self.r_row[2 * r] = scale * (v - row.middle());
            }
        }
        if let (Some(tr), Some(pair)) = (&p.tracking, self.layout.tracking_pair) {
            let value = tr.evaluate(&p.model, &self.w, &mut self.active, &mut self.half_tracking);
            self.r_tracking = value + self.s[pair] - tr.limit;
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
        // The residual of a bound on a trade near zero is weighted by the size of the trade: the square root in the
        // impact cost makes it fall slowly, and it has little effect on the objective.
        let per_unit = 1.0 / self.unit;
        let trades = self.r_t.iter().zip(&self.t).map(|(r, t)| {
            let size = t * per_unit;
            r.abs() * if size < 1.0 { size } else { 1.0 }
        });
        largest(self.r_w.iter().map(|v| v.abs())).max(largest(trades))
    }

    /// True when multipliers are far larger than the gradients they balance.
    pub(super) fn diverging(&self) -> bool {
        self.dual_size() > 1e4 * self.scale
    }

    /// Largest multiplier of a limit that couples assets, in units of the objective.
    pub(super) fn dual_size(&self) -> f64 {
        let mut size = self.y.iter().zip(&self.row_scale).fold(self.nu(), |m, (y, s)| m.max((y * s).abs()));
        for b in &self.layout.blocks {
            if let Some(cap) = b.cap {
                size = size.max(self.z[cap.pair]);
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

    /// Moves the residual of the square root in the impact cost into the two multipliers of a trade near zero.
    ///
    /// `d√t` has no tangent at zero, so Newton's method alone only halves that residual. Shifting both multipliers
    /// equally does not change the stationarity of the weight.
    pub(super) fn settle(&mut self) {
        for b in &self.layout.blocks {
            let m = b.index.len();
            let eta = b.cap.map_or(0.0, |cap| self.z[cap.pair]);
            for e in 0..m {
                let (one, two) = (b.pairs + e, b.pairs + m + e);
                let ratio = self.s[one] / self.s[two];
                if b.cost[e].has_impact() && NEAR_ZERO.contains(&ratio) {
                    let (z1, z2) = (self.z[one], self.z[two]);
                    let rest = b.cost[e].slope(self.t[b.at + e]) - z1 - z2 + eta;
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

    /// Multipliers of the limits that couple assets, in units of the objective.
    pub(super) fn multipliers(&self) -> Multipliers {
        let mut out = Multipliers {
            rows: self.y.iter().zip(&self.row_scale).map(|(y, s)| y * s * self.scale).collect(),
            tracking: self.nu() * self.scale,
            ..Multipliers::default()
        };
        for b in &self.layout.blocks {
            let Some(cap) = b.cap else { continue };
            match b.around {
                Around::Start => out.turnover = self.z[cap.pair] * self.scale,
                Around::Zero => out.leverage = self.z[cap.pair] * self.scale,
            }
        }
        out
    }

    /// The point with its active set.
    pub(super) fn finish(&self, iterations: usize, end: End) -> Interior {
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
        for b in &self.layout.blocks {
            let m = b.index.len();
            let trading = b.around == Around::Start;
            for (e, &i) in b.index.iter().enumerate() {
                if sticks(b.pairs + e) && sticks(b.pairs + m + e) && guess[i] == Lean::Free {
                    guess[i] = if trading { Lean::Start } else { Lean::Zero };
                }
            }
            if let Some(cap) = b.cap {
                *(if trading { &mut turnover_active } else { &mut leverage_active }) = leans(cap.pair);
            }
        }
        let active_rows = self.layout.row_pair.iter().map(|&at| match at {
            None => Side::Upper,
            Some(at) if leans(at) => Side::Lower,
            Some(at) if leans(at + 1) => Side::Upper,
            Some(_) => Side::None,
        });
        let set = ActiveSet {
            leans: guess,
            rows: active_rows.collect(),
            turnover: turnover_active,
            leverage: leverage_active,
            tracking: self.layout.tracking_pair.is_some_and(leans),
        };
        Interior { w: self.w.clone(), multipliers: self.multipliers(), set, iterations, end }
    }
}
