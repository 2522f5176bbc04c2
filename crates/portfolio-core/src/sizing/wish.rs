//! The trades that rules call for, before they are fitted to lots.

use super::SizingInput;
use super::breaches::Breaches;
use super::flow::Flow;
use super::funding::desired_gaps;
use super::gaps::Gaps;
use super::ledger::Ledger;
use super::rules::TradingRules;
use super::settlement::{Settlement, settle};
use crate::CoreError;

/// The trades that the rules call for, before lots.
pub(super) struct Wish {
    pub(super) breaches: Breaches,
    /// Where each asset goes, a fraction of NAV.
    pub(super) goals: Vec<f64>,
    pub(super) flow: Option<Flow>,
    pub(super) ledger: Ledger,
    pub(super) gaps: Gaps,
    pub(super) settled: Settlement,
}

impl Wish {
    pub(super) fn of(input: &SizingInput, limit: f64, rules: &TradingRules) -> Result<Self, CoreError> {
        let mut ledger = Ledger::open(input);
        let breaches = Breaches::of(input, rules)?;
        let goals = breaches.goals(input, rules);
        let aimed = SizingInput { optimized: &goals, ..*input };
        let flow = Flow::of(input, rules, &ledger)?;
        let mut gaps = Gaps::none(input.current.len());
        let mut settled = Settlement::default();
        if let Some(flow) = flow {
            ledger.reserve = flow.reserve(&ledger);
            let all = vec![true; input.current.len()];
            settled = settle(input, &all, limit, &mut ledger, &mut gaps, false, |ledger, _, gaps| {
                flow.fill(input, rules, ledger, gaps);
            });
        } else if breaches.any() {
            settled = settle(&aimed, &breaches.assets, limit, &mut ledger, &mut gaps, true, |ledger, nav, gaps| {
                desired_gaps(&aimed, input.optimized, rules, &breaches, ledger, nav, gaps);
            });
        }
        Ok(Self { breaches, goals, flow, ledger, gaps, settled })
    }

    pub(super) fn is_called_for(&self) -> bool {
        self.flow.is_some() || self.breaches.any()
    }

    /// The trades without lots, minor units.
    pub(super) fn trades(&self) -> Vec<f64> {
        if self.gaps.budget_bound || self.flow.is_none() {
            self.ledger.trades.iter().map(|trade| *trade as f64).collect()
        } else {
            self.gaps.wanted.clone()
        }
    }
}
