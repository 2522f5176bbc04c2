//! A score for the data behind a plan, with every issue that lowers it.

use std::fmt;

use portfolio_core::round_to_12_decimals;
use serde::Serialize;

use super::FEW_OBSERVATIONS;
use super::jumps::is_split_like;
use super::robust::RobustScale;
use crate::admitted::Admitted;

/// A run of this many zero returns, a trading week, counts as a price that was not updated.
///
/// Lesmond, Ogden and Trzcinka (1999), "A new estimate of transaction costs", Review of Financial Studies 12(5),
/// 1113–1141, use zero returns as a sign of no trading. The length of the run is our choice.
const STALE_RUN: usize = 5;
/// A return with a robust score above this is an outlier.
///
/// Iglewicz and Hoaglin suggest 3.5 for normal data. Daily returns have fat tails: at 3.5 a year of any share has
/// several outliers, so only returns beyond what fat tails explain are counted.
const OUTLIER: f64 = 10.0;

/// The amount by which each issue lowers a score of one.
mod penalty {
    /// Times the share of the longest history that is missing.
    pub(super) const GAP: f64 = 0.4;
    pub(super) const SHORT: f64 = 0.3;
    /// Times the share of days in stale runs, plus `STALE_ANY`.
    pub(super) const STALE: f64 = 0.6;
    pub(super) const STALE_ANY: f64 = 0.1;
    /// For each outlier, up to `OUTLIERS_MOST`.
    pub(super) const OUTLIER: f64 = 0.05;
    pub(super) const OUTLIERS_MOST: f64 = 0.2;
    pub(super) const SPLIT: f64 = 0.6;
    pub(super) const PRICE_UNIT: f64 = 0.2;
}

/// The quality of the data behind a plan: 1 without an issue, 0 when the data are useless.
#[derive(Debug, Clone, PartialEq)]
pub struct DataQuality {
    /// Mean score of the assets with a history, weighted by the larger of current and target weight (and at least an
    /// equal share if the optimal method may buy the asset); `None` when no such asset has a history.
    pub score: Option<f64>,
    /// Score and issues of each asset, in the order of the book.
    pub assets: Vec<AssetQuality>,
}

/// Score and issues of one asset's data.
#[derive(Debug, Clone, PartialEq)]
pub struct AssetQuality {
    /// 1 minus the penalties of the issues, at least 0; `None` without a history.
    pub score: Option<f64>,
    /// The issues; usually empty.
    pub issues: Vec<QualityIssue>,
}

/// One issue of an asset's data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QualityIssue {
    /// The kind of the issue, and where it is.
    pub kind: QualityIssueKind,
    /// The amount by which it lowers the score.
    pub penalty: f64,
}

/// The kinds of issues, and where they are. `Display` gives a sentence without the full stop. Observations count from
/// 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QualityIssueKind {
    /// No history at all.
    NoHistory,
    /// Shorter than the longest history of the book.
    Gap {
        /// Number of missing observations.
        missing: usize,
    },
    /// Few observations.
    ShortHistory {
        /// Number of observations.
        observations: usize,
    },
    /// Five or more zero returns in a row.
    StalePrices {
        /// Days in such runs.
        days: usize,
        /// The first of them.
        first: usize,
        /// Length of the longest run.
        longest_run: usize,
    },
    /// Returns beyond 10 robust standard deviations.
    Outliers {
        /// Number of outliers.
        count: usize,
        /// The first of them.
        first: usize,
    },
    /// Jumps by a customary split ratio that do not reverse: the prices look unadjusted.
    SplitLikeJump {
        /// Number of jumps.
        count: usize,
        /// The first of them.
        first: usize,
    },
    /// A price below the smallest unit of the currency: it may be stated in another unit or currency.
    PriceUnit,
}

impl QualityIssueKind {
    /// The kind without its figures.
    #[must_use]
    pub fn code(self) -> QualityIssueCode {
        match self {
            Self::NoHistory => QualityIssueCode::NoHistory,
            Self::Gap { .. } => QualityIssueCode::Gap,
            Self::ShortHistory { .. } => QualityIssueCode::ShortHistory,
            Self::StalePrices { .. } => QualityIssueCode::StalePrices,
            Self::Outliers { .. } => QualityIssueCode::Outliers,
            Self::SplitLikeJump { .. } => QualityIssueCode::SplitLikeJump,
            Self::PriceUnit => QualityIssueCode::PriceUnit,
        }
    }

    /// The number of observations concerned; for a gap, the number missing.
    #[must_use]
    pub fn count(self) -> usize {
        match self {
            Self::NoHistory => 0,
            Self::PriceUnit => 1,
            Self::Gap { missing: count }
            | Self::ShortHistory { observations: count }
            | Self::StalePrices { days: count, .. }
            | Self::Outliers { count, .. }
            | Self::SplitLikeJump { count, .. } => count,
        }
    }

