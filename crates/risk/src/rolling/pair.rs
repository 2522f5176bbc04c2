//! Means and central products of the pairs of a window.

use portfolio_core::return_rounding;

use super::slide::Merge;

/// Means and central products of pairs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    count: f64,
    pub(super) mean_x: f64,
    mean_y: f64,
    pub(super) xx: f64,
    pub(super) yy: f64,
    pub(super) xy: f64,
}

impl Pair {
    pub(super) fn one(x: f64, y: f64) -> Self {
        Self { count: 1.0, mean_x: x, mean_y: y, xx: 0.0, yy: 0.0, xy: 0.0 }
    }

    fn deviation(&self, squares: f64) -> Option<f64> {
        if self.count < 2.0 { None } else { Some((squares / (self.count - 1.0)).sqrt()) }
    }

    pub(super) fn deviation_x(&self) -> Option<f64> {
        self.deviation(self.xx)
    }

    pub(super) fn divisor_x(&self) -> Option<f64> {
        self.deviation(self.xx).filter(|d| *d > return_rounding(1.0 + self.mean_x.abs()))
    }

    pub(super) fn divisor_y(&self) -> Option<f64> {
        self.deviation(self.yy).filter(|d| *d > return_rounding(1.0 + self.mean_y.abs()))
    }
}

impl Merge for Pair {
    /// Chan, Golub and LeVeque (1983), "Algorithms for computing the sample variance", The American Statistician 37(3).
    fn merge(self, later: Self) -> Self {
        let count = self.count + later.count;
        let (dx, dy) = (later.mean_x - self.mean_x, later.mean_y - self.mean_y);
        let share = later.count / count;
        let weight = self.count * share;
        Self {
            count,
            mean_x: self.mean_x + dx * share,
            mean_y: self.mean_y + dy * share,
            xx: self.xx + later.xx + dx * dx * weight,
            yy: self.yy + later.yy + dy * dy * weight,
            xy: self.xy + later.xy + dx * dy * weight,
        }
    }
}
