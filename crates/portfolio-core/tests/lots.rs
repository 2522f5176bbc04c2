//! Trades in whole lots: by hand, against brute force, and on random books.

mod lot_books;

use std::cell::Cell;

use lot_books::LotBook;
use portfolio_core::{LotAsset, LotError, LotOptions, LotPlan, LotProblem, fit_lots};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn fit(problem: &LotProblem<'_>) -> LotPlan {
    fit_lots(problem, &LotOptions::default()).expect("feasible")
}

/// Assets of which anything may be bought and ten lots sold.
fn asset(goal: f64, step: f64) -> LotAsset {
    LotAsset { goal, step, least: -10, most: 1_000, min_value: 0.0, weight: 1.0 }
}

/// All of `cash` may be spent, and should be.
fn free<'a>(assets: &'a [LotAsset], cash: f64) -> LotProblem<'a> {
    LotProblem {
        assets,
        cash,
        cash_least: 0.0,
        cash_goal: 0.0,
        idle_weight: 1.0,
        short_weight: 1.0,
        cost_weight: 0.0,
        budget: None,
        max_tickets: None,
        cost: &|_, _| 0.0,
    }
}

#[test]
fn the_bound_is_that_of_the_price_at_which_the_sales_balance() {
    // 600 to raise by sales of 300, 200 and 100, in two tickets. Without the smallest, 100 are missing, which count double, or another
    // sale goes 100 further: ½·(100 + 100). At a price of 1 no choice of two tickets leaves less, so the first node proves it.
    let sale = |goal: f64| LotAsset { least: -1_000, most: 0, ..asset(goal, 1.0) };
    let assets = [sale(-300.0), sale(-200.0), sale(-100.0)];
    let problem = LotProblem { cash_goal: 600.0, short_weight: 2.0, max_tickets: Some(2), ..free(&assets, 0.0) };
    let plan = fit_lots(&problem, &LotOptions { nodes: 1, ..LotOptions::default() }).expect("feasible");
    assert_eq!((plan.deviation, plan.bound, plan.nodes), (100.0, 100.0, 1));
}

#[test]
fn idle_cash_that_counts_double_is_spent() {
    let assets = [asset(62.0, 25.0), asset(38.0, 10.0)];
    // 50 and 40: 12 + 2 off and 10 idle, 24; with 10 counted twice, 34. 50 and 50: 12 + 12 off, nothing idle, 24.
    let plan = fit(&LotProblem { idle_weight: 2.0, ..free(&assets, 100.0) });
    assert_eq!((plan.lots.as_slice(), plan.deviation, plan.bound), ([2, 5].as_slice(), 12.0, 12.0));
}

#[test]
fn a_cost_that_counts_like_idle_cash_wins_nothing() {
    let fee = |_: usize, _: i64| 4.0;
    let assets = [asset(0.0, 10.0), asset(0.0, 3.0)];
    let problem = LotProblem { cost: &fee, ..free(&assets, 5.0) };
    // 5 are idle. A lot of 3 is 3 off, costs 4 of the cash and is not allowed; with 8 to spend it leaves 1 idle: 3 + 1 beats 8.
    assert_eq!(fit(&problem).lots, [0, 0]);
    let more = LotProblem { cash: 8.0, ..problem };
    assert_eq!((fit(&more).lots.as_slice(), fit(&more).deviation), ([0, 1].as_slice(), 2.0));
    // With the 4 counted it is no better than to do nothing: 3 + 1 + 4, and it costs more.
    let counted = LotProblem { cost_weight: 1.0, ..more };
    assert_eq!((fit(&counted).lots.as_slice(), fit(&counted).deviation), ([0, 0].as_slice(), 4.0));
}

#[test]
fn a_search_that_may_end_early_ends_within_its_gap() {
    for seed in 0..200 {
        let book = LotBook::random(seed, 20);
        let options = LotOptions { gap: 0.5e-4 * book.nav, ..LotOptions::default() };
        let plan = book.with_problem(|problem| fit_lots(problem, &options)).expect("feasible");
        check_limits(&book, &plan);
        assert!(plan.deviation - plan.bound <= options.gap || plan.nodes >= options.nodes, "{seed}: {plan:?}");
        assert!(plan.nodes <= book.with_problem(fit).nodes, "{seed}: {plan:?}");
    }
}

