//! The values at the horizon, counted in bins.

use serde::Serialize;

/// Bins of a [`TerminalHistogram`]: enough for the 5 % tail to contain several of them.
pub const HISTOGRAM_BINS: usize = 64;

/// The number of paths by value at the horizon: 64 bins of equal width from the smallest value to the largest.
///
/// Bin `i` holds the values from `edges[i]` to below `edges[i + 1]`; the last bin holds its upper edge too. So every path
/// is counted once, the counts sum to the number of paths, and their order does not matter. In a simulation in tiles the bins are those of
/// the first tile; the first and the last one reach as far as the smallest and the largest value of all.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TerminalHistogram {
    /// Ends of the 64 bins, ascending, per unit of initial value: 65 of them.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.90, 0.96, 1.02, 1.08])))]
    pub edges: Vec<f64>,
    /// Paths in each of the 64 bins.
    #[cfg_attr(feature = "openapi", schema(example = json!([120, 9_700, 180])))]
    pub counts: Vec<u64>,
}

impl TerminalHistogram {
    /// Counts finite values; `None` when they are all equal, or so close that the bins would have no width.
    #[must_use]
    pub(crate) fn of(values: &[f64]) -> Option<Self> {
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let bins = HISTOGRAM_BINS as f64;
        // Interpolated from both ends, so that the last edge is the largest value to the bit and no difference overflows.
        let edge = |i: usize| low * ((bins - i as f64) / bins) + high * (i as f64 / bins);
        let edges: Vec<f64> = (0..=HISTOGRAM_BINS).map(edge).collect();
        if !edges.windows(2).all(|pair| pair[0] < pair[1]) {
            return None;
        }
        let mut histogram = Self { edges, counts: vec![0_u64; HISTOGRAM_BINS] };
        histogram.count(values, low, high);
        Some(histogram)
    }

    /// Adds finite values to what earlier tiles counted; those of the first tile make the bins.
    pub(crate) fn with(counted: Option<Self>, values: &[f64]) -> Option<Self> {
        match counted {
            Some(mut histogram) => {
                histogram.add(values);
                Some(histogram)
            }
            None => Self::of(values),
        }
    }

    fn add(&mut self, values: &[f64]) {
        let (low, high) = (self.edges[0], self.edges[HISTOGRAM_BINS]);
        self.count(values, low, high);
        self.edges[0] = values.iter().copied().fold(low, f64::min);
        self.edges[HISTOGRAM_BINS] = values.iter().copied().fold(high, f64::max);
    }

    /// Counts values in bins that have about equal widths between `low` and `high`.
    fn count(&mut self, values: &[f64], low: f64, high: f64) {
        let scale = HISTOGRAM_BINS as f64 / (high - low);
        for &value in values {
            let mut bin = (((value - low) * scale) as usize).min(HISTOGRAM_BINS - 1);
            // The division may round across an edge; the edges decide.
            while bin > 0 && value < self.edges[bin] {
                bin -= 1;
            }
            while bin < HISTOGRAM_BINS - 1 && value >= self.edges[bin + 1] {
                bin += 1;
            }
            self.counts[bin] += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_counted_in_the_bin_between_whose_edges_it_lies() {
        let values: Vec<f64> = (0..=640).map(|i| f64::from(i) / 10.0).collect();
        let histogram = TerminalHistogram::of(&values).unwrap();
        assert_eq!((histogram.edges[0], histogram.edges[64]), (0.0, 64.0));
        assert_eq!(histogram.edges[7], 7.0);
        // Ten values a bin, and the largest of all in the last one.
        assert_eq!(histogram.counts[..63], [10; 63]);
        assert_eq!(histogram.counts[63], 11);
    }

    #[test]
    fn values_of_later_tiles_are_counted_and_widen_the_outer_bins() {
        let mut histogram = TerminalHistogram::of(&[0.0, 64.0]).unwrap();
        histogram.add(&[-5.0, 0.5, 1.0, 70.0]);
        assert_eq!((histogram.edges[0], histogram.edges[1], histogram.edges[64]), (-5.0, 1.0, 70.0));
        assert_eq!((histogram.counts[0], histogram.counts[1], histogram.counts[63]), (3, 1, 2));
        // The widened bins stay where they are for a third tile.
        histogram.add(&[-4.0, 1.5, 69.0]);
        assert_eq!((histogram.edges[0], histogram.edges[63], histogram.edges[64]), (-5.0, 63.0, 70.0));
        assert_eq!((histogram.counts[0], histogram.counts[1], histogram.counts[63]), (4, 2, 3));
    }

    #[test]
    fn values_below_zero_and_of_any_size_are_counted() {
        for (low, high) in [(-3.0, -1.0), (-1e150, 1e150), (0.0, 1e-300)] {
            let histogram = TerminalHistogram::of(&[low, high, low]).unwrap();
            assert_eq!((histogram.edges[0], histogram.edges[64]), (low, high));
            assert_eq!((histogram.counts[0], histogram.counts[63]), (2, 1), "{low} to {high}");
        }
    }

    #[test]
    fn values_that_do_not_differ_have_no_bins() {
        assert_eq!(TerminalHistogram::of(&[1.0; 5]), None);
        assert_eq!(TerminalHistogram::of(&[1.0, 1.0 + f64::EPSILON]), None);
        assert_eq!(TerminalHistogram::of(&[]), None);
    }
}
