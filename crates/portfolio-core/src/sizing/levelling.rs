//! Amounts that close the largest gaps first, none beyond its cap.
//!
//! # Reference
//! Boyd and Vandenberghe (2004), "Convex Optimization", section 5.5.3: the conditions of Karush, Kuhn and Tucker;
//! example 5.2: water-filling.

/// Amounts `xᵢ` with `0 ≤ xᵢ ≤ capᵢ` and `Σxᵢ = amount` that minimise `Σ(gapᵢ − xᵢ)²`, in the unit of the inputs.
///
/// By the conditions of Karush, Kuhn and Tucker every amount that is neither zero nor at its cap leaves the same
/// remaining gap `θ`:
///
/// ```text
/// xᵢ = clamp(gapᵢ − θ, 0, capᵢ)
/// ```
///
/// The sum decreases in `θ` and has a kink where an amount starts (`gapᵢ`) or reaches its cap (`gapᵢ − capᵢ`), so one
/// pass over the sorted kinks finds `θ`: `O(N log N)`. Gaps of 7 and 3 with an amount of 6 get 5 and 1: both leave 2.
///
/// Caps are not negative, and `amount` is between zero and their sum; above it every amount is at its cap.
pub(super) fn level(gaps: &[f64], caps: &[f64], amount: f64) -> Vec<f64> {
    let filled = |theta: f64| gaps.iter().zip(caps).map(move |(gap, cap)| (gap - theta).clamp(0.0, *cap));
    let mut bends: Vec<(f64, f64)> =
        gaps.iter().zip(caps).flat_map(|(gap, cap)| [(*gap, 1.0), (gap - cap, -1.0)]).collect();
    bends.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let (mut theta, mut sum, mut rising) = (f64::INFINITY, 0.0, 0.0);
    for (bend, change) in bends {
        // The first bend has nothing above it.
        let reached = if rising > 0.0 { sum + rising * (theta - bend) } else { sum };
        if reached >= amount {
            return filled(theta - (amount - sum) / f64::max(rising, 1.0)).collect();
        }
        (theta, sum, rising) = (bend, reached, rising + change);
    }
    caps.to_vec()
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::level;

    #[test]
    fn by_hand() {
        assert_eq!(level(&[7.0, 3.0], &[7.0, 3.0], 6.0), [5.0, 1.0]);
        // The larger gap alone, until it is as small as the other.
        assert_eq!(level(&[7.0, 3.0], &[7.0, 3.0], 4.0), [4.0, 0.0]);
        // A cap sends the rest to the other.
        assert_eq!(level(&[7.0, 3.0], &[2.0, 3.0], 4.0), [2.0, 2.0]);
        assert_eq!(level(&[7.0, 3.0], &[7.0, 3.0], 10.0), [7.0, 3.0]);
        assert_eq!(level(&[7.0, 3.0], &[7.0, 3.0], 11.0), [7.0, 3.0]);
        assert_eq!(level(&[7.0, 3.0], &[7.0, 3.0], 0.0), [0.0, 0.0]);
        assert!(level(&[], &[], 1.0).is_empty());
    }

    #[test]
    fn no_exchange_between_two_amounts_comes_closer() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for _ in 0..20_000 {
            let n = rng.random_range(1..=7);
            let gaps: Vec<f64> = (0..n).map(|_| rng.random_range(-2.0..10.0)).collect();
            let caps: Vec<f64> =
                (0..n).map(|_| if rng.random_bool(0.2) { 0.0 } else { rng.random_range(0.0..9.0) }).collect();
            let amount = rng.random_range(0.0..=1.0) * caps.iter().sum::<f64>();
            let found = level(&gaps, &caps, amount);
            assert!((found.iter().sum::<f64>() - amount).abs() < 1e-9, "{gaps:?} {caps:?} {amount} {found:?}");
            for i in 0..n {
                assert!((0.0..=caps[i]).contains(&found[i]));
                for j in 0..n {
                    let may_move = found[i] > 1e-9 && found[j] < caps[j] - 1e-9;
                    // Moving an amount from i to j lowers the sum of squares only if i leaves less than j.
                    let lowers = gaps[j] - found[j] > gaps[i] - found[i] + 1e-9;
                    assert!(!(may_move && lowers), "{gaps:?} {caps:?} {amount} {found:?}");
                }
            }
        }
    }
}
