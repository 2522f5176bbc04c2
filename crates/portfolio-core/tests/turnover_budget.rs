//! A binding turnover limit leaves less deviation than cutting every trade by the same factor.

use portfolio_core::{CostModel, Currency, Money, SizingInput, SizingOptions, TradePlan, size_trades};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const NAV: i64 = 1_000_000_000;

struct Book {
    current: Vec<f64>,
    target: Vec<f64>,
    costs: CostModel,
    histories: Option<Vec<Vec<f64>>>,
    limit: f64,
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
            histories: histories.as_deref(),
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
    let costs = CostModel::proportional(&vec![rate; n]).expect("valid");
    Book { current, target, costs, histories, limit: rng.random_range(0.01..0.6) }
}

#[test]
fn the_deviation_is_at_most_that_of_cutting_every_trade_alike() {
    let (mut bound, mut better) = (0, 0);
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
    }
    assert!(bound > 50_000 && better > bound / 4, "{better} of {bound}");
    println!(
        "{bound} plans were cut by their limit; {better} deviate by at least a tenth less than cutting every trade alike"
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
