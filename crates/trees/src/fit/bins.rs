//! The values of features, sorted into intervals.

use crate::Rows;

/// The bin of missing values, the same for every feature.
pub(super) const MISSING: usize = 255;
/// Number of bins of a feature in a histogram, including the bin of missing values.
pub(super) const STRIDE: usize = 256;

/// Where the intervals of one feature end.
pub(super) struct FeatureBins {
    /// The largest value of each interval but the last.
    pub(super) upper: Vec<f64>,
    /// The smallest and the largest value; none if all are missing.
    pub(super) range: Option<(f64, f64)>,
}

/// Rows as the bins of their values, row by row.
pub(super) struct BinnedRows {
    pub(super) features: Vec<FeatureBins>,
    bins: Vec<u8>,
}

impl BinnedRows {
    pub(super) fn new(rows: &Rows, most: usize) -> Self {
        let width = rows.width();
        let column = |feature: usize| rows.iter().map(|row| row[feature]).filter(|value| !value.is_nan()).collect();
        let features: Vec<FeatureBins> = (0..width).map(|feature| FeatureBins::of(column(feature), most)).collect();
        let mut bins = Vec::with_capacity(width * rows.len());
        for row in rows.iter() {
            bins.extend(row.iter().zip(&features).map(|(value, feature)| feature.bin(*value)));
        }
        Self { features, bins }
    }

    /// The bins of a row.
    pub(super) fn row(&self, row: u32) -> &[u8] {
        let width = self.features.len();
        &self.bins[row as usize * width..(row as usize + 1) * width]
    }
}

impl FeatureBins {
    /// At most `most` intervals with about the same number of values each; a value that occurs often has its own.
    fn of(mut numbers: Vec<f64>, most: usize) -> Self {
        numbers.sort_by(f64::total_cmp);
        let range = numbers.first().copied().zip(numbers.last().copied());
        let distinct: Vec<(f64, usize)> = numbers.chunk_by(|a, b| a == b).map(|same| (same[0], same.len())).collect();
        let mut upper = Vec::new();
        let (mut here, mut rest) = (0, numbers.len());
        for pair in distinct.windows(2) {
            let (value, count) = pair[0];
            here += count;
            let next = pair[1];
            // The intervals that are left share the numbers that are left.
            let share = rest.div_ceil(most - upper.len());
            let full = distinct.len() <= most || here >= share || here + next.1 / 2 >= share.max(next.1);
            if full && upper.len() + 1 < most {
                upper.push(between(value, next.0));
                rest -= here;
                here = 0;
            }
        }
        Self { upper, range }
    }

    /// The bin of a value.
    fn bin(&self, value: f64) -> u8 {
        let bin = if value.is_nan() { MISSING } else { self.upper.partition_point(|upper| *upper < value) };
        // At most 255 intervals, so the last bin of a number is 254.
        u8::try_from(bin).unwrap_or(u8::MAX)
    }
}

/// A threshold that is at least `low` and below `high`, in the middle where possible.
fn between(low: f64, high: f64) -> f64 {
    let middle = 0.5 * low + 0.5 * high;
    if middle >= low && middle < high { middle } else { low }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_numbers_have_a_bin_each() {
        let rows = Rows::new(1, vec![2.0, 1.0, f64::NAN, 1.0, 4.0]).unwrap();
        let binned = BinnedRows::new(&rows, 255);
        assert_eq!(binned.features[0].upper, [1.5, 3.0]);
        assert_eq!((0..5).map(|row| binned.row(row)[0]).collect::<Vec<_>>(), [1, 0, 255, 0, 2]);
        assert_eq!(binned.features[0].range, Some((1.0, 4.0)));
    }

    #[test]
    fn many_numbers_share_bins_evenly() {
        let numbers: Vec<f64> = (0..1000).map(f64::from).collect();
        let bins = FeatureBins::of(numbers, 10);
        assert_eq!(bins.upper.len(), 9);
        assert_eq!(bins.upper[0], 99.5);
        // Half of the numbers are zero: they have one bin, and the rest shares the others.
        let numbers: Vec<f64> = (0..1000).map(|i| if i < 500 { 0.0 } else { f64::from(i) }).collect();
        let bins = FeatureBins::of(numbers, 10);
        assert_eq!(bins.upper.len(), 9);
        assert_eq!(bins.upper[0], 250.0);
    }

    #[test]
    fn neighbours_have_a_threshold_between_them() {
        let next = 1.0_f64.next_up();
        assert_eq!(between(1.0, next), 1.0);
        assert_eq!(between(-f64::MAX, f64::MAX), 0.0);
    }
}
