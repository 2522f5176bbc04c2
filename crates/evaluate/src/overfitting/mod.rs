//! How likely it is that the best configuration of a backtest is worse than the median of the others afterwards.

mod halves;

use serde::Serialize;

use self::halves::{Half, Halves};
use crate::EvaluateError;
use crate::error::{EvaluateInput, EvaluateParameter, check_companion, require};

/// With fewer configurations the probability changes a lot when one of them is removed.
pub const FEW_CONFIGURATIONS: usize = 10;

/// What a reader has to know about a probability of overfitting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OverfittingCaution {
    /// There are fewer than [`FEW_CONFIGURATIONS`] configurations: the ranks are coarse, and the probability depends on each.
    FewConfigurations,
    /// A configuration does not vary over half of the history; its Sharpe ratio counts as zero there.
    FlatHalf,
}

/// The probability of backtest overfitting, and its basis.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BacktestOverfitting {
    /// Share of the splits in which the best configuration of one half ranks at or below the median in the other half.
    #[cfg_attr(feature = "openapi", schema(example = 0.5))]
    pub probability: f64,
    /// Share of the splits in which the best configuration of one half loses money in the other.
    #[cfg_attr(feature = "openapi", schema(example = 0.4))]
    pub probability_of_loss: f64,
    /// Median over the splits of `ln(ω/(1 − ω))`, with the relative rank `ω` in the other half: 0 at its median, positive
    /// above.
    #[cfg_attr(feature = "openapi", schema(example = 0.1))]
    pub median_logit: f64,
    /// Number of splits, `S over S/2`.
    #[cfg_attr(feature = "openapi", schema(example = 12_870))]
    pub splits: u64,
    /// Blocks into which the history was cut, `S`.
    #[cfg_attr(feature = "openapi", schema(example = 16))]
    pub blocks: usize,
    /// Number of configurations, `N`.
    #[cfg_attr(feature = "openapi", schema(example = 100))]
    pub configurations: usize,
    /// Number of observations, `T`.
    #[cfg_attr(feature = "openapi", schema(example = 2500))]
    pub observations: usize,
    /// What a reader has to know about the probability.
    pub cautions: Vec<OverfittingCaution>,
}

/// Probability of backtest overfitting by combinatorially symmetric cross-validation.
///
/// The history is cut into `S` blocks of neighbouring rows. For each of the `S over S/2` ways to take half of the blocks, the
/// configuration with the highest Sharpe ratio there is ranked by its Sharpe ratio among all configurations in the other half,
///
/// ```text
/// ω = rank/(N + 1),   λ = ln( ω/(1 − ω) ),   PBO = share of the splits with λ ≤ 0
/// ```
///
/// Equal ratios share their mean rank; of equal best ones the first is taken. Where `S` does not divide `T`, the blocks
/// differ by one row, so that no row is left out. The ratio of a configuration that does not vary over a half is zero.
///
/// `configurations`: one series of returns above the riskless rate per configuration, of length `T ≥ 2S`, oldest first.
/// They should be members of one family: the figure says nothing about a search that they do not cover. `blocks`: `S`,
/// even, 2 to 20. Cost: `O(T·N)` and then a few operations per split and configuration, because a half is the sum of
/// two tables of block sums.
///
/// # Errors
/// [`EvaluateError::Empty`] for fewer than two configurations; [`EvaluateError::NotFinite`],
/// [`EvaluateError::LengthMismatch`], [`EvaluateError::OutOfRange`] for the blocks.
///
/// # Reference
/// Bailey, Borwein, López de Prado and Zhu (2017), "The probability of backtest overfitting", Journal of Computational
/// Finance 20(4), 39–69.
///
/// # Example
/// ```
/// use evaluate::{OverfittingCaution, backtest_overfitting};
///
/// // The first configuration earns more than the second in every block, with the same spread.
/// let noise: Vec<f64> = (0..160).map(|i| 0.01 * f64::from((i * 7919) % 101 - 50) / 50.0).collect();
/// let better: Vec<f64> = noise.iter().map(|r| r + 0.005).collect();
/// let report = backtest_overfitting(&[better, noise], 16)?;
/// assert_eq!((report.probability, report.splits), (0.0, 12_870));
/// // Two configurations are few.
/// assert_eq!(report.cautions, [OverfittingCaution::FewConfigurations]);
/// # Ok::<(), evaluate::EvaluateError>(())
/// ```
pub fn backtest_overfitting<C: AsRef<[f64]>>(
    configurations: &[C],
    blocks: usize,
) -> Result<BacktestOverfitting, EvaluateError> {
    let series: Vec<&[f64]> = configurations.iter().map(AsRef::as_ref).collect();
    let count = series.len();
    let observations = series.first().map_or(0, |first| first.len());
    if count < 2 || observations == 0 {
        return Err(EvaluateError::Empty(EvaluateInput::Configurations));
    }
    for (index, returns) in series.iter().enumerate() {
        check_companion(EvaluateInput::Configuration(index), observations, returns)?;
    }
    let allowed = blocks.is_multiple_of(2) && (2..=20).contains(&blocks) && 2 * blocks <= observations;
    require(allowed, EvaluateParameter::Blocks, blocks as f64)?;

    let halves = Halves::of(&series, blocks);
    // Splits by twice the rank of the chosen configuration, which is a whole number even where ranks are shared.
    let mut by_rank = vec![0_u64; 2 * count + 1];
    let (mut losses, mut flat) = (0_u64, false);
    let (mut one, mut other) = (Half::new(count), Half::new(count));
    for mask in halves.masks() {
        flat |= halves.measure(mask, &mut one);
        flat |= halves.measure(halves.complement(mask), &mut other);
        // Each pair of halves is two splits: either may come first.
        for (before, after) in [(&one, &other), (&other, &one)] {
            let chosen = before.best();
            by_rank[after.doubled_rank(chosen)] += 1;
            losses += u64::from(after.means[chosen] < 0.0);
        }
    }
    let splits: u64 = by_rank.iter().sum();
    let logit = |doubled: usize| {
        let rank = 0.5 * doubled as f64;
        (rank / ((count + 1) as f64 - rank)).ln()
    };
    let overfitted: u64 = by_rank.iter().take(count + 2).sum();
    let mut cautions = Vec::new();
    if count < FEW_CONFIGURATIONS {
        cautions.push(OverfittingCaution::FewConfigurations);
    }
    if flat {
        cautions.push(OverfittingCaution::FlatHalf);
    }
    Ok(BacktestOverfitting {
        probability: overfitted as f64 / splits as f64,
        probability_of_loss: losses as f64 / splits as f64,
        median_logit: 0.5 * (logit(rank_at(&by_rank, (splits - 1) / 2)) + logit(rank_at(&by_rank, splits / 2))),
        splits,
        blocks,
        configurations: count,
        observations,
        cautions,
    })
}

