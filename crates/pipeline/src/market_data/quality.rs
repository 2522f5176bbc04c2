use portfolio_core::round_weight;
use serde::Serialize;

use super::FEW_OBSERVATIONS;
use super::jumps::is_split_like;
use super::robust::RobustScale;
use crate::Portfolio;

/// A run of this many zero returns is a price that was not updated: a trading week.
///
/// Zero returns as a sign of no trading: Lesmond, Ogden and Trzcinka (1999), "A new estimate of transaction costs",
/// Review of Financial Studies 12(5), 1113–1141. The length of the run is our choice.
const STALE_RUN: usize = 5;
/// Robust score beyond which a return is an outlier.
///
/// Iglewicz and Hoaglin suggest 3.5 for normal data. Daily returns have fat tails: at 3.5 a year of any share has
/// several, so only returns that fat tails do not explain either are counted.
const OUTLIER: f64 = 10.0;

/// What each issue takes off a score of one.
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

/// How good the data behind a plan is: 1 without an issue, 0 when it says nothing.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DataQuality {
    /// Mean score of the assets with a history, weighted by the larger of current and target weight (an equal share at least
    /// where the optimal method may buy); null when no such asset has one.
    #[cfg_attr(feature = "openapi", schema(required = true, example = 0.97, minimum = 0.0, maximum = 1.0))]
    pub score: Option<f64>,
    /// Currency in which every price and amount is read; nothing is converted.
    #[cfg_attr(feature = "openapi", schema(example = "USD"))]
    pub currency: &'static str,
    /// Score and issues of each asset, in input order.
    pub assets: Vec<AssetQuality>,
}

/// Score and issues of one asset's data.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AssetQuality {
    /// Name of the asset.
    #[cfg_attr(feature = "openapi", schema(example = "ETF"))]
    pub asset: String,
    /// 1 less what the issues take off, at least 0; null without a history.
    #[cfg_attr(feature = "openapi", schema(required = true, example = 0.95, minimum = 0.0, maximum = 1.0))]
    pub score: Option<f64>,
    /// What is wrong; empty in the ordinary case.
    pub issues: Vec<QualityIssue>,
}

/// One thing wrong with an asset's data.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QualityIssue {
    /// What kind of thing.
    pub code: QualityIssueCode,
    /// How many observations it concerns; for a gap, how many are missing.
    #[cfg_attr(feature = "openapi", schema(example = 1))]
    pub count: usize,
    /// What it takes off the score.
    #[cfg_attr(feature = "openapi", schema(example = 0.05))]
    pub penalty: f64,
    /// JSON pointer into the request: to the first observation concerned, or to the member.
    #[cfg_attr(feature = "openapi", schema(example = "/assets/0/historical_returns/17"))]
    pub pointer: String,
    /// The issue in a sentence.
    #[cfg_attr(feature = "openapi", schema(example = "1 return is beyond 10 robust standard deviations"))]
    pub detail: String,
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
    /// Judges the data of a portfolio. Cost: a few passes over every history.
    #[must_use]
    pub fn of(portfolio: &Portfolio) -> Self {
        let longest = portfolio.returns.iter().map(Vec::len).max().unwrap_or(0);
        let mut work = Vec::with_capacity(longest);
        let assets: Vec<AssetQuality> =
            (0..portfolio.names.len()).map(|i| asset_quality(portfolio, i, longest, &mut work)).collect();
        let (mut total, mut sum) = (0.0, 0.0);
        for (i, asset) in assets.iter().enumerate() {
            if let Some(score) = asset.score {
                let weight = portfolio.importance(i);
                total += weight;
                sum += weight * score;
            }
        }
        Self {
            score: (total > 0.0).then(|| round_weight((sum / total).clamp(0.0, 1.0))),
            currency: portfolio.nav.currency().code(),
            assets,
        }
    }

    /// Issues of all assets together.
    #[must_use]
    pub fn issues(&self) -> usize {
        self.assets.iter().map(|asset| asset.issues.len()).sum()
    }
}

