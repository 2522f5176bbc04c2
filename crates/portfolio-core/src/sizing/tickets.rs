//! Fits trades to whole lots, a smallest ticket and a number of tickets.

use super::SizingInput;
use super::flow::Flow;
use super::funding::cash_target;
use super::gaps::DUST;
use super::ledger::Ledger;
use super::rules::TradingRules;
use crate::lots::{LotAsset, LotError, LotOptions, LotPlan, LotProblem, fit_lots};
use crate::{CoreError, Intent, TradeSide};

/// How close tickets of whole lots are to the trades without lots, and how close any tickets could be.
///
/// Both figures are fractions of NAV: half of the sum of the costs and of all distances between a position, or cash,
/// and its value without lots. If cash is to be spent, cash above its goal and costs count double; if it is to be
/// raised, missing cash counts double.
#[derive(Debug, Clone, PartialEq)]
pub struct TicketFit {
    /// Lots of each asset that trade, positive for buys; an asset without lots counts in minor units.
    pub lots: Vec<i64>,
    /// The distance that the plan leaves.
    pub deviation: f64,
    /// No plan within the same rules leaves less.
    pub bound: f64,
    /// Whether the plan is proven to be the nearest one.
    pub is_exact: bool,
}

/// Weight of idle cash when all of it is to be spent, relative to money in an asset: no ticket that fits into it is
/// left out.
const IDLE: f64 = 2.0;
/// Weight of missing cash when cash is to be raised: a sale beyond its goal is better than less cash.
const SHORT: f64 = 2.0;
/// How close to the best tickets is close enough, a fraction of NAV: half a basis point. Tickets that bring a book
/// closer to the policy by no more than this do not trade, so planning again from a plan that is close enough trades
/// nothing.
pub(super) const NEAR: f64 = 0.5e-4;
/// Nodes of the search for the best tickets before tickets that are close enough are accepted; most books need fewer.
const EXACT_NODES: u64 = 100;
/// The same for a small number of assets whose lots are all worth more than [`NEAR`].
const COARSE_NODES: u64 = 4_000;
/// Nodes of the search for tickets that are close enough, of a small number of assets: one book in some hundred thousand needs more than the
/// 20,000 that larger books have.
const FEW_NODES: u64 = 200_000;
/// Largest number of assets that counts as small.
const FEW: usize = 12;

/// The goal to which tickets are fitted, in minor units.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// The trade of each asset without lots.
    pub(super) trades: &'a [f64],
    /// The cash that these trades would leave.
    pub(super) cash: f64,
    /// Most that may be traded.
    pub(super) budget: i64,
    /// Largest trade of each asset, fractions of NAV.
    pub(super) largest: Option<&'a [f64]>,
    /// Assets that trade only for the sake of others; `None` where each ticket has a reason of its own.
    pub(super) company: Option<&'a [bool]>,
}

/// What the tickets must reach.
#[derive(Debug, Clone, Copy)]
struct Goal {
    /// The cash that must be left.
    reach: f64,
    /// Whether assets are sold without a wanted sale.
    sells_others: bool,
    /// Whether no ticket passes the target of its asset.
    stops_at_targets: bool,
}

/// The tickets that rules allow in a book.
#[derive(Debug)]
pub(super) struct Tickets<'a> {
    input: &'a SizingInput<'a>,
    rules: &'a TradingRules,
    flow: Option<Flow>,
    /// Value of one lot of each asset, minor units.
    steps: Vec<f64>,
    /// Smallest value of a ticket of each asset, minor units.
    least_values: Vec<f64>,
}

impl<'a> Tickets<'a> {
    pub(super) fn new(input: &'a SizingInput<'a>, rules: &'a TradingRules, flow: Option<Flow>) -> Self {
        let minor_per_major = input.nav.currency().minor_per_major();
        let step = |i: usize| rules.lots[i].map_or(1.0, |lot| lot * input.price[i] * minor_per_major);
        let steps = (0..rules.lots.len()).map(step).collect();
        let least_values = (0..rules.lots.len()).map(|i| rules.least_value(i, input)).collect();
        Self { input, rules, flow, steps, least_values }
    }

