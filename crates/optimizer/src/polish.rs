//! From an interior point to the exact solution: guess which limits hold with equality, solve the equations, correct
//! the guess by the signs that come out.

use crate::certificate::{Slopes, slopes};
use crate::free::FreeGradient;
use crate::interior::{Lean, Side};
use crate::linear::{Hessian, cholesky_in_place, cholesky_solve};
use crate::model::{axpy, dot};
use crate::program::{DualValues, Program};

/// Weights with the multipliers that belong to them, and how far both are from proof.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) w: Vec<f64>,
    pub(crate) duals: DualValues,
    pub(crate) gap: f64,
    /// Relative to the numbers the limit adds up.
    pub(crate) violation: f64,
}

impl Candidate {
    pub(crate) fn new(p: &Program<'_>, w: Vec<f64>, duals: DualValues) -> Self {
        Self::with_slopes(p, w, duals).0
    }

    /// With the slopes that the gap was read off.
    fn with_slopes(p: &Program<'_>, mut w: Vec<f64>, duals: DualValues) -> (Self, Slopes) {
        for i in 0..p.n() {
            w[i] = w[i].max(p.lower[i]).min(p.upper[i].max(p.lower[i]));
        }
        let slopes = slopes(p, &w, &duals);
        let violation = p.relative_violation(&w);
        (Self { w, duals, gap: slopes.gap, violation }, slopes)
    }

    /// One number to compare candidates by.
    pub(crate) fn distance(&self) -> f64 {
        let d = self.gap.abs().max(self.violation);
        if d.is_nan() { f64::INFINITY } else { d }
    }
}

/// The guess: which equations the solution satisfies.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ActiveSet {
    pub(crate) leans: Vec<Lean>,
    pub(crate) rows: Vec<Side>,
    pub(crate) turnover: bool,
    pub(crate) leverage: bool,
    pub(crate) tracking: bool,
}

impl ActiveSet {
    /// In how many limits two guesses differ.
    fn differences(&self, other: &Self) -> usize {
        let leans = self.leans.iter().zip(&other.leans).filter(|(a, b)| a != b).count();
        let rows = self.rows.iter().zip(&other.rows).filter(|(a, b)| a != b).count();
        let caps = [(self.turnover, other.turnover), (self.leverage, other.leverage), (self.tracking, other.tracking)];
        leans + rows + caps.iter().filter(|(a, b)| a != b).count()
    }
}

/// The side of the weight before the trade, and of zero, that each weight was solved on.
#[derive(Debug, Default)]
struct Sides {
    trade: Vec<f64>,
    gross: Vec<f64>,
}

/// A candidate this close to proof is not improved further.
const EXACT: f64 = 1e-13;
const ROUNDS: usize = 12;
const NEWTON_STEPS: usize = 14;

/// Improves `start` by solving the equations of `set`, as long as that brings it closer to proof.
pub(crate) fn polish(p: &Program<'_>, start: Candidate, set: ActiveSet) -> Candidate {
    improve(p, start, set, true)
}

/// The same from a guess made on the way. A guess near the truth needs fewer corrections every round; another is given up
/// in the round that needs as many as the one before. None unless the result is exact, in units of an objective below one
/// too: there is no interior point at the end of its path behind this one.
pub(crate) fn settle(p: &Program<'_>, start: Candidate, set: ActiveSet) -> Option<Candidate> {
    let found = improve(p, start, set, false);
    if found.distance() >= EXACT {
        return None;
    }
    let mut sigma_w = vec![0.0; p.n()];
    p.model.multiply(&found.w, &mut sigma_w);
    (found.gap.abs() <= EXACT * p.terms(&found.w, &sigma_w).largest().min(1.0)).then_some(found)
}

/// Solves and corrects; an impatient caller is left as soon as a round corrects no less than the one before.
fn improve(p: &Program<'_>, start: Candidate, mut set: ActiveSet, patient: bool) -> Candidate {
    let mut best = start.clone();
    let mut point = start;
    let mut hessian = Hessian::default();
    let mut seen: Vec<ActiveSet> = Vec::new();
    let mut sides = Sides::default();
    let mut last = usize::MAX;
    for _ in 0..ROUNDS {
        if !newton(p, &mut point, &set, &mut hessian, &mut sides) {
            break;
        }
        let raw = point.w.clone();
        let (cleaned, slopes) = Candidate::with_slopes(p, std::mem::take(&mut point.w), clean(p, &point.duals, &set));
        point = cleaned;
        if point.distance() < best.distance() {
            best = point.clone();
        }
        if best.distance() < EXACT {
            break;
        }
        let before = set.clone();
        if !correct(p, &mut point, &slopes, &raw, &sides, &mut set) {
            break;
        }
        let corrections = set.differences(&before);
        if !patient && corrections >= last {
            break;
        }
        last = corrections;
        seen.push(before);
        if seen.contains(&set) {
            break;
        }
    }
    best
}

