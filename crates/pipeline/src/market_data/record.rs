//! The record of the first agent.

use std::fmt;

use super::{MarketDataAgent, Surveyed};
use crate::admitted::Admitted;
use crate::case_digest::add_admitted;
use crate::digest::Canon;
use crate::record::{Recorded, StageRecord};
use crate::sentence::Sentence;

/// The summary of the Market Data Agent.
#[derive(Debug, Clone, PartialEq)]
pub struct SurveySummary {
    /// Number of assets held or in the policy.
    pub assets: usize,
    /// Number of observations that their histories have in common.
    pub observations: usize,
    /// The data-quality score.
    pub score: Option<f64>,
    /// Number of issues in the data.
    pub issues: usize,
}

impl fmt::Display for SurveySummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentence = Sentence::new().count(self.assets, "asset");
        let sentence = match self.observations {
            0 => sentence.say(" without a common history"),
            n => sentence.say(" aligned on ").count(n, "common observation"),
        };
        let sentence = match self.score {
            None => sentence.say("; data quality not assessed"),
            Some(score) => sentence.say("; data quality ").fixed(score, 3),
        };
        sentence.say(" with ").count(self.issues, "issue").say(".").fmt(f)
    }
}

impl Recorded for Surveyed {
    type By = MarketDataAgent;

    fn record(&self, _: &Admitted<'_>) -> StageRecord {
        let summary = SurveySummary {
            assets: self.common.columns.len(),
            observations: self.common.observations(),
            score: self.quality.score,
            issues: self.quality.issues(),
        };
        StageRecord { warnings: self.warnings.clone(), ..StageRecord::of::<Self::By>(summary) }
    }

    fn add_to(&self, admitted: &Admitted<'_>, canon: &mut Canon) {
        add_admitted(canon, admitted);
        canon.whole(self.common.observations() as i64).optional(self.quality.score);
        for asset in &self.quality.assets {
            canon.optional(asset.score).whole(asset.issues.len() as i64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_how_much_history_there_is_and_how_good_it_is() {
        let data = SurveySummary { assets: 2, observations: 60, score: Some(1.0), issues: 1 };
        assert_eq!(data.to_string(), "2 assets aligned on 60 common observations; data quality 1.000 with 1 issue.");
        let none = SurveySummary { assets: 1, observations: 0, score: None, issues: 0 };
        assert_eq!(none.to_string(), "1 asset without a common history; data quality not assessed with 0 issues.");
    }
}
