//! `POST /api/stress/monte-carlo`.

use serde_json::{Value, json};

use rebalancer::startup::Settings;

use crate::support::bodies::Noise;
use crate::support::json::{close, list, names, number};
use crate::support::market::stocks;
use crate::support::{Connection, post, server};

const ROUTE: &str = "/api/stress/monte-carlo";

#[track_caller]
fn simulate(body: &Value) -> Value {
    let reply = post(ROUTE, body);
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

#[track_caller]
fn refuses(body: &Value, pointer: &str) {
    let reply = post(ROUTE, body);
    assert_eq!((reply.status, names(&reply.json(), "/errors", "pointer")), (400, vec![pointer]), "{body}");
}

/// Within four of its own standard errors of a known value.
#[track_caller]
fn agrees(report: &Value, statistic: &str, want: f64) {
    let value = number(report, &format!("/statistics/{statistic}/value"));
    let error = number(report, &format!("/statistics/{statistic}/standard_error"));
    assert!(error > 0.0 && error < 0.01, "{statistic}: standard error {error}");
    assert!((value - want).abs() <= 4.0 * error, "{statistic}: {value} ± {error}, want {want}");
}

/// Closed forms of geometric Brownian motion with μ = 0.07, σ = 0.15 after one year.
#[test]
fn a_year_of_brownian_motion_agrees_with_its_closed_forms() {
    for rebalancing in ["fixed_weights", "buy_and_hold"] {
        let report = simulate(&json!({
            "weights": [1], "mu": [0.07], "sigma": [[0.0225]], "model": "gbm", "horizon_days": 252, "paths": 100_000,
            "seed": 7, "rebalancing": rebalancing,
        }));
        for (statistic, want) in [
            ("mean_terminal_value", 1.072_508_181_254_216_5),
            ("probability_of_loss", 0.347_652_261_168_087_34),
            ("terminal_quantile_05", 0.828_632_900_461_517_7),
            ("terminal_quantile_50", 1.060_510_080_076_438),
            ("var_95", 0.171_367_099_538_482_28),
            ("cvar_95", 0.220_532_971_606_127_95),
        ] {
            agrees(&report, statistic, want);
        }
        assert_eq!((number(&report, "/paths_used"), number(&report, "/seed")), (100_000.0, 7.0));
    }
}

#[test]
fn correlation_and_cash_enter_the_variance() {
    // Log-variance of 60/40 at fixed weights: w'Σw; the cash of a half-invested book earns nothing.
    let sigma = json!([[0.04, -0.012], [-0.012, 0.01]]);
    let report = simulate(&json!({
        "weights": [0.3, 0.2], "mu": [0.1, 0.05], "sigma": sigma, "horizon_days": 252, "paths": 50_000,
    }));
    let variance: f64 = 0.09 * 0.04 + 0.04 * 0.01 - 2.0 * 0.06 * 0.012;
    let drift = 0.3 * 0.1 + 0.2 * 0.05;
    agrees(&report, "mean_terminal_value", f64::exp(drift));
    agrees(&report, "terminal_quantile_50", f64::exp(drift - 0.5 * variance));
    let quantile = f64::exp(drift - 0.5 * variance - 1.644_853_626_951_472_2 * variance.sqrt());
    agrees(&report, "terminal_quantile_05", quantile);
}

#[test]
fn a_law_can_be_estimated_from_returns() {
    let market = stocks();
    let body = json!({
        "weights": [0.5, 0.5], "returns": {"AAPL": market.returns("AAPL"), "JNJ": market.returns("JNJ")},
        "horizon_days": 252, "paths": 20_000, "path_statistics": true,
    });
    let report = simulate(&body);
    let mean = number(&report, "/statistics/mean_terminal_value/value");
    assert!(mean > 1.1 && mean < 1.35, "two rising stocks: {mean}");
    assert!(number(&report, "/statistics/mean_max_drawdown/value") > 0.05);
    let fan = report["fan"].as_object().unwrap();
    assert!(!fan.is_empty());
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_workers() {
    let returns = json!({"A": Noise::new(1).returns(100, 0.0, 0.02), "B": Noise::new(2).returns(100, 0.0, 0.02)});
    let body = |seed: u64| json!({"weights": [0.5, 0.5], "returns": returns, "paths": 5000, "seed": seed, "path_statistics": true});
    let first = post(ROUTE, &body(1)).timeless();
    for workers in [1, 2, 8] {
        let address = server::start(Settings { workers, queue: 16 });
        let reply = Connection::open(address).post(ROUTE, body(1).to_string().as_bytes());
        assert_eq!(reply.timeless(), first, "{workers} workers");
    }
    assert_ne!(post(ROUTE, &body(2)).timeless(), first);
}

#[test]
fn defaults_are_echoed() {
    let report = simulate(&json!({"weights": [1], "mu": [0.05], "sigma": [[0.04]]}));
    let echoed = ["/paths_used", "/horizon_days", "/seed", "/periods_per_year", "/metadata/seed"];
    assert_eq!(echoed.map(|at| number(&report, at)), [10_000.0, 30.0, 42.0, 252.0, 42.0]);
    assert_eq!(report["rebalancing"], "fixed_weights");
    assert!(report.get("fan").is_none());
}

/// 0.6 of 1 is paid, then 0.4 of 0.6; the rest, 0.2, is not.
#[test]
fn a_withdrawal_that_cannot_be_paid_is_ruin_and_a_loss() {
    let report = simulate(&json!({
        "weights": [1.0], "mu": [0.0], "sigma": [[0.0]], "horizon_days": 2, "cash_flows": [-0.6, -0.6],
    }));
    let figure = |name: &str| number(&report, &format!("/statistics/{name}/value"));
    assert_eq!((figure("mean_terminal_value"), figure("terminal_quantile_01")), (0.0, 0.0));
    assert_eq!((figure("probability_of_loss"), figure("probability_of_ruin")), (1.0, 1.0));
    assert!((figure("var_95") - 0.2).abs() < 1e-12 && (figure("cvar_95") - 0.2).abs() < 1e-12);
}

/// Half a book grows by a tenth a day, the other half does not: 0.55 + 0.5, of which a fifth is withdrawn, leaves 0.44
/// and 0.4, and the next day 0.484 + 0.4. With its weights restored it would end at 0.84·1.05 = 0.882.
#[test]
fn a_withdrawal_from_a_book_that_is_held_is_taken_from_all_holdings() {
    let mut body = json!({
        "weights": [0.5, 0.5], "mu": [2.0 * 1.1_f64.ln(), 0.0], "sigma": [[0.0, 0.0], [0.0, 0.0]], "periods_per_year": 2,
        "horizon_days": 2, "cash_flows": [-0.21], "paths": 100, "rebalancing": "buy_and_hold",
    });
    let report = simulate(&body);
    close("held", number(&report, "/statistics/mean_terminal_value/value"), 0.884, 1e-12);
    assert_eq!(number(&report, "/statistics/probability_of_ruin/value"), 0.0);
    assert_eq!(number(&report, "/daily/horizons/0/day"), 2.0);
    body["cash_flows"] = json!([0.21]);
    assert!(simulate(&body).get("daily").is_none());
    body["cash_flows"] = json!([0.0, -0.1, -0.1]);
    refuses(&body, "/cash_flows");
}

/// Without risk, at an annual drift of −ln 2 and two days a year, a book is worth 0.71 after the first day and 0.5 after the second.
#[test]
fn what_is_measured_along_the_way_can_be_chosen() {
    let falls = |more: Value| {
        let mut body = json!({
            "weights": [1.0], "mu": [-std::f64::consts::LN_2], "sigma": [[0.0]], "horizon_days": 2, "periods_per_year": 2, "paths": 100,
        });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let figure = |more: Value, name: &str| number(&simulate(&falls(more)), &format!("/statistics/{name}/value"));
    assert_eq!(figure(json!({"barrier": 0.6}), "probability_of_barrier"), 1.0);
    assert_eq!(figure(json!({"barrier": 0.4}), "probability_of_barrier"), 0.0);
    assert_eq!(figure(json!({"drawdown_threshold": 0.4}), "probability_of_drawdown"), 1.0);
    assert_eq!(figure(json!({"drawdown_threshold": 0.6}), "probability_of_drawdown"), 0.0);
    let daily = simulate(&falls(json!({"barrier": 0.6, "goal": 2.0, "drawdown_threshold": 0.6})));
    assert_eq!(number(&daily, "/daily/horizons/0/statistics/probability_of_barrier/value"), 1.0);
    assert_eq!([number(&daily, "/barrier"), number(&daily, "/drawdown_threshold")], [0.6, 0.6]);
    for member in ["barrier", "drawdown_threshold"] {
        for value in [0.0, 1.0, -0.1] {
            refuses(&falls(json!({member: value})), &format!("/{member}"));
        }
        refuses(&falls(json!({member: 0.5, "path_statistics": false})), &format!("/{member}"));
        let reduced = json!({member: 0.5, "variance_reduction": "sobol", "paths": 2048});
        refuses(&falls(reduced), "/variance_reduction");
    }
}

#[test]
fn money_added_moves_the_mean_by_as_much() {
    let report = simulate(&json!({
        "weights": [1], "mu": [0.0], "sigma": [[0.01]], "horizon_days": 10, "cash_flows": [0.1, 0.0, 0.2], "paths": 20_000,
    }));
    agrees(&report, "mean_terminal_value", 1.3);
}

#[test]
fn the_outcomes_are_counted_in_bins_of_equal_width() {
    let report = simulate(&json!({"weights": [1], "mu": [0.05], "sigma": [[0.04]], "paths": 5000}));
    let edges: Vec<f64> = list(&report, "/terminal_histogram/edges").iter().filter_map(Value::as_f64).collect();
    let counts: Vec<u64> = list(&report, "/terminal_histogram/counts").iter().filter_map(Value::as_u64).collect();
    assert_eq!((edges.len(), counts.len(), counts.iter().sum::<u64>()), (65, 64, 5000));
    assert!(edges.windows(2).all(|pair| pair[0] < pair[1]));
    // The 5 % quantile of the report splits the counted outcomes where it should.
    let quantile = number(&report, "/statistics/terminal_quantile_05/value");
    let bin = edges.iter().rposition(|edge| *edge <= quantile).unwrap();
    let below: u64 = counts[..bin].iter().sum();
    assert!(below < 250 && below + counts[bin] >= 250, "{below} and {}", counts[bin]);
}

#[test]
fn no_risk_is_no_loss() {
    let report = simulate(&json!({"weights": [1], "mu": [0.0], "sigma": [[0.0]], "paths": 100}));
    close("mean", number(&report, "/statistics/mean_terminal_value/value"), 1.0, 1e-12);
    close("VaR", number(&report, "/statistics/var_95/value"), 0.0, 1e-12);
    assert!(report["terminal_histogram"].is_null(), "outcomes that do not differ have no bins");
}

#[test]
fn work_beyond_the_limit_is_refused_before_it_is_done() {
    let body = json!({
        "weights": [1], "mu": [0.05], "sigma": [[0.04]], "paths": 2_000_000, "horizon_days": 2520, "path_statistics": true,
    });
    let reply = post(ROUTE, &body);
    assert_eq!((reply.status, names(&reply.json(), "/errors", "pointer")), (400, vec!["/paths"]));
    assert_eq!(names(&reply.json(), "/errors", "code"), ["limit"]);
}

#[test]
fn bad_simulation_requests_are_pointed_at() {
    let base =
        || json!({"weights": [0.5, 0.5], "mu": [0.05, 0.03], "sigma": [[0.04, 0.01], [0.01, 0.02]], "paths": 100});
    let change = |member: &str, value: Value| {
        let mut body = base();
        body[member] = value;
        body
    };
    let series = |length: usize| Noise::new(length as u64).returns(length, 0.0, 0.02);
    let from = |returns: Value| json!({"weights": [0.5, 0.5], "returns": returns, "paths": 100});
    let cases = [
        (json!({}), vec!["/weights"]),
        (json!({"weights": []}), vec!["/weights"]),
        (json!({"weights": [1]}), vec!["/mu"]),
        (json!({"weights": [1], "mu": [0.1]}), vec!["/sigma"]),
        (json!({"weights": [1], "sigma": [[0.1]]}), vec!["/mu"]),
        (change("returns", json!({"A": series(9), "B": series(9)})), vec!["/returns"]),
        (change("weights", json!([0.5, 1e4])), vec!["/weights/1"]),
        (change("mu", json!([0.1])), vec!["/mu"]),
        (change("sigma", json!([[0.04, 0.01]])), vec!["/sigma"]),
        (change("sigma", json!([[0.04, 0.01], [0.01]])), vec!["/sigma/1"]),
        (change("sigma", json!([[0.04, 0.01], [0.011, 0.02]])), vec!["/sigma/1/0"]),
        (change("sigma", json!([[0.04, 0.05], [0.05, 0.02]])), vec!["/sigma"]),
        (change("sigma", json!([[-0.04, 0.0], [0.0, 0.02]])), vec!["/sigma/0/0"]),
        (change("sigma", json!([[0.04, "x"], [0.01, 0.02]])), vec!["/sigma/0/1"]),
        (change("paths", json!(0)), vec!["/paths"]),
        (change("paths", json!(10_000_001)), vec!["/paths"]),
        (change("horizon_days", json!(0)), vec!["/horizon_days"]),
        (change("periods_per_year", json!(0.5)), vec!["/periods_per_year"]),
        (change("model", json!("garch")), vec!["/model"]),
        (change("rebalancing", json!("weekly")), vec!["/rebalancing"]),
        (change("path_statistics", json!(1)), vec!["/path_statistics"]),
        (change("cash_flows", json!(vec![0.0; 31])), vec!["/cash_flows"]),
        (from(json!({"A": series(9)})), vec!["/returns"]),
        (from(json!({"A": series(9), "B": series(8)})), vec!["/returns/B"]),
        (from(json!({"A": [0.1], "B": [0.1]})), vec!["/returns/A", "/returns/B"]),
        (from(json!({"A": [0.1, -1.0, 0.1], "B": [0.1, 0.0, 0.2]})), vec!["/returns/A/1"]),
    ];
    for (body, pointers) in cases {
        let reply = post(ROUTE, &body);
        assert_eq!(reply.status, 400, "{body}: {}", reply.text());
        assert_eq!(names(&reply.json(), "/errors", "pointer"), pointers, "{body}: {}", reply.text());
        assert!(!list(&reply.json(), "/errors").is_empty());
    }
}

/// Every model answers with its name, its drift, both horizons and the worst paths; the statistics are those of the last horizon.
#[test]
fn every_model_answers_day_by_day() {
    let market = stocks();
    let history = json!({"AAPL": market.returns("AAPL"), "JNJ": market.returns("JNJ")});
    for model in ["gbm", "student_t", "t_copula", "bootstrap", "filtered_historical", "jump_diffusion"] {
        let report = simulate(&json!({
            "weights": [0.6, 0.4], "returns": history, "model": model, "horizons": [5, 21], "paths": 1000, "goal": 1.01,
            "worst_paths": 2, "drift": "zero_excess", "fan": true, "band": {"floor": 0.02, "cost_rate": 0.001},
        }));
        let daily = &report["daily"];
        assert_eq!((daily["model"]["id"].as_str(), daily["drift"].as_str()), (Some(model), Some("zero_excess")));
        assert_eq!(daily["horizons"][1]["statistics"], report["statistics"]);
        assert_eq!(list(&report, "/daily/worst_paths/0/values").len(), 22);
        // A point a day up to the horizon, the last with the quantiles of the statistics.
        assert_eq!((list(&report, "/fan/days").len(), number(&report, "/fan/paths_used")), (22, 1000.0));
        assert_eq!(report["fan"]["quantile_05"][21], report["statistics"]["terminal_quantile_05"]["value"]);
        assert_eq!(
            report["fan"]["quantile_95"][5],
            daily["horizons"][0]["statistics"]["terminal_quantile_95"]["value"]
        );
        assert!(number(&report, "/daily/goal/probability_at_horizon/standard_error") > 0.0);
        assert!(number(&report, "/daily/trading/mean_cost/value") >= 0.0);
        assert_eq!(list(&report, "/daily/drift_annual"), &[json!(0.0), json!(0.0)]);
    }
}

/// A day without chance takes 50, 30 and 15 % to 55, 27 and 15.5, the last in its band: each `mu` is the logarithm of the growth times 252. A path then trades what a
/// plan of the same weights, bands, destination, scope and costs trades: the same cost, to a cent of a hundred million.
#[test]
fn a_band_with_a_scope_trades_as_a_plan_does() {
    let (weights, moved) = ([0.5, 0.3, 0.15], [0.55, 0.27, 0.155]);
    let (nav, bps) = (1e8, [10, 20, 5]);
    let value = 0.05 + moved.iter().sum::<f64>();
    let mu: Vec<f64> = moved.iter().zip(weights).map(|(to, from): (&f64, f64)| 252.0 * (to / from).ln()).collect();
    let mut costs = Vec::new();
    for scope in ["breached", "whole"] {
        for destination in [0.0, 0.5, 1.0] {
            let rule = json!({"relative": 0.06, "floor": 0.005});
            let mut band = rule.clone();
            band["scope"] = json!(scope);
            band["destination"] = json!(destination);
            band["cost_rates"] = json!(bps.map(|bps| f64::from(bps) / 1e4));
            let path = simulate(&json!({
                "weights": weights, "mu": mu, "sigma": vec![vec![0.0; 3]; 3], "horizon_days": 1, "paths": 2, "band": band,
            }));
            let assets: Vec<Value> = (0..3)
                .map(|i| {
                    json!({
                        "asset": format!("A{i}"), "target_weight": weights[i], "current_weight": moved[i] / value,
                        "transaction_cost_bps": bps[i], "price": 1.0,
                    })
                })
                .collect();
            let plan = post(
                "/api/rebalance",
                &json!({
                    "portfolio_value": nav, "weight_policy": "cash_remainder", "band": rule, "scope": scope, "turnover_limit": 2,
                    "destination": destination, "worth_min_bps": -10_000, "monte_carlo": {"paths": 0}, "assets": assets,
                }),
            );
            assert_eq!(plan.status, 200, "{}", plan.text());
            let paid = number(&plan.json(), "/estimated_total_transaction_cost") / nav;
            let (trades, cost) = ("/daily/trading/mean_trades/value", "/daily/trading/mean_cost/value");
            assert_eq!(number(&path, trades), 1.0);
            let own = number(&path, cost) / value;
            assert!(paid > 0.0 && (own - paid).abs() <= 0.02 / nav, "{scope} {destination}: {own} {paid}");
            let left = number(&path, "/statistics/terminal_quantile_50/value");
            assert!((left - value * (1.0 - paid)).abs() <= 0.03 / nav, "{left}");
            costs.push(own);
        }
    }
    // Further back costs more, and so does the asset in its band, which trades under the scope of the whole.
    assert!(costs[0] > costs[1] && costs[1] > costs[2], "{costs:?}");
    assert!(costs[3] > costs[0] + 1e-7, "{costs:?}");
}

#[test]
fn a_daily_simulation_that_cannot_be_is_refused_by_name() {
    let law = json!({"weights": [1], "mu": [0.05], "sigma": [[0.04]]});
    for (pointer, more) in [
        ("/returns", json!({"model": "bootstrap"})),
        ("/returns", json!({"model": "filtered_historical"})),
        ("/returns", json!({"drift": "historical"})),
        ("/drift_parameters/forecast", json!({"drift": "forecast"})),
        (
            "/model_parameters/degrees_of_freedom",
            json!({"model": "student_t", "model_parameters": {"degrees_of_freedom": 2}}),
        ),
        ("/model_parameters/intensity", json!({"model": "student_t", "model_parameters": {"intensity": 2}})),
        ("/horizons", json!({"horizons": [5, 5]})),
        ("/goal", json!({"goal": 0})),
        ("/worst_paths", json!({"worst_paths": 21})),
        ("/band/cost_rate", json!({"band": {"relative": 0.2, "cost_rate": 0.5}})),
        ("/band", json!({"band": {}})),
        ("/band", json!({"band": {"cap": 0.05}})),
        ("/band/cash_band", json!({"band": {"relative": 0.2, "cash_band": 0.01}})),
        ("/band/cost_rates", json!({"band": {"relative": 0.2, "cost_rates": [0.001]}})),
        ("/band/cost_rates", json!({"band": {"relative": 0.2, "scope": "whole", "cost_rates": [0.001, 0.001]}})),
        ("/band/cost_rates/0", json!({"band": {"relative": 0.2, "scope": "whole", "cost_rates": [0.2]}})),
        (
            "/band/cost_rates",
            json!({"band": {"relative": 0.2, "scope": "whole", "cost_rate": 0.001, "cost_rates": [0.001]}}),
        ),
        ("/band/half_widths", json!({"band": {"half_widths": [0.05, 0.05]}})),
        ("/band/half_widths", json!({"band": {"half_widths": [0.05], "cap": 0.05}})),
        ("/band/half_widths/0", json!({"band": {"half_widths": [-0.05]}})),
        ("/band/scope", json!({"band": {"relative": 0.2, "scope": "some"}})),
        ("/weights/0", json!({"weights": [-0.5], "band": {"relative": 0.2, "scope": "breached"}})),
        ("/weights", json!({"weights": [1.5], "band": {"relative": 0.2, "scope": "breached"}})),
        ("/drift_parameters/forecast", json!({"drift": "forecast", "drift_parameters": {"forecast": [0.05, 0.05]}})),
        (
            "/drift_parameters/confidence",
            json!({"drift": "forecast", "drift_parameters": {"forecast": [0.05], "confidence": []}}),
        ),
        ("/horizon_days", json!({"sigma": [[1e6]], "goal": 1.1})),
        ("/horizon_days", json!({"mu": [1e8], "goal": 1.1})),
        (
            "/horizon_days",
            json!({
                "model": "jump_diffusion", "horizon_days": 252, "model_parameters": {"jump_mean": -1, "intensity": 1000},
            }),
        ),
        ("/variance_reduction", json!({"variance_reduction": "sobol", "goal": 1.1})),
        ("/variance_reduction", json!({"variance_reduction": "automatic", "path_statistics": true})),
        ("/paths", json!({"variance_reduction": "automatic", "paths": 1023})),
        ("/paths", json!({"goal": 1.1, "paths": 2_000_000, "horizon_days": 252})),
        // Within the budget without its trades, one on every day of every path.
        (
            "/paths",
            json!({
                "weights": [0.5], "paths": 100_000, "horizon_days": 1_900,
                "band": {"relative": 0.0, "scope": "breached"},
            }),
        ),
    ] {
        let mut body = law.clone();
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let reply = post(ROUTE, &body);
        assert_eq!(reply.status, 400, "{more}: {}", reply.text());
        assert!(reply.text().contains(&format!("\"{pointer}\"")), "{more}: {}", reply.text());
        assert!(reply.text().len() < 2000, "{more}: {}", reply.text());
        if pointer == "/paths" && more["goal"].is_number() {
            assert!(reply.text().contains("504000000") && reply.text().contains("200000000"), "{}", reply.text());
        }
    }
}

/// `P(V < 1) = Φ(−m/s)` with `m = 0.05/252 − s²/2` and `s² = 0.04/252`: Φ(−0.009449) = 0.496230.
#[test]
fn more_paths_than_are_kept_are_measured_in_tiles() {
    let of = |more: Value| {
        let mut body = json!({"weights": [1], "mu": [0.05], "sigma": [[0.04]], "horizon_days": 1});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        simulate(&body)
    };
    assert!(of(json!({"paths": 2_000_000}))["tiles"].is_null());
    let many = of(json!({"paths": 3_000_000}));
    assert_eq!((&many["tiles"]["count"], &many["tiles"]["paths"]), (&json!(2), &json!(1_999_872)));
    assert_eq!(many["paths_used"], 3_000_000);
    let loss = &many["statistics"]["probability_of_loss"];
    let error = loss["standard_error"].as_f64().unwrap();
    assert!((error - (0.25_f64 / 3e6).sqrt()).abs() < 1e-7, "{loss}");
    assert!((loss["value"].as_f64().unwrap() - 0.496_230).abs() < 4.0 * error, "{loss}");
    let quantile = many["statistics"]["terminal_quantile_05"]["standard_error"].as_f64().unwrap();
    let bias = many["tiles"]["largest_bias"].as_f64().unwrap();
    assert!(bias > 0.0 && bias < quantile / 10.0, "{bias} {quantile}");
    // Sixteen horizons and three path statistics are 152 bytes a path: 2^27 bytes hold 3,449 blocks of them.
    let daily = of(json!({"horizon_days": 16, "horizons": (1..=16).collect::<Vec<u8>>(), "paths": 900_000}));
    assert_eq!((&daily["tiles"]["count"], &daily["tiles"]["paths"]), (&json!(2), &json!(882_944)));
}

#[test]
fn variance_reduction_names_its_method_and_has_smaller_errors_around_the_same_figures() {
    let plain = json!({
        "weights": [0.6, 0.4], "mu": [0.07, 0.03], "sigma": [[0.0256, -0.0019], [-0.0019, 0.0036]], "paths": 20_000,
        "rebalancing": "buy_and_hold", "horizon_days": 126,
    });
    let mut body = plain.clone();
    body["variance_reduction"] = json!("automatic");
    let (plain, precise) = (post(ROUTE, &plain).json(), post(ROUTE, &body).json());
    assert!(plain["variance_reduction"].is_null() && precise["terminal_histogram"].is_null());
    assert_ne!(precise["variance_reduction"]["method"], "plain", "{precise}");
    assert_eq!(precise["variance_reduction"]["replications"], 32);
    assert_eq!(list(&precise, "/variance_reduction/exact").len(), 0);
    assert_eq!(precise["paths_used"], 16_384);
    for figure in ["mean_terminal_value", "probability_of_loss", "cvar_95"] {
        let of = |report: &Value, part: &str| number(report, &format!("/statistics/{figure}/{part}"));
        let error = of(&plain, "standard_error");
        assert!(of(&precise, "standard_error") < error / 2.0, "{figure}: {precise}");
        assert!((of(&precise, "value") - of(&plain, "value")).abs() < 4.5 * error, "{figure}");
    }
}

/// A lognormal value has closed forms; two opposite holdings of one risk have no direction along which neither moves against its weight.
#[test]
fn preintegration_is_exact_for_one_asset_and_refused_where_there_is_no_direction() {
    let body = |weights: Value, sigma: Value, mu: Value| {
        json!({"weights": weights, "mu": mu, "sigma": sigma, "horizon_days": 252, "paths": 1024, "variance_reduction": "preintegration",
            "rebalancing": "buy_and_hold"})
    };
    let report = simulate(&body(json!([1]), json!([[0.0225]]), json!([0.07])));
    for (statistic, want) in [
        ("mean_terminal_value", 1.072_508_181_254_216_5),
        ("probability_of_loss", 0.347_652_261_168_087_34),
        ("var_95", 0.171_367_099_538_482_28),
        ("cvar_95", 0.220_532_971_606_127_95),
    ] {
        close(statistic, number(&report, &format!("/statistics/{statistic}/value")), want, 1e-12);
    }
    refuses(&body(json!([1, -0.5]), json!([[0.04, 0.03], [0.03, 0.0225]]), json!([0.05, 0.05])), "/variance_reduction");
}

/// The forecasts and confidences are those of `POST /api/forecast`; a price that grows by `f` a day has the annual drift `p·ln(1 + f)`.
#[test]
fn the_drift_forecast_asks_the_forecaster_in_use_and_shrinks_by_its_confidence() {
    let market = stocks();
    let (apple, johnson) = (market.returns("AAPL"), market.returns("JNJ"));
    let forecasts = post(
        "/api/forecast",
        &json!({"assets": [{"asset": "AAPL", "historical_returns": apple}, {"asset": "JNJ", "historical_returns": johnson}]}),
    )
    .json();
    let body = json!({
        "weights": [0.6, 0.4], "returns": {"AAPL": apple, "JNJ": johnson}, "drift": "forecast",
        "drift_parameters": {"risk_free_rate": 0.02}, "paths": 1000,
    });
    let report = simulate(&body);
    assert_eq!(report["drift"], "forecast");
    let riskless = 1.02_f64.ln();
    for asset in 0..2 {
        let of = |name: &str| number(&forecasts, &format!("/forecasts/{asset}/{name}"));
        let (expected, confidence) = (252.0 * of("ensemble").ln_1p(), of("confidence"));
        assert!(confidence > 0.0 && confidence < 1.0, "{confidence}");
        let want = riskless + confidence * (expected - riskless);
        close("drift", number(&report, &format!("/drift_annual/{asset}")), want, 1e-9);
    }
    let models: Vec<&str> = list(&report, "/metadata/models").iter().filter_map(|m| m["id"].as_str()).collect();
    assert_eq!(models, ["gbm_monte_carlo", forecasts["model"]["id"].as_str().unwrap()]);
    let refused = post(
        ROUTE,
        &json!({"weights": [1], "returns": {"A": apple}, "drift": "forecast", "drift_parameters": {"confidence": [0.5]}}),
    );
    assert_eq!(names(&refused.json(), "/errors", "pointer"), ["/drift_parameters/confidence"]);
}

#[test]
fn every_answer_names_its_drift_and_its_law() {
    let law = json!({"weights": [1], "mu": [0.06], "sigma": [[0.0324]], "horizon_days": 60, "paths": 4096});
    let with = |more: Value| {
        let mut body = law.clone();
        more.as_object().unwrap().iter().for_each(|(name, value)| body[name] = value.clone());
        simulate(&body)
    };
    let plain = with(json!({}));
    assert_eq!((&plain["drift"], &plain["drift_annual"]), (&json!("given"), &json!([0.06])));
    // A named drift changes the drift and not the law: the same exact steps with `ln 1` for the mean.
    let zero = with(json!({"drift": "zero_excess"}));
    assert_eq!(zero["statistics"], with(json!({"mu": [0.0]}))["statistics"]);
    assert_eq!((&zero["drift"], zero.get("daily")), (&json!("zero_excess"), None));
    let student = with(json!({"model": "student_t"}));
    assert_eq!(student["metadata"]["models"][0]["id"], "student_t");
    assert_eq!(plain["metadata"]["models"][0]["id"], "gbm_monte_carlo");
    let series = Noise::new(1).returns(100, 0.0, 0.02);
    assert_eq!(simulate(&json!({"weights": [1], "returns": {"A": series}, "paths": 100}))["drift"], "historical");
}

/// Decades of a drift other than the given one take one step, not a day each: they are within the budget.
#[test]
fn a_named_drift_under_gbm_is_simulated_for_decades() {
    let report = simulate(&json!({
        "weights": [1], "mu": [0.3], "sigma": [[0.0225]], "horizon_days": 7560, "paths": 100_000, "drift": "zero_excess",
    }));
    // ln V ~ N(−30·0.0225/2, 30·0.0225).
    let quantile = f64::exp(-0.3375 - 1.644_853_626_951_472_2 * 0.675_f64.sqrt());
    agrees(&report, "terminal_quantile_05", quantile);
}

/// The odds of a loss where nothing can be lost are 0 and not −0; no share is printed with an error of zero.
#[test]
fn variance_reduction_prints_no_minus_zero_and_no_certain_share() {
    let still = post(
        ROUTE,
        &json!({
            "weights": [1], "mu": [0.05], "sigma": [[0.0]], "paths": 4096, "variance_reduction": "automatic",
        }),
    );
    assert!(number(&still.json(), "/statistics/probability_of_loss/value").is_sign_positive(), "{}", still.text());
    // Φ(−(0.06 − 0.0162)·T/(0.18·√T)) with T = 60/252.
    let want = 0.4527428478987766;
    for method in ["stratified", "sobol", "importance", "sobol_importance"] {
        let report = simulate(&json!({
            "weights": [1], "mu": [0.06], "sigma": [[0.0324]], "horizon_days": 60, "paths": 4096, "seed": 12,
            "variance_reduction": method,
        }));
        agrees(&report, "probability_of_loss", want);
    }
}