fn asset_quality(portfolio: &Portfolio, i: usize, longest: usize, work: &mut Vec<f64>) -> AssetQuality {
    let returns = &portfolio.returns[i];
    let history = format!("/assets/{i}/historical_returns");
    let mut issues = Vec::new();
    let mut find = |code, count, penalty: f64, pointer: String, detail: String| {
        issues.push(QualityIssue { code, count, penalty: round_weight(penalty), pointer, detail });
    };
    if returns.is_empty() {
        find(QualityIssueCode::NoHistory, 0, 1.0, history.clone(), "no history was sent".to_owned());
    } else {
        let missing = longest - returns.len();
        if missing > 0 {
            let share = missing as f64 / longest as f64;
            let detail = format!("{missing} observations fewer than the longest history of the book");
            find(QualityIssueCode::Gap, missing, penalty::GAP * share, history.clone(), detail);
        }
        if returns.len() < FEW_OBSERVATIONS {
            let detail = format!("{} observations, fewer than {FEW_OBSERVATIONS}", returns.len());
            find(QualityIssueCode::ShortHistory, returns.len(), penalty::SHORT, history.clone(), detail);
        }
        if let Some((first, days, run)) = stale(returns) {
            let penalty = penalty::STALE_ANY + penalty::STALE * days as f64 / returns.len() as f64;
            let detail = format!("the price does not move on {days} days in runs of up to {run}");
            find(QualityIssueCode::StalePrices, days, penalty, format!("{history}/{first}"), detail);
        }
        if let Some(scale) = RobustScale::of(returns, work) {
            let is_extreme = |&t: &usize| scale.score(returns[t]).abs() > OUTLIER;
            let extreme: Vec<usize> = (0..returns.len()).filter(is_extreme).collect();
            let (splits, outliers): (Vec<usize>, Vec<usize>) =
                extreme.into_iter().partition(|&t| is_split_like(returns, t, &scale));
            if let Some(first) = outliers.first() {
                let count = outliers.len();
                let penalty = (penalty::OUTLIER * count as f64).min(penalty::OUTLIERS_MOST);
                let detail = match count {
                    1 => format!("1 return is beyond {OUTLIER} robust standard deviations"),
                    _ => format!("{count} returns are beyond {OUTLIER} robust standard deviations"),
                };
                find(QualityIssueCode::Outliers, count, penalty, format!("{history}/{first}"), detail);
            }
            if let Some(first) = splits.first() {
                let count = splits.len();
                let detail = match count {
                    1 => "1 jump by a customary split ratio does not reverse".to_owned(),
                    _ => format!("{count} jumps by a customary split ratio do not reverse"),
                };
                find(QualityIssueCode::SplitLikeJump, count, penalty::SPLIT, format!("{history}/{first}"), detail);
            }
        }
    }
    let smallest = 0.1_f64.powi(i32::from(portfolio.nav.currency().minor_digits()));
    if portfolio.price[i] < smallest * (1.0 - 1e-9) {
        let detail = "the price is below the smallest unit of the currency".to_owned();
        find(QualityIssueCode::PriceUnit, 1, penalty::PRICE_UNIT, format!("/assets/{i}/price"), detail);
    }
    let score = 1.0 - issues.iter().map(|issue| issue.penalty).sum::<f64>();
    AssetQuality {
        asset: portfolio.names[i].clone(),
        score: (!returns.is_empty()).then(|| round_weight(score.max(0.0))),
        issues,
    }
}

/// First day, number of days and longest length of the runs of zero returns that count as stale.
fn stale(returns: &[f64]) -> Option<(usize, usize, usize)> {
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
    use crate::sample;

    fn codes(portfolio: &Portfolio, asset: usize) -> Vec<QualityIssueCode> {
        DataQuality::of(portfolio).assets[asset].issues.iter().map(|issue| issue.code).collect()
    }

    #[test]
    fn clean_data_scores_one() {
        let quality = DataQuality::of(&sample::pair());
        assert_eq!((quality.score, quality.issues(), quality.currency), (Some(1.0), 0, "USD"));
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
        let mut portfolio = sample::pair();
        portfolio.returns[0][10..30].fill(0.0);
        let quality = DataQuality::of(&portfolio);
        let issue = &quality.assets[0].issues[0];
        assert_eq!((issue.code, issue.count), (QualityIssueCode::StalePrices, 20));
        assert_eq!(issue.pointer, "/assets/0/historical_returns/10");
        assert!((issue.penalty - (0.1 + 0.6 * 20.0 / 60.0)).abs() < 1e-12);
    }

    #[test]
    fn an_outlier_and_a_split_are_told_apart() {
        let mut portfolio = sample::pair();
        portfolio.returns[0][30] = -0.40;
        assert_eq!(codes(&portfolio, 0), [QualityIssueCode::Outliers]);
        portfolio.returns[0][30] = -0.50;
        assert_eq!(codes(&portfolio, 0), [QualityIssueCode::SplitLikeJump]);
        assert_eq!(DataQuality::of(&portfolio).assets[0].score, Some(0.4));
    }

    #[test]
    fn short_histories_and_prices_in_the_wrong_unit_cost_points() {
        let mut portfolio = sample::pair();
        portfolio.returns.iter_mut().for_each(|r| r.truncate(10));
        portfolio.price[1] = 0.001;
        assert_eq!(codes(&portfolio, 0), [QualityIssueCode::ShortHistory]);
        assert_eq!(codes(&portfolio, 1), [QualityIssueCode::ShortHistory, QualityIssueCode::PriceUnit]);
        assert_eq!(DataQuality::of(&portfolio).assets[1].score, Some(0.5));
    }

    #[test]
    fn the_book_is_scored_by_weight_and_not_at_all_without_a_history() {
        let mut portfolio = sample::pair();
        portfolio.returns[0][30] = -0.50;
        let weight = portfolio.weights.current[0].max(portfolio.weights.target[0]);
        let other = portfolio.weights.current[1].max(portfolio.weights.target[1]);
        let want = (0.4 * weight + other) / (weight + other);
        assert!((DataQuality::of(&portfolio).score.unwrap() - want).abs() < 1e-9);
        portfolio.returns.iter_mut().for_each(Vec::clear);
        assert_eq!(DataQuality::of(&portfolio).score, None);
    }
}
