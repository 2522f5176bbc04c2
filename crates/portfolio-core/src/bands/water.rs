//! Spending an amount on the largest gaps first.

/// Splits `amount` over assets so that the remaining gaps are as even and as small as possible.
///
/// `gaps`: target value minus value held, after the contribution, in any unit; negative when overweight. The result
/// minimises `Σ (gapᵢ − xᵢ)²` over `xᵢ ≥ 0` with `Σ xᵢ = amount`:
///
/// ```text
/// xᵢ = max(0, gapᵢ − θ)
/// ```
///
/// where the level `θ` is chosen so that the sum is right. By the Karush–Kuhn–Tucker conditions every asset that is
/// bought ends with the same gap `θ`, and every other asset has a gap of at most `θ` already. `θ ≥ 0` while `amount` is
/// at most the sum of the positive gaps; with more than that, all assets that are bought end equally far above their
/// targets, and [`water_fill_then_spread`] spreads the excess by weights instead.
///
/// The shares, added in order, give `amount` to its last binary digit: the last share takes the rounding error. Nothing
/// is bought if the amount is not positive and finite, nor of an asset whose gap is not finite (all zeros when no gap
/// is finite). Cost: one sort, `O(n log n)`.
///
/// # Reference
/// Boyd and Vandenberghe (2004), "Convex Optimization", section 5.5.3 and example 5.2, on water-filling.
///
/// # Example
/// ```
/// use portfolio_core::water_fill;
///
/// // Gaps of 600 and 300 are levelled to 50; the overweight asset gets nothing.
/// assert_eq!(water_fill(&[600.0, 300.0, -400.0], 800.0), [550.0, 250.0, 0.0]);
/// // The first 300 go to the largest gap alone.
/// assert_eq!(water_fill(&[600.0, 300.0, -400.0], 200.0), [200.0, 0.0, 0.0]);
/// ```
#[must_use]
pub fn water_fill(gaps: &[f64], amount: f64) -> Vec<f64> {
    let mut shares = vec![0.0; gaps.len()];
    let mut descending: Vec<f64> = gaps.iter().copied().filter(|gap| gap.is_finite()).collect();
    if !(amount.is_finite() && amount > 0.0) || descending.is_empty() {
        return shares;
    }
    descending.sort_unstable_by(|a, b| b.total_cmp(a));
    let largest = descending[0];
    let depth = depth_of(&descending, largest, amount);
    for (share, gap) in shares.iter_mut().zip(gaps) {
        if gap.is_finite() {
            *share = (depth - (largest - gap)).max(0.0);
        }
    }
    settle(&mut shares, amount);
    shares
}

/// As [`water_fill`] up to the sum of the positive gaps; the remainder is spread in proportion to `weights`.
///
/// `weights`: one per asset, not negative, such as the targets. An asset whose weight is missing or not positive gets
/// none of the excess; when no asset has a positive weight, the excess follows [`water_fill`].
///
/// # Example
/// ```
/// use portfolio_core::water_fill_then_spread;
///
/// // 1,000 fills the gap of 600; the other 400 go 3 to 1.
/// assert_eq!(water_fill_then_spread(&[600.0, -100.0], &[0.75, 0.25], 1_000.0), [900.0, 100.0]);
/// ```
#[must_use]
pub fn water_fill_then_spread(gaps: &[f64], weights: &[f64], amount: f64) -> Vec<f64> {
    let usable = |weight: f64| if weight.is_finite() { weight.max(0.0) } else { 0.0 };
    let positive = |gap: f64| if gap.is_finite() { gap.max(0.0) } else { 0.0 };
    let need: f64 = gaps.iter().map(|gap| positive(*gap)).sum();
    let total: f64 = weights.iter().take(gaps.len()).map(|weight| usable(*weight)).sum();
    let excess = amount - need;
    if !(excess > 0.0 && amount.is_finite() && total > 0.0 && total.is_finite()) {
        return water_fill(gaps, amount);
    }
    let mut shares: Vec<f64> = gaps.iter().map(|gap| positive(*gap)).collect();
    for (share, weight) in shares.iter_mut().zip(weights) {
        *share += excess * (usable(*weight) / total);
    }
    settle(&mut shares, amount);
    shares
}

