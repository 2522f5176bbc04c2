//! Accounts worked by hand: costs, cash flows, lots, gaps, delistings, and what a replay refuses.

mod common;

use std::sync::Arc;

use backtest::{
    Backtest, BacktestError, Band, BuyAndHold, Cadence, CashFlow, Decision, Desk, FixedWeights, History, Opening, Past,
    Policy, PolicyError, ReplayOptions, Terms, TradeFault, Trial, TrialLedger, replay, replay_day,
};
use portfolio_core::{BandRule, Book, Currency, ModelParameter, Money, Position, ReturnPanel, TradePlan, Universe};
use risk::UnavailableReason;

use common::{of_rows, of_series, stocks};

fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::USD)
}

/// A replay with an account of 1,000.00 USD, unless the options say otherwise.
fn run(history: &History, trials: &[Trial], options: ReplayOptions) -> Result<Backtest, BacktestError> {
    replay(history, trials, &options, &mut TrialLedger::default())
}

fn options() -> ReplayOptions {
    ReplayOptions { initial_value: usd(100_000), ..ReplayOptions::default() }
}

fn half() -> Vec<f64> {
    vec![0.5, 0.5]
}

fn daily(terms: Terms) -> Trial {
    Trial::new("daily", FixedWeights::new(half(), Cadence::Daily), terms)
}

/// An account of 1,000 millions, in which a minor unit is 1e-11.
fn millions() -> ReplayOptions {
    ReplayOptions { initial_value: usd(100_000_000_000), ..ReplayOptions::default() }
}

#[test]
fn costs_leave_the_book_on_the_day_of_the_trade() {
    // 500 and 500 (millions); the first doubles. 1 % a side: V' = 1500 − 0.01·(|V'/2 − 1000| + |V'/2 − 500|), so V' = 1500 − 0.01·500.
    let history = of_series(&[&[10.0, 20.0, 20.0], &[10.0, 10.0, 10.0]]);
    let result = run(&history, &[daily(Terms::proportional(2, 100.0).expect("valid"))], millions()).expect("valid");
    let run = &result.runs[0];
    assert!((run.wealth[1] - 1.495).abs() < 1e-10 && (run.wealth[2] - 1.495).abs() < 1e-10, "{:?}", run.wealth);
    let record = run.decision(1).expect("valid");
    // Sold 1000 − 747.50, bought 747.50 − 500; to the minor unit.
    for (trade, value) in record.trades.iter().zip([-25_250_000_000, 24_750_000_000_i64]) {
        assert!((trade.value.minor() - value).abs() <= 1, "{trade:?}");
        assert!((trade.cost.minor() - value.abs() / 100).abs() <= 1, "{trade:?}");
    }
    assert_eq!(run.costs(), record.costs());
    let spent: i64 = record.trades.iter().map(|trade| trade.value.minor() + trade.cost.minor()).sum();
    // What is left of a minor unit is cash.
    assert!((-2..=0).contains(&spent), "{spent}");
    assert!((run.turnover_two_way() - 500.0 / 1500.0).abs() < 1e-9);
    assert!(run.decision(0).is_none() && run.decision(2).is_none());
    assert_eq!(run.drawdown(), [0.0; 3]);
}

#[test]
fn the_first_purchase_costs_only_where_the_account_opens_in_cash() {
    let history = of_series(&[&[10.0, 10.0], &[10.0, 10.0]]);
    let hold = || Trial::new("hold", BuyAndHold::new(half()), Terms::proportional(2, 100.0).expect("valid"));
    assert_eq!(run(&history, &[hold()], options()).expect("valid").runs[0].terminal_wealth(), 1.0);
    let in_cash = ReplayOptions { opening: Opening::Cash, ..options() };
    let result = run(&history, &[hold()], in_cash).expect("valid");
    // 1000 = x + 0.01·x.
    assert_eq!(result.runs[0].terminal_value, usd(99_010));
    // The cost is in the first return.
    assert!((result.runs[0].returns()[0] + 0.0099).abs() < 1e-12);
}