    /// Books tickets of whole lots in place of the trades of a ledger.
    ///
    /// An asset trades in the direction of its wanted trade, or not at all. Cash to invest may also buy other assets that are below the
    /// policy, so that less is left than the cheapest of their tickets, and cash to raise may come from other sales.
    /// The turnover budget and the cash that must be left still apply.
    ///
    /// # Errors
    /// [`CoreError`] when the numbers of the problem are not finite.
    pub(super) fn fit(&self, wanted: &Wanted<'_>, ledger: &mut Ledger) -> Result<TicketFit, CoreError> {
        let nav = ledger.nav as f64;
        let is_coarse = self.steps.len() <= FEW && self.steps.iter().all(|step| *step > NEAR * nav);
        let exact_nodes = if is_coarse { COARSE_NODES } else { EXACT_NODES };
        let nodes = if self.steps.len() <= FEW { FEW_NODES } else { LotOptions::default().nodes };
        let options = LotOptions { gap: NEAR * nav, exact_nodes, nodes };
        let fitted = |ledger: &Ledger, goal: Goal| {
            self.with_problem(wanted, ledger, goal, |problem| fit_lots(problem, &options))
        };
        let (least, kept) = self.cash_to_keep(ledger);
        let is_one_sided = matches!(self.rules.intent, Intent::BuyOnly | Intent::SellOnly);
        let mut goal = Goal { reach: least, sells_others: false, stops_at_targets: is_one_sided };
        let mut plan = fitted(ledger, goal);
        let is_short = |plan: &Result<LotPlan, LotError>| matches!(plan, Err(LotError::Infeasible { .. }));
        if is_short(&plan) && self.raises() {
            // What the wanted sales do not raise, others may.
            goal.sells_others = true;
            plan = fitted(ledger, goal);
        }
        if is_short(&plan) {
            // When no sales raise the cash, the tickets come as near to it as they can.
            goal.reach = kept;
            plan = fitted(ledger, goal);
        }
        let mut plan = plan.map_err(|_| CoreError::OutOfRange { name: "lot_size", value: f64::NAN })?;
        if self.flow.is_none() && self.leads_away(&plan.lots, ledger) {
            goal.stops_at_targets = true;
            plan = fitted(ledger, goal).unwrap_or(plan);
        }
        if self.flow.is_none() && ledger.cash as f64 >= goal.reach {
            self.prefer_no_trade(&mut plan, wanted, ledger, goal);
            if self.is_company_alone(&plan.lots, wanted) {
                plan = self.without_company_alone(plan, wanted, ledger, goal, &options);
            }
        }
        let mut lots = self.book(&plan.lots, ledger);
        let missing = least - ledger.cash_after() as f64;
        if self.raises() && goal.reach == least && missing > 0.0 {
            // Value and cost of each ticket are booked in whole units: what that takes off the cash is raised too.
            goal.reach += missing + lots.len() as f64;
            if let Ok(more) = fitted(ledger, goal) {
                lots = self.book(&more.lots, ledger);
                plan = more;
            }
        }
        Ok(TicketFit { lots, deviation: plan.deviation / nav, bound: plan.bound / nav, is_exact: plan.is_exact })
    }

    /// What the positions of a ledger are worth with lots traded, minor units; the trades themselves are booked in whole ones.
    pub(super) fn positions(&self, ledger: &Ledger, lots: &[i64]) -> Vec<f64> {
        let traded = self.steps.iter().zip(lots).map(|(step, lots)| step * *lots as f64);
        ledger.positions.iter().zip(traded).map(|(position, value)| (position + value).max(0.0)).collect()
    }

    /// The distance that lots leave, a fraction of NAV.
    pub(super) fn deviation(&self, wanted: &Wanted<'_>, ledger: &Ledger, lots: &[i64]) -> f64 {
        let (least, kept) = self.cash_to_keep(ledger);
        let reach = if ledger.cash_after() as f64 >= least { least } else { kept };
        self.with_problem(wanted, ledger, Goal { reach, sells_others: true, stops_at_targets: false }, |problem| {
            problem.deviation(lots)
        }) / ledger.nav as f64
    }

    /// Whether each booked ticket has at least the smallest value.
    pub(super) fn allow(&self, ledger: &Ledger) -> bool {
        // Whole lots of the smallest value are booked as its nearest minor unit.
        let is_enough = |(trade, least): (&i64, &f64)| *trade == 0 || trade.abs() as f64 >= least.round_ties_even();
        ledger.trades.iter().zip(&self.least_values).all(is_enough)
    }

