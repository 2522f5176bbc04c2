//! Translates the programme into conic form, and the conic solver's answer back into the terms of the programme.

use clarabel::solver::{NonnegativeConeT, PowerConeT, ZeroConeT};

use super::assembly::{Assembly, Raw};
use super::risk::{add_factors, add_tracking};
use crate::active_set::{ActiveSet, Lean, Side};
use crate::model::{Kind, RiskModel};
use crate::multipliers::Multipliers;
use crate::polish::Candidate;
use crate::program::Program;

/// Gap and residuals that the conic solver must reach.
const TOLERANCE: f64 = 1e-10;

/// Positions of the parts of a programme inside an assembly.
#[derive(Debug, Default, Clone)]
pub(super) struct Layout {
    rows: Vec<(Option<usize>, Option<usize>)>,
    lower: usize,
    upper: usize,
    /// `t − d`, `t + d` and their assets.
    trades: Option<(usize, usize, Vec<usize>)>,
    turnover: Option<usize>,
    leverage: Option<usize>,
    tracking: Option<usize>,
}

/// Puts the programme into conic form; `None` when the covariance has no factor.
pub(super) fn assemble(p: &Program<'_>, model: &RiskModel) -> Option<(Assembly, Layout)> {
    let n = p.n();
    let mut asm = Assembly::default();
    let mut at = Layout::default();
    asm.variables(n, 0.0);
    for (q, m) in asm.q.iter_mut().zip(&p.mu) {
        *q = -m;
    }
    let traded: Vec<usize> = (0..n).filter(|&i| p.prices_trades_of(i)).collect();
    let t = asm.variables(traded.len(), 0.0);
    for (e, &i) in traded.iter().enumerate() {
        asm.q[t + e] = p.cost[i].linear;
    }
    let gross = p.leverage.map(|_| asm.variables(n, 0.0));
    let bent: Vec<usize> = (0..n).filter(|&i| p.cost[i].has_impact()).collect();
    let r = asm.variables(bent.len(), 0.0);
    for (e, &i) in bent.iter().enumerate() {
        asm.q[r + e] = p.cost[i].impact;
    }
    let factors = add_factors(&mut asm, model);
    match (&model.0, factors) {
        (Kind::Dense { sigma, .. }, _) if p.lambda > 0.0 => {
            for j in 0..n {
                for i in 0..=j {
                    asm.curve(i, j, 2.0 * p.lambda * sigma[j * n + i]);
                }
            }
        }
        (Kind::Factor { k, specific, .. }, Some(f)) if p.lambda > 0.0 => {
            for i in 0..n {
                asm.curve(i, i, 2.0 * p.lambda * specific[i]);
            }
            for c in f..f + k {
                asm.curve(c, c, 2.0 * p.lambda);
            }
        }
        _ => {}
    }
    at.rows = vec![(None, None); p.rows.len()];
    for (row, place) in p.rows.iter().zip(&mut at.rows) {
        if row.is_equality() {
            place.1 = Some(asm.row(row.a.entries(n, 1.0), row.middle()));
        }
    }
    asm.close(ZeroConeT(asm.rows()));
    let start = asm.rows();
    for (row, place) in p.rows.iter().zip(&mut at.rows) {
        if !row.is_equality() {
            place.0 = Some(asm.row(row.a.entries(n, -1.0), -row.lo));
            place.1 = Some(asm.row(row.a.entries(n, 1.0), row.hi));
        }
    }
    at.lower = asm.rows();
    for i in 0..n {
        asm.row([(i, -1.0)], -p.lower[i]);
    }
    at.upper = asm.rows();
    for i in 0..n {
        asm.row([(i, 1.0)], p.upper[i]);
    }
    if !traded.is_empty() {
        let first = asm.rows();
        for (e, &i) in traded.iter().enumerate() {
            asm.row([(i, 1.0), (t + e, -1.0)], p.w0[i]);
        }
        for (e, &i) in traded.iter().enumerate() {
            asm.row([(i, -1.0), (t + e, -1.0)], -p.w0[i]);
        }
        at.trades = Some((first, first + traded.len(), traded.clone()));
    }
    if let Some(cap) = p.turnover {
        at.turnover = Some(asm.row((t..t + traded.len()).map(|e| (e, 1.0)), cap));
    }
    if let (Some(cap), Some(v)) = (p.leverage, gross) {
        for i in 0..n {
            asm.row([(i, 1.0), (v + i, -1.0)], 0.0);
            asm.row([(i, -1.0), (v + i, -1.0)], 0.0);
        }
        at.leverage = Some(asm.row((v..v + n).map(|e| (e, 1.0)), cap));
    }
    asm.close(NonnegativeConeT(asm.rows() - start));
    if let Some(tr) = &p.tracking {
        at.tracking = Some(add_tracking(&mut asm, model, &tr.benchmark, tr.limit.sqrt(), factors, None).ok()?);
    }
    for (e, &i) in bent.iter().enumerate() {
        // (r, 1, d) with r^(2/3)·1^(1/3) ≥ |d|, which means r ≥ |d|^1.5.
        asm.row([(r + e, -1.0)], 0.0);
        asm.row([], 1.0);
        asm.row([(i, -1.0)], -p.w0[i]);
        asm.close(PowerConeT(2.0 / 3.0));
    }
    Some((asm, at))
}

