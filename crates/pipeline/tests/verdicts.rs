//! Properties that a risk manager expects of the verdict: moving to the policy is never judged more gravely than
//! leaving it, less data is never milder, and the length of the history matters little.

#![expect(clippy::print_stdout, reason = "the test says how many cuts it made")]

use pipeline::{
    Book, CostModel, Currency, FEW_OBSERVATIONS, MarketData, Measure, Method, Money, OptimalMethod, PathMethod, Plan,
    Policy, ReturnPanel, RunConfig, Severity, Universe, VerdictDecision, plan,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use stress::scenario::{ScenarioSeries, series};

struct RandomBook {
    current: Vec<f64>,
    policy: Vec<f64>,
    returns: Vec<Vec<f64>>,
    stand_ins: Vec<Option<&'static ScenarioSeries>>,
}

fn weights(rng: &mut ChaCha8Rng, n: usize) -> Vec<f64> {
    let raw: Vec<f64> = (0..n).map(|_| rng.random_range(0.05_f64..1.0).powi(2)).collect();
    let sum: f64 = raw.iter().sum();
    raw.iter().map(|w| (1e6 * w / sum).floor() / 1e6).collect()
}

impl RandomBook {
    /// Two to six assets with one common factor and annual volatilities from 2 to 60 %.
    fn new(seed: u64, periods: usize) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let n = rng.random_range(2..=6);
        let (current, policy) = (weights(&mut rng, n), weights(&mut rng, n));
        let loads: Vec<(f64, f64)> =
            (0..n).map(|_| (rng.random_range(-0.3..1.5), rng.random_range(0.001..0.035))).collect();
        // The newest returns come first, so that a longer history of one seed extends a shorter one. Box and Muller
        // (1958).
        let mut normal = || -> f64 {
            let (u, v): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
            (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
        };
        let mut returns = vec![Vec::new(); n];
        for _ in 0..periods {
            let market = 0.01 * normal();
            for (series, (beta, own)) in returns.iter_mut().zip(&loads) {
                series.push((beta * market + own * normal()).max(-0.9));
            }
        }
        returns.iter_mut().for_each(|series| series.reverse());
        Self { current, policy, returns, stand_ins: Vec::new() }
    }

    /// Two to six of the assets of the shipped scenarios over `periods` days of their prices, each with the series that stands for it.
    fn of_the_market(seed: u64, prices: &[Vec<f64>], periods: usize) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let n = rng.random_range(2..=ASSETS.len());
        let mut assets: Vec<usize> = (0..ASSETS.len()).collect();
        for i in 0..n {
            assets.swap(i, rng.random_range(i..ASSETS.len()));
        }
        let start = rng.random_range(0..prices[0].len() - periods);
        let returns = |&asset: &usize| {
            prices[asset][start..=start + periods].windows(2).map(|day| day[1] / day[0] - 1.0).collect::<Vec<f64>>()
        };
        Self {
            current: weights(&mut rng, n),
            policy: weights(&mut rng, n),
            returns: assets[..n].iter().map(returns).collect(),
            stand_ins: assets[..n].iter().map(|&asset| series(ASSETS[asset])).collect(),
        }
    }

    fn plan(&self, change: impl FnOnce(&mut RunConfig)) -> Plan {
        let n = self.current.len();
        let universe = Universe::new((0..n).map(|i| format!("A{i}"))).expect("valid");
        let nav = Money::from_minor(1_000_000_000, Currency::USD);
        let book = Book::from_weights(universe.clone(), nav, self.current.clone(), &vec![50.0; n]).expect("valid");
        let panel = ReturnPanel::new(universe, self.returns.clone()).expect("valid");
        let cash_weight = 1.0 - self.policy.iter().sum::<f64>();
        let mut config = RunConfig::new(Policy { weights: self.policy.clone(), cash_weight })
            .with_costs(CostModel::free(n))
            .with_method(Method::Drift { tilt_budget: None })
            .with_stand_ins(self.stand_ins.clone())
            .with_simulation(None);
        change(&mut config);
        plan(&book, MarketData::new(&panel), &config).expect("valid")
    }
}

/// The assets of the shipped scenarios of 1999 to 2005.
const ASSETS: [&str; 6] = ["SP500_INDEX", "NASDAQ", "UST10Y_TR", "UST2Y_TR", "WTI", "EURUSD"];

/// The prices of [`ASSETS`].
fn prices() -> Vec<Vec<f64>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/mixed_1999_2005.csv");
    let mut table = csv::Reader::from_path(path).expect("shipped data");
    let columns: Vec<usize> = {
        let header = table.headers().expect("a header");
        ASSETS.iter().map(|name| header.iter().position(|column| column == *name).expect("a column")).collect()
    };
    let mut prices = vec![Vec::new(); ASSETS.len()];
    for row in table.records() {
        let row = row.expect("a row");
        for (series, &column) in prices.iter_mut().zip(&columns) {
            series.push(row[column].parse().expect("a price"));
        }
    }
    prices
}

fn rank(decision: VerdictDecision) -> u8 {
    match decision {
        VerdictDecision::Approved => 0,
        VerdictDecision::ReviewRequired => 1,
        VerdictDecision::Rejected => 2,
    }
}

