//! The starting point: weights as even as the box allows, and multipliers that nearly balance the gradient of the
//! objective.

use super::layout::Layout;
use super::state::State;
use crate::program::Program;
use crate::vector::{largest, sum};

/// With more assets than this, multipliers start lower and are balanced against the gradient.
const MANY: usize = 50;
/// Heights of the central path that took the fewest iterations in trials. Few assets allow larger multipliers; with
/// many assets the sum of all products matters.
const HEIGHT_FEW: f64 = 0.3;
const HEIGHT_MANY: f64 = 0.05;
const HEIGHT_MANY_CURVED: f64 = 0.1;
/// Every slack starts at this share of an even weight or more.
const ROOM: f64 = 0.5;
/// With a tracking cap the start stays closer to the benchmark: the room is multiplied by this.
const ROOM_TRACKED: f64 = 0.2;
/// A weight starts at most this share of its range inside a bound.
const INSET: f64 = 0.25;
/// The least starting slack of a cap, of the tracking cap and of a row, as a share of the limit or of the distance
/// between the two limits.
const LEAST_CAP: f64 = 0.1;
const LEAST_TRACKING: f64 = 0.25;
const LEAST_ROW: f64 = 0.25;
/// The largest starting slack required of a row.
const MOST_ROOM: f64 = 0.01;

impl State {
    /// The point from which the iterations start.
    ///
    /// 1. Weights: an even share of the budget each (or the benchmark, with a tracking cap), moved slightly inside the
    ///    box.
    /// 2. Scale: the largest entry of the gradient at those weights. The objective is divided by it.
    /// 3. Slacks: the room each limit leaves at those weights, or a small positive number where the limit is violated.
    /// 4. Multipliers: on the central path of the slacks, `z = μ/s`, then balanced against the gradient
    ///    (`start_multipliers`).
    pub(super) fn start(p: &Program<'_>) -> Self {
        let n = p.n();
        let room = ROOM / n as f64;
        let w = even_weights(p, room); // 1
        let scale = gradient_scale(p, &w); // 2
        let mut state = Self::at(p, w, scale);
        state.start_slacks(p, room); // 3
        state.start_multipliers(p); // 4
        state
    }

    /// The state at `w`, with zero slacks and multipliers.
    fn at(p: &Program<'_>, w: Vec<f64>, scale: f64) -> Self {
        let (n, rows) = (p.n(), p.rows.len());
        let layout = Layout::new(p, scale);
        let unit = (0..n).map(|i| (p.upper[i] - p.lower[i]).min(1.0 / n as f64)).sum::<f64>() / n as f64;
        let (row_a, row_scale) = scaled_rows(p);
        Self {
            n,
            scale,
            unit,
            w,
            t: vec![0.0; layout.trades],
            z: vec![0.0; layout.pairs],
            s: vec![0.0; layout.pairs],
            y: vec![0.0; rows],
            row_a,
            row_scale,
            gradient: vec![0.0; n],
            half_tracking: vec![0.0; n],
            r_w: vec![0.0; n],
            r_t: vec![0.0; layout.trades],
            r_row: vec![0.0; 2 * rows],
            r_cap: vec![0.0; layout.blocks.len()],
            r_tracking: 0.0,
            active: vec![0.0; n],
            layout,
        }
    }

    fn start_slacks(&mut self, p: &Program<'_>, room: f64) {
        let n = self.n;
        for i in 0..n {
            self.s[i] = self.w[i] - p.lower[i];
            self.s[n + i] = p.upper[i] - self.w[i];
        }
        for b in &self.layout.blocks {
            let m = b.index.len();
            for (e, &i) in b.index.iter().enumerate() {
                let d = self.w[i] - b.center[e];
                let t = d.abs() + room;
                self.t[b.at + e] = t;
                self.s[b.pairs + e] = t - d;
                self.s[b.pairs + m + e] = t + d;
            }
            if let Some(cap) = b.cap {
                let used: f64 = self.t[b.at..b.at + m].iter().sum();
                self.s[cap.pair] = (cap.limit - used).max(LEAST_CAP * cap.limit.abs()).max(room);
            }
        }
        for ((r, at), scale) in p.rows.iter().zip(&self.layout.row_pair).zip(&self.row_scale) {
            if let Some(at) = *at {
                let v = r.a.dot(&self.w);
                let least = (LEAST_ROW * scale * (r.hi - r.lo)).max(room.min(MOST_ROOM));
                self.s[at] = (scale * (v - r.lo)).max(least);
                self.s[at + 1] = (scale * (r.hi - v)).max(least);
            }
        }
        if let (Some(tr), Some(pair)) = (&p.tracking, self.layout.tracking_pair) {
            let value = tr.evaluate(&p.model, &self.w, &mut self.active, &mut self.half_tracking);
            self.s[pair] = (tr.limit - value).abs().max(LEAST_TRACKING * tr.limit.abs());
        }
    }

