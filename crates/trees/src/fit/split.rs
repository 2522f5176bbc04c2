//! The best split of a leaf.

use super::bins::{BinnedRows, MISSING};
use super::histogram::{Bin, Histogram};
use super::spec::{GbdtSpec, Monotone};

/// The bounds of a leaf's value that keep the constraints of the splits above.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) least: f64,
    pub(super) largest: f64,
}

/// The gradients of a leaf: their sum, and the number of rows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Totals {
    pub(super) gradient: f64,
    pub(super) rows: u32,
}

/// A possible split.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) gain: f64,
    pub(super) feature: usize,
    /// The last bin that goes left.
    pub(super) last_left: usize,
    pub(super) missing_left: bool,
    pub(super) left: Totals,
    pub(super) right: Totals,
}

impl Totals {
    fn with(self, bin: Bin) -> Self {
        Self { gradient: self.gradient + bin.gradient, rows: self.rows + bin.rows }
    }

    fn without(self, part: Self) -> Self {
        Self { gradient: self.gradient - part.gradient, rows: self.rows - part.rows }
    }

    /// The value within the bounds that minimises the loss of these rows.
    pub(super) fn value(self, l2: f64, bounds: Bounds) -> f64 {
        (-self.gradient / (f64::from(self.rows) + l2)).clamp(bounds.least, bounds.largest)
    }

    /// Twice the reduction of the loss by this value.
    fn score(self, value: f64, l2: f64) -> f64 {
        -(2.0 * self.gradient + (f64::from(self.rows) + l2) * value) * value
    }
}

/// The split with the largest gain; of equal ones, the first. None if no split has a gain.
pub(super) fn best_split(
    spec: &GbdtSpec,
    binned: &BinnedRows,
    used: &[usize],
    histogram: &Histogram,
    totals: Totals,
    bounds: Bounds,
) -> Option<Candidate> {
    let mut best: Option<Candidate> = None;
    let now = totals.score(totals.value(spec.l2, bounds), spec.l2);
    let least = u32::try_from(spec.rows_in_leaf).unwrap_or(u32::MAX);
    // Rounding alone makes gains of this size.
    let floor = 1e-12 * (1.0 + now.abs());
    for &feature in used {
        let bins = histogram.feature(feature);
        let last = binned.features[feature].upper.len();
        let missing = Totals::default().with(bins[MISSING]);
        let mut numbers = Totals::default();
        for (bin, sums) in bins[..=last].iter().enumerate() {
            numbers = numbers.with(*sums);
            // After the last bin only missing numbers are left for the other side.
            let sides: &[bool] = match (missing.rows > 0, bin == last) {
                (false, true) => &[],
                (false, false) => &[false],
                (true, true) => &[false],
                (true, false) => &[false, true],
            };
            for &missing_left in sides {
                let left = if missing_left {
                    Totals { gradient: numbers.gradient + missing.gradient, rows: numbers.rows + missing.rows }
                } else {
                    numbers
                };
                let right = totals.without(left);
                if left.rows < least || right.rows < least {
                    continue;
                }
                let (a, b) = (left.value(spec.l2, bounds), right.value(spec.l2, bounds));
                let allowed = match spec.constraint(feature) {
                    Monotone::Free => true,
                    Monotone::Increasing => a <= b,
                    Monotone::Decreasing => a >= b,
                };
                let gain = left.score(a, spec.l2) + right.score(b, spec.l2) - now;
                if allowed && gain > best.map_or(floor, |best| best.gain) {
                    // Without missing numbers in training, they take the way of most rows.
                    let missing_left = if missing.rows > 0 { missing_left } else { left.rows >= right.rows };
                    best = Some(Candidate { gain, feature, last_left: bin, missing_left, left, right });
                }
            }
        }
    }
    best
}

impl Candidate {
    /// The bounds of both sides.
    pub(super) fn bounds(&self, spec: &GbdtSpec, above: Bounds) -> (Bounds, Bounds) {
        let middle = 0.5 * (self.left.value(spec.l2, above) + self.right.value(spec.l2, above));
        let below = Bounds { largest: middle, ..above };
        let beyond = Bounds { least: middle, ..above };
        match spec.constraint(self.feature) {
            Monotone::Free => (above, above),
            Monotone::Increasing => (below, beyond),
            Monotone::Decreasing => (beyond, below),
        }
    }

    /// Whether a row with this bin goes left.
    pub(super) fn takes_left(&self, bin: u8) -> bool {
        let bin = usize::from(bin);
        if bin == MISSING { self.missing_left } else { bin <= self.last_left }
    }
}