#[test]
fn moving_to_the_policy_is_never_graver_than_holding() {
    let (mut better, mut reviewed) = (0, 0);
    for seed in 0..2_000 {
        let book = RandomBook::new(seed, 120);
        let moved = book.plan(|config| {
            (config.sizing.drift_threshold, config.sizing.turnover_limit) = (0.0, 1.0);
        });
        // One plan cannot have a two-way turnover above one.
        if moved.trades.turnover_bound {
            continue;
        }
        let held = book.plan(|config| config.sizing.turnover_limit = 1e-9);
        let (to, from) = (&moved.verdict, &held.verdict);
        assert!(rank(to.decision) <= rank(from.decision), "seed {seed}: {} / {}", to.sentence, from.sentence);
        assert_eq!(to.decision, VerdictDecision::Approved, "seed {seed}: {}", to.sentence);
        // Each step of the severity counts, and each check.
        assert!(to.severity <= from.severity, "seed {seed}: {} / {}", to.sentence, from.sentence);
        assert_eq!(to.checks.len(), from.checks.len());
        for (moved, held) in to.checks.iter().zip(from.checks.iter()) {
            assert_eq!((moved.measure, moved.point), (held.measure, held.point));
            assert!(moved.severity <= held.severity, "seed {seed}: {moved:?} / {held:?}");
        }
        better += u32::from(rank(to.decision) < rank(from.decision));
        reviewed += u32::from(from.decision == VerdictDecision::ReviewRequired);
    }
    assert!(better > 100 && reviewed == better, "{better} of {reviewed} held books that need a review are mended");
}

#[test]
fn a_concentrated_policy_that_is_met_to_the_cent_is_clear() {
    for seed in 0..400 {
        let mut book = RandomBook::new(seed, 120);
        let n = book.policy.len();
        let rest = 0.35 / (n - 1) as f64;
        book.policy = (0..n).map(|i| if i == 0 { 0.649_9 } else { rest }).collect();
        let moved = book.plan(|config| {
            (config.sizing.drift_threshold, config.sizing.turnover_limit) = (0.0, 2.0);
            config.costs = CostModel::proportional(&vec![10.0; n]).expect("valid");
        });
        let check = moved.verdict.checks.iter().find(|check| check.measure == Measure::Concentration).expect("a check");
        assert_eq!(check.severity, Severity::Clear, "seed {seed}: {check:?}");
    }
}

#[test]
fn a_critical_weight_is_sold_whatever_other_histories_say_of_its_worth() {
    for seed in 0..100 {
        let mut book = RandomBook::new(seed, 252);
        let n = book.policy.len();
        let first_and_rest =
            |first: f64| (0..n).map(move |i| if i == 0 { first } else { (1.0 - first) / (n - 1) as f64 });
        (book.current, book.policy) = (first_and_rest(0.7).collect(), first_and_rest(0.5).collect());
        book.returns[1].drain(..100);
        let plan = book.plan(|config| {
            config.sizing.turnover_limit = 1.0;
            config.costs = CostModel::proportional(&vec![200.0; n]).expect("valid");
        });
        let check = plan.verdict.checks.iter().find(|check| check.measure == Measure::Concentration).expect("a check");
        assert_eq!(check.severity, Severity::Clear, "seed {seed}: {check:?}");
    }
}

/// Checks and verdicts of books before and after one history is cut.
#[derive(Default)]
struct Cuts {
    cuts: usize,
    checks: usize,
    graver: usize,
    /// Verdicts that are graver because of a cut that leaves at least 60 returns.
    graver_long: usize,
    milder: Vec<String>,
    milder_verdicts: usize,
}

impl Cuts {
    /// Cuts each history of the books of these seeds to up to 20, 59, 120 and 251 of its 252 returns, and to at least `least`.
    fn of(seeds: std::ops::Range<u64>, least: usize, change: impl Fn(&mut RunConfig)) -> Self {
        Self::of_books(seeds, |seed| RandomBook::new(seed, 252), least, change)
    }

    /// The same of other books with 252 returns.
    fn of_books(
        seeds: std::ops::Range<u64>,
        book: impl Fn(u64) -> RandomBook,
        least: usize,
        change: impl Fn(&mut RunConfig),
    ) -> Self {
        let mut found = Self::default();
        for seed in seeds {
            let mut book = book(seed);
            let full = book.plan(&change);
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let whole = book.returns.clone();
            for asset in 0..book.returns.len() {
                for most in [20, 59, 120, 251] {
                    let kept = rng.random_range(least..=most);
                    book.returns = whole.clone();
                    book.returns[asset].drain(..252 - kept);
                    let name = format!("seed {seed}, asset {asset}, {kept} returns");
                    found.compare(&name, kept, &full, &book.plan(&change));
                }
            }
        }
        println!(
            "{} cuts: graver {}, {} of them with 60 returns or more; {} checks; milder {}",
            found.cuts,
            found.graver,
            found.graver_long,
            found.checks,
            found.milder.len()
        );
        found
    }