/// How far the level `θ` lies below the largest gap: the depth with `Σ max(0, depth − (largest − gapᵢ)) = amount`, for
/// finite gaps in descending order and a positive amount.
///
/// With the `k` largest gaps bought, `θ = (g₁ + … + g_k − amount)/k`; `k` is right when the next gap is not above `θ`.
/// Differences from the largest gap keep small amounts exact next to large gaps.
fn depth_of(descending: &[f64], largest: f64, amount: f64) -> f64 {
    let mut below = 0.0;
    let mut bought = 0.0;
    let mut depth = amount;
    for gap in descending {
        if largest - gap >= depth {
            break;
        }
        below += largest - gap;
        bought += 1.0;
        depth = (amount + below) / bought;
    }
    depth
}

/// Moves the rounding error of the sum into the last share that can absorb it.
fn settle(shares: &mut [f64], amount: f64) {
    for last in (0..shares.len()).rev() {
        if shares[last] > 0.0 {
            let rest = amount - shares[..last].iter().sum::<f64>();
            shares[last] = rest.max(0.0);
            if rest > 0.0 {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::{water_fill, water_fill_then_spread};

    /// The minimiser found by trying every set of bought assets and keeping the best feasible one.
    fn brute_force(gaps: &[f64], amount: f64) -> Vec<f64> {
        let distance = |shares: &[f64]| gaps.iter().zip(shares).map(|(g, x)| (g - x) * (g - x)).sum::<f64>();
        let sets = 1..1_u32 << gaps.len();
        let candidates = sets.filter_map(|set| {
            let chosen = |i: usize| set >> i & 1 == 1;
            let sum: f64 = gaps.iter().enumerate().filter(|(i, _)| chosen(*i)).map(|(_, gap)| gap).sum();
            let level = (sum - amount) / f64::from(set.count_ones());
            let shares: Vec<f64> =
                gaps.iter().enumerate().map(|(i, gap)| if chosen(i) { gap - level } else { 0.0 }).collect();
            shares.iter().all(|share| *share >= 0.0).then_some(shares)
        });
        candidates.min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap()
    }

    #[test]
    fn it_is_the_minimiser_that_brute_force_finds() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        for _ in 0..3_000 {
            let n = rng.random_range(1..=7);
            let gaps: Vec<f64> = (0..n).map(|_| rng.random_range(-1_000.0..1_000.0)).collect();
            let amount = rng.random_range(0.01..3_000.0);
            let shares = water_fill(&gaps, amount);
            for (share, expected) in shares.iter().zip(brute_force(&gaps, amount)) {
                assert!((share - expected).abs() < 1e-9, "{gaps:?} {amount}");
            }
        }
    }

    #[test]
    fn the_shares_add_up() {
        let mut rng = ChaCha8Rng::seed_from_u64(6);
        for _ in 0..20_000 {
            let n = rng.random_range(1..=60);
            let scale = 10_f64.powi(rng.random_range(-3..=12));
            let gaps: Vec<f64> = (0..n).map(|_| scale * rng.random_range(-1.0..1.0_f64).powi(3)).collect();
            let amount = scale * rng.random_range(1e-6..4.0);
            let weights: Vec<f64> = (0..n).map(|_| rng.random_range(0.0..1.0)).collect();
            for shares in [water_fill(&gaps, amount), water_fill_then_spread(&gaps, &weights, amount)] {
                assert!((shares.iter().sum::<f64>() - amount).abs() <= f64::EPSILON * amount, "{gaps:?} {amount}");
                assert!(shares.iter().all(|share| *share >= 0.0));
            }
        }
    }

    #[test]
    fn odd_input_buys_nothing() {
        assert!(water_fill(&[], 1.0).is_empty());
        for amount in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(water_fill(&[1.0, 2.0], amount), [0.0, 0.0]);
            assert_eq!(water_fill_then_spread(&[1.0, 2.0], &[1.0, 1.0], amount), [0.0, 0.0]);
        }
        assert_eq!(water_fill(&[f64::NAN, 2.0], 1.0), [0.0, 1.0]);
        assert_eq!(water_fill_then_spread(&[1.0, 2.0], &[], 6.0), [2.5, 3.5]);
    }
}
