//! Profit and loss on shipped prices are those of the backtest.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use backtest::{Decision, Desk, History, Past, Policy, PolicyError, ReplayOptions, Terms, Trial, TrialLedger, replay};
use flate2::read::GzDecoder;
use portfolio_core::{CostModel, Currency, ModelParameter, Money, TradingRules, Universe};
use rl::environments::{DecisionForm, Histories, HistoriesEnv};
use rl::{End, Environment, Ppo, PpoOptions, Random, RlError};

const DAYS: usize = 500;
const COST_BPS: f64 = 10.0;

/// Closing prices of the first assets of the shipped series, row by row.
fn prices(assets: usize) -> (Vec<String>, Vec<Vec<f64>>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/stocks_1990_2022.csv.gz");
    let mut text = String::new();
    GzDecoder::new(File::open(path).expect("shipped")).read_to_string(&mut text).expect("valid");
    let mut lines = text.lines();
    let names = lines.next().expect("a heading").split(',').skip(1).take(assets).map(str::to_owned).collect();
    let row = |line: &str| line.split(',').skip(1).take(assets).map(|cell| cell.parse().expect("a price")).collect();
    (names, lines.take(DAYS).map(row).collect())
}

fn environment(rows: &[Vec<f64>], form: DecisionForm) -> HistoriesEnv {
    let assets = rows[0].len();
    // A feature: the last return of the first asset, in per cent.
    let features = (0..rows.len()).map(|t| if t == 0 { 0.0 } else { 100.0 * (rows[t][0] / rows[t - 1][0] - 1.0) });
    let histories = Histories::new(assets, rows.concat(), features.collect()).expect("valid");
    let costs = CostModel::proportional(&vec![COST_BPS; assets]).expect("valid");
    let value = Money::from_minor(100_000_000, Currency::USD);
    let policy = vec![1.0 / assets as f64; assets];
    HistoriesEnv { form, ..HistoriesEnv::new(histories, costs, policy, value).expect("valid") }
}

/// The action of a day: any sequence will do, as long as it does not repeat.
fn action(day: usize, assets: usize) -> Vec<f64> {
    (0..=assets).map(|i| (0.7 * (day * (assets + 1) + i) as f64).sin()).collect()
}

/// Plays the actions in a replay.
#[derive(Debug)]
struct Played {
    environment: HistoriesEnv,
}

impl Policy for Played {
    fn id(&self) -> &str {
        "played"
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        Vec::new()
    }

    fn target(&self) -> &[f64] {
        &self.environment.policy
    }

    fn decide(&self, past: &Past<'_>, desk: &Desk<'_>) -> Result<Decision, PolicyError> {
        if past.day() + 1 == DAYS {
            return Ok(Decision::Hold);
        }
        let (target, half) = self.environment.decision(&action(past.day(), past.assets()), desk.weights());
        let destination = if half > 0.0 { 1.0 } else { 0.0 };
        let rules = TradingRules { destination, ..desk.rules(half) };
        Ok(Decision::Trade(Box::new(desk.size(&target, &rules, backtest::NO_TURNOVER_LIMIT)?)))
    }
}

#[test]
fn profit_and_loss_are_those_of_the_backtest() {
    let assets = 5;
    let (names, rows) = prices(assets);
    let series: Vec<Vec<Option<f64>>> =
        (0..assets).map(|asset| rows.iter().map(|row| Some(row[asset])).collect()).collect();
    let history = History::from_prices(Universe::new(names).expect("valid"), &series).expect("valid");
    for form in [DecisionForm::Band, DecisionForm::Intensity] {
        let environment = environment(&rows, form);
        let mut random = Random::new(1.into(), 0);
        let mut state = environment.open(0).expect("valid");
        let initial = state.account.value;
        let (mut wealth, mut rewards) = (Vec::new(), 0.0);
        loop {
            let taken = action(state.day, assets);
            let transition = environment.step(&mut state, &taken, &mut random).expect("valid");
            wealth.push(state.traded_value / initial);
            rewards += transition.reward;
            if transition.end == Some(End::Truncated) {
                break;
            }
        }
        wealth.push(state.account.value / initial);

        let trial = Trial::new("played", Played { environment }, Terms::proportional(assets, COST_BPS).expect("valid"));
        let replayed =
            replay(&history, &[trial], &ReplayOptions::default(), &mut TrialLedger::default()).expect("valid");
        let run = &replayed.runs[0];
        assert_eq!(run.wealth.len(), wealth.len());
        for (day, (own, replayed)) in wealth.iter().zip(&run.wealth).enumerate() {
            assert!((own / replayed - 1.0).abs() < 1e-12, "{form:?} day {day}: {own} {replayed}");
        }
        // Without an aversion to drawdowns the rewards are the growth of the log of the book.
        assert!((rewards - run.terminal_wealth().ln()).abs() < 1e-11, "{rewards} {}", run.terminal_wealth().ln());
        assert_eq!(state.costs_minor, run.costs().minor());
        assert!(state.costs_minor > 100_000, "{}", state.costs_minor);
    }
}

