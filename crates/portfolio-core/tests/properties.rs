//! What must hold for every plan, over 100,000 random books of 1 to 2,000 assets (sizes log-uniform).
//!
//! `PROPERTY_PLANS` sets another number. A failure reports the index of the book, which is enough to reproduce it.

use portfolio_core::{
    Action, CostModel, Currency, Money, SizingInput, SizingOptions, SolvedWeights, TradePlan, TradeReason,
    book_weights, size_trades,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

struct Book {
    nav: Money,
    current: Vec<f64>,
    target: Vec<f64>,
    optimized: Vec<f64>,
    price: Vec<f64>,
    costs: CostModel,
    options: SizingOptions,
}

fn log_uniform(rng: &mut ChaCha8Rng, low: f64, high: f64) -> f64 {
    (rng.random_range(low.ln()..=high.ln())).exp().clamp(low, high)
}

fn scaled_to(mut weights: Vec<f64>, sum: f64) -> Vec<f64> {
    let total: f64 = weights.iter().sum();
    if total == 0.0 {
        weights[0] = sum;
        return weights;
    }
    weights.iter().map(|w| w / total * sum).collect()
}

impl Book {
    fn random(index: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(index);
        let n = (log_uniform(&mut rng, 1.0, 2000.9) as usize).max(1);
        let concentration: f64 = rng.random_range(0.3..6.0);
        let invested = if rng.random_bool(0.6) { 1.0 } else { rng.random_range(0.0..=1.0) };
        let raw = |rng: &mut ChaCha8Rng| -> Vec<f64> {
            (0..n).map(|_| if rng.random_bool(0.05) { 0.0 } else { rng.random::<f64>().powf(concentration) }).collect()
        };
        let target = scaled_to(raw(&mut rng), invested);
        let drift_threshold = if rng.random_bool(0.05) { 0.0 } else { log_uniform(&mut rng, 1e-5, 0.5) };
        let current = match rng.random_range(0..4) {
            0 => vec![0.0; n],
            1 => scaled_to(raw(&mut rng), if rng.random_bool(0.7) { 1.0 } else { rng.random_range(0.0..=1.0) }),
            // Prices moved: a little drift on most, a lot on some.
            _ => {
                let moved = target.iter().map(|t| t * (rng.random_range(-0.4..0.4_f64)).exp()).collect();
                scaled_to(moved, if rng.random_bool(0.7) { invested } else { rng.random_range(0.0..=1.0) })
            }
        };
        let optimized = tilt(&mut rng, &target, drift_threshold);
        let cost = if rng.random_bool(0.1) { 0.0 } else { log_uniform(&mut rng, 0.1, 500.0) };
        let per_asset = rng.random_bool(0.3);
        let cost_bps: Vec<f64> = (0..n).map(|_| if per_asset { rng.random_range(0.0..=500.0) } else { cost }).collect();
        let price = (0..n).map(|_| log_uniform(&mut rng, 1e-8, 1e9)).collect();
        let turnover_limit = if rng.random_bool(0.5) { 1.0 } else { log_uniform(&mut rng, 1e-3, 1.0) };
        let nav = Money::floor(log_uniform(&mut rng, 0.01, 1e12), Currency::USD).expect("in range");
        Self {
            nav,
            current,
            target,
            optimized,
            price,
            costs: CostModel::proportional(&cost_bps).expect("in range"),
            options: SizingOptions { drift_threshold, turnover_limit },
        }
    }

    fn input(&self) -> SizingInput<'_> {
        SizingInput {
            nav: self.nav,
            cash: None,
            current: &self.current,
            target: &self.target,
            optimized: &self.optimized,
            price: &self.price,
            costs: &self.costs,
            histories: None,
        }
    }

    fn plan(&self) -> TradePlan {
        size_trades(&self.input(), &self.options).expect("a valid book")
    }
}

