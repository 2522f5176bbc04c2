//! Decides whether a jump in a series looks like a split for which the prices were not adjusted.

use super::robust::RobustScale;

/// Price after a split of `new` for `old` shares, as a multiple of the price before it.
///
/// These are the customary ratios of corporate actions: splits of 2, 3, 4, 5, 7, 10 and 20 for one, and reverse splits
/// of the same sizes except 7. Splits of 3 for 2 are left out, because a third can be lost in a day without a split.
const FACTORS: [f64; 13] =
    [1.0 / 2.0, 1.0 / 3.0, 1.0 / 4.0, 1.0 / 5.0, 1.0 / 7.0, 1.0 / 10.0, 1.0 / 20.0, 2.0, 3.0, 4.0, 5.0, 10.0, 20.0];

/// Largest ordinary log-return on the day of a split.
const ORDINARY_MOVE: f64 = 0.08;
/// Ordinary moves also stay within this many robust standard deviations.
const ORDINARY_DEVIATIONS: f64 = 3.0;
/// Minimum robust score of a split-like jump; in a book where such moves are common, none counts as a split.
const EXTRAORDINARY: f64 = 10.0;
/// Number of periods within which a wrong price is usually corrected.
const REVERSAL: usize = 5;

/// Whether return `t` looks like a split for which the prices were not adjusted.
///
/// The growth `1 + r` must be a customary split factor within one ordinary move (8 % in logarithm or 3 robust standard
/// deviations, whichever is less). The return must be extraordinary for the series (robust score of at least 10).
/// Neither the five periods after it nor the five before it may reverse half of the jump. A wrong price that is
/// corrected leaves two jumps that reverse each other: both are outliers and neither is a split. The rule is ours; the
/// factors are those of announced splits.
pub(super) fn is_split_like(returns: &[f64], t: usize, scale: &RobustScale) -> bool {
    let r = returns[t];
    if r <= -1.0 || scale.score(r).abs() < EXTRAORDINARY {
        return false;
    }
    let jump = r.ln_1p();
    let slack = ORDINARY_MOVE.min(ORDINARY_DEVIATIONS * scale.deviation());
    if !FACTORS.iter().any(|factor| (jump - factor.ln()).abs() <= slack) {
        return false;
    }
    let after = returns[t + 1..].iter().take(REVERSAL);
    let before = returns[..t].iter().rev().take(REVERSAL);
    !takes_back(jump, after) && !takes_back(jump, before)
}

/// Whether neighbouring returns, nearest first, sum to half of a jump or more in the other direction.
fn takes_back<'a>(jump: f64, neighbours: impl Iterator<Item = &'a f64>) -> bool {
    let mut sum = 0.0;
    neighbours.into_iter().any(|&r| {
        sum += if r > -1.0 { r.ln_1p() } else { f64::NEG_INFINITY };
        sum * jump.signum() <= -0.5 * jump.abs()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series_with(jump: f64, after: &[f64]) -> (Vec<f64>, usize) {
        let mut returns: Vec<f64> = (0..40).map(|t| if t % 2 == 0 { 0.01 } else { -0.008 }).collect();
        let at = returns.len();
        returns.push(jump);
        returns.extend_from_slice(after);
        returns.extend((0..40).map(|t| if t % 2 == 0 { -0.01 } else { 0.011 }));
        (returns, at)
    }

    fn split(jump: f64, after: &[f64]) -> bool {
        let (returns, at) = series_with(jump, after);
        is_split_like(&returns, at, &RobustScale::of(&returns, &mut Vec::new()).unwrap())
    }

    #[test]
    fn unadjusted_splits_are_seen_either_way() {
        for jump in [-0.5, -0.49, -2.0 / 3.0, -0.75, -0.9, 1.0, 2.0, 9.0] {
            assert!(split(jump, &[]), "{jump}");
        }
    }

    #[test]
    fn a_crash_of_another_size_and_a_price_put_right_are_no_splits() {
        assert!(!split(-0.40, &[]));
        assert!(!split(-1.0 / 3.0, &[]));
        assert!(!split(-0.5, &[1.0]), "back on the next day");
        assert!(!split(-0.5, &[0.0, 0.2, 0.2, 0.2]), "most of it back within the week");
        assert!(split(-0.5, &[0.0, 0.0, 0.0, 0.0, 0.0, 1.0]), "back after the window");
        assert!(!split(-1.0, &[]), "a total loss is no split");
    }

    #[test]
    fn a_bad_quote_put_right_is_two_outliers_whichever_way_and_however_imperfectly() {
        for (jump, back) in [
            (-0.5, 1.0),
            (1.0, -0.5),
            (2.0, -2.0 / 3.0),
            (-2.0 / 3.0, 2.0),
            (-0.75, 3.0),
            (-0.8, 4.0),
            (-0.9, 9.0),
            (9.0, -0.9),
            (-0.95, 19.0),
            (-0.49, 0.97),
            (-0.5, 0.9),
        ] {
            for days_between in 0..5 {
                let after: Vec<f64> = std::iter::repeat_n(0.002, days_between).chain([back]).collect();
                let (returns, at) = series_with(jump, &after);
                let scale = RobustScale::of(&returns, &mut Vec::new()).unwrap();
                for t in [at, at + after.len()] {
                    assert!(!is_split_like(&returns, t, &scale), "{jump}, {back} after {days_between} days, at {t}");
                }
            }
        }
    }

    #[test]
    fn a_bad_quote_at_either_end_of_a_series_is_two_outliers_too() {
        let calm: Vec<f64> = (0..60).map(|t| if t % 2 == 0 { 0.01 } else { -0.008 }).collect();
        for (first, second) in [(-0.5, 1.0), (1.0, -0.5), (-2.0 / 3.0, 2.0)] {
            let start: Vec<f64> = [first, second].into_iter().chain(calm.iter().copied()).collect();
            let end: Vec<f64> = calm.iter().copied().chain([first, second]).collect();
            for (returns, at) in [(&start, 0), (&end, 60)] {
                let scale = RobustScale::of(returns, &mut Vec::new()).unwrap();
                assert!(
                    !is_split_like(returns, at, &scale) && !is_split_like(returns, at + 1, &scale),
                    "{first} at {at}"
                );
            }
        }
        // A jump on the last day may still be corrected, and one on the first day may be a correction: both count as
        // splits.
        let last: Vec<f64> = calm.iter().copied().chain([-0.5]).collect();
        assert!(is_split_like(&last, 60, &RobustScale::of(&last, &mut Vec::new()).unwrap()));
    }

    #[test]
    fn two_splits_in_one_direction_stay_splits() {
        let (returns, at) = series_with(-0.5, &[0.0, -0.5]);
        let scale = RobustScale::of(&returns, &mut Vec::new()).unwrap();
        assert!(is_split_like(&returns, at, &scale) && is_split_like(&returns, at + 2, &scale));
    }

    #[test]
    fn where_such_moves_are_ordinary_nothing_is_a_split() {
        let wild: Vec<f64> = (0..60).map(|t| if t % 2 == 0 { 0.9 } else { -0.45 }).collect();
        let scale = RobustScale::of(&wild, &mut Vec::new()).unwrap();
        assert!((0..60).all(|t| !is_split_like(&wild, t, &scale)));
    }
}
