//! The limits and weights of a problem that plans and bounds share.

use super::LotProblem;

/// What all assets of a problem share: cash, budget, tickets, and the weight of cash that misses its goal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// The most cash that may be spent, minor units.
    pub(super) most_spent: f64,
    /// The cash that should be spent.
    pub(super) goal_spent: f64,
    /// How much a unit of cash above its goal counts.
    pub(super) idle_weight: f64,
    /// How much a unit of cash below its goal counts.
    pub(super) short_weight: f64,
    /// Largest sum of the absolute values of all tickets; infinite for no limit.
    pub(super) budget: f64,
    /// Largest number of tickets; the largest integer for no limit.
    pub(super) max_tickets: usize,
}

impl Limits {
    pub(super) fn of(problem: &LotProblem<'_>) -> Self {
        let (most_spent, goal_spent) = problem.spending();
        Self {
            most_spent,
            goal_spent,
            idle_weight: problem.idle_weight,
            short_weight: problem.short_weight,
            budget: problem.most_value(),
            max_tickets: problem.max_tickets.unwrap_or(usize::MAX),
        }
    }
}
