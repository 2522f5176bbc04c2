//! Properties that a risk manager expects of the verdict: moving to the policy is never judged more gravely than
//! leaving it, less data is never milder, and the length of the history matters little.

#![expect(clippy::print_stdout, reason = "the test says how many cuts it made")]

use pipeline::{
    Book, CostModel, Currency, FEW_OBSERVATIONS, MarketData, Measure, Method, Money, OptimalMethod, Plan, Policy,
    ReturnPanel, RunConfig, Severity, Universe, VerdictDecision, plan,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

struct RandomBook {
    current: Vec<f64>,
    policy: Vec<f64>,
    returns: Vec<Vec<f64>>,
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
        Self { current, policy, returns }
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
            .with_simulation(None);
        change(&mut config);
        plan(&book, MarketData::new(&panel), &config).expect("valid")
    }
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
        let grave = to.checks.iter().find(|check| check.severity > Severity::Warning);
        assert!(grave.is_none(), "seed {seed}: at the policy {grave:?}");
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
        let mut found = Self::default();
        for seed in seeds {
            let mut book = RandomBook::new(seed, 252);
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
        if after < before {
            self.milder_verdicts += 1;
            self.milder.push(format!("{name}: {} / {}", full.verdict.sentence, cut.verdict.sentence));
        }
        // A book with too few returns is not judged.
        assert!(kept >= 60 || after >= 1, "{name}: {}", cut.verdict.sentence);
        for (of_full, of_cut) in full.verdict.checks.iter().zip(cut.verdict.checks.iter()) {
            assert_eq!((of_full.measure, of_full.point), (of_cut.measure, of_cut.point));
            self.checks += 1;
            // What the data cannot say is as grave as what is critical: a person decides.
            let is_as_grave = of_cut.severity == Severity::NotAssessed && of_full.severity < Severity::Blocking;
            // Turnover is no estimate: it is what this plan trades, and a plan that trades less has less of it.
            if of_cut.severity < of_full.severity && !is_as_grave && of_cut.measure != Measure::Turnover {
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
fn nor_by_the_optimal_method() {
    // It refuses to estimate a covariance from fewer returns.
    Cuts::of(320..340, FEW_OBSERVATIONS, |config| {
        config.method = Method::Optimal(Box::new(OptimalMethod::long_only(config.policy.weights.len())));
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
        let one = RandomBook { current: five.current.clone(), policy: five.policy.clone(), returns };
        agree += u32::from(one.plan(|_| {}).verdict.decision == five.plan(|_| {}).verdict.decision);
    }
    println!("{agree} of {books} verdicts agree");
    assert!(f64::from(agree) >= 0.9 * books as f64, "{agree} of {books}");
}
