//! The programme without the assets that have only one possible weight.

use std::borrow::Cow;

use super::{Program, Row, Tracking};
use crate::tolerance::{SAME, STILL};
use crate::vector::dot;

impl Program<'_> {
    /// Removes the assets to which a limit pair or a zero turnover cap leaves only one value. Returns the smaller
    /// programme and the positions of the assets it keeps.
    pub(crate) fn reduce(&self) -> (Program<'_>, Vec<usize>) {
        let n = self.n();
        let still = self.turnover.is_some_and(|t| t <= STILL);
        let fixed: Vec<Option<f64>> = (0..n)
            .map(|i| {
                if self.upper[i] - self.lower[i] <= SAME {
                    Some(self.lower[i])
                } else if still && (self.lower[i]..=self.upper[i]).contains(&self.w0[i]) {
                    Some(self.w0[i])
                } else {
                    None
                }
            })
            .collect();
        let keep: Vec<usize> = (0..n).filter(|&i| fixed[i].is_none()).collect();
        if keep.len() == n {
            let mut whole = self.clone();
            whole.model = Cow::Borrowed(self.model.as_ref());
            return (whole, keep);
        }
        let pick = |v: &[f64]| keep.iter().map(|&i| v[i]).collect::<Vec<_>>();
        let mut held = vec![0.0; n];
        for i in 0..n {
            held[i] = fixed[i].unwrap_or(0.0);
        }
        let mut sigma_held = vec![0.0; n];
        self.model.multiply(&held, &mut sigma_held);
        let mut position = vec![usize::MAX; n];
        keep.iter().enumerate().for_each(|(at, &i)| position[i] = at);
        let rows = self
            .rows
            .iter()
            .map(|r| {
                let shift = r.a.dot(&held);
                let a = r.a.select(&keep, &position);
                Row { a, lo: r.lo - shift, hi: r.hi - shift }
            })
            .collect();
        let gone = |f: &dyn Fn(usize, f64) -> f64| (0..n).filter_map(|i| fixed[i].map(|v| f(i, v))).sum::<f64>();
        let tracking = self.tracking.as_ref().map(|t| {
            let mut active = vec![0.0; n];
            for i in 0..n {
                active[i] = fixed[i].map_or(0.0, |v| v - t.benchmark[i]);
            }
            let mut h = vec![0.0; n];
            self.model.multiply(&active, &mut h);
            let limit = t.limit - dot(&active, &h);
            Tracking { benchmark: pick(&t.benchmark), linear: Some(pick(&h)), limit }
        });
        let reduced = Program {
            model: Cow::Owned(self.model.select(&keep)),
            lambda: self.lambda,
            mu: keep.iter().map(|&i| self.mu[i] - 2.0 * self.lambda * sigma_held[i]).collect(),
            w0: pick(&self.w0),
            cost: keep.iter().map(|&i| self.cost[i]).collect(),
            lower: pick(&self.lower),
            upper: pick(&self.upper),
            rows,
            turnover: self.turnover.map(|t| t - gone(&|i, v| (v - self.w0[i]).abs())),
            leverage: self.leverage.map(|l| l - gone(&|_, v| v.abs())),
            tracking,
        };
        (reduced, keep)
    }
}
