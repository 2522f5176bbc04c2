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
    /// The scale of a series some return of which has a score beyond `bound` in size; `None` where none has, and without a scale.
    pub(super) fn beyond(bound: f64, returns: &[f64], work: &mut Vec<i64>) -> Option<Self> {
        let (chunks, rest) = returns.as_chunks::<4>();
        let lanes = chunks.iter().fold([0.0; 4], |sum, r| std::array::from_fn(|l| sum[l] + r[l]));
        let mean = lanes.iter().chain(rest).sum::<f64>() / returns.len().max(1) as f64;
        let most = farthest(returns, mean);
        // The median is hardly ever farther from the mean than this share of the farthest return.
        if is_within(bound, returns, mean, most, most / NEAR) {
            return None;
        }
        put_moves(returns, work);
        if work.len() < 3 {
            return None;
        }
        let median = median(work);
        if is_within(bound, returns, median, farthest(returns, median), 0.0) {
            return None;
        }
        let scale = Self::around(median, work)?;
        returns.iter().any(|r| scale.score(*r).abs() > bound).then_some(scale)
    }

    #[cfg(test)]
    pub(super) fn of(returns: &[f64], work: &mut Vec<i64>) -> Option<Self> {
        put_moves(returns, work);
        if work.len() < 3 {
            return None;
        }
        let median = median(work);
        Self::around(median, work)
    }

    /// The scale around the median of the moves with these keys.
    fn around(median: f64, keys: &mut [i64]) -> Option<Self> {
        keys.iter_mut().for_each(|r| *r = key((value(*r) - median).abs()));
        let mad = self::median(keys);
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

/// By this divisor the farthest return is nearer than the median is believed to be.
const NEAR: f64 = 40.0;

/// The largest distance of a return from a centre, of eight maxima beside each other: each waits for its own last
/// return only.
fn farthest(returns: &[f64], centre: f64) -> f64 {
    let more = |most: f64, r: f64| {
        let far = (r - centre).abs();
        if far > most { far } else { most }
    };
    let (chunks, rest) = returns.as_chunks::<8>();
    let lanes = chunks.iter().fold([0.0; 8], |most, r| std::array::from_fn(|l| more(most[l], r[l])));
    lanes.into_iter().fold(rest.iter().fold(0.0, |most, r| more(most, *r)), f64::max)
}

/// Whether no score is beyond `bound` in size, by counts alone, as for nearly every history; false where they leave it open.
///
/// Let `c` be a centre, `F` (`most`) the largest distance of a return from it, and `x` (`near`) a distance, or 0 for a centre that is the
/// median. Where fewer than half of the moves are above `c + x` and fewer than half below `c − x`, the median is between
/// them, so no return is farther from it than `F + x`, and one at a distance `s` from `c` is at least `s − x` from it.
/// Where more than half of the moves are farther from `c` than `0.6745·(F + x)/bound + x`, the MAD is therefore above
/// `0.6745·(F + x)/bound`, and no score is beyond `bound`.
fn is_within(bound: f64, returns: &[f64], centre: f64, most: f64, near: f64) -> bool {
    /// More than the rounding of the comparisons.
    const ROUNDING: f64 = 1e-9;
    let far = (1.0 + ROUNDING) * (NORMAL_MAD * (most + near) / bound + near);
    let (mut moves, mut above, mut below, mut wide) = (0_u64, 0_u64, 0_u64, 0_u64);
    for r in returns {
        let (moved, off) = (*r != 0.0, r - centre);
        moves += u64::from(moved);
        above += u64::from(moved & (off > near));
        below += u64::from(moved & (off < -near));
        wide += u64::from(moved & (off.abs() > far));
    }
    let is_between = near == 0.0 || 2 * above < moves && 2 * below < moves;
    is_between && 2 * wide > moves + 1
}

/// Puts the keys of the returns that are not zero into `work`.
fn put_moves(returns: &[f64], work: &mut Vec<i64>) {
    work.clear();
    work.extend(returns.iter().filter(|&&r| r != 0.0).map(|r| key(*r)));
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

    #[test]
    fn the_farthest_return_is_found_wherever_it_is() {
        for length in [1, 7, 8, 9, 40] {
            for at in 0..length {
                let mut returns = vec![0.01; length];
                returns[at] = -0.5;
                assert_eq!(farthest(&returns, 0.25), 0.75, "{at} of {length}");
            }
        }
        assert_eq!(farthest(&[], 0.25), 0.0);
    }

    #[test]
    fn counts_find_no_series_calm_that_has_a_far_return() {
        // Fat tails, stale days and a median off zero: Student's t with 3 degrees of freedom by its quotient form.
        let mut state = 7_u64;
        let mut uniform = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
        };
        let (mut calm, mut far) = (0, 0);
        for series in 0..2_000 {
            let length = 3 + series % 300;
            let mut normal = || (-2.0 * uniform().ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos();
            let mut draw = || {
                let (z, chi) = (normal(), (0..3).map(|_| normal().powi(2)).sum::<f64>());
                let t = z / (chi / 3.0_f64).sqrt();
                if series % 5 == 0 && z > 0.7 { 0.0 } else { 0.01 * t + 0.0003 * f64::from(series % 7) }
            };
            let returns: Vec<f64> = (0..length).map(|_| draw()).collect();
            let mut sorted: Vec<f64> = returns.iter().copied().filter(|r| *r != 0.0).collect();
            let middle = |list: &mut Vec<f64>| {
                list.sort_by(f64::total_cmp);
                f64::midpoint(list[(list.len() - 1) / 2], list[list.len() / 2])
            };
            if sorted.len() < 3 {
                continue;
            }
            let median = middle(&mut sorted);
            let mut distances: Vec<f64> = sorted.iter().map(|r| (r - median).abs()).collect();
            let mad = middle(&mut distances);
            let is_far = returns.iter().any(|r| 0.6745 * (r - median).abs() / mad > 10.0);
            assert_eq!(RobustScale::beyond(10.0, &returns, &mut Vec::new()).is_some(), is_far, "{series}");
            far += usize::from(is_far);
            let mean = returns.iter().sum::<f64>() / returns.len() as f64;
            let most = farthest(&returns, mean);
            calm += usize::from(is_within(10.0, &returns, mean, most, most / NEAR));
        }
        assert!(calm > 400 && far > 300, "{calm} calm, {far} with a far return");
    }
}
