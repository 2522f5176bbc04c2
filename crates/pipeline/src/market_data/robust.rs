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
    pub(super) fn of(returns: &[f64], work: &mut Vec<i64>) -> Option<Self> {
        work.clear();
        work.extend(returns.iter().filter(|&&r| r != 0.0).map(|r| key(*r)));
        if work.len() < 3 {
            return None;
        }
        let median = median(work);
        work.iter_mut().for_each(|r| *r = key((value(*r) - median).abs()));
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

/// A whole number in the order of [`f64::total_cmp`]: a selection compares these much faster than numbers.
fn key(number: f64) -> i64 {
    flipped(number.to_bits().cast_signed())
}

/// The number with this key.
fn value(key: i64) -> f64 {
    f64::from_bits(flipped(key).cast_unsigned())
}

/// All bits but the sign of a negative number change, so that a larger size is a smaller number.
fn flipped(bits: i64) -> i64 {
    bits ^ ((bits >> 63) & i64::MAX)
}

/// The middle value, or the mean of the two middle values, of numbers by their keys. Reorders `keys`, which are those of
/// finite numbers and not empty.
fn median(keys: &mut [i64]) -> f64 {
    let middle = keys.len() / 2;
    let is_even = keys.len().is_multiple_of(2);
    let (below, &mut upper, _) = keys.select_nth_unstable(middle);
    match below.iter().max() {
        Some(lower) if is_even => 0.5 * (value(*lower) + value(upper)),
        _ => value(upper),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_order_of_their_numbers() {
        let numbers = [-1e300, -2.0, -1.0, -f64::MIN_POSITIVE, -0.0, 0.0, f64::MIN_POSITIVE, 1.0, 1.5, 1e300];
        assert!(numbers.map(key).is_sorted());
        assert_eq!(numbers.map(|number| value(key(number)).to_bits()), numbers.map(f64::to_bits));
    }

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
