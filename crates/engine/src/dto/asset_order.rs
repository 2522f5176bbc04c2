//! A request with its assets in another order.

use crate::decode::NumberOrList;
use crate::dto::optimal::OptimizationRequest;
use crate::dto::portfolio::RebalanceRequest;

impl RebalanceRequest {
    /// The same request with the asset that is at place `order[i]` now at place `i`: lists with an entry per asset
    /// and positions of assets follow. The request is one that was checked, and `order` has each place once.
    pub(crate) fn reordered(&self, order: &[usize]) -> Self {
        let mut sorted = self.clone();
        sorted.assets = order.iter().filter_map(|&place| self.assets.get(place).cloned()).collect();
        if let Some(optimization) = &mut sorted.optimization {
            optimization.reorder(order);
        }
        sorted
    }
}

impl OptimizationRequest {
    fn reorder(&mut self, order: &[usize]) {
        let sort = |list: &mut Vec<f64>| *list = order.iter().filter_map(|&place| list.get(place).copied()).collect();
        for bound in [&mut self.lower, &mut self.upper] {
            if let Some(NumberOrList::List(list)) = bound {
                sort(list);
            }
        }
        for list in [&mut self.market_impact, &mut self.trade_max].into_iter().flatten() {
            sort(list);
        }
        for exposure in self.exposures.iter_mut().flatten() {
            sort(&mut exposure.loadings);
        }
        let move_to = |position: &mut u64| {
            if let Some(place) = order.iter().position(|&old| u64::try_from(old) == Ok(*position)) {
                *position = place as u64;
            }
        };
        for group in self.groups.iter_mut().flatten() {
            group.members.iter_mut().for_each(move_to);
            group.members.sort_unstable();
        }
        for restriction in self.restrictions.iter_mut().flatten() {
            move_to(&mut restriction.asset);
        }
    }
}
