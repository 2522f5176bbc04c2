//! Improves a plan one asset at a time: the asset absorbs what the others leave.

use super::LotProblem;
use super::account::{Account, Judge};
use super::domain::{Domain, floor};
use super::outline::Point;

/// Most sweeps over all assets.
const MOST_SWEEPS: usize = 16;
/// Assets tried as the one that absorbs what the others leave: those with the smallest lots.
const MOST_FILLERS: usize = 32;
/// The same in a long search, in which most of the work is the proof (`lot_speed`).
const FEW_FILLERS: usize = 3;
/// Number of completed plans after which a search counts as long.
const SHORT_SEARCH: usize = 64;

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

    /// The better plan after the best move of one asset, from a plan that may break limits; `None` when no move keeps
    /// them or leaves at most `enough`, twice the deviation. `before` is the number of plans completed earlier.
    pub(super) fn fill(&self, points: &[Point], enough: f64, before: usize) -> Option<Vec<i64>> {
        let account = Account::of_points(self.problem, points);
        let mut best = self.judge.allows(&account).then(|| (self.judge.twice(&account), None));
        best = best.filter(|(twice, _)| *twice <= enough);
        let fillers = if before < SHORT_SEARCH { MOST_FILLERS } else { FEW_FILLERS };
        for &i in self.fillers.iter().take(fillers) {
            let rest = account.without(self.problem, i, &points[i]);
            let enough = best.map_or(enough, |(least, _)| least);
            if let Some((twice, k)) = self.best_of_one(i, &rest, enough)
                && best.is_none_or(|(least, _)| twice < least)
            {
                best = Some((twice, Some((i, k))));
            }
        }
        let (_, step) = best?;
        let mut filled: Vec<i64> = points.iter().map(|point| point.lots).collect();
        if let Some((i, k)) = step {
            filled[i] = k;
        }
        Some(filled)
    }

    /// Sweeps over the assets until no move of a single asset reduces the deviation.
    pub(super) fn sweep(&self, lots: &mut [i64]) {
        let mut account = Account::of(self.problem, lots);
        for _ in 0..MOST_SWEEPS {
            let mut moved = false;
            for (i, lots) in lots.iter_mut().enumerate() {
                let rest = account.without(self.problem, i, &Point::of(self.problem, i, *lots));
                let now = if self.judge.allows(&account) { self.judge.twice(&account) } else { f64::INFINITY };
                if let Some((twice, k)) = self.best_of_one(i, &rest, now)
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

    /// Whether no number of lots of asset `i`, with the other trades unchanged, leaves at most `enough`.
    ///
    /// With `left` the cash that the others leave, every trade of value `v` and cost `c` leaves at least
    /// `weight·|v − goal|` plus the resulting deviation of cash: together `min(weight, idle_weight)·(left − goal − c)`
    /// where more is left than the goal, and `min(weight, short_weight)·(goal − left)` where less is. Costs are assumed
    /// to rise with the ticket.
    fn is_hopeless(&self, i: usize, rest: &Account, enough: f64) -> bool {
        let asset = &self.problem.assets[i];
        let slack = enough - rest.gap();
        let [idle, short] = self.judge.weights();
        let above = self.judge.goal() - rest.spent - asset.goal;
        if above <= 0.0 {
            return asset.weight.min(short) * -above > slack;
        }
        let price = asset.weight.min(idle);
        if slack < 0.0 || price * above <= slack {
            return slack < 0.0;
        }
        // Trades further from the goal than this are not good enough; of the others the dearest is one of the two at the ends.
        let reach = slack / asset.weight;
        let (least, most) = ((asset.goal - reach) / asset.step, (asset.goal + reach) / asset.step);
        let domain = &self.domains[i];
        let ends = [domain.at_least(floor(least)), domain.at_most(most.ceil() as i64)].into_iter().flatten();
        let cost = ends.map(|lots| self.problem.cost_of(i, lots)).fold(0.0, f64::max);
        price * (above - cost) > slack
    }

    /// The best allowed lots of asset `i` with the other trades unchanged: twice the deviation, and the lots; `None`
    /// where none leave at most `enough`.
    fn best_of_one(&self, i: usize, rest: &Account, enough: f64) -> Option<(f64, i64)> {
        if self.is_hopeless(i, rest, enough) {
            return None;
        }
        let (problem, domain) = (self.problem, &self.domains[i]);
        let asset = &problem.assets[i];
        let goal = floor(asset.goal_lots());
        let mut tries =
            Tries { problem, judge: self.judge, rest, i, seen: [0; MOST_TRIES], tried: 0, enough, best: None };
        let around = |tries: &mut Tries<'_>, k: i64| {
            if let Some(below) = domain.at_most(k) {
                tries.consider(below);
            }
            if let Some(above) = domain.at_least(k.saturating_add(1)) {
                tries.consider(above);
            }
        };
        if domain.zero {
            tries.consider(0);
        }
        around(&mut tries, goal);
        let [most, wanted] = self.judge.spending();
        for spent in [Some(most), (wanted != most).then_some(wanted)].into_iter().flatten().filter(|s| s.is_finite()) {
            let left = spent - rest.spent;
            let lots = |cost: f64| floor((left - cost) / asset.step);
            let free = lots(0.0);
            let Some(near) = domain.at_most(free).or(domain.at_least(free)) else { continue };
            let k = lots(problem.cost_of(i, near));
            around(&mut tries, k);
            if let Some(close) = domain.at_most(k) {
                around(&mut tries, lots(problem.cost_of(i, close)));
            }
        }
        let value = self.judge.budget() - rest.value();
        if value.is_finite() && value > 0.0 {
            let most = floor(value / asset.step * (1.0 + 1e-12));
            if let Some(bought) = domain.at_most(most) {
                tries.consider(bought);
            }
            if let Some(sold) = domain.at_least(-most) {
                tries.consider(sold);
            }
        }
        tries.best
    }
}

/// Most lots of one asset that are tried: none, two at the goal, four for each of two amounts to spend, and two at the budget.
const MOST_TRIES: usize = 13;

/// The lots of one asset that were tried beside the other trades, each once, and the best of them.
struct Tries<'a> {
    problem: &'a LotProblem<'a>,
    judge: Judge,
    rest: &'a Account,
    i: usize,
    seen: [i64; MOST_TRIES],
    tried: usize,
    /// Twice the deviation above which a plan is of no use.
    enough: f64,
    /// Twice the deviation, and the lots.
    best: Option<(f64, i64)>,
}

impl Tries<'_> {
    fn consider(&mut self, k: i64) {
        if self.seen[..self.tried].contains(&k) {
            return;
        }
        self.seen[self.tried] = k;
        self.tried += 1;
        // Costs and the deviation of cash only add to this.
        let least = self.rest.gap() + self.problem.assets[self.i].gap(k);
        if least > self.enough || self.best.is_some_and(|(best, _)| least >= best) {
            return;
        }
        let point = Point::of(self.problem, self.i, k);
        let twice = self.judge.twice_with(self.rest, &point);
        if self.best.is_none_or(|(least, _)| twice < least) && self.judge.allows_with(self.rest, &point) {
            self.best = Some((twice, k));
        }
    }
}