#[test]
fn a_ticket_below_the_smallest_is_none_or_the_smallest() {
    let assets = [LotAsset { min_value: 40.0, ..asset(30.0, 10.0) }];
    // Nothing: 30 off and 30 idle. 40: 10 off and cash 10 short.
    let plan = fit(&LotProblem { cash_goal: 70.0, ..free(&assets, 100.0) });
    assert_eq!((plan.lots.as_slice(), plan.deviation), ([4].as_slice(), 10.0));
    // With 35 to spend, 40 is not allowed: 30 off and 30 idle.
    let plan = fit(&LotProblem { cash_goal: 5.0, ..free(&assets, 35.0) });
    assert_eq!((plan.lots.as_slice(), plan.deviation), ([0].as_slice(), 30.0));
}

#[test]
fn the_ticket_that_is_left_goes_where_it_counts_most() {
    let assets = [asset(30.0, 10.0), asset(50.0, 10.0)];
    // 50 of the second: 30 off and 30 idle.
    let plan = fit(&LotProblem { max_tickets: Some(1), ..free(&assets, 80.0) });
    assert_eq!((plan.lots[0], plan.deviation, plan.is_exact), (0, 30.0, true));
    let plan = fit(&LotProblem { max_tickets: Some(0), ..free(&assets, 80.0) });
    assert_eq!((plan.lots.as_slice(), plan.deviation), ([0, 0].as_slice(), 80.0));
}

#[test]
fn the_choice_of_tickets_is_proven_in_few_nodes() {
    // Lots of one unit: 2⁵ choices of who trades. Three tickets: 1,214,045 and the cash of 10,000 pay for all but 39,492 of two buys.
    // That and the sales of 5,100 and 34,045 are left out; half of their sum is 39,318.5.
    let asset = |goal: f64| LotAsset { least: -9_999_999, most: 9_999_999, ..asset(goal, 1.0) };
    let assets = [732_355.0, -1_214_045.0, 531_182.0, -5_100.0, -34_045.0].map(asset);
    let plan = fit(&LotProblem { max_tickets: Some(3), ..free(&assets, 10_000.0) });
    assert_eq!((&plan.lots[3..], plan.deviation), ([0, 0].as_slice(), 39_318.5));
    assert!(plan.is_exact && plan.nodes <= 100, "{plan:?}");
}

#[test]
fn a_budget_stops_the_trades() {
    let assets = [asset(100.0, 10.0)];
    // 40 of 100: 60 off and 60 idle. 45 allow no more than 4 lots.
    let plan = fit(&LotProblem { budget: Some(45.0), ..free(&assets, 100.0) });
    assert_eq!((plan.lots.as_slice(), plan.deviation, plan.bound), ([4].as_slice(), 60.0, 60.0));
}

#[test]
fn missing_cash_is_raised_by_sales() {
    let fee = |_: usize, _: i64| 1.0;
    let assets = [asset(0.0, 10.0)];
    // 25 are missing and the ticket costs 1: 3 lots bring 29. 30 off and 4 idle.
    let plan = fit(&LotProblem { cost: &fee, ..free(&assets, -25.0) });
    assert_eq!((plan.lots.as_slice(), plan.deviation), ([-3].as_slice(), 17.0));
    // 2 lots bring 19: 6 are still missing.
    let assets = [LotAsset { least: -2, ..assets[0] }];
    let problem = LotProblem { cost: &fee, ..free(&assets, -25.0) };
    assert_eq!(fit_lots(&problem, &LotOptions::default()), Err(LotError::Infeasible { shortfall: 6.0 }));
}