    /// Books lots in place of the trades of a ledger; the lots that are booked.
    pub(super) fn book(&self, lots: &[i64], ledger: &mut Ledger) -> Vec<i64> {
        let value = |(lots, step): (&i64, &f64)| (*lots as f64 * step).round_ties_even() as i64;
        let values: Vec<i64> = lots.iter().zip(&self.steps).map(value).collect();
        ledger.replace(self.input, &values);
        let booked = |(lots, trade): (&i64, &i64)| if *trade == 0 { 0 } else { *lots };
        lots.iter().zip(&ledger.trades).map(booked).collect()
    }

    /// The cash that must be left, and the cash that is left in any case when sales cannot raise it.
    fn cash_to_keep(&self, ledger: &Ledger) -> (f64, f64) {
        let kept = ledger.reserve.min(ledger.cash) as f64;
        match self.flow {
            Some(Flow::Reach(cash)) => (cash, kept),
            _ => (ledger.reserve as f64, kept),
        }
    }

    /// Whether tickets take the book further from its policy than their costs do: half the sum of all distances from the targets, that of cash
    /// included, grows. Nothing else takes what a ticket trades beyond a target then.
    fn leads_away(&self, lots: &[i64], ledger: &Ledger) -> bool {
        let values: Vec<f64> = lots.iter().zip(&self.steps).map(|(lots, step)| *lots as f64 * step).collect();
        let costs: f64 = values.iter().enumerate().map(|(i, value)| self.input.charge(i, *value)).sum();
        let cash_target = cash_target(self.input);
        let distance = |nav: f64, cash: f64, value: &dyn Fn(usize) -> f64| {
            let off = |i: usize| (ledger.positions[i] + value(i) - self.input.target[i] * nav).abs();
            0.5 * ((0..lots.len()).map(off).sum::<f64>() + (cash - cash_target * nav).abs())
        };
        let (nav, cash) = (ledger.nav as f64, ledger.cash as f64);
        let before = distance(nav, cash, &|_| 0.0);
        let after = distance(nav - costs, cash - values.iter().sum::<f64>() - costs, &|i| values[i]);
        after > before + costs + 1.0
    }

    /// Takes no trade instead of tickets that bring the book no nearer than [`NEAR`].
    fn prefer_no_trade(&self, plan: &mut LotPlan, wanted: &Wanted<'_>, ledger: &Ledger, goal: Goal) {
        let none = vec![0; plan.lots.len()];
        let deviation = self.with_problem(wanted, ledger, goal, |problem| problem.deviation(&none));
        if deviation - plan.deviation <= NEAR * ledger.nav as f64 {
            let is_exact = deviation - plan.bound < 0.5;
            *plan = LotPlan { lots: none, deviation, is_exact, ..plan.clone() };
        }
    }

    /// Whether each ticket is of an asset that trades for the sake of others, which have none.
    fn is_company_alone(&self, lots: &[i64], wanted: &Wanted<'_>) -> bool {
        let Some(company) = wanted.company else { return false };
        let mut traded = (0..lots.len()).filter(|i| lots[*i] != 0).peekable();
        traded.peek().is_some() && traded.all(|i| company[i])
    }

    /// Takes no trade where only assets that trade for the sake of others have tickets, and would be bought from the cash that the costs of the
    /// tickets that do not fit would have taken: each plan would call for more of them. What the rules take from cash beyond those costs is
    /// theirs.
    fn without_company_alone(
        &self,
        plan: LotPlan,
        wanted: &Wanted<'_>,
        ledger: &Ledger,
        goal: Goal,
        options: &LotOptions,
    ) -> LotPlan {
        // The cash that costs do not take stays, and is where it belongs.
        let costs = ledger.cash as f64 - wanted.trades.iter().sum::<f64>() - wanted.cash;
        let kept = Wanted { cash: wanted.cash + costs.max(0.0), ..*wanted };
        let Ok(mut again) = self.with_problem(&kept, ledger, goal, |problem| fit_lots(problem, options)) else {
            return plan;
        };
        self.prefer_no_trade(&mut again, &kept, ledger, goal);
        if self.is_company_alone(&again.lots, wanted) { plan } else { again }
    }

