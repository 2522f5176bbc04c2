//! The summaries of a record: typed, and turned into sentences when they are printed.

use std::fmt;

use optimizer::{Infeasibility, RebalanceOutcome};
use portfolio_core::Money;

use crate::limits::Severity;
use crate::proposal::{OptimalPlan, TiltReason};
use crate::sentence::Sentence;
use crate::supervisor::VerdictDecision;

/// The result of a step. Printed, it is a sentence with its full stop.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum StageSummary {
    /// Of the Market Data Agent.
    MarketData {
        /// Assets held or wanted.
        assets: usize,
        /// Observations their histories have in common.
        observations: usize,
        /// The data-quality score.
        score: Option<f64>,
        /// Issues of the data.
        issues: usize,
    },
    /// Of the Forecast Agent.
    Forecast {
        /// Id and version of the forecaster.
        model: String,
        /// Assets it has an opinion on.
        with_opinion: usize,
        /// Assets.
        assets: usize,
        /// Mean confidence, 0 to 1.
        mean_confidence: f64,
    },
    /// Of the Risk Agent.
    Risk {
        /// One-day VaR at 95 % of the current weights.
        var_95: Option<f64>,
        /// Their maximum drawdown.
        max_drawdown: Option<f64>,
        /// Limits that are not clear.
        passed: usize,
        /// Limits.
        limits: usize,
    },
    /// Of the Optimizer Agent.
    Optimizer {
        /// Assets that trade.
        trading: usize,
        /// Two-way turnover.
        turnover: f64,
        /// Whether its limit binds.
        is_bound: bool,
        /// Cost of the trades.
        cost: Money,
        /// How the trades were found.
        how: FoundBy,
    },
    /// Of the Execution Agent.
    Execution {
        /// Sells.
        sells: usize,
        /// Buys.
        buys: usize,
        /// Slices of all orders.
        slices: usize,
    },
    /// Of the supervisor: the verdict's own sentence.
    Verdict {
        /// What follows.
        decision: VerdictDecision,
        /// The gravest severity.
        severity: Severity,
        /// The verdict in a sentence.
        sentence: String,
    },
}

/// How trades were found.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum FoundBy {
    /// By the drift method.
    Tilt {
        /// Tracking error a year that the tilt spends.
        spent: f64,
        /// Why it is no larger.
        reason: TiltReason,
    },
    /// By the optimal method.
    Solution {
        /// The duality gap.
        gap: f64,
        /// Limits that have a price.
        priced: usize,
        /// What the dearest of them costs, in a sentence.
        dearest: Option<String>,
    },
    /// Not at all: the limits of the optimal method contradict each other, as this sentence says.
    Nothing(String),
}

impl FoundBy {
    /// What the optimal method found.
    pub(crate) fn solving(found: &OptimalPlan) -> Self {
        match &found.outcome {
            RebalanceOutcome::Optimal(solution) => {
                let prices = &solution.constraint_prices;
                let dearest = prices.iter().max_by(|a, b| a.multiplier.total_cmp(&b.multiplier));
                Self::Solution {
                    gap: solution.certificate.duality_gap,
                    priced: prices.len(),
                    dearest: dearest.map(|price| price.sentence.clone()),
                }
            }
            RebalanceOutcome::Infeasible(Infeasibility { sentence, .. }) => Self::Nothing(sentence.clone()),
        }
    }
}

impl fmt::Display for StageSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from(self.sentence()))
    }
}

impl StageSummary {
    fn sentence(&self) -> Sentence {
        let new = Sentence::new;
        match self {
            Self::MarketData { assets, observations, score, issues } => {
                let sentence = new().count(*assets, "asset");
                let sentence = match observations {
                    0 => sentence.say(" without a common history"),
                    n => sentence.say(" aligned on ").count(*n, "common observation"),
                };
                let sentence = match score {
                    None => sentence.say("; data quality not assessed"),
                    Some(score) => sentence.say("; data quality ").shown(score),
                };
                sentence.say(" with ").count(*issues, "issue").say(".")
            }
            Self::Forecast { model, with_opinion, assets, mean_confidence } => {
                let sentence = new().say(model).say(" has an opinion on ").whole(*with_opinion).say(" of ");
                let sentence = sentence.count(*assets, "asset").say(", mean confidence ");
                sentence.fixed(*mean_confidence, 3).say(".")
            }
            Self::Risk { var_95, max_drawdown, passed, limits } => {
                let sentence = new().say("One-day VaR95 ").figure(*var_95);
                let sentence = sentence.say(", maximum drawdown ").figure(*max_drawdown).say("; ");
                sentence.whole(*passed).say(" of ").count(*limits, "limit").say(" not clear.")
            }
            Self::Optimizer { trading, turnover, is_bound, cost, how } => {
                let sentence = new().whole(*trading).say(if *trading == 1 { " asset trades" } else { " assets trade" });
                let sentence = sentence.say(" for a two-way turnover of ").fixed(*turnover, 4);
                let sentence = sentence.say(if *is_bound { ", its limit binds" } else { "" });
                let sentence = sentence.say("; costs ").shown(cost).say("; ");
                found(sentence, how).say(".")
            }
            Self::Execution { sells: 0, buys: 0, .. } => new().say("Nothing to order: every asset is held."),
            Self::Execution { sells, buys, slices } => {
                let sentence = new().count(*sells, "sell").say(", then ").count(*buys, "buy");
                sentence.say(", in ").count(*slices, "slice").say(".")
            }
            Self::Verdict { sentence, .. } => new().say(sentence),
        }
    }
}

fn found(sentence: Sentence, how: &FoundBy) -> Sentence {
    match how {
        FoundBy::Tilt { spent, reason } => {
            let reason = reason.to_string();
            let sentence = sentence.say("the tilt spends ").fixed(*spent, 4).say(" of tracking error: ");
            sentence.say(reason.trim_end_matches('.'))
        }
        FoundBy::Solution { gap, priced, dearest } => {
            let sentence = sentence.shown(format_args!("optimal with a duality gap of {gap:.1e}; "));
            match dearest {
                None => sentence.say("no limit binds"),
                Some(price) => {
                    let sentence = sentence.count(*priced, "limit").say(" priced, the dearest: ");
                    sentence.say(price.trim_end_matches('.'))
                }
            }
        }
        FoundBy::Nothing(why) => sentence.say(why.trim_end_matches('.')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portfolio_core::Currency;

    #[test]
    fn each_step_says_what_came_of_it() {
        let data = StageSummary::MarketData { assets: 2, observations: 60, score: Some(1.0), issues: 1 };
        assert_eq!(data.to_string(), "2 assets aligned on 60 common observations; data quality 1 with 1 issue.");
        let none = StageSummary::MarketData { assets: 1, observations: 0, score: None, issues: 0 };
        assert_eq!(none.to_string(), "1 asset without a common history; data quality not assessed with 0 issues.");
        let how = FoundBy::Tilt { spent: 0.0, reason: TiltReason::NoBudget };
        let cost = Money::from_minor(1_234, Currency::USD);
        let trades = StageSummary::Optimizer { trading: 1, turnover: 0.2, is_bound: true, cost, how };
        assert_eq!(
            trades.to_string(),
            "1 asset trades for a two-way turnover of 0.2000, its limit binds; costs 12.34 USD; the tilt spends 0.0000 of \
             tracking error: the tracking-error budget is zero."
        );
        let queue = StageSummary::Execution { sells: 1, buys: 2, slices: 7 };
        assert_eq!(queue.to_string(), "1 sell, then 2 buys, in 7 slices.");
    }
}