    fn compare(&mut self, name: &str, kept: usize, full: &Plan, cut: &Plan) {
        self.cuts += 1;
        let (before, after) = (rank(full.verdict.decision), rank(cut.verdict.decision));
        self.graver += usize::from(after > before);
        self.graver_long += usize::from(after > before && kept >= 60);
        if after < before || cut.verdict.severity < full.verdict.severity {
            self.milder_verdicts += 1;
            self.milder.push(format!("{name}: {} / {}", full.verdict.sentence, cut.verdict.sentence));
        }
        // A book with too few returns is not judged.
        assert!(kept >= 60 || after >= 1, "{name}: {}", cut.verdict.sentence);
        for (of_full, of_cut) in full.verdict.checks.iter().zip(cut.verdict.checks.iter()) {
            assert_eq!((of_full.measure, of_full.point), (of_cut.measure, of_cut.point));
            self.checks += 1;
            if of_cut.severity < of_full.severity {
                self.milder.push(format!("{name}: {of_full:?} {of_cut:?}"));
            }
        }
    }

    /// That no check and no verdict is milder.
    fn none_is_milder(&self) {
        let first = &self.milder[..self.milder.len().min(5)];
        assert!(first.is_empty(), "{} of {}: {first:#?}", self.milder.len(), self.checks);
    }
}

#[test]
fn a_shorter_history_is_never_judged_more_mildly() {
    Cuts::of(0..200, 0, |_| {}).none_is_milder();
}

#[test]
fn nor_with_a_policy_in_cash_a_tilt_or_a_least_worth() {
    Cuts::of(200..240, 0, |config| {
        config.policy.weights.iter_mut().for_each(|weight| *weight *= 0.7);
        config.policy.cash_weight = 1.0 - config.policy.weights.iter().sum::<f64>();
    })
    .none_is_milder();
    Cuts::of(240..280, 0, |config| config.method = Method::Drift { tilt_budget: Some(0.01) }).none_is_milder();
    Cuts::of(280..320, 0, |config| config.worth_min_bps = Some(20.0)).none_is_milder();
}

#[test]
fn nor_where_the_trades_are_weighed_against_their_costs() {
    for (seeds, bps) in [(340..370, 20.0), (370..400, 100.0), (400..430, 500.0)] {
        Cuts::of(seeds, 0, |config| {
            config.costs = CostModel::proportional(&vec![bps; config.policy.weights.len()]).expect("valid");
        })
        .none_is_milder();
    }
}

#[test]
fn nor_of_books_of_the_market_with_their_stress_loss_by_either_method() {
    let prices = prices();
    let book = |seed| RandomBook::of_the_market(seed, &prices, 252);
    let with_costs = |config: &mut RunConfig| {
        config.costs = CostModel::proportional(&vec![10.0; config.policy.weights.len()]).expect("valid");
    };
    Cuts::of_books(1_000..1_120, book, 0, with_costs).none_is_milder();
    let optimal = Cuts::of_books(1_120..1_160, book, FEW_OBSERVATIONS, |config| {
        with_costs(config);
        config.method = Method::Optimal(Box::new(OptimalMethod::long_only(config.policy.weights.len())));
    });
    optimal.none_is_milder();
}

#[test]
fn nor_by_the_optimal_method() {
    // It refuses to estimate a covariance from fewer returns.
    Cuts::of(320..340, FEW_OBSERVATIONS, |config| {
        config.method = Method::Optimal(Box::new(OptimalMethod::long_only(config.policy.weights.len())));
    })
    .none_is_milder();
}

#[test]
fn nor_by_the_first_step_of_a_path() {
    Cuts::of(320..340, FEW_OBSERVATIONS, |config| {
        let path = PathMethod { forecast_half_life: Some(2.0), cash_flows: vec![0.02], ..PathMethod::over(3) };
        let method = OptimalMethod { path: Some(path), ..OptimalMethod::long_only(config.policy.weights.len()) };
        config.method = Method::Optimal(Box::new(method));
    })
    .none_is_milder();
}

#[test]
#[ignore = "minutes: cargo test -p pipeline --test verdicts --release -- --ignored --nocapture"]
fn nor_in_thousands_of_books_but_for_what_three_standard_errors_leave() {
    let found = Cuts::of(1_000..4_000, 0, |_| {});
    println!("{:#?}", found.milder);
    assert_eq!(found.milder_verdicts, 0);
    assert!(100_000 * found.milder.len() <= found.checks, "{} of {}", found.milder.len(), found.checks);
}

#[test]
fn one_year_and_five_years_of_one_law_agree() {
    let (mut agree, books) = (0, 500);
    for seed in 0..books {
        let five = RandomBook::new(seed, 1260);
        let returns = five.returns.iter().map(|series| series[1008..].to_vec()).collect();
        let (current, policy) = (five.current.clone(), five.policy.clone());
        let one = RandomBook { current, policy, returns, stand_ins: Vec::new() };
        agree += u32::from(one.plan(|_| {}).verdict.decision == five.plan(|_| {}).verdict.decision);
    }
    println!("{agree} of {books} verdicts agree");
    assert!(f64::from(agree) >= 0.9 * books as f64, "{agree} of {books}");
}