#[test]
fn further_drawdowns_are_taken_off_the_reward() {
    // 100, 90, 95, 85.5: the book falls by 10 points, recovers, and falls by 4.5 points beyond its lowest.
    let histories = Histories::new(1, vec![100.0, 90.0, 95.0, 85.5], Vec::new()).expect("valid");
    let value = Money::from_minor(100_000, Currency::USD);
    let plain = HistoriesEnv::new(histories, CostModel::free(1), vec![1.0], value).expect("valid");
    let averse = HistoriesEnv { drawdown_aversion: 2.0, ..plain.clone() };
    let rewards = |environment: &HistoriesEnv| -> Vec<f64> {
        let (mut state, mut random) = (environment.open(0).expect("valid"), Random::new(1.into(), 0));
        (0..3).map(|_| environment.step(&mut state, &[0.0, 0.0], &mut random).expect("valid").reward).collect()
    };
    let taken: Vec<f64> = rewards(&plain).iter().zip(rewards(&averse)).map(|(a, b)| a - b).collect();
    // The fall from the peak goes from 0 to 10 %, to 5 %, to 14.5 %.
    for (taken, further) in taken.iter().zip([0.1, 0.0, 0.095]) {
        assert!((taken - 2.0 * further).abs() < 1e-12, "{taken} {further}");
    }
}

#[test]
fn ppo_trains_on_prices_and_bad_prices_are_refused() {
    let (_, rows) = prices(3);
    let environment = HistoriesEnv { episode: 60, drawdown_aversion: 0.1, ..environment(&rows, DecisionForm::Band) };
    let options = PpoOptions { steps: 512, copies: 4, horizon: 64, hidden: vec![8], ..PpoOptions::default() };
    let mut training = Ppo::new(&environment, options, 1.into()).expect("valid");
    let progress = training.iterate().expect("valid");
    assert_eq!((progress.steps, progress.episodes.len()), (256, 4));
    assert!(progress.episodes.iter().all(|sum| sum.is_finite() && *sum != 0.0));

    let refused = |prices: Vec<f64>, features: Vec<f64>| Histories::new(2, prices, features).unwrap_err();
    assert!(matches!(refused(vec![1.0, 2.0, 0.0, 3.0], vec![]), RlError::OutOfRange { name: "a price", .. }));
    assert!(matches!(refused(vec![1.0, 2.0, 1.0], vec![]), RlError::OutOfRange { name: "number of days", .. }));
    assert!(matches!(refused(vec![1.0; 4], vec![1.0; 3]), RlError::Length { name: "the features", .. }));
    let histories = Histories::new(2, vec![1.0; 4], Vec::new()).expect("valid");
    let value = Money::from_minor(100, Currency::USD);
    let half = HistoriesEnv::new(histories, CostModel::free(2), vec![0.5, 0.4], value);
    assert!(matches!(half, Err(RlError::OutOfRange { name: "the sum of the policy", .. })));
}

#[test]
fn the_fall_from_the_highest_value_is_observed_or_left_out() {
    let (_, rows) = prices(2);
    let whole = environment(&rows, DecisionForm::Band);
    let without = HistoriesEnv { observes_fall: false, ..whole.clone() };
    let observed = |environment: &HistoriesEnv| {
        let (mut state, mut random) = (environment.open(0).expect("valid"), Random::new(1.into(), 0));
        for _ in 0..30 {
            environment.step(&mut state, &[0.2, -0.2, -1.0], &mut random).expect("valid");
        }
        let mut seen = vec![f64::NAN; environment.observation_size()];
        environment.observe(&state, &mut seen);
        seen
    };
    let (seen, less) = (observed(&whole), observed(&without));
    assert_eq!((seen.len(), less.len()), (4, 3));
    assert_eq!([seen[0], seen[1], seen[3]], less[..]);
    assert!(seen[2] > 0.0, "{seen:?}");
}
