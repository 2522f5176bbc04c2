//! Median, median absolute deviation and robust z-scores of returns.

/// Median and median absolute deviation of the returns that are not zero; `None` when more than half of them are equal.
///
/// A price that does not move says nothing about the size of its moves, so zeros are left out and stale days do not
/// hide a jump.
///
/// The z-score of an observation is `0.6745·(r − median)/MAD`, where 0.6745 is the MAD of a standard normal variable.
/// For normal data it equals the usual score, but the outliers that it must detect do not distort it.
///
/// # Reference
/// Iglewicz and Hoaglin (1993), "How to Detect and Handle Outliers", section 3.3.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct RobustScale {
    median: f64,
    mad: f64,
}

/// MAD of a standard normal variable.
const NORMAL_MAD: f64 = 0.6745;

impl RobustScale {
    pub(super) fn of(returns: &[f64], work: &mut Vec<f64>) -> Option<Self> {
        work.clear();
        work.extend(returns.iter().filter(|&&r| r != 0.0));
        if work.len() < 3 {
            return None;
        }
        let median = median(work);
        work.iter_mut().for_each(|r| *r = (*r - median).abs());
        let mad = self::median(work);
        (mad > 0.0).then_some(Self { median, mad })
    }

    /// The robust z-score of an observation.
    pub(super) fn score(&self, r: f64) -> f64 {
        NORMAL_MAD * (r - self.median) / self.mad
    }

    /// The standard deviation of a normal variable with this MAD.
    pub(super) fn deviation(&self) -> f64 {
        self.mad / NORMAL_MAD
    }
}

/// The middle value, or the mean of the two middle values. Reorders `values`, which must be finite and not empty.
fn median(values: &mut [f64]) -> f64 {
    let middle = values.len() / 2;
    let is_even = values.len().is_multiple_of(2);
    let (below, &mut upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    if is_even {
        let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        0.5 * (lower + upper)
    } else {
        upper
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_is_known_on_paper() {
        // Median 3, absolute deviations 2, 1, 0, 1, 97: MAD 1.
        let scale = RobustScale::of(&[1.0, 2.0, 3.0, 4.0, 100.0], &mut Vec::new()).unwrap();
        assert!((scale.score(100.0) - 0.6745 * 97.0).abs() < 1e-12);
        let even = RobustScale::of(&[4.0, 1.0, 2.0, 3.0], &mut Vec::new()).unwrap();
        assert_eq!((even.median, even.mad), (2.5, 1.0));
    }

    #[test]
    fn equal_returns_have_no_scale_and_stale_days_do_not_count() {
        assert_eq!(RobustScale::of(&[0.1, 0.1, 0.1, 0.2], &mut Vec::new()), None);
        let moves = RobustScale::of(&[0.1, 0.2, 0.4], &mut Vec::new());
        assert_eq!(RobustScale::of(&[0.0, 0.1, 0.0, 0.0, 0.2, 0.0, 0.4, 0.0], &mut Vec::new()), moves);
        assert_eq!(RobustScale::of(&[0.1, 0.2], &mut Vec::new()), None);
    }
}