/// The conic solver's answer in the terms of the programme.
#[derive(Debug)]
pub(crate) struct ConicPoint {
    raw: Raw,
    at: Layout,
}

/// Solves the programme as a conic problem; `None` when the solver returns no point.
pub(crate) fn minimise(p: &Program<'_>, model: &RiskModel) -> Option<ConicPoint> {
    let (asm, at) = assemble(p, model)?;
    let raw = asm.solve(TOLERANCE)?;
    raw.stopped().then_some(ConicPoint { raw, at })
}

impl ConicPoint {
    pub(crate) fn candidate(&self, p: &Program<'_>) -> Candidate {
        let z = |row: Option<usize>| row.map_or(0.0, |r| self.raw.z[r]);
        let rows: Vec<f64> = self.at.rows.iter().map(|&(lo, hi)| z(hi) - z(lo)).collect();
        let tracking = match (&p.tracking, self.at.tracking) {
            (Some(t), Some(row)) => self.raw.z[row] / (2.0 * t.limit.sqrt()),
            _ => 0.0,
        };
        let (turnover, leverage) = (z(self.at.turnover), z(self.at.leverage));
        Candidate::new(p, self.raw.x[..p.n()].to_vec(), Multipliers { rows, turnover, leverage, tracking })
    }

    pub(crate) fn active_set(&self, p: &Program<'_>) -> ActiveSet {
        let leans = |row: usize| self.raw.z[row] > self.raw.s[row];
        let mut set = ActiveSet {
            leans: vec![Lean::Free; p.n()],
            rows: p.rows.iter().map(|r| if r.is_equality() { Side::Upper } else { Side::None }).collect(),
            turnover: self.at.turnover.is_some_and(leans),
            leverage: self.at.leverage.is_some_and(leans),
            tracking: self.at.tracking.is_some_and(leans),
        };
        for i in 0..p.n() {
            if leans(self.at.lower + i) {
                set.leans[i] = Lean::Lower;
            } else if leans(self.at.upper + i) {
                set.leans[i] = Lean::Upper;
            }
        }
        if let Some((up, down, assets)) = &self.at.trades {
            for (e, &i) in assets.iter().enumerate() {
                if set.leans[i] == Lean::Free && leans(up + e) && leans(down + e) {
                    set.leans[i] = Lean::Start;
                }
            }
        }
        for (side, &(lo, hi)) in set.rows.iter_mut().zip(&self.at.rows) {
            if let (Some(lo), Some(hi)) = (lo, hi) {
                *side = if leans(lo) {
                    Side::Lower
                } else if leans(hi) {
                    Side::Upper
                } else {
                    Side::None
                };
            }
        }
        set
    }
}
