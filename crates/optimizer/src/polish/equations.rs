//! The equations of an active set: the free weights are stationary, and every active limit holds with equality.

use super::free::{FreeGradient, FreeWeights};
use crate::active_set::{ActiveSet, Side};
use crate::multipliers::Multipliers;
use crate::program::Program;

/// The side, +1 or −1, of the weight before the trade and of zero on which each weight was solved.
#[derive(Debug)]
pub(super) struct Sides {
    pub(super) trade: Vec<f64>,
    pub(super) gross: Vec<f64>,
}

impl Sides {
    fn of(p: &Program<'_>, w: &[f64]) -> Self {
        let side = |above: bool| if above { 1.0 } else { -1.0 };
        Self {
            trade: w.iter().zip(&p.w0).map(|(w, o)| side(w >= o)).collect(),
            gross: w.iter().map(|w| side(*w >= 0.0)).collect(),
        }
    }
}

/// A cap on the whole book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cap {
    Turnover,
    Leverage,
    Tracking,
}

/// The equations of one active set. Turnover and leverage are summed on the sides of the weights at construction, so
/// that they stay linear. The correction handles a weight that crosses a kink.
pub(super) struct Equations<'a> {
    p: &'a Program<'a>,
    set: &'a ActiveSet,
    free: &'a FreeWeights,
    gradient: FreeGradient<'a>,
    sides: Sides,
    rows: Vec<usize>,
    caps: Vec<Cap>,
}

/// The residual of each equation.
pub(super) struct Residual {
    /// Stationarity of each free weight.
    pub(super) free: Vec<f64>,
    /// Value less limit, for each active row and then each active cap.
    pub(super) limits: Vec<f64>,
}

impl Residual {
    pub(super) fn largest(&self) -> f64 {
        self.free.iter().chain(&self.limits).fold(0.0_f64, |m, v| m.max(v.abs()))
    }
}

impl<'a> Equations<'a> {
    pub(super) fn new(p: &'a Program<'a>, set: &'a ActiveSet, free: &'a FreeWeights, w: &[f64]) -> Self {
        let caps = [
            (set.turnover && p.turnover.is_some(), Cap::Turnover),
            (set.leverage && p.leverage.is_some(), Cap::Leverage),
            (set.tracking && p.tracking.is_some(), Cap::Tracking),
        ];
        Self {
            p,
            set,
            free,
            gradient: FreeGradient::new(p, free),
            sides: Sides::of(p, w),
            rows: (0..p.rows.len()).filter(|&r| set.rows[r] != Side::None).collect(),
            caps: caps.into_iter().filter(|(active, _)| *active).map(|(_, cap)| cap).collect(),
        }
    }

    /// Whether a step changes the matrix of the equations.
    pub(super) fn is_curved(&self) -> bool {
        self.set.tracking || self.free.indices.iter().any(|&i| self.p.cost[i].has_impact())
    }

    /// Number of active limits.
    pub(super) fn limits(&self) -> usize {
        self.rows.len() + self.caps.len()
    }

    pub(super) fn into_sides(self) -> Sides {
        self.sides
    }

    /// The residual of each equation at `w` under `m`.
    pub(super) fn residual(&mut self, w: &[f64], m: &Multipliers) -> Residual {
        let p = self.p;
        let rho = if p.leverage.is_some() { m.leverage } else { 0.0 };
        let (g, tracking) = self.gradient.evaluate(w, m);
        let stationarity = self.free.indices.iter().zip(g).map(|(&i, g)| {
            let cost = p.cost[i].plus(m.turnover).slope((w[i] - p.w0[i]).abs());
            -(g + self.sides.trade[i] * cost + self.sides.gross[i] * rho)
        });
        let free = stationarity.collect();
        let mut limits = Vec::with_capacity(self.limits());
        for &r in &self.rows {
            let row = &p.rows[r];
            let limit = match self.set.rows[r] {
                _ if row.is_equality() => row.middle(),
                Side::Lower => row.lo,
                _ => row.hi,
            };
            limits.push(limit - row.a.dot(w));
        }
        for cap in &self.caps {
            limits.push(match cap {
                Cap::Turnover => {
                    let traded = w.iter().zip(&p.w0).zip(&self.sides.trade).map(|((w, o), side)| side * (w - o));
                    p.turnover.unwrap_or_default() - traded.sum::<f64>()
                }
                Cap::Leverage => {
                    let gross = w.iter().zip(&self.sides.gross).map(|(w, side)| side * w);
                    p.leverage.unwrap_or_default() - gross.sum::<f64>()
                }
                Cap::Tracking => p.tracking.as_ref().map_or(0.0, |t| t.limit) - tracking.unwrap_or_default(),
            });
        }
        Residual { free, limits }
    }

    /// The gradient of each active limit with respect to the free weights, one column each.
    pub(super) fn border(&self, w: &[f64]) -> Vec<f64> {
        let p = self.p;
        let indices = &self.free.indices;
        let mut border = Vec::with_capacity(indices.len() * self.limits());
        let mut whole = vec![0.0; p.n()];
        for &r in &self.rows {
            whole.fill(0.0);
            p.rows[r].a.add_to(1.0, &mut whole);
            border.extend(indices.iter().map(|&i| whole[i]));
        }
        for cap in &self.caps {
            match (cap, &p.tracking) {
                (Cap::Turnover, _) => border.extend(indices.iter().map(|&i| self.sides.trade[i])),
                (Cap::Leverage, _) => border.extend(indices.iter().map(|&i| self.sides.gross[i])),
                (Cap::Tracking, Some(t)) => {
                    let mut active = vec![0.0; p.n()];
                    t.evaluate(&p.model, w, &mut active, &mut whole);
                    border.extend(indices.iter().map(|&i| 2.0 * whole[i]));
                }
                (Cap::Tracking, None) => {}
            }
        }
        border
    }

    /// Adds a step to the multipliers of the active limits.
    pub(super) fn step_multipliers(&self, m: &mut Multipliers, step: &[f64]) {
        let (rows, caps) = step.split_at(self.rows.len().min(step.len()));
        for (&r, step) in self.rows.iter().zip(rows) {
            m.rows[r] += step;
        }
        for (cap, step) in self.caps.iter().zip(caps) {
            match cap {
                Cap::Turnover => m.turnover += step,
                Cap::Leverage => m.leverage += step,
                Cap::Tracking => m.tracking += step,
            }
        }
    }

    /// Adds a step to the free weights. The root of `|d|` has no tangent at zero, so a trade with impact stays on its
    /// side of the kink: one step reduces its size at most to the share `closest`.
    pub(super) fn step_weights(&self, w: &mut [f64], step: &[f64], closest: f64) {
        let p = self.p;
        for (&i, step) in self.free.indices.iter().zip(step) {
            let side = self.sides.trade[i];
            let from = w[i] - p.w0[i];
            let mut to = from + step;
            if p.cost[i].has_impact() && to * side < closest * from * side {
                to = closest * from;
            }
            w[i] = p.w0[i] + to;
        }
    }
}