#[test]
fn weights_drift_until_they_leave_their_band() {
    let history = of_series(&[&[10.0, 10.5, 12.0, 12.0], &[10.0, 10.0, 10.0, 10.0]]);
    let band = Band::new(half(), BandRule::absolute(0.04).expect("valid")).expect("valid");
    let result = run(&history, &[Trial::new("band", band, Terms::free(2))], options()).expect("valid");
    // 525 of 1025 is 1.2 points from one half; 600 of 1100 is 4.5 points.
    let days: Vec<usize> = result.runs[0].records.iter().map(|record| record.day).collect();
    assert_eq!(days, [2]);
    assert_eq!(result.runs[0].records[0].trades[0].value, usd(-5_000));
}

#[test]
fn deposits_and_withdrawals_are_no_gain_and_no_loss() {
    let history = of_series(&[&[10.0, 11.0, 11.0, 12.1], &[10.0, 11.0, 11.0, 12.1]]);
    let flows =
        vec![CashFlow { day: 1, amount: usd(50_000_000_000) }, CashFlow { day: 2, amount: usd(-80_000_000_000) }];
    let with_flows = ReplayOptions { flows, ..millions() };
    let trials = [Trial::new("hold", BuyAndHold::new(half()), Terms::free(2)), daily(Terms::free(2))];
    let result = run(&history, &trials, with_flows).expect("valid");
    for run in &result.runs {
        // 1000 → 1100 + 500 = 1600 → 1600 − 800 = 800 → 880.
        assert!((run.terminal_value.minor() - 88_000_000_000).abs() <= 2, "{}: {}", run.name, run.terminal_value);
        assert!((run.terminal_wealth() - 1.21).abs() < 1e-9, "{}: {}", run.name, run.terminal_wealth());
        assert_eq!(run.records.iter().filter(|r| r.cause == backtest::Cause::Withdrawal).count(), 1);
    }
    let too_much = ReplayOptions { flows: vec![CashFlow { day: 1, amount: usd(-110_000) }], ..options() };
    let refused = run(&history, &trials, too_much).unwrap_err();
    assert!(matches!(refused, BacktestError::CannotPay { trial: 0, day: 1, .. }), "{refused}");
}

#[test]
fn lots_are_whole_and_the_rest_is_cash() {
    let history = of_series(&[&[30.0, 60.0, 60.0], &[70.0, 70.0, 70.0]]);
    let lots = Terms::free(2).with_lots(vec![Some(1.0), Some(1.0)]);
    let result = run(&history, &[daily(lots)], options()).expect("valid");
    // It opens with 16 and 7 shares for 970 and 30 in cash, which buy a seventeenth. At 60 it has 1020 and 490 of 1510: twelve (720) and
    // eleven (770), with 20 left, are nearest to 755 each.
    let units = |day: usize| -> Vec<(usize, f64)> {
        result.runs[0].decision(day).expect("valid").trades.iter().map(|trade| (trade.asset, trade.units)).collect()
    };
    assert_eq!((units(0), units(1)), (vec![(0, 1.0)], vec![(0, -5.0), (1, 4.0)]));
    assert_eq!(result.runs[0].terminal_value, usd(151_000));
}