/// Multipliers as the proof may use them: none of a limit that is not in the set, none of the wrong sign.
fn clean(p: &Program<'_>, duals: &DualValues, set: &ActiveSet) -> DualValues {
    let rows: Vec<f64> = (0..p.rows.len())
        .map(|r| match set.rows[r] {
            _ if p.rows[r].is_equality() => duals.row(r),
            Side::None => 0.0,
            Side::Lower => duals.row(r).min(0.0),
            Side::Upper => duals.row(r).max(0.0),
        })
        .collect();
    let keep = |on: bool, v: f64| if on { v.max(0.0) } else { 0.0 };
    DualValues::from_rows(
        &rows,
        duals.groups.len(),
        keep(set.turnover, duals.turnover),
        keep(set.leverage, duals.leverage),
        keep(set.tracking, duals.tracking_variance),
    )
}

/// Newton's method on the equations of the set. False when a system has no factor.
fn newton(p: &Program<'_>, point: &mut Candidate, set: &ActiveSet, hessian: &mut Hessian, sides: &mut Sides) -> bool {
    let n = p.n();
    for i in 0..n {
        match set.leans[i] {
            Lean::Lower => point.w[i] = p.lower[i],
            Lean::Upper => point.w[i] = p.upper[i],
            Lean::Start => point.w[i] = p.w0[i],
            Lean::Zero => point.w[i] = 0.0,
            Lean::Free => {}
        }
    }
    let free: Vec<usize> = (0..n).filter(|&i| set.leans[i] == Lean::Free).collect();
    let m = free.len();
    sides.trade = (0..n).map(|i| if point.w[i] >= p.w0[i] { 1.0 } else { -1.0 }).collect();
    sides.gross = (0..n).map(|i| if point.w[i] >= 0.0 { 1.0 } else { -1.0 }).collect();
    let side: Vec<f64> = free.iter().map(|&i| sides.trade[i]).collect();
    let gross: Vec<f64> = free.iter().map(|&i| sides.gross[i]).collect();
    let model = p.model.select(&free);
    let curved = set.tracking || free.iter().any(|&i| p.impact[i] > 0.0);
    let typical = free.iter().fold(0.0_f64, |s, &i| s.max(p.lambda * p.model.diagonal(i))).max(1e-9);

    // The equations besides stationarity: rows by position, then turnover, leverage, tracking.
    let active: Vec<usize> = (0..p.rows.len()).filter(|&r| set.rows[r] != Side::None).collect();
    let mut duals = point.duals.clone();
    let (mut border, mut solved, mut schur) = (Vec::new(), Vec::new(), Vec::new());
    let mut last = f64::INFINITY;
    let mut factored = false;
    let mut kept = (point.w.clone(), duals.clone());
    let mut gradient = FreeGradient::new(p, &free, &model);
    for _ in 0..NEWTON_STEPS {
        let (g, tracking) = gradient.evaluate(&point.w, &duals);
        let mut rhs: Vec<f64> = Vec::with_capacity(m);
        let rho = if p.leverage.is_some() { duals.leverage } else { 0.0 };
        for (at, &i) in free.iter().enumerate() {
            let d = (point.w[i] - p.w0[i]).abs();
            rhs.push(
                -(g[at] + side[at] * (p.cost[i] + duals.turnover + 1.5 * p.impact[i] * d.sqrt()) + gross[at] * rho),
            );
        }
        let mut rows: Vec<f64> = Vec::new();
        for &r in &active {
            let row = &p.rows[r];
            let limit = match set.rows[r] {
                _ if row.is_equality() => 0.5 * (row.lo + row.hi),
                Side::Lower => row.lo,
                _ => row.hi,
            };
            rows.push(limit - row.a.dot(&point.w));
        }
        if let (true, Some(t)) = (set.turnover, p.turnover) {
            // On the sides they were solved on, so that the equation stays linear; who crossed is seen to afterwards.
            let traded = point.w.iter().zip(&p.w0).zip(&sides.trade).map(|((w, o), side)| side * (w - o));
            rows.push(t - traded.sum::<f64>());
        }
        if let (true, Some(l)) = (set.leverage, p.leverage) {
            rows.push(l - point.w.iter().zip(&sides.gross).map(|(w, side)| side * w).sum::<f64>());
        }
        if let (true, Some(t), Some(value)) = (set.tracking, &p.tracking, tracking) {
            rows.push(t.limit - value);
        }
        let worst = rhs.iter().chain(&rows).fold(0.0_f64, |m, v| m.max(v.abs()));
        if !worst.is_finite() {
            return false;
        }
        if worst < last {
            kept = (point.w.clone(), duals.clone());
        }
        if worst < 1e-15 * typical.max(1e-3) || worst > 0.5 * last && last < 1e-11 || worst > 1e3 * last {
            break;
        }
        last = last.min(worst);
        if m == 0 {
            break;
        }
        let k = rows.len();
        if !factored || curved {
            let c = 2.0 * (p.lambda + duals.tracking_variance.max(0.0));
            let diagonal: Vec<f64> = free
                .iter()
                .map(|&i| {
                    let d = (point.w[i] - p.w0[i]).abs().max(1e-14);
                    1e-9 * typical + 0.75 * p.impact[i] / d.sqrt()
                })
                .collect();
            if !hessian.factorise(&model, c, &diagonal) {
                return false;
            }
            border = vec![0.0; m * k];
            let mut columns = border.chunks_exact_mut(m);
            let mut whole = vec![0.0; n];
            for &r in &active {
                if let Some(column) = columns.next() {
                    whole.fill(0.0);
                    p.rows[r].a.add_to(1.0, &mut whole);
                    for (b, &i) in column.iter_mut().zip(&free) {
                        *b = whole[i];
                    }
                }
            }
            if let (true, Some(_), Some(column)) =
                (set.turnover, p.turnover, set.turnover.then(|| columns.next()).flatten())
            {
                column.copy_from_slice(&side);
            }
            if let (true, Some(_), Some(column)) =
                (set.leverage, p.leverage, set.leverage.then(|| columns.next()).flatten())
            {
                column.copy_from_slice(&gross);
            }
            if let (Some(t), Some(column)) = (&p.tracking, columns.next()) {
                let (mut a, mut h) = (vec![0.0; n], vec![0.0; n]);
                t.evaluate(&p.model, &point.w, &mut a, &mut h);
                for (b, &i) in column.iter_mut().zip(&free) {
                    *b = 2.0 * h[i];
                }
            }
            solved.clone_from(&border);
            hessian.solve(m, &mut solved);
            schur = vec![0.0; k * k];
            for a in 0..k {
                for b in a..k {
                    schur[a * k + b] = dot(&solved[a * m..(a + 1) * m], &border[b * m..(b + 1) * m]);
                }
                let s = &mut schur[a * k + a];
                // A row without free members has no say: its multiplier stays.
                *s = if *s > 0.0 { *s * (1.0 + 1e-13) } else { f64::MAX };
            }
            if !cholesky_in_place(&mut schur, k) {
                return false;
            }
            factored = true;
        }
        for (r, column) in rows.iter_mut().zip(solved.chunks_exact(m)) {
            *r = dot(column, &rhs) - *r;
        }
        cholesky_solve(&schur, k, &mut rows);
        for (y, column) in rows.iter().zip(border.chunks_exact(m)) {
            axpy(-y, column, &mut rhs);
        }
        hessian.solve(m, &mut rhs);
        for (at, &i) in free.iter().enumerate() {
            let from = point.w[i] - p.w0[i];
            let mut to = from + rhs[at];
            // The root of |d| has no tangent beyond zero: stay on this side and come closer.
            if p.impact[i] > 0.0 && to * side[at] < 0.05 * from * side[at] {
                to = 0.05 * from;
            }
            point.w[i] = p.w0[i] + to;
        }
        let mut step = rows.into_iter();
        let mut y: Vec<f64> = (0..p.rows.len()).map(|r| duals.row(r)).collect();
        for &r in &active {
            y[r] += step.next().unwrap_or(0.0);
        }
        let mut add = |on: bool, v: &mut f64| {
            if on {
                *v += step.next().unwrap_or(0.0);
            }
        };
        add(set.turnover && p.turnover.is_some(), &mut duals.turnover);
        add(set.leverage && p.leverage.is_some(), &mut duals.leverage);
        add(set.tracking && p.tracking.is_some(), &mut duals.tracking_variance);
        duals = DualValues::from_rows(&y, duals.groups.len(), duals.turnover, duals.leverage, duals.tracking_variance);
    }
    (point.w, point.duals) = kept;
    true
}

