//! A binding turnover limit leaves less deviation than cutting every trade by the same factor.

use portfolio_core::{
    CostModel, Currency, MarketImpact, Money, SizingHistories, SizingInput, SizingOptions, TradePlan, size_trades,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const NAV: i64 = 1_000_000_000;
/// γ = 5 over a year of 252 days.
const PRICE: f64 = 2.5 * 252.0;

struct Book {
    current: Vec<f64>,
    target: Vec<f64>,
    costs: CostModel,
    histories: Option<Vec<Vec<f64>>>,
    limit: f64,
    /// Price of variance, for one period.
    price: f64,
    /// Whether the limit is used in full, whatever the last trades cost.
    spends_limit: bool,
}

impl Book {
    fn plan(&self, turnover_limit: f64) -> TradePlan {
        let histories: Option<Vec<&[f64]>> = self.histories.as_ref().map(|all| all.iter().map(Vec::as_slice).collect());
        let input = SizingInput {
            nav: Money::from_minor(NAV, Currency::USD),
            cash: None,
            current: &self.current,
            target: &self.target,
            optimized: &self.target,
            price: &vec![50.0; self.current.len()],
            costs: &self.costs,
            histories: histories.as_deref().map(|returns| SizingHistories {
                returns,
                price_of_variance: self.price,
                spends_limit: self.spends_limit,
            }),
        };
        size_trades(&input, &SizingOptions { drift_threshold: 0.01, turnover_limit }).expect("valid")
    }

    /// Standard deviation of the deviation from the targets; without histories, the root of its sum of squares.
    fn deviation(&self, gap: &[f64]) -> f64 {
        let Some(histories) = &self.histories else { return gap.iter().map(|g| g * g).sum::<f64>().sqrt() };
        let periods = histories[0].len();
        let series: Vec<f64> = (0..periods).map(|t| gap.iter().zip(histories).map(|(g, r)| g * r[t]).sum()).collect();
        let mean = series.iter().sum::<f64>() / periods as f64;
        (series.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / (periods - 1) as f64).sqrt()
    }

    /// The objective of the deviation from the targets and the costs, fractions of NAV; impact counts.
    fn objective(&self, plan: &TradePlan) -> f64 {
        let trades = plan.rows.iter().map(|row| row.value.minor() as f64 / NAV as f64);
        let impact = |(i, x): (usize, f64)| self.costs.convex(i, 50.0).impact * x.abs().powf(1.5);
        let costs = plan.total_cost.minor() as f64 / NAV as f64 + trades.enumerate().map(impact).sum::<f64>();
        self.price * self.deviation(&self.gap_after(plan, 1.0)).powi(2) + costs
    }

    /// Deviations after a share `share` of the trades of `plan`, fractions of NAV.
    fn gap_after(&self, plan: &TradePlan, share: f64) -> Vec<f64> {
        let rows = plan.rows.iter().zip(self.current.iter().zip(&self.target));
        rows.map(|(row, (w, t))| w - t + share * row.value.minor() as f64 / NAV as f64).collect()
    }
}

fn weights(rng: &mut ChaCha8Rng, n: usize) -> Vec<f64> {
    let raw: Vec<f64> = (0..n).map(|_| rng.random_range(0.02..1.0)).collect();
    let sum: f64 = raw.iter().sum();
    raw.iter().map(|w| (1e6 * w / sum).floor() / 1e6).collect()
}

fn random(seed: u64) -> Book {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let n = rng.random_range(2..=9);
    let market: Vec<f64> = (0..30).map(|_| rng.random_range(-0.01..0.01)).collect();
    let mut history = |_| -> Vec<f64> {
        let (scale, beta) = (rng.random_range(0.0..0.04_f64), rng.random_range(-0.5..1.5));
        market.iter().map(|m| beta * m + scale * rng.random_range(-1.0..1.0)).collect()
    };
    let histories: Vec<Vec<f64>> = (0..n).map(&mut history).collect();
    let histories = rng.random_bool(0.8).then_some(histories);
    let rate = if rng.random_bool(0.5) { 0.0 } else { 20.0 };
    let (current, target) = (weights(&mut rng, n), weights(&mut rng, n));
    let limit = rng.random_range(0.01..0.6);
    // In one book of three the costs of the assets differ, and some of these have an impact.
    let is_uneven = rng.random_bool(1.0 / 3.0);
    let rates: Vec<f64> = (0..n).map(|_| if is_uneven { rng.random_range(0.0..60.0) } else { rate }).collect();
    let mut costs = CostModel::proportional(&rates).expect("valid");
    if is_uneven && rng.random_bool(0.3) {
        let impact: Vec<f64> = (0..n).map(|_| rng.random_range(0.0..0.01)).collect();
        costs = costs.with(MarketImpact::new(&impact).expect("valid")).expect("fits");
    }
    let price = if is_uneven { rng.random_range(1.0..3_000.0) } else { PRICE };
    Book { current, target, costs, histories, limit, price, spends_limit: true }
}

#[test]
fn the_deviation_is_at_most_that_of_cutting_every_trade_alike() {
    let (mut bound, mut better, mut stopped, mut worth) = (0, 0, 0, 0);
    for seed in 0..100_000 {
        let book = random(seed);
        let (cut, whole) = (book.plan(book.limit), book.plan(1.0));
        if !cut.turnover_bound || whole.turnover_bound {
            continue;
        }
        bound += 1;
        let share = cut.turnover_two_way / whole.turnover_two_way;
        let got = book.deviation(&book.gap_after(&cut, 1.0));
        let alike = book.deviation(&book.gap_after(&whole, share));
        // Trades are whole cents. Where they cost something, those of the whole plan lead to the targets of a smaller NAV.
        let costs = whole.total_cost.minor() as f64 / NAV as f64;
        let one = |i: usize| book.deviation(&(0..book.target.len()).map(|j| f64::from(i == j)).collect::<Vec<f64>>());
        let most = (0..book.target.len()).map(one).fold(0.0, f64::max);
        assert!(got <= alike + costs * most + 1e-8, "seed {seed}: {got} is above {alike}");
        assert!(book.limit - cut.turnover_two_way < 1e-6 + 2.0 * costs, "seed {seed}: the limit is used");
        better += usize::from(got < 0.9 * alike);
        if book.histories.is_none() || costs == 0.0 {
            continue;
        }
        // The limit as the most that may be used: no objective is worse, and the tracking error still at most that of cutting all trades to the
        // same turnover.
        let book = Book { spends_limit: false, ..book };
        let free = book.plan(book.limit);
        assert!(free.turnover_two_way <= book.limit && free.turnover_bound != free.stopped_by_cost, "seed {seed}");
        stopped += usize::from(free.stopped_by_cost);
        let share = free.turnover_two_way / whole.turnover_two_way;
        let (got, alike) =
            (book.deviation(&book.gap_after(&free, 1.0)), book.deviation(&book.gap_after(&whole, share)));
        assert!(got <= alike + costs * most + 1e-8, "seed {seed}: {got} is above {alike} where costs stop the trades");
        // The NAV after costs moves the goals: what a plan costs changes the deviations by as much.
        let slack = 4.0 * book.price * costs * most * (got + costs * most) + 1e-8;
        let [less, all] = [&free, &cut].map(|plan| book.objective(plan));
        assert!(less <= all + slack, "seed {seed}: {less} is above {all}");
        worth += usize::from(less < all - 1e-4);
    }
    assert!(bound > 50_000 && better > bound / 4, "{better} of {bound}");
    println!(
        "{bound} plans were cut by their limit; {better} deviate by at least a tenth less than cutting every trade alike"
    );
    println!(
        "{stopped} leave a part of it that would cost more than it takes off; {worth} are worth a basis point more by that"
    );
}

/// Two bonds that move together are far off target in opposite directions, and shares are slightly off target: selling
/// the shares is what removes risk. The histories are built to have volatilities of 25, 6 and 2 % a year and
/// correlations of 0, 0 and 0.8.
#[test]
fn the_budget_goes_to_the_risk_and_not_to_the_largest_gap() {
    let book = |histories| Book {
        current: vec![0.19, 0.13, 0.18, 0.5],
        target: vec![0.15, 0.25, 0.10, 0.5],
        costs: CostModel::free(4),
        histories,
        limit: 0.08,
        price: PRICE,
        spends_limit: true,
    };
    // Orthogonal series of unit variance.
    let wave = |k: usize| {
        (0..64).map(move |t| std::f64::consts::SQRT_2 * (std::f64::consts::TAU * (k * t) as f64 / 64.0).sin())
    };
    let daily = |annual: f64| annual / 252_f64.sqrt();
    let shares: Vec<f64> = wave(1).map(|x| daily(0.25) * x).collect();
    let long: Vec<f64> = wave(2).map(|x| daily(0.06) * x).collect();
    let short: Vec<f64> = wave(2).zip(wave(3)).map(|(x, y)| daily(0.02) * (0.8 * x + 0.6 * y)).collect();
    let rest: Vec<f64> = wave(4).map(|x| daily(0.10) * x).collect();
    let risky = book(Some(vec![shares, long, short, rest]));
    let plan = risky.plan(risky.limit);
    let sold: Vec<f64> = plan.rows.iter().map(|row| row.value.minor() as f64 / NAV as f64).collect();
    assert!((sold[0] + 0.04).abs() < 1e-6 && (sold[1] - 0.04).abs() < 1e-6 && sold[2].abs() < 1e-6, "{sold:?}");
    // Without histories, the largest gaps close first.
    let blind = book(None);
    let plan = blind.plan(blind.limit);
    let sold: Vec<f64> = plan.rows.iter().map(|row| row.value.minor() as f64 / NAV as f64).collect();
    assert!(sold[0].abs() < 1e-6 && (sold[1] - 0.04).abs() < 1e-6 && (sold[2] + 0.04).abs() < 1e-6, "{sold:?}");
}

/// Two assets of 20 % volatility a year, uncorrelated, 12 and 8 points above their targets, and one without risk that is 20 points below: of the 20
/// points to sell 10 are sold. With the price `λ` of annual variance and the rates `c`, `λσ²·((0.12 − x)² + (0.08 − y)²) + c₁x + c₂y` at
/// `x + y = 0.1` is least where `x − y = 0.04 − (c₁ − c₂)/(2λσ²)`, and `2λσ² = 0.2`.
fn sold(costs: CostModel, is_flat: bool) -> [f64; 2] {
    let plan = of_three(costs, is_flat, true);
    assert!(plan.turnover_bound);
    [0, 1].map(|i| -plan.rows[i].value.minor() as f64 / NAV as f64)
}

fn of_three(costs: CostModel, is_flat: bool, spends_limit: bool) -> TradePlan {
    let wave = |k: usize| {
        (0..64).map(move |t| std::f64::consts::SQRT_2 * (std::f64::consts::TAU * (k * t) as f64 / 64.0).sin())
    };
    // The sample variance of 64 periods divides by 63.
    let daily = if is_flat { 0.0 } else { 0.2 / 252_f64.sqrt() * (63.0_f64 / 64.0).sqrt() };
    let series = |k: usize| -> Vec<f64> { wave(k).map(|x| daily * x).collect() };
    let book = Book {
        current: vec![0.32, 0.28, 0.4],
        target: vec![0.2, 0.2, 0.6],
        costs,
        histories: Some(vec![series(1), series(2), vec![0.0; 64]]),
        limit: 0.2,
        price: PRICE,
        spends_limit,
    };
    book.plan(book.limit)
}

/// Without the limit in full, `x` and `y` solve `0.2·(0.12 − x) = c₁` and `0.2·(0.08 − y) = c₂` as long as `x + y ≤ 0.1`: at 150 bp both are 0.075 above
/// their targets, at 200 bp the second is not sold at all.
#[test]
fn the_last_unit_of_turnover_takes_off_what_it_costs() {
    use portfolio_core::TradeReason::{DriftBreach, WorthTooLittle};
    let at = |bps: [f64; 2]| of_three(CostModel::proportional(&[bps[0], bps[1], 0.0]).expect("valid"), false, false);
    for (bps, expected) in [
        ([150.0, 150.0], [0.045, 0.005]),
        ([200.0, 200.0], [0.02, 0.0]),
        // With the costs of the purchase: 0.2·(0.12 − x) = 0.015.
        ([150.0, 140.0], [0.045, 0.01]),
        // The limit in full, as above.
        ([10.0, 0.0], [0.0675, 0.0325]),
    ] {
        let plan = at(bps);
        let got = [0, 1].map(|i| -plan.rows[i].value.minor() as f64 / NAV as f64);
        // What the trades cost, at most 15 bp of NAV, lowers the goals by as much of their weights.
        assert!((got[0] - expected[0]).abs() < 6e-4 && (got[1] - expected[1]).abs() < 6e-4, "{bps:?}: {got:?}");
        let is_whole = expected[0] + expected[1] > 0.099;
        assert_eq!((plan.turnover_bound, plan.stopped_by_cost), (is_whole, !is_whole), "{bps:?}");
        let sold_none = plan.rows[1].value.minor() == 0;
        assert_eq!(plan.rows[1].reason, if sold_none { WorthTooLittle } else { DriftBreach }, "{bps:?}");
        let [benefit, cost] = plan.last_unit.expect("costs were weighed");
        assert_eq!(benefit >= cost, is_whole, "{bps:?}: of the whole limit {benefit}, {cost}");
    }
    // Where all of it is asked for, it is used: 2 points between the two are left.
    let whole = of_three(CostModel::proportional(&[150.0, 150.0, 0.0]).expect("valid"), false, true);
    assert!(whole.turnover_bound && (whole.turnover_two_way - 0.2).abs() < 1e-4);
}

#[test]
fn the_budget_goes_to_what_is_worth_most_after_its_cost() {
    let at = |first: f64| sold(CostModel::proportional(&[first, 0.0, 0.0]).expect("valid"), false);
    // 10 bp: 0.04 − 0.001/0.2 = 0.035. The costs of 0.7 bp of NAV move the goals by less than that.
    for (bps, expected) in [(0.0, [0.07, 0.03]), (10.0, [0.0675, 0.0325])] {
        let got = at(bps);
        assert!((got[0] - expected[0]).abs() < 1e-4 && (got[1] - expected[1]).abs() < 1e-4, "{bps}: {got:?}");
    }
    // 900 bp alone would sell nothing of the first. Cut alike, 6 points of it and 4 of the other leave as much tracking error as may be left.
    let got = at(900.0);
    assert!((got[0] - 0.06).abs() < 4e-3 && got[0] >= 0.06 - 4e-3 && got[0] < 0.07, "{got:?}");
    // What costs alike costs the same however the budget is spent.
    assert_eq!(
        sold(CostModel::proportional(&[30.0, 30.0, 10.0]).expect("valid"), false).map(|x| (x * 1e3).round()),
        [70.0, 30.0]
    );
}

#[test]
fn an_impact_is_shared_so_that_no_part_of_it_would_cost_less_elsewhere() {
    // Without risk the cost alone is least: 1.5·k₁·√x = 1.5·k₂·√y with k₂ = 2k₁ is x = 4y.
    let impact = MarketImpact::new(&[0.01, 0.02, 0.0]).expect("valid");
    let got = sold(CostModel::free(3).with(impact).expect("fits"), true);
    assert!((got[0] - 0.08).abs() < 1e-5 && (got[1] - 0.02).abs() < 1e-5, "{got:?}");
}
