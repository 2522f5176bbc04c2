//! The trades that rules call for, before they are fitted to lots.

use super::SizingInput;
use super::flow::Flow;
use super::funding::{Breaches, Gaps, cash_target, desired_gaps};
use super::ledger::Ledger;
use super::rules::{TradeScope, TradingRules};
use super::settlement::{Settlement, settle};
use crate::drift::exceeds_band;
use crate::{CoreError, destination, measure_drift, round_to_12_decimals};

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
        let drift = measure_drift(input.current, input.target)?;
        let mut ledger = Ledger::open(input);
        let breaches = breaches(input, rules, &drift);
        let goals = destinations(input, rules, &breaches);
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

/// What is outside its band. Under a scope of the whole book everything is, as soon as anything is.
fn breaches(input: &SizingInput, rules: &TradingRules, drift: &[f64]) -> Breaches {
    let mut assets: Vec<bool> = drift.iter().zip(&rules.half_widths).map(|(d, h)| exceeds_band(*d, *h)).collect();
    let held = round_to_12_decimals((1.0 - input.current.iter().sum::<f64>()).max(0.0));
    let cash =
        rules.cash_half_width.is_some_and(|width| exceeds_band(round_to_12_decimals(held - cash_target(input)), width));
    // What the client picked trades, in its band or not.
    let picks = rules.permits.iter().any(|permit| permit.unpicked);
    if picks {
        assets = rules.permits.iter().map(|permit| !permit.unpicked).collect();
    } else if rules.scope == TradeScope::Whole && (cash || assets.contains(&true)) {
        assets.fill(true);
    }
    if rules.destination > 0.0 {
        // An asset that is nearer to its target than where it would be traded to has nothing to trade for its own sake.
        for (i, is_breached) in assets.iter_mut().enumerate() {
            *is_breached &= exceeds_band(drift[i], rules.destination * rules.half_widths[i]);
        }
    }
    Breaches { assets, cash }
}

/// Where each asset that trades for its own sake goes; the target of the others.
fn destinations(input: &SizingInput, rules: &TradingRules, breaches: &Breaches) -> Vec<f64> {
    let goal = |i: usize| {
        let target = input.optimized[i];
        if !breaches.assets[i] || rules.destination == 0.0 {
            return target;
        }
        let drift = input.current[i] - target;
        destination(target, drift, rules.half_widths[i], rules.destination).max(0.0)
    };
    (0..input.current.len()).map(goal).collect()
}