#[test]
fn values_out_of_range_are_named() {
    let fit = |problem: &LotProblem<'_>| fit_lots(problem, &LotOptions::default());
    let no_step = [asset(1.0, 1.0), asset(1.0, 0.0)];
    let error = LotError::Asset { asset: 1, name: "step", value: 0.0 };
    assert_eq!(fit(&free(&no_step, 1.0)), Err(error));
    let assets = [asset(1.0, 1.0)];
    let error = LotError::OutOfRange { name: "budget", value: -1.0 };
    assert_eq!(fit(&LotProblem { budget: Some(-1.0), ..free(&assets, 1.0) }), Err(error));
    let error = LotError::Cost { asset: 0, lots: -10, value: -3.0 };
    assert_eq!(fit(&LotProblem { cost: &|_, _| -3.0, ..free(&assets, 1.0) }), Err(error));
    assert_eq!(fit(&free(&[], 7.0)).map(|plan| plan.deviation), Ok(3.5));
}

/// A way to charge for lots that never costs less for more of them.
#[derive(Debug, Clone, Copy)]
enum Charge {
    /// Nothing.
    Free,
    /// A minimum commission and a rate.
    Minimum,
    /// Cheaper by the lot the more lots there are.
    Concave,
    /// A price per started three lots.
    Steps,
}

/// A small problem, its numbers owned.
#[derive(Debug, Clone)]
struct Small {
    assets: Vec<LotAsset>,
    cash: f64,
    cash_least: f64,
    cash_goal: f64,
    idle_weight: f64,
    budget: Option<f64>,
    max_tickets: Option<usize>,
    charge: Charge,
    cost_weight: f64,
}

impl Small {
    fn random(seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let n = rng.random_range(1..=4);
        let assets = (0..n)
            .map(|_| {
                let step = rng.random_range(1.0..50.0_f64);
                LotAsset {
                    goal: step * rng.random_range(-4.0..4.0),
                    step: if rng.random_range(0..4) == 0 { step.ceil() } else { step },
                    least: -rng.random_range(0..=4),
                    most: rng.random_range(0..=4),
                    min_value: if rng.random_range(0..3) == 0 { rng.random_range(0.0..80.0) } else { 0.0 },
                    weight: if rng.random_range(0..4) == 0 { rng.random_range(0.0..3.0) } else { 1.0 },
                }
            })
            .collect();
        let cash = rng.random_range(-60.0..120.0_f64);
        Self {
            assets,
            cash,
            cash_least: if rng.random_range(0..4) == 0 { rng.random_range(-20.0..80.0) } else { 0.0 },
            cash_goal: if rng.random_range(0..2) == 0 { 0.0 } else { rng.random_range(-10.0..60.0) },
            idle_weight: [0.0, 0.5, 1.0, 1.0, 2.0][rng.random_range(0..5)],
            budget: (rng.random_range(0..3) == 0).then(|| rng.random_range(0.0..150.0)),
            max_tickets: (rng.random_range(0..3) == 0).then(|| rng.random_range(0..=n)),
            charge: [Charge::Free, Charge::Minimum, Charge::Minimum, Charge::Concave, Charge::Steps]
                [rng.random_range(0..5)],
            cost_weight: [0.0, 0.0, 1.0, 2.0][rng.random_range(0..4)],
        }
    }

    fn cost(&self, i: usize, lots: i64) -> f64 {
        let value = (lots as f64 * self.assets[i].step).abs();
        match self.charge {
            Charge::Free => 0.0,
            Charge::Minimum => (0.02 * value).max(1.5),
            Charge::Concave => 0.3 * value.sqrt(),
            Charge::Steps => 2.0 * lots.abs().div_euclid(3) as f64,
        }
    }

