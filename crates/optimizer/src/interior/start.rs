//! Where the interior point starts: a book as even as the box allows, and multipliers that nearly balance its gradient.

use super::state::{Epigraph, Kind, State};
use crate::model::{largest, sum};
use crate::program::Program;

impl State {
    /// The point the iterations start from.
    pub(super) fn start(p: &Program<'_>) -> Self {
        let n = p.n();
        // As even a book as the box allows, a little inside it.
        let budget = 0.5 * (p.rows[0].lo + p.rows[0].hi);
        let even = budget / n as f64;
        let room = 0.5 / n as f64;
        let w: Vec<f64> = (0..n)
            .map(|i| {
                let (l, u) = (p.lower[i], p.upper[i]);
                let inset = (0.25 * (u - l)).min(if p.tracking.is_some() { 0.2 * room } else { room });
                let wish = p.tracking.as_ref().map_or(even, |t| t.benchmark[i]);
                wish.clamp(l + inset, u - inset)
            })
            .collect();
        let scale = gradient_scale(p, &w);
        let unit = (0..n).map(|i| (p.upper[i] - p.lower[i]).min(1.0 / n as f64)).sum::<f64>() / n as f64;
        let mut blocks = Vec::new();
        let (mut pairs, mut count) = (2 * n, 0);
        let mut add =
            |kind: Kind, index: Vec<usize>, center: &[f64], cost: &[f64], impact: &[f64], cap: Option<f64>| {
                let pick = |v: &[f64]| index.iter().map(|&i| v[i]).collect::<Vec<_>>();
                let block = Epigraph {
                    kind,
                    center: pick(center),
                    cost: pick(cost).iter().map(|c| c / scale).collect(),
                    impact: pick(impact).iter().map(|k| k / scale).collect(),
                    cap,
                    pairs,
                    at: count,
                    cap_pair: usize::MAX,
                    index,
                };
                pairs += 2 * block.index.len();
                count += block.index.len();
                if !block.index.is_empty() || cap.is_some() {
                    blocks.push(block);
                }
            };
        let trading = (0..n).filter(|&i| p.turnover.is_some() || p.cost[i] > 0.0 || p.impact[i] > 0.0).collect();
        add(Kind::Trades, trading, &p.w0, &p.cost, &p.impact, p.turnover);
        if p.leverage.is_some() {
            let zero = vec![0.0; n];
            add(Kind::Gross, (0..n).collect(), &zero, &zero, &zero, p.leverage);
        }
        let mut row_pair = Vec::with_capacity(p.rows.len());
        for r in &p.rows {
            row_pair.push(if r.is_equality() { usize::MAX } else { pairs });
            pairs += if r.is_equality() { 0 } else { 2 };
        }
        for b in &mut blocks {
            if b.cap.is_some() {
                b.cap_pair = pairs;
                pairs += 1;
            }
        }
        let tracking_pair = if p.tracking.is_some() { pairs } else { usize::MAX };
        pairs += usize::from(p.tracking.is_some());

        let mut t = vec![0.0; count];
        let mut s = vec![0.0; pairs];
        for i in 0..n {
            s[i] = w[i] - p.lower[i];
            s[n + i] = p.upper[i] - w[i];
        }
        for b in &blocks {
            let m = b.index.len();
            for (e, &i) in b.index.iter().enumerate() {
                let d = w[i] - b.center[e];
                t[b.at + e] = d.abs() + room;
                s[b.pairs + e] = t[b.at + e] - d;
                s[b.pairs + m + e] = t[b.at + e] + d;
            }
            if let Some(cap) = b.cap {
                let used: f64 = t[b.at..b.at + m].iter().sum();
                s[b.cap_pair] = (cap - used).max(0.1 * cap.abs()).max(room);
            }
        }
        let mut row_a = vec![0.0; n * p.rows.len()];
        let mut row_scale = vec![1.0; p.rows.len()];
        for ((r, a), scale) in p.rows.iter().zip(row_a.chunks_exact_mut(n.max(1))).zip(&mut row_scale) {
            r.a.add_to(1.0, a);
            let size = largest(a.iter().map(|a| a.abs()));
            if size > 0.0 && (1.0 / size).is_finite() {
                *scale = 1.0 / size;
                a.iter_mut().for_each(|a| *a *= *scale);
            }
        }
        for ((r, &at), scale) in p.rows.iter().zip(&row_pair).zip(&row_scale) {
            if at != usize::MAX {
                let v = r.a.dot(&w);
                let least = (0.25 * scale * (r.hi - r.lo)).max(room.min(0.01));
                s[at] = (scale * (v - r.lo)).max(least);
                s[at + 1] = (scale * (r.hi - v)).max(least);
            }
        }
        let mut state = Self {
            n,
            scale,
            unit,
            w,
            t,
            z: vec![0.0; pairs],
            s,
            y: vec![0.0; p.rows.len()],
            row_pair,
            row_a,
            row_scale,
            tracking_pair,
            gradient: vec![0.0; n],
            half_tracking: vec![0.0; n],
            r_w: vec![0.0; n],
            r_t: vec![0.0; count],
            r_row: vec![0.0; 2 * p.rows.len()],
            r_cap: vec![0.0; blocks.len()],
            r_tracking: 0.0,
            active: vec![0.0; n],
            blocks,
        };
        if let Some(tr) = &p.tracking {
            let value = tr.evaluate(&p.model, &state.w, &mut state.active, &mut state.half_tracking);
            state.s[tracking_pair] = (tr.limit - value).abs().max(0.25 * tr.limit.abs());
        }
        state.multipliers(p);
        state
    }