/// Corrects the set by the signs at `point` (`s`: its slopes, `raw`: its weights before they were put back into the box).
/// False when there is nothing to correct.
fn correct(
    p: &Program<'_>,
    point: &mut Candidate,
    s: &Slopes,
    raw: &[f64],
    sides: &Sides,
    set: &mut ActiveSet,
) -> bool {
    let tiny = 1e-12;
    let before = set.clone();
    // First what violates a limit ...
    for i in 0..p.n() {
        if set.leans[i] == Lean::Free {
            if raw[i] < p.lower[i] - tiny {
                set.leans[i] = Lean::Lower;
            } else if raw[i] > p.upper[i] + tiny {
                set.leans[i] = Lean::Upper;
            } else if (set.turnover || p.cost[i] > 0.0 || p.impact[i] > 0.0)
                && (raw[i] - p.w0[i]) * sides.trade[i] < -tiny
                && (p.lower[i]..=p.upper[i]).contains(&p.w0[i])
            {
                set.leans[i] = Lean::Start;
            } else if set.leverage && raw[i] * sides.gross[i] < -tiny {
                set.leans[i] = Lean::Zero;
            }
        }
    }
    for (r, row) in p.rows.iter().enumerate() {
        let v = row.a.dot(&point.w);
        if set.rows[r] == Side::None {
            if v < row.lo - tiny {
                set.rows[r] = Side::Lower;
            } else if v > row.hi + tiny {
                set.rows[r] = Side::Upper;
            }
        }
    }
    if let Some(t) = p.turnover {
        let used: f64 = point.w.iter().zip(&p.w0).map(|(w, o)| (w - o).abs()).sum();
        set.turnover |= used > t + tiny;
    }
    if let Some(l) = p.leverage {
        set.leverage |= point.w.iter().map(|w| w.abs()).sum::<f64>() > l + tiny;
    }
    if let Some(t) = &p.tracking {
        let (mut a, mut h) = (vec![0.0; p.n()], vec![0.0; p.n()]);
        set.tracking |= t.evaluate(&p.model, &point.w, &mut a, &mut h) > t.limit + tiny;
    }
    if *set != before {
        return true;
    }
    // ... then what would rather leave one.
    let scale = 1e-11;
    for i in 0..p.n() {
        let (up, down) = (s.right[i] < -scale, s.left[i] > scale);
        let leave = match set.leans[i] {
            Lean::Lower => up,
            Lean::Upper => down,
            Lean::Start | Lean::Zero => up && point.w[i] < p.upper[i] || down && point.w[i] > p.lower[i],
            Lean::Free => false,
        };
        if leave {
            set.leans[i] = Lean::Free;
            // Set off in the direction that gains, so that the next solve sees the right side of each kink.
            let (direction, slope) = if up { (1.0, -s.right[i]) } else { (-1.0, s.left[i]) };
            let far = if p.impact[i] > 0.0 { (slope / (1.5 * p.impact[i])).powi(2) } else { 1e-10 };
            point.w[i] += direction * far.min(0.5 * (p.upper[i] - p.lower[i]));
        } else if set.leans[i] == Lean::Free
            && (point.w[i] - p.w0[i]).abs() < 1e-9
            && s.left[i] < -scale
            && s.right[i] > scale
        {
            // A free weight at a kink whose slopes enclose zero belongs there.
            set.leans[i] = Lean::Start;
        }
    }
    for (r, row) in p.rows.iter().enumerate() {
        let y = point.duals.row(r);
        if !row.is_equality() && (set.rows[r] == Side::Lower && y >= 0.0 || set.rows[r] == Side::Upper && y <= 0.0) {
            set.rows[r] = Side::None;
        }
    }
    set.turnover &= point.duals.turnover > 0.0;
    set.leverage &= point.duals.leverage > 0.0;
    set.tracking &= point.duals.tracking_variance > 0.0;
    *set != before
}