    /// Calls `use_problem` with the problem of a goal.
    fn with_problem<T>(
        &self,
        wanted: &Wanted<'_>,
        ledger: &Ledger,
        goal: Goal,
        use_problem: impl FnOnce(&LotProblem<'_>) -> T,
    ) -> T {
        let assets: Vec<LotAsset> = (0..self.steps.len()).map(|i| self.asset(i, wanted, ledger, goal)).collect();
        let (cash, reach) = (ledger.cash as f64, goal.reach);
        let idle_weight = if self.spends() { IDLE } else { 1.0 };
        // Value and cost of each ticket are rounded by half a unit each when they are booked; lots of whole units without a cost are exact.
        let rounding: f64 = (0..self.steps.len())
            .map(|i| {
                let is_whole = self.steps[i].fract() == 0.0;
                let is_free = self.input.charge(i, self.steps[i]) == 0.0 && self.input.charge(i, -self.steps[i]) == 0.0;
                0.5 * f64::from(u8::from(!is_whole) + u8::from(!is_free))
            })
            .sum();
        use_problem(&LotProblem {
            assets: &assets,
            cash,
            cash_least: (reach + rounding).min(cash.max(reach)),
            // What the gaps of others cannot take for want of a lot is to be spent too.
            cash_goal: if self.spends() { reach } else { wanted.cash.max(reach) },
            idle_weight,
            short_weight: if self.raises() { SHORT } else { 1.0 },
            cost_weight: idle_weight,
            budget: Some(wanted.budget as f64),
            max_tickets: self.rules.max_tickets,
            cost: &|i, lots| self.input.charge(i, lots as f64 * self.steps[i]),
        })
    }

    fn asset(&self, i: usize, wanted: &Wanted<'_>, ledger: &Ledger, of: Goal) -> LotAsset {
        let (step, goal) = (self.steps[i], wanted.trades[i]);
        // Dust calls for no trade, and so for no smallest ticket.
        let dust = if self.flow.is_none() { DUST } else { 0.0 };
        let buys = (goal > dust || (self.spends() && self.is_below(i, ledger))) && self.rules.allows(i, TradeSide::Buy);
        let sells = (goal < -dust || of.sells_others) && self.rules.allows(i, TradeSide::Sell);
        let held = match self.rules.lots[i] {
            Some(lot) => (self.rules.units[i] / lot * (1.0 + WHOLE)).floor(),
            None => ledger.positions[i].floor(),
        };
        let most = if self.flow.is_some() { MOST_LOTS } else { self.most_lots(i, wanted, ledger, of) };
        let largest = wanted.largest.map_or(MOST_LOTS, |largest| (largest[i] * ledger.nav as f64 / step).floor());
        let most = most.min(largest);
        LotAsset {
            goal,
            step,
            least: if sells { -(held.min(most) as i64) } else { 0 },
            most: if buys { most as i64 } else { 0 },
            min_value: self.least_values[i],
            weight: 1.0,
        }
    }

    /// Most lots on the wanted side. A trade passes its goal by less than a lot, or ends at the smallest ticket. Where nothing on the
    /// other side makes up for it, it does not pass the target as well.
    fn most_lots(&self, i: usize, wanted: &Wanted<'_>, ledger: &Ledger, of: Goal) -> f64 {
        let (step, goal) = (self.steps[i], wanted.trades[i].abs());
        let near = (goal.max(self.least_values[i]) / step).ceil();
        if !of.stops_at_targets {
            return near;
        }
        let to_target = (self.input.target[i] * ledger.nav as f64 - ledger.positions[i]).abs();
        near.min((goal.max(to_target) / step).floor())
    }

    fn spends(&self) -> bool {
        matches!(self.flow, Some(Flow::Spend(_)))
    }

    fn raises(&self) -> bool {
        matches!(self.flow, Some(Flow::Reach(_)))
    }

    /// Whether an asset has less than its share of the amount invested once the cash is spent.
    fn is_below(&self, i: usize, ledger: &Ledger) -> bool {
        let total: f64 = self.input.optimized.iter().sum();
        let invested = ledger.positions.iter().sum::<f64>() + (ledger.cash - ledger.reserve) as f64;
        total > 0.0 && ledger.positions[i] < self.input.optimized[i] / total * invested
    }
}

/// Quantities carry floating-point noise: a position this close to a whole number of lots holds them all.
const WHOLE: f64 = 1e-12;
/// A double counts whole lots exactly up to this number.
const MOST_LOTS: f64 = 9e15;