#[test]
fn a_delisted_asset_is_paid_and_its_share_spread() {
    let three = vec![0.5, 0.25, 0.25];
    let series: [&[f64]; 3] = [&[10.0, 10.0, 0.0, 0.0], &[10.0, 10.0, 10.0, 20.0], &[10.0, 10.0, 10.0, 10.0]];
    let history = of_series(&series);
    let trials = || {
        [
            Trial::new("daily", FixedWeights::new(three.clone(), Cadence::Daily), Terms::free(3)),
            Trial::new("hold", BuyAndHold::new(three.clone()), Terms::free(3)),
        ]
    };
    let result = run(&history, &trials(), options()).expect("valid");
    for run in &result.runs {
        // Its 500 buy 250 of each of the others, which then are 1000 and 500.
        let values: Vec<i64> = run.decision(2).expect("valid").trades.iter().map(|trade| trade.value.minor()).collect();
        assert_eq!(values, [25_000, 25_000], "{}", run.name);
        assert_eq!(run.terminal_value, usd(150_000), "{}", run.name);
    }
    // A tenth is recovered: 50 of 500.
    let poor = history.clone().with_recovery(0, 0.1).expect("valid");
    let result = run(&poor, &trials(), options()).expect("valid");
    assert_eq!(result.runs[0].terminal_value, usd(82_500));
    assert!((result.runs[0].wealth[2] - 0.55).abs() < 1e-12);
    assert_ne!(history.digest(), poor.digest());
}

/// A price of 0, a return of −1 and a delisting without recovery are one loss, and no error.
#[test]
fn a_total_loss_is_the_loss_of_its_position() {
    let names = || Universe::new(["A", "B"]).expect("valid");
    let prices = [vec![Some(10.0), Some(5.0), Some(0.0), None], vec![Some(10.0); 4]];
    let told = History::from_prices(names(), &prices).expect("valid");
    let ended = [vec![Some(10.0), Some(5.0), None, None], vec![Some(10.0); 4]];
    let ended = History::from_prices(names(), &ended).expect("valid").with_recovery(0, 0.0).expect("valid");
    assert_eq!(told.digest(), ended.digest());
    let returns = ReturnPanel::new(names(), vec![vec![-0.5, -1.0, 0.0], vec![0.0; 3]]).expect("valid");
    let returns = History::from_returns(returns).expect("valid");
    for history in [&told, &returns] {
        let trials = [
            Trial::new("hold", BuyAndHold::new(half()), Terms::free(2)),
            daily(Terms::free(2)),
            Trial::new("all", BuyAndHold::new(vec![1.0, 0.0]), Terms::free(2)),
            Trial::new("all, daily", FixedWeights::new(vec![1.0, 0.0], Cadence::Daily), Terms::free(2)),
            Trial::new("half in cash", FixedWeights::new(vec![0.5, 0.0], Cadence::Daily), Terms::free(2)),
        ];
        let result = run(history, &trials, options()).expect("valid");
        let wealth: Vec<&[f64]> = result.runs.iter().map(|run| &run.wealth[..]).collect();
        assert_eq!(wealth[0], [1.0, 0.75, 0.5, 0.5]);
        // Half of 0.75 is lost.
        assert_eq!(wealth[1], [1.0, 0.75, 0.375, 0.375]);
        assert_eq!((wealth[2], wealth[3]), (&[1.0, 0.5, 0.0, 0.0][..], &[1.0, 0.5, 0.0, 0.0][..]));
        assert_eq!(wealth[4], [1.0, 0.75, 0.375, 0.375]);
        assert_eq!(result.runs[2].returns(), [-0.5, -1.0, 0.0]);
        assert_eq!(result.runs[2].drawdown(), [0.0, 0.5, 1.0, 1.0]);
        assert_eq!(history.panel().series(0), Some(&[-0.5, 0.0, 0.0][..]));
    }
    let bad = |series: &[f64]| {
        let prices = series.iter().map(|&p| (!p.is_nan()).then_some(p)).collect();
        History::from_prices(Universe::new(["A"]).expect("valid"), &[prices]).is_err()
    };
    assert!(bad(&[0.0, 1.0, 1.0]) && bad(&[f64::NAN, 0.0, 1.0]) && bad(&[1.0, 0.0, 1.0]) && bad(&[1.0, -1.0, 1.0]));
    assert!(!bad(&[1.0, 1.0, 0.0, 0.0]) && !bad(&[1.0, 0.0, f64::NAN]));
    let revived = ReturnPanel::new(names(), vec![vec![-1.0, 0.1], vec![0.0; 2]]).expect("valid");
    assert!(matches!(History::from_returns(revived), Err(BacktestError::Return { asset: 0, period: 1, .. })));
}

