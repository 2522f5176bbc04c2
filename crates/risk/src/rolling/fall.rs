//! The deepest fall of wealth within a window.

use super::slide::Merge;

/// Growth and deepest fall, as logarithms, so that nothing overflows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fall {
    growth: f64,
    /// Highest wealth relative to the start, the start included: 0 or more.
    peak: f64,
    /// Lowest wealth relative to the start.
    low: f64,
    /// Deepest fall from a peak to a later point: 0 or less.
    fall: f64,
}

impl Fall {
    /// A return below −1 makes the result NaN, and it stays NaN.
    pub(super) fn one(r: f64) -> Self {
        let growth = r.ln_1p();
        Self { growth, peak: if growth > 0.0 { growth } else { 0.0 }, low: growth, fall: minimum(growth, 0.0) }
    }

    pub(super) fn depth(&self) -> Option<f64> {
        if self.fall.is_nan() { None } else { Some(-self.fall.exp_m1() + 0.0) }
    }
}

/// The smaller of two numbers; NaN when either is NaN.
fn minimum(a: f64, b: f64) -> f64 {
    if a.is_nan() || a < b { a } else { b }
}

impl Merge for Fall {
    fn merge(self, later: Self) -> Self {
        let across = self.growth + later.low - self.peak;
        Self {
            growth: self.growth + later.growth,
            peak: self.peak.max(self.growth + later.peak),
            low: minimum(self.low, self.growth + later.low),
            fall: minimum(minimum(self.fall, later.fall), minimum(across, 0.0)),
        }
    }
}