/// A zero-sum tilt between pairs, at most half the band.
fn tilt(rng: &mut ChaCha8Rng, target: &[f64], band: f64) -> Vec<f64> {
    let mut optimized = target.to_vec();
    if rng.random_bool(0.5) {
        for pair in 0..target.len() / 2 {
            let (a, b) = (2 * pair, 2 * pair + 1);
            let room = (0.5 * band).min(target[b]);
            let moved = if target[a] > 0.0 { rng.random_range(0.0..=1.0) * room } else { 0.0 };
            optimized[a] += moved;
            optimized[b] -= moved;
        }
    }
    optimized
}

fn check(book: &Book, plan: &TradePlan) -> Result<(), String> {
    let ensure = |holds: bool, what: &str| if holds { Ok(()) } else { Err(what.to_string()) };
    let nav = book.nav.minor();
    let booked: i64 = plan.rows.iter().map(|r| r.value.minor() + r.cost.minor()).sum();
    ensure(booked + plan.cash_change.minor() == 0, "trades, costs and cash do not cancel")?;
    ensure(plan.cash_after.minor() >= 0, "negative cash")?;
    let traded: i64 = plan.rows.iter().map(|r| r.value.minor().abs()).sum();
    let budget = book.options.turnover_limit * nav as f64;
    ensure(traded as f64 <= budget * (1.0 + 1e-15) + 1e-6, "turnover above its limit")?;
    // The cost of each trade is rounded by at most half a unit, so the search cannot end further away than that.
    let residual = plan.cost_residual.minor().unsigned_abs() as usize;
    ensure(plan.cost_iterations <= 32 && residual <= plan.rows.len().max(1), "the NAV after costs was not found")?;
    ensure(plan.nav_after.minor() == nav - plan.total_cost.minor(), "NAV after is not NAV less costs")?;
    let mut weight_sum = plan.cash_weight_after;
    for (i, row) in plan.rows.iter().enumerate() {
        let value = row.value.minor();
        let held = book.current[i] * nav as f64;
        ensure(-value as f64 <= held + 1e-6 + held * 1e-15, "oversold")?;
        ensure(row.cost.minor() >= 0, "negative cost")?;
        let signs = match row.action {
            Action::Hold => value == 0 && row.cost.minor() == 0 && row.units == 0.0,
            Action::Buy => value > 0 && row.units >= 0.0,
            Action::Sell => value < 0 && row.units <= 0.0,
        };
        ensure(signs, "a row's action does not match its figures")?;
        ensure(row.weight_after >= 0.0 && row.weight_after.is_finite(), "weight after out of range")?;
        weight_sum += row.weight_after;
    }
    ensure((weight_sum - 1.0).abs() < 1e-9, "weights and cash after do not sum to one")
}

/// The book after the plan.
fn after(book: &Book, plan: &TradePlan) -> Book {
    Book {
        nav: plan.nav_after,
        current: plan.rows.iter().map(|r| r.weight_after).collect(),
        target: book.target.clone(),
        optimized: book.optimized.clone(),
        price: book.price.clone(),
        costs: book.costs.clone(),
        options: book.options,
    }
}

fn verify(index: u64) -> Result<bool, String> {
    let book = Book::random(index);
    let plan = book.plan();
    check(&book, &plan)?;
    let nav = book.nav.minor() as f64;
    let resting = !plan.turnover_bound
        && book.options.drift_threshold > (plan.total_cost.minor() as f64 + 1.0) / nav
        && plan.nav_after.minor() > 0;
    if resting {
        let second = after(&book, &plan);
        let again = second.plan();
        check(&second, &again)?;
        if let Some(i) = again.rows.iter().position(|r| r.action != Action::Hold) {
            return Err(format!(
                "planning again trades asset {i} of {}: first {:?}, then {:?} (threshold {}, NAV {}, target {}, optimised {})",
                book.target.len(),
                plan.rows[i],
                again.rows[i],
                book.options.drift_threshold,
                book.nav,
                book.target[i],
                book.optimized[i],
            ));
        }
    }
    Ok(resting && plan.rows.iter().any(|r| r.action != Action::Hold))
}