#[test]
fn a_watched_replay_ends_on_the_day_it_is_told_to() {
    use std::ops::ControlFlow::{Break, Continue};
    let history = of_series(&[&[10.0, 20.0, 20.0, 10.0], &[10.0; 4]]);
    let trial = daily(Terms::free(2));
    let seen = std::cell::RefCell::new(Vec::new());
    let watched = |last: usize| {
        seen.borrow_mut().clear();
        let watch = |day| {
            seen.borrow_mut().push(day);
            if day < last { Continue(()) } else { Break(()) }
        };
        backtest::replay_beside_watched(&history, (0, &trial), None, &options(), &watch)
    };
    assert!(matches!(watched(2), Err(BacktestError::Stopped)));
    assert_eq!(*seen.borrow(), [0, 1, 2]);
    let plain = backtest::replay_beside(&history, (0, &trial), None, &options()).expect("valid");
    assert_eq!(watched(9).expect("valid"), plain);
}

#[test]
fn decisions_are_counted_before_a_replay() {
    let table = stocks(2, 0, 300);
    let (history, bare) = (table.history(), of_rows(Universe::new(["A", "B"]).expect("valid"), &table.rows));
    let (start, days) = (80, 220);
    for cadence in [Cadence::Daily, Cadence::Weekly, Cadence::Monthly, Cadence::Annually, Cadence::Never] {
        for history in [&history, &bare] {
            let policy = backtest::Planned::new(
                pipeline::RunConfig::new(pipeline::Policy { weights: half(), cash_weight: 0.0 }).with_simulation(None),
                cadence,
            );
            let terms = policy.terms();
            // A plan is recorded on each day that is due.
            let options = ReplayOptions { start, ..ReplayOptions::default() };
            let result = run(history, &[Trial::new("planned", policy, terms)], options).expect("valid");
            let counted = cadence.decisions(days, history.dates().map(|dates| &dates[start..]));
            assert_eq!(counted, result.runs[0].decisions().count(), "{cadence:?}");
        }
    }
}

#[test]
fn a_policy_that_never_decides_again_holds() {
    let history = of_series(&[&[10.0, 20.0, 20.0], &[10.0, 10.0, 10.0]]);
    let trials = [
        Trial::new("hold", BuyAndHold::new(half()), Terms::free(2)),
        Trial::new("never", FixedWeights::new(half(), Cadence::Never), Terms::free(2)),
    ];
    let result = run(&history, &trials, options()).expect("valid");
    assert_eq!(result.runs[0].wealth, result.runs[1].wealth);
    assert_eq!(result.runs[1].trades(), 0);
}

#[test]
fn an_asset_without_a_price_does_not_trade() {
    let history = of_series(&[&[10.0, 20.0, 20.0], &[10.0, 0.0, 10.0]]);
    let result = run(&history, &[daily(Terms::free(2))], options()).expect("valid");
    let days: Vec<(usize, usize)> = result.runs[0].records.iter().map(|r| (r.day, r.trades.len())).collect();
    // On day 1 the first is sold down to its target and nothing can be bought; on day 2 the cash buys the second.
    assert_eq!(days, [(1, 1), (2, 1)]);
    assert_eq!(result.runs[0].terminal_value, usd(150_000));
}

#[test]
fn a_trial_counts_once_and_every_other_one_counts() {
    let history = of_series(&[&[10.0, 20.0, 20.0], &[10.0, 10.0, 10.0]]);
    let mut ledger = TrialLedger::with_earlier(5);
    let trials = [daily(Terms::free(2)), daily(Terms::free(2)), daily(Terms::proportional(2, 1.0).expect("valid"))];
    assert_eq!(replay(&history, &trials, &options(), &mut ledger).expect("valid").trials, 7);
    assert_eq!(replay(&history, &trials, &options(), &mut ledger).expect("valid").trials, 7);
    // Another setting and another history are other tries.
    let cash = ReplayOptions { opening: Opening::Cash, ..options() };
    assert_eq!(replay(&history, &trials[..1], &cash, &mut ledger).expect("valid").trials, 8);
    let other = of_series(&[&[10.0, 20.0, 21.0], &[10.0, 10.0, 10.0]]);
    assert_eq!(replay(&other, &trials[..1], &options(), &mut ledger).expect("valid").trials, 9);
}