    /// The first observation concerned, if single observations are.
    #[must_use]
    pub fn first(self) -> Option<usize> {
        match self {
            Self::StalePrices { first, .. } | Self::Outliers { first, .. } | Self::SplitLikeJump { first, .. } => {
                Some(first)
            }
            Self::NoHistory | Self::Gap { .. } | Self::ShortHistory { .. } | Self::PriceUnit => None,
        }
    }
}

impl fmt::Display for QualityIssueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHistory => f.write_str("no history was sent"),
            Self::Gap { missing } => write!(f, "{missing} observations fewer than the longest history of the book"),
            Self::ShortHistory { observations } => {
                write!(f, "{observations} observations, fewer than {FEW_OBSERVATIONS}")
            }
            Self::StalePrices { days, longest_run, .. } => {
                write!(f, "the price does not move on {days} days in runs of up to {longest_run}")
            }
            Self::Outliers { count: 1, .. } => write!(f, "1 return is beyond {OUTLIER} robust standard deviations"),
            Self::Outliers { count, .. } => {
                write!(f, "{count} returns are beyond {OUTLIER} robust standard deviations")
            }
            Self::SplitLikeJump { count: 1, .. } => f.write_str("1 jump by a customary split ratio does not reverse"),
            Self::SplitLikeJump { count, .. } => {
                write!(f, "{count} jumps by a customary split ratio do not reverse")
            }
            Self::PriceUnit => f.write_str("the price is below the smallest unit of the currency"),
        }
    }
}

/// The kinds of issues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum QualityIssueCode {
    /// No history at all.
    NoHistory,
    /// Shorter than the longest history of the book.
    Gap,
    /// Fewer than 20 observations.
    ShortHistory,
    /// Five or more zero returns in a row.
    StalePrices,
    /// Returns beyond 10 robust standard deviations.
    Outliers,
    /// A jump by a customary split ratio that does not reverse: prices look unadjusted.
    SplitLikeJump,
    /// A price below the smallest unit of the currency: it may be in another unit or currency.
    PriceUnit,
}

impl DataQuality {
    /// Scores the data of a case. Cost: a few passes over every history.
    #[must_use]
    pub fn of(admitted: &Admitted<'_>) -> Self {
        let longest = admitted.market.panel.periods();
        let mut work = Vec::with_capacity(longest);
        let assets: Vec<AssetQuality> =
            (0..admitted.assets()).map(|i| asset_quality(admitted, i, longest, &mut work)).collect();
        let (mut total, mut sum) = (0.0, 0.0);
        for (i, asset) in assets.iter().enumerate() {
            if let Some(score) = asset.score {
                let weight = admitted.importance(i);
                total += weight;
                sum += weight * score;
            }
        }
        Self { score: (total > 0.0).then(|| round_to_12_decimals((sum / total).clamp(0.0, 1.0))), assets }
    }

    /// Number of issues of all assets.
    #[must_use]
    pub fn issues(&self) -> usize {
        self.assets.iter().map(|asset| asset.issues.len()).sum()
    }
}

fn asset_quality(admitted: &Admitted<'_>, i: usize, longest: usize, work: &mut Vec<i64>) -> AssetQuality {
    let returns = admitted.market.history(i);
    let mut issues = Vec::new();
    let mut find = |kind, penalty: f64| issues.push(QualityIssue { kind, penalty: round_to_12_decimals(penalty) });
    if returns.is_empty() {
        find(QualityIssueKind::NoHistory, 1.0);
    } else {
        let missing = longest - returns.len();
        if missing > 0 {
            find(QualityIssueKind::Gap { missing }, penalty::GAP * (missing as f64 / longest as f64));
        }
        if returns.len() < FEW_OBSERVATIONS {
            find(QualityIssueKind::ShortHistory { observations: returns.len() }, penalty::SHORT);
        }
        if let Some((first, days, longest_run)) = stale(returns) {
            let penalty = penalty::STALE_ANY + penalty::STALE * days as f64 / returns.len() as f64;
            find(QualityIssueKind::StalePrices { days, first, longest_run }, penalty);
        }
        if let Some(scale) = RobustScale::beyond(OUTLIER, returns, work) {
            let is_extreme = |&t: &usize| scale.score(returns[t]).abs() > OUTLIER;
            let extreme: Vec<usize> = (0..returns.len()).filter(is_extreme).collect();
            let (splits, outliers): (Vec<usize>, Vec<usize>) =
                extreme.into_iter().partition(|&t| is_split_like(returns, t, &scale));
            if let Some(&first) = outliers.first() {
                let count = outliers.len();
                let penalty = (penalty::OUTLIER * count as f64).min(penalty::OUTLIERS_MOST);
                find(QualityIssueKind::Outliers { count, first }, penalty);
            }
            if let Some(&first) = splits.first() {
                find(QualityIssueKind::SplitLikeJump { count: splits.len(), first }, penalty::SPLIT);
            }
        }
    }
    let smallest = 0.1_f64.powi(i32::from(admitted.book.currency().minor_digits()));
    if admitted.book.unit_values()[i] < smallest * (1.0 - 1e-9) {
        find(QualityIssueKind::PriceUnit, penalty::PRICE_UNIT);
    }
    let score = 1.0 - issues.iter().map(|issue| issue.penalty).sum::<f64>();
    AssetQuality { score: (!returns.is_empty()).then(|| round_to_12_decimals(score.max(0.0))), issues }
}