#[test]
fn every_plan_is_exact_within_limits_and_comes_to_rest() {
    let plans: u64 = std::env::var("PROPERTY_PLANS").ok().and_then(|v| v.parse().ok()).unwrap_or(100_000);
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let results: Vec<Result<u64, String>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|worker| {
                scope.spawn(move || {
                    let mut at_rest = 0;
                    for index in (worker..plans).step_by(threads as usize) {
                        at_rest += u64::from(verify(index).map_err(|what| format!("book {index}: {what}"))?);
                    }
                    Ok(at_rest)
                })
            })
            .collect();
        workers.into_iter().map(|w| w.join().unwrap()).collect()
    });
    let at_rest: u64 = results.into_iter().map(|r| r.unwrap_or_else(|what| panic!("{what}"))).sum();
    // The property is meaningful only if many plans trade and then come to rest.
    assert!(at_rest > plans / 10, "only {at_rest} of {plans} plans traded and came to rest");
    println!("{plans} plans checked, {at_rest} of them traded and proposed nothing when planned again");
}

/// Weights that were decided elsewhere: about a third of the assets stay, and each has a largest trade.
fn verify_booking(index: u64) -> Result<(), String> {
    let book = Book::random(index);
    let mut rng = ChaCha8Rng::seed_from_u64(!index);
    let mut weights = book.optimized.clone();
    for (weight, current) in weights.iter_mut().zip(&book.current) {
        if rng.random_bool(0.3) {
            *weight = *current;
        }
    }
    let sum: f64 = weights.iter().sum();
    if sum > 1.0 {
        let excess = sum - 1.0;
        // Room is taken from those that do not stay, as far as it goes.
        let moving: f64 = weights.iter().zip(&book.current).filter(|(w, c)| w != c).map(|(w, _)| w).sum();
        if moving < excess {
            return Ok(());
        }
        for (weight, _) in weights.iter_mut().zip(&book.current).filter(|(w, c)| **w != **c) {
            *weight *= 1.0 - excess / moving;
        }
    }
    let largest: Vec<f64> = weights.iter().map(|_| log_uniform(&mut rng, 1e-3, 1.0)).collect();
    let solved = SolvedWeights {
        held: None,
        weights: &weights,
        turnover_limit: book.options.turnover_limit,
        trade_max: rng.random_bool(0.5).then_some(&largest),
        cash_floor: if rng.random_bool(0.5) { 0.0 } else { rng.random_range(0.0..0.2) },
    };
    let plan = book_weights(&book.input(), &solved, None).map_err(|error| error.to_string())?;
    check(&book, &plan)?;
    let nav = book.nav.minor() as f64;
    let floor = (solved.cash_floor * (plan.nav_after.minor() as f64)).floor();
    let bought = plan.rows.iter().any(|row| row.action == Action::Buy);
    if bought && (plan.cash_after.minor() as f64) < floor - 1.0 {
        return Err(format!("bought, and cash {} is below its floor {floor}", plan.cash_after));
    }
    for (i, row) in plan.rows.iter().enumerate() {
        let decided = weights[i] - book.current[i];
        let wrong_side = match row.action {
            Action::Hold => false,
            Action::Buy => decided <= 0.0,
            Action::Sell => decided >= 0.0,
        };
        let too_large = solved.trade_max.is_some_and(|most| row.value.minor().abs() as f64 > most[i] * nav + 1e-6);
        let odd = !matches!(row.reason, TradeReason::Optimal | TradeReason::Unfunded | TradeReason::TurnoverLimit);
        if wrong_side || too_large || odd {
            return Err(format!("asset {i}, decided {decided}: {row:?}"));
        }
    }
    Ok(())
}

#[test]
fn decided_weights_are_booked_exactly_on_their_side_and_within_every_limit() {
    for index in 0..20_000 {
        if let Err(what) = verify_booking(index) {
            panic!("book {index}: {what}");
        }
    }
}
