//! The population stability index: how far a sample is from the one it is compared with.

/// Index from which a sample has shifted enough for a warning.
pub const PSI_WARNING: f64 = 0.1;
/// Index from which a sample counts as a different population.
pub const PSI_ALARM: f64 = 0.25;

/// The meaning of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StabilityLevel {
    /// Below [`PSI_WARNING`].
    Stable,
    /// From [`PSI_WARNING`].
    Warning,
    /// From [`PSI_ALARM`].
    Alarm,
}

impl StabilityLevel {
    /// The level of an index.
    #[must_use]
    pub fn of(index: f64) -> Self {
        if index >= PSI_ALARM {
            Self::Alarm
        } else if index >= PSI_WARNING {
            Self::Warning
        } else {
            Self::Stable
        }
    }
}

/// Bins of a reference sample, with which later samples are compared.
///
/// ```text
/// PSI = Σᵢ (aᵢ − eᵢ)·ln(aᵢ/eᵢ)
/// ```
///
/// over bins that hold equal parts of the reference sample, with the shares `e` of the reference and `a` of the sample. A bin without a
/// value counts as half a value. The index has no unit, is never negative, and has about the mean `(B − 1)(1/n + 1/m)` under no change for
/// `B` bins and independent samples of sizes `n` and `m`. Autocorrelated inputs exceed that without a change.
///
/// # Example
/// ```
/// use models::drift::{StabilityBins, StabilityLevel};
///
/// let reference: Vec<f64> = (0..1000).map(f64::from).collect();
/// let Some(bins) = StabilityBins::of(&reference, 10) else { return };
/// let moved: Vec<f64> = reference.iter().map(|x| x + 300.0).collect();
/// assert_eq!(bins.index(&reference).map(StabilityLevel::of), Some(StabilityLevel::Stable));
/// assert_eq!(bins.index(&moved).map(StabilityLevel::of), Some(StabilityLevel::Alarm));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct StabilityBins {
    /// Upper edges of all bins but the last, ascending.
    edges: Vec<f64>,
    expected: Vec<f64>,
}

impl StabilityBins {
    /// Bins at the quantiles of a reference sample; equal edges are one. `None` where it has fewer than two finite bins: with fewer
    /// values than bins, with a value that is not finite, or with all values equal.
    #[must_use]
    pub fn of(reference: &[f64], bins: usize) -> Option<Self> {
        if bins < 2 || reference.len() < bins || reference.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let mut sorted = reference.to_vec();
        sorted.sort_by(f64::total_cmp);
        let mut edges: Vec<f64> = (1..bins).map(|k| sorted[k * sorted.len() / bins]).collect();
        edges.dedup();
        // An edge at the smallest value would leave nothing below it.
        edges.retain(|edge| *edge > sorted[0]);
        if edges.is_empty() {
            return None;
        }
        let expected = shares(&edges, reference);
        Some(Self { edges, expected })
    }

    /// The index of a sample; `None` where it is empty or has a value that is not finite.
    #[must_use]
    pub fn index(&self, sample: &[f64]) -> Option<f64> {
        if sample.is_empty() || sample.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let found = shares(&self.edges, sample);
        Some(found.iter().zip(&self.expected).map(|(a, e)| (a - e) * (a / e).ln()).sum())
    }
}

/// The share of a sample in each bin; half a value where there is none.
fn shares(edges: &[f64], sample: &[f64]) -> Vec<f64> {
    let mut counts = vec![0.0_f64; edges.len() + 1];
    for value in sample {
        counts[edges.partition_point(|edge| edge <= value)] += 1.0;
    }
    let total = sample.len() as f64;
    counts.into_iter().map(|count| count.max(0.5) / total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_of_two_bins_is_the_one_computed_by_hand() {
        // Reference 5 and 5, sample 8 and 2: (.8 − .5)·ln(1.6) + (.2 − .5)·ln(.4) = .3·ln 4.
        let bins = StabilityBins::of(&[0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0], 2).unwrap();
        let index = bins.index(&[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0]).unwrap();
        assert!((index - 0.3 * 4.0_f64.ln()).abs() < 1e-12, "{index}");
        assert_eq!(StabilityLevel::of(index), StabilityLevel::Alarm);
        assert_eq!(StabilityLevel::of(0.1), StabilityLevel::Warning);
    }

    #[test]
    fn a_sample_that_supports_no_bins_has_no_index() {
        assert_eq!(StabilityBins::of(&[1.0; 50], 10), None);
        assert_eq!(StabilityBins::of(&[1.0, f64::NAN, 2.0], 2), None);
        assert_eq!(StabilityBins::of(&[1.0, 2.0], 3), None);
        let bins = StabilityBins::of(&[1.0, 2.0, 3.0, 4.0], 2).unwrap();
        assert_eq!(bins.index(&[]), None);
        assert!(bins.index(&[9.0; 10]).unwrap() > PSI_ALARM, "an empty bin does not make it infinite");
    }
}
