//! The sums of a whole plan, and the comparison of two plans.

use std::cmp::Ordering;

use super::LotProblem;
use super::limits::Limits;
use super::outline::Point;

impl LotProblem<'_> {
    /// The deviation that trades of `lots`, one number per asset, leave, minor units; limits are not checked.
    #[must_use]
    pub fn deviation(&self, lots: &[i64]) -> f64 {
        0.5 * Judge::of(self).twice(&Account::of(self, lots))
    }
}

/// Sums over the trades of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Account {
    pub(super) spent: f64,
    value: f64,
    gap: f64,
    tickets: usize,
    squares: f64,
}

impl Account {
    /// The sums of a whole plan.
    pub(super) fn of(problem: &LotProblem<'_>, lots: &[i64]) -> Self {
        let trades = lots.iter().enumerate();
        trades.fold(Self::default(), |sum, (i, &lots)| sum.with(problem, i, &Point::of(problem, i, lots)))
    }

    /// The sums of a whole plan, of which `points` say what each trade does.
    pub(super) fn of_points(problem: &LotProblem<'_>, points: &[Point]) -> Self {
        points.iter().enumerate().fold(Self::default(), |sum, (i, point)| sum.with(problem, i, point))
    }

    /// Weighted distances from the goals, and what costs count.
    pub(super) fn gap(&self) -> f64 {
        self.gap
    }

    /// Sum of the absolute values of all tickets.
    pub(super) fn value(&self) -> f64 {
        self.value
    }

    /// With one more trade, of asset `i`.
    #[inline]
    pub(super) fn with(self, problem: &LotProblem<'_>, i: usize, trade: &Point) -> Self {
        Self {
            spent: self.spent + trade.spent,
            value: self.value + trade.value,
            gap: self.gap + trade.gap,
            tickets: self.tickets + usize::from(trade.lots != 0),
            squares: self.squares + problem.assets[i].distance(trade.lots).powi(2),
        }
    }

    /// Without a trade of asset `i` that it contains.
    #[inline]
    pub(super) fn without(self, problem: &LotProblem<'_>, i: usize, trade: &Point) -> Self {
        Self {
            spent: self.spent - trade.spent,
            value: self.value - trade.value,
            gap: self.gap - trade.gap,
            tickets: self.tickets - usize::from(trade.lots != 0),
            squares: self.squares - problem.assets[i].distance(trade.lots).powi(2),
        }
    }
}

/// Compares plans of one problem.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judge {
    limits: Limits,
    /// Differences up to this, minor units of twice the deviation, are a tie.
    pub(super) tie: f64,
    roundoff: f64,
}

impl Judge {
    pub(super) fn of(problem: &LotProblem<'_>) -> Self {
        let scale = problem.scale();
        Self { limits: Limits::of(problem), tie: 1e-9 * scale, roundoff: 1e-12 * scale }
    }

    /// Whether cash, budget and number of tickets are within their limits.
    #[inline]
    pub(super) fn allows(&self, account: &Account) -> bool {
        account.spent <= self.limits.most_spent + self.roundoff
            && account.value <= self.limits.budget + self.roundoff
            && account.tickets <= self.limits.max_tickets
    }

    /// Whether a plan with one more trade is within the limits.
    #[inline]
    pub(super) fn allows_with(&self, rest: &Account, trade: &Point) -> bool {
        rest.spent + trade.spent <= self.limits.most_spent + self.roundoff
            && self.has_room(rest.value + trade.value, rest.tickets + usize::from(trade.lots != 0))
    }

    /// Whether neither the budget nor the number of tickets is limited, for `assets` assets.
    pub(super) fn is_unlimited(&self, assets: usize) -> bool {
        self.limits.budget == f64::INFINITY && self.limits.max_tickets >= assets
    }

    /// Whether tickets of this value and number are within the budget and the number of tickets.
    #[inline]
    pub(super) fn has_room(&self, value: f64, tickets: usize) -> bool {
        value <= self.limits.budget + self.roundoff && tickets <= self.limits.max_tickets
    }

    /// Twice the deviation.
    #[inline]
    pub(super) fn twice(&self, account: &Account) -> f64 {
        self.twice_of(account.spent, account.gap)
    }

    /// Twice the deviation of a plan with one more trade.
    #[inline]
    pub(super) fn twice_with(&self, rest: &Account, trade: &Point) -> f64 {
        self.twice_of(rest.spent + trade.spent, rest.gap + trade.gap)
    }

    #[inline]
    fn twice_of(&self, spent: f64, gap: f64) -> f64 {
        let idle = self.limits.goal_spent - spent;
        gap + if idle > 0.0 { self.limits.idle_weight * idle } else { -self.limits.short_weight * idle }
    }

    /// `Less` when the first plan is better: less deviation, then lower cost, which means less spent on the same
    /// trades, then a smaller sum of squared deviations, then fewer tickets.
    pub(super) fn compare(&self, problem: &LotProblem<'_>, a: (&Account, &[i64]), b: (&Account, &[i64])) -> Ordering {
        let tied = |x: f64, y: f64, tie: f64| if (x - y).abs() <= tie { Ordering::Equal } else { x.total_cmp(&y) };
        tied(self.twice(a.0), self.twice(b.0), self.tie)
            .then_with(|| tied(cost(problem, a.1), cost(problem, b.1), self.tie))
            .then_with(|| tied(a.0.squares, b.0.squares, 1e-9 * (a.0.squares + b.0.squares)))
            .then(a.0.tickets.cmp(&b.0.tickets))
            .then_with(|| a.1.cmp(b.1))
    }

    /// Largest sum of the absolute values of all tickets.
    #[inline]
    pub(super) fn budget(&self) -> f64 {
        self.limits.budget
    }

    /// Weights of cash above and below its goal.
    #[inline]
    pub(super) fn weights(&self) -> [f64; 2] {
        [self.limits.idle_weight, self.limits.short_weight]
    }

    /// The cash that should be spent.
    #[inline]
    pub(super) fn goal(&self) -> f64 {
        self.limits.goal_spent
    }

    /// The cash that may be spent at most, and the cash that should be spent.
    #[inline]
    pub(super) fn spending(&self) -> [f64; 2] {
        [self.limits.most_spent, self.limits.goal_spent]
    }
}

fn cost(problem: &LotProblem<'_>, lots: &[i64]) -> f64 {
    lots.iter().enumerate().map(|(i, &lots)| problem.cost_of(i, lots)).sum()
}