#[test]
fn nothing_is_annualised_over_less_than_a_year() {
    let figures = |days: usize| {
        let history = stocks(2, 0, days).history();
        let trials = [Trial::new("hold", BuyAndHold::new(half()), Terms::free(2)), daily(Terms::free(2))];
        run(&history, &trials, options()).expect("valid").runs[1].figures.clone()
    };
    let year = figures(253);
    assert!(year.annual_growth.is_some() && year.annual_turnover_two_way.is_some() && year.annual_cost == Some(0.0));
    assert!(year.summary.volatility.is_some() && year.summary.tracking_error.is_some());
    let short = figures(252);
    assert_eq!((short.annual_growth, short.annual_turnover_two_way, short.annual_cost), (None, None, None));
    assert_eq!((short.summary.volatility, short.summary.sharpe), (None, None));
    assert!(short.intervals.volatility.is_none() && short.summary.max_drawdown.is_some());
    for metric in ["annual_growth", "volatility", "sharpe", "expected_annual_return", "tracking_error"] {
        let reason = short.summary.unavailable.iter().find(|u| u.metric == metric).map(|u| u.reason);
        assert_eq!(reason, Some(UnavailableReason::TooFewReturns), "{metric}");
    }
}

#[test]
fn one_digest_at_any_number_of_threads() {
    let history = stocks(8, 0, 400).history();
    let trials: Vec<Trial> = (1..20)
        .map(|i| {
            let rule = BandRule::absolute(0.002 * f64::from(i)).expect("valid");
            Trial::new(
                format!("band {i}"),
                Band::new(vec![0.125; 8], rule).expect("valid"),
                Terms::proportional(8, 5.0).expect("valid"),
            )
        })
        .collect();
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("valid");
        pool.install(|| run(&history, &trials, options()).expect("valid"))
    };
    let one = on(1);
    for threads in [2, 3, 8] {
        assert_eq!(on(threads), one);
    }
    let mut others = trials.clone();
    others[18] = Trial::new(
        "band 19",
        Band::new(vec![0.125; 8], BandRule::absolute(0.05).expect("valid")).expect("valid"),
        Terms::free(8),
    );
    assert_ne!(run(&history, &others, options()).expect("valid").digest, one.digest);
}

/// Returns the trades of a daily rebalancing, changed.
#[derive(Debug)]
struct Changed {
    target: [f64; 2],
    change: fn(&mut TradePlan),
}

impl Policy for Changed {
    fn id(&self) -> &str {
        "changed"
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        Vec::new()
    }

    fn target(&self) -> &[f64] {
        &self.target
    }

    fn decide(&self, _: &Past<'_>, desk: &Desk<'_>) -> Result<Decision, PolicyError> {
        let Decision::Trade(mut plan) = desk.trade_to(&self.target)? else { return Ok(Decision::Hold) };
        (self.change)(&mut plan);
        Ok(Decision::Trade(plan))
    }
}

