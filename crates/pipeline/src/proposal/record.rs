//! The record of the fourth agent.

use std::fmt;

use optimizer::{Infeasibility, RebalanceOutcome};
use portfolio_core::Money;

use super::{OptimalPlan, OptimizerAgent, Proposed, TiltReason, trading};
use crate::admitted::Admitted;
use crate::digest::Canon;
use crate::record::{Recorded, StageRecord};
use crate::sentence::Sentence;

/// The summary of the Optimizer Agent.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposalSummary {
    /// Number of assets that trade.
    pub trading: usize,
    /// Two-way turnover.
    pub turnover: f64,
    /// Whether the turnover limit binds.
    pub is_bound: bool,
    /// Cost of the trades.
    pub cost: Money,
    /// The method by which the trades were found.
    pub how: FoundBy,
}

impl fmt::Display for ProposalSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentence = Sentence::new().whole(self.trading);
        let sentence = sentence.say(if self.trading == 1 { " asset trades" } else { " assets trade" });
        let sentence = sentence.say(" for a two-way turnover of ").percent(Some(self.turnover));
        let sentence = sentence.say(if self.is_bound { ", its limit binds" } else { "" });
        let sentence = sentence.say("; costs ").shown(self.cost).say("; ");
        found(sentence, &self.how).say(".").fmt(f)
    }
}

/// The method by which trades were found.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum FoundBy {
    /// By the drift method.
    Tilt {
        /// Annual tracking error that the tilt spends.
        spent: f64,
        /// Why the tilt is no larger.
        reason: TiltReason,
    },
    /// By the optimal method.
    Solution {
        /// The duality gap.
        gap: f64,
        /// Number of limits that have a price.
        priced: usize,
        /// The highest price among them, in a sentence.
        dearest: Option<String>,
    },
    /// Solved for the weights nearest to the policy, without a covariance and so without prices of the limits.
    Nearest {
        /// Duality gap of the certificate, squared weights.
        gap: f64,
    },
    /// No trades were found, because the limits of the optimal method contradict each other; this sentence says which.
    Nothing(String),
}

impl FoundBy {
    /// The result of the optimal method.
    fn solving(found: &OptimalPlan) -> Self {
        match &found.outcome {
            RebalanceOutcome::Optimal(solution) if found.covariance.is_none() => {
                Self::Nearest { gap: solution.certificate.duality_gap }
            }
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

fn found(sentence: Sentence, how: &FoundBy) -> Sentence {
    match how {
        FoundBy::Tilt { spent, reason } => {
            let reason = reason.to_string();
            let sentence = sentence.say("the tilt spends ").percent(Some(*spent)).say(" of tracking error: ");
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
        FoundBy::Nearest { gap } => {
            sentence.shown(format_args!("nearest to the policy with a duality gap of {gap:.1e}; no risk is measured"))
        }
        FoundBy::Nothing(why) => sentence.say(why.trim_end_matches('.')),
    }
}

impl Recorded for Proposed {
    type By = OptimizerAgent;

    fn record(&self, _: &Admitted<'_>) -> StageRecord {
        let trades = &self.trades;
        let how = match (&self.optimal, &self.tilt) {
            (Some(found), _) => FoundBy::solving(found),
            (None, Some(tilt)) => FoundBy::Tilt { spent: tilt.tracking_error_spent, reason: tilt.reason },
            (None, None) => FoundBy::Nothing(String::new()),
        };
        let summary = ProposalSummary {
            trading: trading(trades),
            turnover: trades.turnover_two_way,
            is_bound: trades.turnover_bound,
            cost: trades.total_cost,
            how,
        };
        StageRecord {
            relaxations: self.asked.clone(),
            warnings: [
                &self.unmeasured_warning,
                &self.turnover_warning,
                &self.cash_warning,
                &self.after_warning,
                &self.simulation_warning,
            ]
            .into_iter()
            .flatten()
            .cloned()
            .collect(),
            ..StageRecord::of::<Self::By>(summary).with_checks(&self.checks)
        }
    }

    fn add_to(&self, _: &Admitted<'_>, canon: &mut Canon) {
        canon.numbers(&self.targets).optional(self.tilt.as_ref().map(|tilt| tilt.tracking_error_spent));
        for row in &self.trades.rows {
            canon.whole(row.value.minor()).whole(row.cost.minor()).number(row.weight_after);
        }
        canon.whole(self.trades.cash_after.minor());
        match self.optimal.as_ref().map(|found| &found.outcome) {
            None => {}
            Some(RebalanceOutcome::Optimal(solution)) => {
                canon.text("optimal").number(solution.objective).numbers(&solution.weights);
                canon.number(solution.certificate.duality_gap).number(solution.certificate.dual_objective);
                for price in &solution.constraint_prices {
                    canon.text(&price.limit.to_string()).number(price.multiplier);
                }
            }
            Some(RebalanceOutcome::Infeasible(why)) => {
                canon.text("infeasible").text(&why.sentence).number(why.proof.shortfall);
                for relaxation in &why.repair.relaxations {
                    canon.text(&relaxation.limit.to_string()).number(relaxation.from).number(relaxation.to);
                }
            }
        }
        canon.risk(&self.after);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portfolio_core::Currency;

    #[test]
    fn it_says_what_trades_what_it_costs_and_how_it_was_found() {
        let how = FoundBy::Tilt { spent: 0.0, reason: TiltReason::NoBudget };
        let cost = Money::from_minor(1_234, Currency::USD);
        let trades = ProposalSummary { trading: 1, turnover: 0.2, is_bound: true, cost, how };
        assert_eq!(
            trades.to_string(),
            "1 asset trades for a two-way turnover of 20.00%, its limit binds; costs 12.34 USD; the tilt spends 0.00% of \
             tracking error: the tracking-error budget is zero."
        );
    }
}