    /// Multipliers on the central path of the slacks, at a height that makes a typical multiplier a fraction of a
    /// typical gradient. Those of the bounds are then moved apart until they balance the gradient.
    ///
    /// When impact costs or a tracking cap add curvature, the gradient at the start is a poor guide to the gradient at
    /// the solution, and the multipliers stay on the path.
    fn start_multipliers(&mut self, p: &Program<'_>) {
        let curved = p.is_curved();
        let height = match (self.n > MANY, curved) {
            (false, _) => HEIGHT_FEW,
            (true, true) => HEIGHT_MANY_CURVED,
            (true, false) => HEIGHT_MANY,
        };
        let typical = self.s.iter().map(|s| s.ln()).sum::<f64>() / self.s.len().max(1) as f64;
        let mu = height * typical.exp();
        for (z, s) in self.z.iter_mut().zip(&self.s) {
            *z = mu / s;
        }
        for (y, at) in self.y.iter_mut().zip(&self.layout.row_pair) {
            if let Some(at) = *at {
                *y = self.z[at + 1] - self.z[at];
            }
        }
        if self.n > MANY && !curved {
            self.balance(p);
        }
    }

    /// Moves apart the multipliers of each pair of bounds, keeping their product, until their difference equals the
    /// gradient less its mean, which the multiplier of the budget balances.
    fn balance(&mut self, p: &Program<'_>) {
        self.residuals(p);
        let mean = if self.layout.row_pair[0].is_none() { sum(&self.r_w) / self.n as f64 } else { 0.0 };
        let (lower, upper) = self.z[..2 * self.n].split_at_mut(self.n);
        for ((l, u), r) in lower.iter_mut().zip(upper).zip(&self.r_w) {
            (*l, *u) = apart(*l, *u, r - mean + *l - *u);
        }
    }
}

/// Two positive numbers with the product of `l` and `u` and the given difference: `(a, b)` with `a − b = difference`.
fn apart(l: f64, u: f64, difference: f64) -> (f64, f64) {
    let product = l * u;
    let half = 0.5 * difference;
    let larger = half.abs() + (half * half + product).sqrt();
    if half > 0.0 { (larger, product / larger) } else { (product / larger, larger) }
}

/// Weights as even as the box allows, slightly inside it.
fn even_weights(p: &Program<'_>, room: f64) -> Vec<f64> {
    let n = p.n();
    let even = p.rows[0].middle() / n as f64;
    (0..n)
        .map(|i| {
            let (l, u) = (p.lower[i], p.upper[i]);
            let inset = (INSET * (u - l)).min(if p.tracking.is_some() { ROOM_TRACKED * room } else { room });
            let wish = p.tracking.as_ref().map_or(even, |t| t.benchmark[i]);
            wish.clamp(l + inset, u - inset)
        })
        .collect()
}

/// The coefficients of all rows, each row scaled so that its largest coefficient is one, and the scale factors.
fn scaled_rows(p: &Program<'_>) -> (Vec<f64>, Vec<f64>) {
    let n = p.n();
    let mut coefficients = vec![0.0; n * p.rows.len()];
    let mut scales = vec![1.0; p.rows.len()];
    for ((row, a), scale) in p.rows.iter().zip(coefficients.chunks_exact_mut(n.max(1))).zip(&mut scales) {
        row.a.add_to(1.0, a);
        let size = largest(a.iter().map(|a| a.abs()));
        if size > 0.0 && (1.0 / size).is_finite() {
            *scale = 1.0 / size;
            a.iter_mut().for_each(|a| *a *= *scale);
        }
    }
    (coefficients, scales)
}