#[test]
fn a_policy_cannot_trade_below_cost_or_beyond_its_account() {
    let history = of_series(&[&[10.0, 20.0, 20.0], &[10.0, 10.0, 10.0]]);
    let fault = |change: fn(&mut TradePlan)| {
        let changed = Changed { target: [0.5, 0.5], change };
        let trial = Trial::new("changed", changed, Terms::proportional(2, 100.0).expect("valid"));
        match run(&history, &[trial], options()) {
            Err(BacktestError::Trade { fault, .. }) => Some(fault),
            Ok(_) => None,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(fault(|_| ()), None);
    assert_eq!(fault(|plan| plan.rows[0].cost = Money::from_minor(0, Currency::USD)), Some(TradeFault::Cost));
    assert_eq!(fault(|plan| plan.rows[0].units *= 0.9), Some(TradeFault::Value));
    assert_eq!(fault(|plan| { plan.rows[0].value = Money::from_minor(0, Currency::USD) }), Some(TradeFault::Cash));
    // Ten times the sale is more than is held.
    assert_eq!(
        fault(|plan| {
            let row = &mut plan.rows[0];
            row.value = Money::from_minor(10 * row.value.minor(), Currency::USD);
            row.cost = Money::from_minor((row.value.minor().abs() + 50) / 100, Currency::USD);
            row.units *= 10.0;
        }),
        Some(TradeFault::Short)
    );
    assert_eq!(fault(|plan| plan.rows.truncate(1)), Some(TradeFault::Rows));
}

#[test]
fn histories_and_options_that_make_no_sense_are_refused() {
    let universe = || Universe::new(["A", "B"]).expect("valid");
    let prices = |a: &[Option<f64>], b: &[Option<f64>]| History::from_prices(universe(), &[a.to_vec(), b.to_vec()]);
    let one = Some(1.0);
    assert!(matches!(prices(&[one, one], &[one]), Err(BacktestError::PriceCount { asset: 1, expected: 2, got: 1 })));
    assert!(matches!(prices(&[one, one], &[one, Some(-1.0)]), Err(BacktestError::Price { asset: 1, day: 1, .. })));
    assert!(matches!(prices(&[one, one], &[one, Some(f64::NAN)]), Err(BacktestError::Price { asset: 1, day: 1, .. })));
    assert!(matches!(prices(&[one, one], &[None, None]), Err(BacktestError::NoPrice { asset: 1 })));
    assert!(matches!(prices(&[one], &[one]), Err(BacktestError::TooShort { .. })));

    let history = of_series(&[&[10.0, 20.0], &[10.0, 10.0]]);
    let refused = |trial: Trial, options: ReplayOptions| run(&history, &[trial], options).unwrap_err();
    let late = ReplayOptions { start: 1, ..options() };
    assert!(matches!(refused(daily(Terms::free(2)), late), BacktestError::TooShort { first: 1, days: 2 }));
    let error = refused(daily(Terms::free(3)), options());
    assert!(matches!(error, BacktestError::Length { trial: 0, list: "costs", expected: 2, got: 3 }), "{error}");
    let heavy = Trial::new("heavy", BuyAndHold::new(vec![0.9, 0.2]), Terms::free(2));
    assert!(matches!(refused(heavy, options()), BacktestError::Weights { trial: 0, .. }));
    let flow = ReplayOptions { flows: vec![CashFlow { day: 2, amount: usd(1) }], ..options() };
    assert!(matches!(refused(daily(Terms::free(2)), flow), BacktestError::NoSuchDay { day: 2 }));
    let benchmark = ReplayOptions { benchmark: 1, ..options() };
    assert!(matches!(refused(daily(Terms::free(2)), benchmark), BacktestError::Option { name: "benchmark", .. }));
}

#[test]
fn a_history_may_end_with_the_prices_of_a_live_book() {
    let universe = Universe::new(["A", "Lost", "New"]).expect("valid");
    let returns = vec![vec![0.25, -0.5, 1.0], vec![0.5, -1.0, 0.25], vec![]];
    let panel = ReturnPanel::new(universe, returns).expect("valid");
    let history = History::ending_at(panel.clone(), &[50.0, 10.0, 7.0]).expect("valid");
    assert_eq!((history.days(), history.panel()), (4, &panel));
    // Backwards from the end: 50, 25, 50, 40; the second has a price only after its loss, the third on the last day.
    let mut told = Vec::new();
    let watch = Watch::default();
    let trial = Trial::new("watch", watch.clone(), Terms::free(3));
    run(&history, &[trial], ReplayOptions { opening: Opening::Cash, ..options() }).expect("valid");
    for row in watch.rows.lock().expect("no panic").iter() {
        told.push(row.clone());
    }
    let (no, yes) = (false, true);
    assert_eq!(
        told,
        [
            (vec![40.0, 1.0, 1.0], vec![yes, no, no]),
            (vec![50.0, 1.0, 1.0], vec![yes, no, no]),
            (vec![25.0, 8.0, 1.0], vec![yes, yes, no]),
            (vec![50.0, 10.0, 7.0], vec![yes, yes, yes]),
        ]
    );
    assert!(matches!(
        History::ending_at(panel.clone(), &[50.0, 0.0, 7.0]),
        Err(BacktestError::Price { asset: 1, day: 3, .. })
    ));
    assert!(matches!(History::ending_at(panel, &[50.0]), Err(BacktestError::PriceCount { expected: 3, got: 1, .. })));
}

/// The prices of a day, and which assets trade.
type SeenRow = (Vec<f64>, Vec<bool>);

/// Holds, and remembers the prices of each day and which assets trade.
#[derive(Debug, Clone, Default)]
struct Watch {
    rows: Arc<std::sync::Mutex<Vec<SeenRow>>>,
}

impl Policy for Watch {
    fn id(&self) -> &str {
        "watch"
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        Vec::new()
    }

    fn target(&self) -> &[f64] {
        &[0.0, 0.0, 0.0]
    }

    fn decide(&self, past: &Past<'_>, _: &Desk<'_>) -> Result<Decision, PolicyError> {
        let row = (past.prices().to_vec(), (0..past.assets()).map(|asset| past.is_tradable(asset)).collect());
        self.rows.lock().map_err(|_| PolicyError::new("poisoned"))?.push(row);
        Ok(Decision::Hold)
    }
}

#[test]
fn an_account_may_begin_with_a_given_book() {
    // 30 units at 10 and 300 in cash, and a target of one half each: 200 of the first and 100 of the second are bought.
    let history = of_series(&[&[10.0, 20.0], &[20.0, 20.0]]);
    let universe = history.universe().clone();
    let position = |units, price| Position::of_quantity(units, price, Currency::USD);
    let book =
        Book::new(universe.clone(), vec![position(30.0, 10.0), position(20.0, 20.0)], usd(30_000)).expect("valid");
    let held =
        |book: &Book| ReplayOptions { opening: Opening::Held(Arc::new(book.clone())), ..ReplayOptions::default() };
    let trial = daily(Terms::free(2));
    let result = run(&history, std::slice::from_ref(&trial), held(&book)).expect("valid");
    let first = &result.runs[0].records[0];
    assert_eq!(first.nav, usd(100_000));
    assert_eq!(first.trades.iter().map(|trade| trade.value.minor()).collect::<Vec<_>>(), [20_000, 10_000]);
    // 50 units doubled to 1,000, and 25 units at 20 are still 500.
    assert!((result.runs[0].terminal_wealth() - 1.5).abs() < 1e-12);
    let day = replay_day(&history, &trial, &held(&book)).expect("valid").expect("trades");
    assert_eq!(&day, first);
    // A day alone may be the last one, where a replay has nothing to measure.
    let last = Book::new(universe, vec![position(30.0, 20.0), position(20.0, 20.0)], usd(0)).expect("valid");
    let on_last = ReplayOptions { start: 1, ..held(&last) };
    let day = replay_day(&history, &trial, &on_last).expect("valid").expect("trades");
    assert_eq!(day.trades.iter().map(|trade| trade.value.minor()).collect::<Vec<_>>(), [-10_000, 10_000]);
    let refused = run(&history, std::slice::from_ref(&trial), on_last.clone());
    assert!(matches!(refused, Err(BacktestError::TooShort { first: 1, days: 2 })));
    // A book of other prices is none of that day.
    let other = run(&history, &[trial], held(&last));
    assert!(matches!(other, Err(BacktestError::Opening { day: 0 })), "{other:?}");
}