    /// Multipliers on the central path of the slacks, at a height that makes a typical one a part of a gradient; then those
    /// of the bounds are drawn apart until they balance the gradient.
    ///
    /// The heights are those that take the fewest iterations of the ones tried. Few assets have room for larger multipliers,
    /// with many the sum of all products counts. Where impact costs or a tracking cap add curvature of their own, the gradient at
    /// the start says little about the one at the solution, and the multipliers stay on the path.
    fn multipliers(&mut self, p: &Program<'_>) {
        let curved = p.tracking.is_some() || p.impact.iter().any(|k| *k > 0.0);
        let height = match (self.n > 50, curved) {
            (false, _) => 0.3,
            (true, true) => 0.1,
            (true, false) => 0.05,
        };
        let typical = self.s.iter().map(|s| s.ln()).sum::<f64>() / self.s.len().max(1) as f64;
        let mu = height * typical.exp();
        for (z, s) in self.z.iter_mut().zip(&self.s) {
            *z = mu / s;
        }
        for (y, &at) in self.y.iter_mut().zip(&self.row_pair) {
            if at != usize::MAX {
                *y = self.z[at + 1] - self.z[at];
            }
        }
        if self.n > 50 && !curved {
            self.balance(p);
        }
    }

    /// Moves the multipliers of each pair of bounds, whose product stays, until their difference is the gradient less what
    /// the budget's own multiplier takes up: its mean.
    fn balance(&mut self, p: &Program<'_>) {
        self.residuals(p);
        let mean = if self.row_pair[0] == usize::MAX { sum(&self.r_w) / self.n as f64 } else { 0.0 };
        let (lower, upper) = self.z[..2 * self.n].split_at_mut(self.n);
        for ((l, u), r) in lower.iter_mut().zip(upper).zip(&self.r_w) {
            let product = *l * *u;
            let half = 0.5 * (r - mean + *l - *u);
            let larger = half.abs() + (half * half + product).sqrt();
            (*l, *u) = if half > 0.0 { (larger, product / larger) } else { (product / larger, larger) };
        }
    }
}

/// A typical size of the gradient: the largest at `w`, of any part of the objective.
fn gradient_scale(p: &Program<'_>, w: &[f64]) -> f64 {
    let mut risk = vec![0.0; w.len()];
    if p.lambda > 0.0 {
        p.model.multiply(w, &mut risk);
    }
    let size = |v: &[f64]| largest(v.iter().map(|x| x.abs()));
    let scale = (2.0 * p.lambda * size(&risk)).max(size(&p.mu)).max(size(&p.cost)).max(size(&p.impact));
    if scale > 0.0 && scale.is_finite() { scale } else { 1.0 }
}