/// A typical size of the gradient: the largest entry at `w` of any part of the objective.
fn gradient_scale(p: &Program<'_>, w: &[f64]) -> f64 {
    let mut risk = vec![0.0; w.len()];
    if p.lambda > 0.0 {
        p.model.multiply(w, &mut risk);
    }
    let size = |v: &[f64]| largest(v.iter().map(|x| x.abs()));
    let linear = largest(p.cost.iter().map(|c| c.linear));
    let impact = largest(p.cost.iter().map(|c| c.impact));
    let scale = (2.0 * p.lambda * size(&risk)).max(size(&p.mu)).max(linear).max(impact);
    if scale > 0.0 && scale.is_finite() { scale } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RebalanceProblem, RiskModel};

    fn model() -> RiskModel {
        RiskModel::dense(&[[0.04, 0.0], [0.0, 0.01]]).unwrap()
    }

    #[test]
    fn two_assets_start_half_and_half_with_products_on_the_central_path() {
        let problem = RebalanceProblem::long_only(vec![0.05, 0.02], 1.0);
        let model = model();
        let state = State::start(&Program::new(&problem, &model));
        assert_eq!(state.w, [0.5, 0.5]);
        // Gradients at the start: 2·0.04·0.5 = 0.04 of risk, 0.05 of return.
        assert_eq!(state.scale, 0.05);
        assert_eq!(state.s, [0.5; 4]);
        // All slacks are 0.5, so μ = 0.3·0.5 and z = 0.3.
        assert!(state.z.iter().all(|z| (z - 0.3).abs() < 1e-15), "{:?}", state.z);
    }

    #[test]
    fn a_start_stays_inside_narrow_bounds_and_trades_leave_room_on_both_sides() {
        let problem = RebalanceProblem {
            w0: vec![0.9, 0.1],
            upper: vec![0.2, 1.0],
            turnover_limit: Some(1.6),
            ..RebalanceProblem::long_only(vec![0.05, 0.02], 1.0)
        };
        let model = model();
        let state = State::start(&Program::new(&problem, &model));
        // A quarter of the range of 0.2 inside the upper bound.
        assert!((state.w[0] - 0.15).abs() < 1e-15 && state.w[1] == 0.5, "{:?}", state.w);
        // Trades of −0.75 and 0.4, with room of 0.25 around each.
        let t = [1.0, 0.65];
        assert!(state.t.iter().zip(t).all(|(a, b)| (a - b).abs() < 1e-15), "{:?}", state.t);
        let block = &state.layout.blocks[0];
        assert!((state.s[block.pairs] - 1.75).abs() < 1e-15 && (state.s[block.pairs + 2] - 0.25).abs() < 1e-15);
        // The gross exposure exceeds the cap of 1.6 by 0.05, so the slack starts at the room of an even weight.
        assert_eq!(state.s[block.cap.unwrap().pair], 0.25);
    }

    #[test]
    fn with_many_assets_the_bounds_take_up_the_gradient_but_for_its_mean() {
        let n = 60;
        let model = RiskModel::factor(&vec![Vec::<f64>::new(); n], &[], &vec![0.06; n]).unwrap();
        let mu: Vec<f64> = (0..n).map(|i| 0.001 * i as f64).collect();
        let problem = RebalanceProblem::long_only(mu, 1.0);
        let program = Program::new(&problem, &model);
        let mut state = State::start(&program);
        state.residuals(&program);
        // Gradients 2·0.06/60 − 0.001·i, whose mean is 0.002 − 0.0295; the objective is divided by the largest return.
        assert!((state.scale - 0.059).abs() < 1e-15);
        let gradient = (0.002 - 0.0295) / 0.059;
        // On the path, the multipliers of every pair of bounds differed by the same μ·(60 − 60/59), and the budget
        // balances that as well.
        let path = HEIGHT_MANY * 59_f64.sqrt() / 60.0;
        let mean = gradient - path * (60.0 - 60.0 / 59.0);
        assert!(state.r_w.iter().all(|r| (r - mean).abs() < 1e-12), "{mean}: {:?}", state.r_w);
        // Slacks of 1/60 and 59/60, whose products with the multipliers were μ on both sides.
        let (s, z) = (&state.s, &state.z);
        let mu = (z[0] * s[0] * z[n] * s[n]).sqrt();
        assert!((1..n).all(|i| (z[i] * s[i] * z[n + i] * s[n + i] / (mu * mu) - 1.0).abs() < 1e-12));
    }

    #[test]
    fn multipliers_drawn_apart_keep_their_product_and_have_the_difference() {
        // 4·1 = 4, and 4 − 1 = 3.
        assert_eq!(apart(2.0, 2.0, 3.0), (4.0, 1.0));
        assert_eq!(apart(2.0, 2.0, -3.0), (1.0, 4.0));
    }
}