/// First day, number of days and longest length of the runs of zero returns that count as stale.
fn stale(returns: &[f64]) -> Option<(usize, usize, usize)> {
    // Few histories have enough zeros for a run.
    if returns.iter().map(|r| u64::from(*r == 0.0)).sum::<u64>() < STALE_RUN as u64 {
        return None;
    }
    let mut found: Option<(usize, usize, usize)> = None;
    let mut start = 0;
    for end in 0..=returns.len() {
        if returns.get(end).is_some_and(|&r| r == 0.0) {
            continue;
        }
        let run = end - start;
        if run >= STALE_RUN {
            let (first, days, longest) = found.unwrap_or((start, 0, 0));
            found = Some((first, days + run, longest.max(run)));
        }
        start = end + 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Case;

    fn quality(case: &Case) -> DataQuality {
        DataQuality::of(&case.lend().admitted())
    }

    fn codes(case: &Case, asset: usize) -> Vec<QualityIssueCode> {
        quality(case).assets[asset].issues.iter().map(|issue| issue.kind.code()).collect()
    }

    #[test]
    fn clean_data_scores_one() {
        let quality = quality(&Case::pair());
        assert_eq!((quality.score, quality.issues()), (Some(1.0), 0));
    }

    #[test]
    fn stale_runs_are_counted_with_their_first_day() {
        assert_eq!(stale(&[0.0; 4]), None);
        assert_eq!(stale(&[0.0; 5]), Some((0, 5, 5)));
        let mut returns = vec![0.01, 0.0, 0.0, 0.02];
        returns.extend([0.0; 6]);
        returns.push(0.01);
        returns.extend([0.0; 5]);
        assert_eq!(stale(&returns), Some((4, 11, 6)));
        let mut case = Case::pair();
        case.returns[0][10..30].fill(0.0);
        let issue = quality(&case).assets[0].issues[0];
        assert_eq!(issue.kind, QualityIssueKind::StalePrices { days: 20, first: 10, longest_run: 20 });
        assert_eq!(issue.kind.to_string(), "the price does not move on 20 days in runs of up to 20");
        assert!((issue.penalty - (0.1 + 0.6 * 20.0 / 60.0)).abs() < 1e-12);
    }

    #[test]
    fn an_outlier_and_a_split_are_told_apart() {
        let mut case = Case::pair();
        case.returns[0][30] = -0.40;
        assert_eq!(codes(&case, 0), [QualityIssueCode::Outliers]);
        case.returns[0][30] = -0.50;
        assert_eq!(codes(&case, 0), [QualityIssueCode::SplitLikeJump]);
        assert_eq!(quality(&case).assets[0].score, Some(0.4));
    }

    #[test]
    fn short_histories_and_prices_in_the_wrong_unit_cost_points() {
        let mut case = Case::pair();
        case.returns.iter_mut().for_each(|r| r.truncate(10));
        case.price[1] = 0.001;
        assert_eq!(codes(&case, 0), [QualityIssueCode::ShortHistory]);
        assert_eq!(codes(&case, 1), [QualityIssueCode::ShortHistory, QualityIssueCode::PriceUnit]);
        assert_eq!(quality(&case).assets[1].score, Some(0.5));
    }

    #[test]
    fn the_book_is_scored_by_weight_and_not_at_all_without_a_history() {
        let mut case = Case::pair();
        case.returns[0][30] = -0.50;
        let weight = case.current[0].max(case.config.policy.weights[0]);
        let other = case.current[1].max(case.config.policy.weights[1]);
        let want = (0.4 * weight + other) / (weight + other);
        assert!((quality(&case).score.unwrap() - want).abs() < 1e-9);
        case.returns.iter_mut().for_each(Vec::clear);
        assert_eq!(quality(&case).score, None);
    }
}