    fn with_problem<T>(&self, use_problem: impl FnOnce(&LotProblem<'_>) -> T) -> T {
        use_problem(&LotProblem {
            assets: &self.assets,
            cash: self.cash,
            cash_least: self.cash_least,
            cash_goal: self.cash_goal,
            idle_weight: self.idle_weight,
            short_weight: 1.0,
            cost_weight: self.cost_weight,
            budget: self.budget,
            max_tickets: self.max_tickets,
            cost: &|i, lots| self.cost(i, lots),
        })
    }

    fn scale(&self) -> f64 {
        1.0 + self.cash.abs() + self.assets.iter().map(|asset| asset.goal.abs()).sum::<f64>()
    }

    /// Every plan within the limits of its assets, budget and tickets.
    fn plans(&self) -> Vec<Vec<i64>> {
        let mut plans = vec![Vec::new()];
        for asset in &self.assets {
            let allowed = (asset.least..=asset.most)
                .filter(|k| *k == 0 || (*k as f64 * asset.step).abs() >= asset.min_value - 1e-9)
                .chain((asset.least > 0 || asset.most < 0).then_some(0));
            let allowed: Vec<i64> = allowed.collect();
            plans = plans
                .into_iter()
                .flat_map(|plan| allowed.iter().map(move |k| [plan.as_slice(), &[*k]].concat()))
                .collect();
        }
        plans.retain(|plan| {
            let value: f64 = plan.iter().zip(&self.assets).map(|(k, a)| (*k as f64 * a.step).abs()).sum();
            value <= self.budget.unwrap_or(f64::INFINITY) + 1e-9
                && plan.iter().filter(|k| **k != 0).count() <= self.max_tickets.unwrap_or(usize::MAX)
        });
        plans
    }

    fn cash_after(&self, lots: &[i64]) -> f64 {
        let trades = lots.iter().enumerate().filter(|(_, k)| **k != 0);
        self.cash - trades.map(|(i, k)| *k as f64 * self.assets[i].step + self.cost(i, *k)).sum::<f64>()
    }

    fn deviation(&self, lots: &[i64]) -> f64 {
        let gaps = lots.iter().zip(&self.assets).map(|(k, a)| a.weight * (*k as f64 * a.step - a.goal).abs());
        let over = self.cash_after(lots) - self.cash_goal;
        let trades = lots.iter().enumerate().filter(|(_, k)| **k != 0);
        let costs: f64 = trades.map(|(i, k)| self.cost(i, *k)).sum();
        0.5 * (gaps.sum::<f64>() + self.cost_weight * costs + if over > 0.0 { self.idle_weight * over } else { -over })
    }
}

#[test]
fn brute_force_agrees_on_small_problems() {
    let mut infeasible = 0;
    for seed in 0..2_000 {
        let small = Small::random(seed);
        let tie = 1e-8 * small.scale();
        let plans = small.plans();
        let feasible = plans.iter().filter(|plan| small.cash_after(plan) >= small.cash_least - 1e-9);
        let least = feasible.map(|plan| small.deviation(plan)).min_by(f64::total_cmp);
        let answer = small.with_problem(|problem| fit_lots(problem, &LotOptions::default()));
        match (least, answer) {
            (Some(least), Ok(plan)) => {
                assert!(plans.contains(&plan.lots), "{seed}: {plan:?} breaks a limit of {small:?}");
                assert!(small.cash_after(&plan.lots) >= small.cash_least - 1e-9, "{seed}");
                assert!((small.deviation(&plan.lots) - plan.deviation).abs() <= tie, "{seed}: {plan:?}");
                assert!((plan.deviation - least).abs() <= tie, "{seed}: {plan:?}, brute force {least} of {small:?}");
                assert!(
                    plan.bound <= least + tie && plan.is_exact,
                    "{seed}: {plan:?}, brute force {least} of {small:?}"
                );
                assert!(plan.deviation - plan.bound <= tie, "{seed}: {plan:?}");
            }
            (None, Err(LotError::Infeasible { shortfall })) => {
                let most = plans.iter().map(|plan| small.cash_after(plan)).max_by(f64::total_cmp).expect("no trade");
                assert!((shortfall - (small.cash_least - most)).abs() <= tie, "{seed}: {shortfall} of {small:?}");
                infeasible += 1;
            }
            (least, answer) => panic!("{seed}: brute force {least:?}, answer {answer:?} of {small:?}"),
        }
    }
    assert!(infeasible > 100 && infeasible < 1_000, "{infeasible} infeasible");
}

/// Checks every limit of a plan of `book`.
fn check_limits(book: &LotBook, plan: &LotPlan) {
    let roundoff = 1e-11 * book.nav;
    let mut cash = book.cash;
    let (mut value, mut tickets) = (0.0, 0);
    for (i, (k, asset)) in plan.lots.iter().zip(&book.assets).enumerate().filter(|(_, (k, _))| **k != 0) {
        assert!((asset.least..=asset.most).contains(k), "{k} lots of {asset:?}");
        let traded = *k as f64 * asset.step;
        assert!(traded.abs() >= asset.min_value - roundoff, "{traded} of {asset:?}");
        cash -= traded + book.cost(i, *k);
        value += traded.abs();
        tickets += 1;
    }
    assert!(cash >= -roundoff, "{cash} cash");
    assert!(value <= book.budget.unwrap_or(f64::INFINITY) + roundoff);
    assert!(tickets <= book.max_tickets.unwrap_or(usize::MAX));
    assert!(0.0 <= plan.bound && plan.bound <= plan.deviation);
}

#[test]
fn random_books_are_within_a_basis_point_of_their_bound() {
    for seed in 0..1_000 {
        let n = 1 + seed as usize % 20;
        let book = LotBook::random(seed, n);
        let plan = book.with_problem(fit);
        check_limits(&book, &plan);
        assert!(plan.deviation - plan.bound <= 1e-4 * book.nav, "book {seed} of {n}: {plan:?}");
        assert!(plan.is_exact || n > 12, "book {seed} of {n}: {plan:?}");
    }
}

#[test]
fn no_ticket_fits_into_cash_that_counts_double() {
    let mut seen = 0;
    for seed in 0..300 {
        let book = LotBook::random(seed, 1 + seed as usize % 8);
        if book.idle_weight <= 1.0 || book.budget.is_some() || book.max_tickets.is_some() {
            continue;
        }
        let lots = book.with_problem(fit).lots;
        let spent = |i: usize, k: i64| k as f64 * book.assets[i].step + if k == 0 { 0.0 } else { book.cost(i, k) };
        let all: f64 = lots.iter().enumerate().map(|(i, k)| spent(i, *k)).sum();
        let left = book.cash - book.cash_goal - all;
        for (i, (k, asset)) in lots.iter().zip(&book.assets).enumerate().filter(|(_, (k, _))| **k >= 0) {
            let more = (k + 1).max((asset.min_value / asset.step).ceil() as i64);
            assert!(spent(i, more) - spent(i, *k) > left - 1e-6, "{seed}: asset {i} from {k} to {more} fits in {left}");
            seen += 1;
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn permuted_assets_are_as_close() {
    for seed in 0..60 {
        let book = LotBook::random(seed, 8);
        let mut turned = book.clone();
        turned.assets.rotate_left(3);
        turned.assets.swap(0, 4);
        let (plan, permuted) = (book.with_problem(fit), turned.with_problem(fit));
        assert!((plan.deviation - permuted.deviation).abs() <= 0.5, "{seed}: {plan:?} and {permuted:?}");
    }
}

#[test]
fn two_thousand_assets_end_within_the_node_limit() {
    let book = LotBook::random(7, 2_000);
    let calls = Cell::new(0_u64);
    let plan = book.with_problem(|problem| {
        let counted = |i: usize, lots: i64| {
            calls.set(calls.get() + 1);
            (problem.cost)(i, lots)
        };
        fit(&LotProblem { cost: &counted, ..*problem })
    });
    check_limits(&book, &plan);
    // A node counts 31 times: one for every 64 assets.
    assert!(31 * plan.nodes <= LotOptions::default().nodes + 62, "{}", plan.nodes);
    assert!(plan.deviation - plan.bound <= 1e-4 * book.nav, "{} and {}", plan.deviation, plan.bound);
    // Lots are not counted one by one: there are a million of them.
    assert!(calls.get() < 500 * 2_000, "{} calls", calls.get());
}
