//! Makes a plan better one asset at a time: the asset takes up what the others leave.

use super::LotProblem;
use super::account::{Account, Judge};
use super::domain::Domain;
use super::outline::Point;

/// Most sweeps over all assets.
const MOST_SWEEPS: usize = 16;
/// Assets tried as the one that takes up what the others leave: those with the smallest lots.
const MOST_FILLERS: usize = 32;

/// Moves of one asset.
pub(super) struct Repair<'a> {
    problem: &'a LotProblem<'a>,
    domains: &'a [Domain],
    judge: Judge,
    fillers: Vec<usize>,
}

impl<'a> Repair<'a> {
    pub(super) fn of(problem: &'a LotProblem<'a>, domains: &'a [Domain], judge: Judge) -> Self {
        let mut fillers: Vec<usize> = (0..problem.assets.len()).collect();
        fillers.sort_by(|&a, &b| problem.assets[a].step.total_cmp(&problem.assets[b].step));
        fillers.truncate(MOST_FILLERS);
        Self { problem, domains, judge, fillers }
    }

    /// The better plan after the best move of one asset, from a plan that may break limits; `None` when no move keeps them.
    pub(super) fn fill(&self, lots: &[i64]) -> Option<Vec<i64>> {
        let account = Account::of(self.problem, lots);
        let mut best = self.judge.allows(&account).then(|| (self.judge.twice(&account), None));
        for &i in &self.fillers {
            let rest = account.without(self.problem, i, &Point::of(self.problem, i, lots[i]));
            if let Some((twice, k)) = self.best_of_one(i, &rest)
                && best.is_none_or(|(least, _)| twice < least)
            {
                best = Some((twice, Some((i, k))));
            }
        }
        let (_, step) = best?;
        let mut filled = lots.to_vec();
        if let Some((i, k)) = step {
            filled[i] = k;
        }
        Some(filled)
    }

    /// Sweeps over the assets until none of them can be moved to leave less deviation.
    pub(super) fn sweep(&self, lots: &mut [i64]) {
        let mut account = Account::of(self.problem, lots);
        for _ in 0..MOST_SWEEPS {
            let mut moved = false;
            for (i, lots) in lots.iter_mut().enumerate() {
                let rest = account.without(self.problem, i, &Point::of(self.problem, i, *lots));
                let now = if self.judge.allows(&account) { self.judge.twice(&account) } else { f64::INFINITY };
                if let Some((twice, k)) = self.best_of_one(i, &rest)
                    && twice < now - self.judge.tie
                {
                    account = rest.with(self.problem, i, &Point::of(self.problem, i, k));
                    *lots = k;
                    moved = true;
                }
            }
            if !moved {
                return;
            }
        }
    }

    /// The best allowed lots of asset `i` beside the other trades: twice the deviation, and the lots.
    fn best_of_one(&self, i: usize, rest: &Account) -> Option<(f64, i64)> {
        let (problem, domain) = (self.problem, &self.domains[i]);
        let asset = &problem.assets[i];
        let goal = asset.goal_lots().floor() as i64;
        let mut best: Option<(f64, i64)> = None;
        let mut consider = |k: i64| {
            let account = rest.with(problem, i, &Point::of(problem, i, k));
            if self.judge.allows(&account) {
                let twice = self.judge.twice(&account);
                if best.is_none_or(|(least, _)| twice < least) {
                    best = Some((twice, k));
                }
            }
        };
        let around = |k: i64| [domain.at_most(k), domain.at_least(k.saturating_add(1))].into_iter().flatten();
        if domain.zero {
            consider(0);
        }
        around(goal).for_each(&mut consider);
        for spent in self.judge.spending().into_iter().filter(|spent| spent.is_finite()) {
            let left = spent - rest.spent;
            let lots = |cost: f64| ((left - cost) / asset.step).floor() as i64;
            let free = lots(0.0);
            let Some(near) = domain.at_most(free).or(domain.at_least(free)) else { continue };
            let k = lots(problem.cost_of(i, near));
            around(k).for_each(&mut consider);
            if let Some(close) = domain.at_most(k) {
                around(lots(problem.cost_of(i, close))).for_each(&mut consider);
            }
        }
        let value = self.judge.budget() - rest.value();
        if value.is_finite() && value > 0.0 {
            let most = (value / asset.step * (1.0 + 1e-12)).floor() as i64;
            [domain.at_most(most), domain.at_least(-most)].into_iter().flatten().for_each(&mut consider);
        }
        best
    }
}
