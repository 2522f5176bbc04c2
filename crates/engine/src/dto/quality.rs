//! The quality of the data behind a plan, on the wire.

use pipeline::{QualityIssueCode, QualityIssueKind};
use serde::Serialize;
use utoipa::ToSchema;

use crate::planning::plan::PlannedCase;

/// The quality of the data behind a plan: 1 without an issue, 0 when the data say nothing.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DataQuality {
    /// Mean score of the assets with a history, weighted by the larger of current and target weight (an equal share at least
    /// where the optimal method may buy); null when no such asset has one.
    #[schema(required = true, example = 0.97, minimum = 0.0, maximum = 1.0)]
    pub score: Option<f64>,
    /// Currency in which every price and amount is read; nothing is converted.
    #[schema(example = "USD")]
    pub currency: &'static str,
    /// Score and issues of each asset, in input order.
    pub assets: Vec<AssetQuality>,
}

/// Score and issues of one asset's data.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AssetQuality {
    /// Name of the asset.
    #[schema(example = "ETF")]
    pub asset: String,
    /// 1 less what the issues take off, at least 0; null without a history.
    #[schema(required = true, example = 0.95, minimum = 0.0, maximum = 1.0)]
    pub score: Option<f64>,
    /// What is wrong; usually empty.
    pub issues: Vec<QualityIssue>,
}

/// One thing wrong with an asset's data.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct QualityIssue {
    /// What kind of thing.
    pub code: QualityIssueCode,
    /// How many observations it concerns; for a gap, how many are missing.
    #[schema(example = 1)]
    pub count: usize,
    /// What it takes off the score.
    #[schema(example = 0.05)]
    pub penalty: f64,
    /// JSON pointer into the request: to the first observation concerned, or to the member.
    #[schema(example = "/assets/0/historical_returns/17")]
    pub pointer: String,
    /// The issue in a sentence.
    #[schema(example = "1 return is beyond 10 robust standard deviations")]
    pub detail: String,
}

impl From<&PlannedCase> for DataQuality {
    fn from(planned: &PlannedCase) -> Self {
        let quality = &planned.plan.quality;
        let assets = planned.case.names().iter().zip(&quality.assets).enumerate();
        Self {
            score: quality.score,
            currency: planned.case.book.currency().code(),
            assets: assets
                .map(|(i, (name, asset))| AssetQuality {
                    asset: name.clone(),
                    score: asset.score,
                    issues: asset.issues.iter().map(|issue| QualityIssue::of(i, issue)).collect(),
                })
                .collect(),
        }
    }
}

impl QualityIssue {
    fn of(asset: usize, issue: &pipeline::QualityIssue) -> Self {
        Self {
            code: issue.kind.code(),
            count: issue.kind.count(),
            penalty: issue.penalty,
            pointer: match (issue.kind, issue.kind.first()) {
                (QualityIssueKind::PriceUnit, _) => format!("/assets/{asset}/price"),
                (_, Some(first)) => format!("/assets/{asset}/historical_returns/{first}"),
                (_, None) => format!("/assets/{asset}/historical_returns"),
            },
            detail: issue.kind.to_string(),
        }
    }
}
