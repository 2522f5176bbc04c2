//! The trades that rules call for, before they are fitted to lots.

use super::SizingInput;
use super::breaches::Breaches;
use super::flow::Flow;
use super::funding::{cash_kept, desired_gaps};
use super::gaps::Gaps;
use super::ledger::Ledger;
use super::rules::TradingRules;
use super::settlement::{Allot, Settlement, settle};
use crate::CoreError;

/// Most times that trades are sized again because they would push a group outside its band.
const GROUP_ROUNDS: usize = 8;

/// The trades that the rules call for, before lots.
pub(super) struct Wish {
    pub(super) breaches: Breaches,
    /// The destination of each asset, a fraction of NAV.
    pub(super) goals: Vec<f64>,
    pub(super) flow: Option<Flow>,
    pub(super) ledger: Ledger,
    pub(super) gaps: Gaps,
    pub(super) settled: Settlement,
}

impl Wish {
    pub(super) fn of(input: &SizingInput, limit: f64, rules: &TradingRules) -> Result<Self, CoreError> {
        let mut breaches = Breaches::of(input, rules)?;
        for _ in 0..GROUP_ROUNDS {
            let wish = Self::with(input, limit, rules, breaches.clone())?;
            let is_led = wish.flow.is_none() && !rules.groups.is_empty() && wish.breaches.any();
            if !is_led || !breaches.lead_back_after(input, rules, &wish.weights())? {
                return Ok(wish);
            }
        }
        Self::with(input, limit, rules, breaches)
    }

    fn with(input: &SizingInput, limit: f64, rules: &TradingRules, breaches: Breaches) -> Result<Self, CoreError> {
        let mut ledger = Ledger::open(input);
        let goals = breaches.goals(input, rules);
        let aimed = SizingInput { optimized: &goals, ..*input };
        let flow = Flow::of(input, rules, &ledger)?;
        let mut gaps = Gaps::none(input.current.len());
        let mut settled = Settlement::default();
        if let Some(flow) = flow {
            ledger.reserve = flow.reserve(&ledger);
            let all = vec![true; input.current.len()];
            // What comes first comes first within the turnover limit too.
            let within = |ledger: &Ledger, budget: f64| {
                let mut gaps = Gaps::none(input.current.len());
                flow.fill(input, rules, ledger, budget, &mut gaps);
                gaps.wanted
            };
            let allot = if flow == Flow::Everything { Allot::InProportion } else { Allot::InOrder(&within) };
            settled = settle(input, &all, limit, &mut ledger, &mut gaps, allot, |ledger, _, gaps| {
                flow.fill(input, rules, ledger, f64::INFINITY, gaps);
            });
        } else if breaches.any() {
            // The deviation of cash has no price: its band is kept whatever that costs.
            let stops = input.histories.is_some_and(|histories| !histories.spends_limit) && !breaches.cash;
            let allot = Allot::ByRisk { stops };
            settled = settle(&aimed, &breaches.assets, limit, &mut ledger, &mut gaps, allot, |ledger, nav, gaps| {
                ledger.reserve = (cash_kept(input, rules, nav) as i64).min(ledger.cash);
                desired_gaps(&aimed, input.optimized, rules, &breaches, ledger, nav, gaps);
            });
        }
        Ok(Self { breaches, goals, flow, ledger, gaps, settled })
    }

    pub(super) fn is_called_for(&self) -> bool {
        self.flow.is_some() || self.breaches.any()
    }

    /// The weights that the trades leave, as if no turnover limit cut them.
    fn weights(&self) -> Vec<f64> {
        let ledger = &self.ledger;
        let nav = (ledger.nav - ledger.costs.iter().sum::<i64>()) as f64;
        let trade = |i: usize| if self.gaps.budget_bound { self.gaps.wanted[i] } else { ledger.trades[i] as f64 };
        ledger.positions.iter().enumerate().map(|(i, position)| ((position + trade(i)) / nav).max(0.0)).collect()
    }

    /// Assets that trade only for the sake of others; `None` for a flow of cash, and where cash is outside its band, so that each ticket has a reason
    /// of its own.
    pub(super) fn company(&self) -> Option<Vec<bool>> {
        let is_own = self.flow.is_some() || self.breaches.cash;
        (!is_own).then(|| self.breaches.assets.iter().map(|trades| !trades).collect())
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

#[cfg(test)]
mod tests {
    use crate::bands::groups::BandGroup;
    use crate::{
        BandRule, CostModel, Currency, Intent, Money, SizingInput, SizingOptions, TradePlan, TradingRules,
        size_under_rules,
    };

    /// A plan of four assets at a NAV of ten million without costs, of which the first two are a group with a band of 2 points.
    fn plan(current: &[f64; 4], half_widths: [f64; 4], destination: f64) -> TradePlan {
        let target = [0.25; 4];
        let input = SizingInput {
            nav: Money::from_minor(1_000_000_000, Currency::USD),
            cash: None,
            current,
            target: &target,
            optimized: &target,
            price: &[1.0; 4],
            costs: &CostModel::free(4),
            histories: None,
        };
        let group = BandGroup { assets: vec![0, 1], rule: BandRule::absolute(0.02).unwrap() };
        let rules = TradingRules {
            groups: vec![group],
            half_widths: half_widths.to_vec(),
            destination,
            ..TradingRules::plain(4, 0.1)
        };
        let options = SizingOptions { turnover_limit: 2.0, ..SizingOptions::of(Intent::Rebalance) };
        size_under_rules(&input, &options, &rules).unwrap()
    }

    fn ends(plan: &TradePlan, expected: [f64; 4]) {
        let is_near = plan.rows.iter().zip(expected).all(|(row, end)| (row.weight_after - end).abs() < 1e-6);
        assert!(is_near, "{:?}", plan.rows.iter().map(|row| row.weight_after).collect::<Vec<_>>());
    }

    #[test]
    fn a_trade_to_the_edge_of_its_own_band_takes_its_group_no_further_than_the_edge_of_its_band() {
        // 10 above and 9 below: the group is 1 above. The first is sold to its edge of 5. Of these 5 the second and the third, 9 and 15 below in
        // their bands, would get 1.875 and 3.125, and the group would be 2.125 below. So its assets keep 16/17 of 5 above and 7.125 below.
        let plan = plan(&[0.35, 0.16, 0.1, 0.39], [0.05, 0.2, 0.2, 0.2], 1.0);
        ends(&plan, [0.25 + 0.05 * 16.0 / 17.0, 0.25 - 0.07125 * 16.0 / 17.0, 0.13, 0.39]);
        assert!(plan.rows[0].weight_after + plan.rows[1].weight_after >= 0.48);
    }

    #[test]
    fn a_sale_that_funds_another_asset_brings_the_rest_of_its_group_back() {
        // The third is bought from 12 below, which takes all that the first holds above its target: the group, 3 above and 3 below, would
        // end 3 below, so the second goes to its target too.
        let plan = plan(&[0.28, 0.22, 0.13, 0.37], [0.1, 0.1, 0.1, 0.2], 0.0);
        ends(&plan, [0.25, 0.25, 0.25, 0.25]);
    }
}
