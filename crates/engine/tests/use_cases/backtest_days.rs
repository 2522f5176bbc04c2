//! Every stored plan is a day of a backtest: replayed with its book, it has the digest it was stored with.

use std::collections::BTreeMap;

use engine::planning::record::run_response;
use engine::{plans, stored};
use serde_json::{Map, Value, json};

use super::{DESK, House, context};

const PLANS: usize = 2_000;
const ESTIMATORS: [&str; 10] = [
    "sample",
    "ledoit_wolf_identity",
    "ledoit_wolf_constant_correlation",
    "oas",
    "ewma94_zero_mean",
    "ewma94_recursive",
    "overlapping_week",
    "garch_variances",
    "har_variances",
    "regime_weighted",
];
/// A liquidation is the fifth.
const INTENTS: [&str; 6] = ["rebalance", "buy_only", "sell_only", "invest_cash", "liquidate", "raise_cash"];
const FORECASTERS: [&str; 4] = ["ensemble_v2", "ensemble_v3", "ensemble_v4", "demo_ensemble_v1"];

/// Draws of a linear congruential generator.
struct Draws(u64);

impl Draws {
    /// A fraction of [0, 1).
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / f64::from(1_u32 << 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() * n as f64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// A request, and which of the things that requests may ask for it asks for.
struct Asked {
    members: Map<String, Value>,
    things: Vec<String>,
}

impl Asked {
    fn set(&mut self, member: &str, value: Value) {
        self.members.insert(member.to_owned(), value);
        self.things.push(member.to_owned());
    }

    fn thing(&mut self, name: String) {
        self.things.push(name);
    }
}

/// A request of any kind, all of it drawn.
fn request(draws: &mut Draws) -> Asked {
    let mut asked = Asked { members: Map::new(), things: Vec::new() };
    let assets = 2 + draws.below(4);
    let optimal = draws.one_in(3);
    let estimator = (optimal && draws.one_in(2)).then(|| ESTIMATORS[draws.below(ESTIMATORS.len())]);
    let needs_many = matches!(estimator, Some("garch_variances" | "har_variances" | "regime_weighted"));
    let widens = !optimal && draws.one_in(20);
    let periods = if needs_many || widens { 150 } else { 30 + draws.below(60) };
    let by_quantity = draws.one_in(2);
    // Whatever is sold or bought for cash goes with quantities, which leave some.
    let intent = match (by_quantity, draws.below(12)) {
        // A liquidation leaves nothing to optimise.
        (true, 4) if optimal => 0,
        (true, drawn) => drawn,
        (false, _) => INTENTS.len(),
    };
    let excluded = if draws.one_in(12) { assets - 1 } else { assets };
    let raw: Vec<f64> = (0..assets).map(|i| if i == excluded { 0.0 } else { 0.1 + draws.next() }).collect();
    let (sum, liquidates) = (raw.iter().sum::<f64>(), intent == 4);
    let held: Vec<f64> = (0..assets).map(|_| 0.1 + draws.next()).collect();
    let held_sum: f64 = held.iter().sum();
    let value = 10_000.0 + (draws.next() * 1e8).round() / 100.0;
    let whole_lots = draws.one_in(4);
    let impact = draws.one_in(8);
    let list: Vec<Value> = (0..assets)
        .map(|i| {
            let price = ((5.0 + 200.0 * draws.next()) * 100.0).round() / 100.0;
            // Histories end together, and some begin later; one asset may have none under the drift method.
            let length = match draws.below(8) {
                0 if !needs_many && !widens => periods / 2 + 1,
                1 if !optimal && !widens && !impact => 0,
                _ => periods,
            };
            let mut scale = 0.005 + 0.02 * draws.next();
            let returns: Vec<f64> = (0..length)
                .map(|t| {
                    if t % 30 == 0 {
                        scale = 0.005 + 0.03 * draws.next();
                    }
                    let r = scale * (draws.next() + draws.next() + draws.next() - 1.5);
                    (r * 1e6).round() / 1e6
                })
                .collect();
            let mut asset = json!({
                "asset": format!("asset {i}"),
                "target_weight": if liquidates { 0.0 } else { raw[i] / sum },
                "price": price,
                "historical_returns": returns,
            });
            if by_quantity {
                let units = held[i] / held_sum * value / price;
                asset["quantity"] = json!(if whole_lots { units.floor() } else { units });
            } else {
                asset["current_weight"] = json!(held[i] / held_sum);
            }
            if whole_lots {
                asset["lot_size"] = json!(1.0);
            }
            if i == excluded {
                asset["role"] = json!("excluded");
            }
            if impact || draws.one_in(5) {
                asset["average_daily_volume"] = json!((1e4 + 1e6 * draws.next()).round());
            }
            if draws.one_in(8) {
                asset["market_return"] = json!(0.01 * (draws.next() - 0.5));
            }
            if draws.one_in(8) {
                asset["transaction_cost_bps"] = json!(25.0);
            }
            if draws.one_in(25) {
                asset[["no_buy", "no_sell"][draws.below(2)]] = json!(true);
            }
            asset
        })
        .collect();
    asked.thing(if by_quantity { "by_quantity" } else { "by_weight" }.to_owned());
    if whole_lots {
        asked.thing("lot_size".to_owned());
    }
    if excluded < assets {
        asked.thing("excluded".to_owned());
    }
    if by_quantity {
        asked.set("cash", json!((value * 0.2 * draws.next() * 100.0).round() / 100.0));
    } else {
        asked.set("portfolio_value", json!(value));
    }
    asked.set("assets", Value::Array(list));
    let kind = INTENTS.get(intent);
    if let Some(kind) = kind {
        let amount = (*kind == "raise_cash").then(|| (value * 0.1 * 100.0).round() / 100.0);
        asked.set(
            "intent",
            amount.map_or_else(|| json!({"kind": kind}), |amount| json!({"kind": kind, "amount": amount})),
        );
        asked.thing(format!("intent {kind}"));
    }
    if optimal {
        asked.set("method", json!("optimal"));
        if let Some(estimator) = estimator {
            asked.set("optimization", json!({"covariance": estimator}));
            asked.thing(format!("covariance {estimator}"));
        }
    } else {
        if draws.one_in(4) {
            asked.set("tracking_error_budget", json!(0.02));
        }
        if widens {
            asked.set("regime_band_widening", json!(2.0));
        }
        if draws.one_in(6) {
            asked.set("worth_min_bps", json!(0.0));
        }
    }
    if draws.one_in(2) {
        let model = FORECASTERS[draws.below(FORECASTERS.len())];
        asked.set("forecast_model", json!(model));
        asked.thing(format!("forecast {model}"));
    }
    match if optimal { 9 } else { draws.below(6) } {
        0 => asked.set("band", json!({"relative": 0.25, "cap": 0.05})),
        1 => asked.set("band", json!("self")),
        2 => asked.set("drift_threshold", json!(0.01)),
        3 => asked.set("destination", json!(0.5)),
        _ => {}
    }
    if draws.one_in(5) {
        asked.set("costs", json!({"commission_bps": 5.0, "commission_min": 2.0, "duty_buy_bps": 10.0}));
    } else if impact {
        asked.set("costs", json!({"fee_per_unit": 0.01, "impact": 0.1}));
        asked.thing("impact".to_owned());
    }
    if draws.one_in(5) {
        asked.set("turnover_limit", json!(0.1 + draws.next()));
    }
    if draws.one_in(6) {
        asked.set("min_notional", json!(200.0));
    }
    if draws.one_in(10) {
        asked.set("max_tickets", json!(2));
    }
    if draws.one_in(8) {
        asked.set("currency", json!(["EUR", "JPY", "KWD"][draws.below(3)]));
    }
    if draws.one_in(6) {
        let returns: Vec<f64> = (0..periods + draws.below(9)).map(|_| 0.01 * (draws.next() - 0.5)).collect();
        asked.set("benchmark_returns", json!(returns));
    }
    if draws.one_in(6) {
        let level = json!({"warning_above": 0.05, "critical_above": 0.1});
        asked.set("verdict_limits", json!({"turnover": level}));
    }
    if draws.one_in(10) {
        asked.set("trade_date", json!("2026-11-27"));
        asked.set("trigger", json!({"kind": "calendar", "calendar": {"exchange": "XNYS", "every": "month_start"}}));
    }
    // The default simulation on some, one that says how it is done on others, and none on most.
    match draws.below(8) {
        0 => asked.thing("simulation".to_owned()),
        1 => asked.set("monte_carlo", json!({"paths": 200, "horizon_days": 10, "seed": draws.below(1000)})),
        _ => drop(asked.members.insert("monte_carlo".to_owned(), json!({"paths": 0}))),
    }
    asked
}

#[tokio::test]
async fn two_thousand_stored_plans_have_their_digests_as_days_of_a_backtest() {
    let house = House::open().await;
    let engine = &house.engine;
    let mut draws = Draws(20_261_129);
    let mut things: BTreeMap<String, usize> = BTreeMap::new();
    let (mut stored, mut traded) = (0, 0);
    let (mut refused, mut other) = (Vec::new(), Vec::new());
    while stored < PLANS {
        let asked = request(&mut draws);
        let body = Value::Object(asked.members).to_string();
        let made = match plans::create(engine, &DESK, &context(), body.as_bytes(), Ok(None)).await {
            Ok(made) => made,
            Err(refusal) => {
                // A few draws do not go together, such as an impact and a short history.
                refused.push(format!("{refusal:?}"));
                assert!(refused.len() <= PLANS / 20, "{refused:#?}");
                continue;
            }
        };
        stored += 1;
        let plan = stored::find(engine, &made.record.plan_id).await.unwrap();
        let digest = run_response(&plan.record).unwrap().metadata.result_digest;
        match stored::as_backtest_day(engine, &plan.record.plan_id).await {
            Ok(Some(day)) if day.plan.map(|plan| plan.to_string()).as_ref() == Some(&digest) => {
                traded += usize::from(!day.trades.is_empty());
            }
            otherwise => other.push(format!("{stored} {:?}: {otherwise:?}", asked.things)),
        }
        for thing in asked.things {
            *things.entry(thing).or_default() += 1;
        }
    }
    assert!(
        other.is_empty(),
        "{} of {PLANS} are other days: {:#?}",
        other.len(),
        other.iter().take(12).collect::<Vec<_>>()
    );
    assert!(traded > PLANS / 2, "only {traded} of {PLANS} trade");
    let rare: Vec<(&String, &usize)> = things.iter().filter(|(_, count)| **count < 10).collect();
    assert!(things.len() >= 45 && rare.is_empty(), "hardly asked for: {rare:?} of {things:?}");
    println!(
        "{stored} plans, {traded} with trades, all with their digests; {} draws refused; {things:?}",
        refused.len()
    );
}