/// The doubled rank of the split at a position when splits are sorted by rank.
fn rank_at(by_rank: &[u64], position: u64) -> usize {
    let mut below = 0;
    for (rank, &splits) in by_rank.iter().enumerate() {
        below += splits;
        if below > position {
            return rank;
        }
    }
    by_rank.len() - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_by_hand() {
        // Two blocks of two rows. Ratios of the first: high, then low; of the second: low, then high; third between.
        let first = [0.04, 0.05, -0.01, 0.01];
        let second = [-0.01, 0.01, 0.04, 0.05];
        let third = [0.01, 0.02, 0.01, 0.02];
        let report = backtest_overfitting(&[first, second, third], 2).unwrap();
        // Either half chooses the configuration that is last in the other: rank 1 of 3, λ = ln(1/3).
        assert_eq!((report.probability, report.splits), (1.0, 2));
        assert!((report.median_logit - (1.0_f64 / 3.0).ln()).abs() < 1e-15);
    }

    #[test]
    fn equal_configurations_share_the_median_rank() {
        let series: Vec<f64> = (0..40).map(|i| f64::from((i * 7) % 11 - 5) / 100.0).collect();
        let report = backtest_overfitting(&vec![series; 12], 4).unwrap();
        assert_eq!((report.probability, report.median_logit), (1.0, 0.0));
        assert!(report.cautions.is_empty());
    }

    #[test]
    fn a_flat_half_is_said() {
        let varied: Vec<f64> = (0..40).map(|i| f64::from((i * 7) % 11 - 5) / 100.0).collect();
        let idle_at_first: Vec<f64> = (0..40).map(|i| if i < 20 { 0.0 } else { varied[i] }).collect();
        let report = backtest_overfitting(&[varied, idle_at_first], 2).unwrap();
        assert!(report.cautions.contains(&OverfittingCaution::FlatHalf));
    }

    #[test]
    fn bad_panels_are_refused() {
        let fine = vec![0.01; 40];
        assert!(matches!(backtest_overfitting(&[&fine], 4), Err(EvaluateError::Empty(_))));
        let blocks = |s| backtest_overfitting(&[&fine, &fine], s);
        for bad in [0, 3, 22, 40] {
            assert!(matches!(blocks(bad), Err(EvaluateError::OutOfRange { .. })), "{bad}");
        }
        let short = vec![0.01; 39];
        assert!(matches!(backtest_overfitting(&[&fine, &short], 4), Err(EvaluateError::LengthMismatch { .. })));
    }
}
