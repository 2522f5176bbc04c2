//! The members that the first product's clients read are there, under their names, with their types.

use serde_json::{Value, json};

use crate::support::bodies::{asset, changed, scenarios, small, with};
use crate::support::json::{column, list, names, number, text, warning_codes};
use crate::support::{Connection, get, plan, post, server};

/// Which kind of JSON value a member holds.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Number,
    Text,
    Texts,
    Bool,
    List,
    Object,
}
use Kind::{Bool, List, Number, Object, Text, Texts};

fn is(kind: Kind, value: &Value) -> bool {
    match kind {
        Number => value.is_number(),
        Text => value.as_str().is_some_and(|text| !text.is_empty()),
        Texts => value.as_array().is_some_and(|items| items.iter().all(|item| is(Text, item))),
        Bool => value.is_boolean(),
        List => value.is_array(),
        Object => value.is_object(),
    }
}

#[track_caller]
fn has(value: &Value, members: &[(&str, Kind)]) {
    for (pointer, kind) in members {
        let found = value.pointer(pointer);
        assert!(found.is_some_and(|found| is(*kind, found)), "{pointer} should be {kind:?}, is {found:?}");
    }
}

const METADATA: [(&str, Kind); 4] = [
    ("/metadata/timestamp_utc", Text),
    ("/metadata/version", Text),
    ("/metadata/request_id", Text),
    ("/metadata/engine_version", Text),
];

#[test]
fn a_plan_has_every_member_of_the_wire_contract() {
    let plan = plan(&scenarios()[0]);
    has(&plan, &METADATA);
    has(
        &plan,
        &[
            ("/portfolio_value", Number),
            ("/drift_threshold", Number),
            ("/turnover_used", Number),
            ("/turnover_one_way", Number),
            ("/turnover_limit", Number),
            ("/turnover_bound", Bool),
            ("/estimated_total_transaction_cost", Number),
            ("/cash/weight_before", Number),
            ("/cash/weight_after", Number),
            ("/cash/value_after", Number),
            ("/weights", List),
            ("/trades", List),
            ("/warnings", List),
            ("/risk_metrics/volatility", Number),
            ("/risk_metrics/sharpe", Number),
            ("/risk_metrics/max_drawdown", Number),
            ("/risk_metrics/var_95", Number),
            ("/risk_metrics/cvar_95", Number),
            ("/risk_metrics/expected_annual_return", Number),
            ("/risk_metrics/tracking_error", Number),
            ("/house_view/asset_forecasts", List),
            ("/house_view/top_conviction_buys", Texts),
            ("/house_view/risk_reduction_candidates", Texts),
            ("/house_view/proposed_models", Texts),
            ("/monte_carlo/expected_terminal_value", Number),
            ("/monte_carlo/probability_of_loss", Number),
            ("/monte_carlo/worst_5pct_terminal_value", Number),
            ("/monte_carlo/paths", Number),
            ("/monte_carlo/horizon_days", Number),
            ("/monte_carlo/seed", Number),
            ("/multi_agent_blueprint/agents", List),
            ("/multi_agent_blueprint/orchestration", Text),
            ("/multi_agent_blueprint/governance_standards", Texts),
            ("/asset_drilldown", Object),
            ("/metadata/seed", Number),
            ("/metadata/models", List),
        ],
    );
    assert_eq!(text(&plan, "/metadata/version"), "v2-industry-standard");
    assert_eq!(list(&plan, "/house_view/top_conviction_buys").len(), 3);
    assert_eq!(list(&plan, "/house_view/risk_reduction_candidates").len(), 3);
    assert_eq!(list(&plan, "/house_view/proposed_models").len(), 11);
    assert_eq!(list(&plan, "/multi_agent_blueprint/agents").len(), 6);
    assert_eq!(list(&plan, "/multi_agent_blueprint/governance_standards").len(), 4);
    let defaults = ["paths", "horizon_days", "seed"].map(|name| number(&plan, &format!("/monte_carlo/{name}")));
    assert_eq!(defaults, [10_000.0, 30.0, 42.0]);
}

#[test]
fn every_asset_has_its_row_of_weights_trades_forecasts_and_drill_down() {
    let plan = plan(&scenarios()[1]);
    for i in 0..6 {
        let row = |table: &str| plan.pointer(&format!("{table}/{i}")).unwrap();
        has(
            row("/weights"),
            &[
                ("/asset", Text),
                ("/target_weight", Number),
                ("/optimized_target_weight", Number),
                ("/current_weight", Number),
                ("/drift", Number),
                ("/forecast_return", Number),
                ("/forecast_confidence", Number),
            ],
        );
        has(
            row("/trades"),
            &[
                ("/asset", Text),
                ("/action", Text),
                ("/trade_value", Number),
                ("/signed_trade_value", Number),
                ("/trade_units", Number),
                ("/estimated_cost", Number),
            ],
        );
        has(
            row("/house_view/asset_forecasts"),
            &[
                ("/asset", Text),
                ("/momentum", Number),
                ("/mean_reversion", Number),
                ("/ewma", Number),
                ("/ensemble", Number),
                ("/confidence", Number),
            ],
        );
        let name = text(row("/weights"), "/asset");
        let drill = &plan["asset_drilldown"][name];
        assert_eq!(text(drill, "/asset"), name);
        has(
            drill,
            &[
                ("/summary/current_weight", Number),
                ("/summary/target_weight", Number),
                ("/summary/optimized_target_weight", Number),
                ("/summary/forecast_return", Number),
                ("/summary/forecast_confidence", Number),
                ("/summary/drift", Number),
                ("/summary/trade_action", Text),
                ("/summary/trade_value", Number),
                ("/summary/trade_units", Number),
                ("/summary/estimated_cost", Number),
                ("/holdings", List),
            ],
        );
        assert_eq!(drill["summary"].as_object().unwrap().len(), 10);
    }
}

#[test]
fn the_drill_down_repeats_weights_and_trades() {
    let plan = plan(&scenarios()[0]);
    for (weight, trade) in list(&plan, "/weights").iter().zip(list(&plan, "/trades")) {
        let summary = &plan["asset_drilldown"][text(weight, "/asset")]["summary"];
        for member in [
            "current_weight",
            "target_weight",
            "optimized_target_weight",
            "forecast_return",
            "forecast_confidence",
            "drift",
        ] {
            assert_eq!(summary[member], weight[member], "{member}");
        }
        assert_eq!(summary["trade_action"], trade["action"]);
        for member in ["trade_value", "trade_units", "estimated_cost"] {
            assert_eq!(summary[member], trade[member], "{member}");
        }
    }
}

#[test]
fn holdings_are_shown_with_what_follows_from_them() {
    let body = with(
        "/assets/0/holdings",
        json!([{"holding": " Large caps ", "holding_weight": 0.75, "last_price": 412.5}, {"holding": "Bills", "holding_weight": 0.25}]),
    );
    let plan = plan(&body);
    let first = &plan["asset_drilldown"]["ETF"]["holdings"][0];
    has(
        first,
        &[
            ("/holding", Text),
            ("/holding_weight", Number),
            ("/last_price", Number),
            ("/implied_notional", Number),
            ("/implied_units", Number),
            ("/predicted_return", Number),
            ("/rebalance_action", Text),
        ],
    );
    assert_eq!(text(first, "/holding"), "Large caps");
    assert_eq!(number(first, "/implied_notional"), 49_500.0);
    assert_eq!(number(first, "/implied_units"), 120.0);
    let second = &plan["asset_drilldown"]["ETF"]["holdings"][1];
    assert!(second["last_price"].is_null() && second["implied_units"].is_null(), "{second}");
}

#[test]
fn weights_and_trades_keep_the_order_of_the_request() {
    let names_sent = ["Zeta", "alpha", "Mid", "Ωmega", "10", "9"];
    let assets: Vec<Value> = names_sent.iter().map(|name| asset(name, 1.0, 1.0, &[])).collect();
    let plan = plan(&json!({"portfolio_value": 1000, "assets": assets}));
    for table in ["/weights", "/trades", "/house_view/asset_forecasts"] {
        assert_eq!(names(&plan, table, "asset"), names_sent, "{table}");
    }
    let drilled: Vec<&String> = plan["asset_drilldown"].as_object().unwrap().keys().collect();
    assert_eq!(drilled.len(), names_sent.len());
}

#[test]
fn portfolio_value_is_echoed_as_sent() {
    for value in [json!(100_000), json!(1234.5678), json!(0.01), json!(1e12)] {
        let plan = plan(&with("/portfolio_value", value.clone()));
        assert_eq!(plan["portfolio_value"].as_f64(), value.as_f64());
    }
}

#[test]
fn insights_have_every_member_of_the_wire_contract() {
    let reply = post("/api/ai-copilot/insights", &scenarios()[0]);
    assert_eq!(reply.status, 200);
    let brief = reply.json();
    has(&brief, &METADATA);
    has(
        &brief,
        &[
            ("/narrative", Text),
            ("/top_actions", List),
            ("/risk_flags", Texts),
            ("/execution_playbook", Texts),
            ("/cutting_edge_model_stack", Texts),
            ("/decision", Text),
        ],
    );
    assert!((1..=3).contains(&list(&brief, "/top_actions").len()));
    assert_eq!(list(&brief, "/execution_playbook").len(), 3);
    assert_eq!(list(&brief, "/cutting_edge_model_stack").len(), 12);
    for action in list(&brief, "/top_actions") {
        has(action, &[("/asset", Text), ("/priority_score", Number), ("/action", Text), ("/reason", Text)]);
    }
}

#[test]
fn priorities_are_the_formula_the_first_clients_know() {
    let body = &scenarios()[3];
    let plan = plan(body);
    let brief = post("/api/ai-copilot/insights", body).json();
    for action in list(&brief, "/top_actions") {
        let name = text(action, "/asset");
        let weight = list(&plan, "/weights").iter().find(|row| text(row, "/asset") == name).unwrap();
        let want = 0.45 * number(weight, "/drift").abs()
            + 0.35 * number(weight, "/forecast_return").abs()
            + 0.20 * number(weight, "/forecast_confidence");
        assert!((number(action, "/priority_score") - want).abs() < 1e-9, "{name}");
    }
}

#[test]
fn a_book_on_target_still_gets_actions_flags_and_a_playbook() {
    let body = json!({"portfolio_value": 1000, "assets": [asset("A", 0.5, 0.5, &[]), asset("B", 0.5, 0.5, &[])]});
    let brief = post("/api/ai-copilot/insights", &body).json();
    assert!(!list(&brief, "/top_actions").is_empty());
    assert!(names(&brief, "/top_actions", "action").iter().all(|action| *action == "Hold"));
    assert!(!list(&brief, "/risk_flags").is_empty());
    assert_eq!(list(&brief, "/execution_playbook").len(), 3);
    let plan = plan(&body);
    assert!(!list(&plan, "/house_view/top_conviction_buys").is_empty());
    assert!(!list(&plan, "/house_view/risk_reduction_candidates").is_empty());
}

#[test]
fn what_the_house_view_names_is_not_what_the_plan_does_the_other_way() {
    for body in scenarios() {
        let plan = plan(&body);
        for (named, opposite) in [("top_conviction_buys", "Sell"), ("risk_reduction_candidates", "Buy")] {
            for asset in list(&plan, &format!("/house_view/{named}")) {
                let against =
                    list(&plan, "/orders").iter().find(|order| order["asset"] == *asset && order["action"] == opposite);
                assert!(against.is_none(), "{}: {asset} is one of {named}, and {against:?}", body["name"]);
            }
        }
    }
}

#[test]
fn the_tandem_demo_tells_six_named_steps() {
    let reply = post("/api/multi-agent/tandem-demo", &scenarios()[0]);
    assert_eq!(reply.status, 200);
    let run = reply.json();
    has(&run, &[("/orchestration", Text), ("/timeline", List)]);
    let timeline = list(&run, "/timeline");
    assert_eq!(column(&run, "/timeline", "step"), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    for step in timeline {
        has(step, &[("/agent", Text), ("/objective", Text), ("/output", Object)]);
    }
    let outputs: [&[(&str, Kind)]; 6] = [
        &[("/assets_loaded", Number), ("/asset_list", Texts)],
        &[("/forecast_snapshot", List)],
        &[("/risk_metrics", Object), ("/risk_metrics/volatility", Number), ("/risk_flags", Texts)],
        &[("/turnover_used", Number), ("/estimated_total_transaction_cost", Number), ("/top_rebalance_actions", List)],
        &[("/execution_queue", List), ("/playbook", Texts)],
        &[("/final_narrative", Text), ("/decision", Text), ("/metadata", Object)],
    ];
    for (step, members) in timeline.iter().zip(outputs) {
        has(&step["output"], members);
    }
    assert_eq!(number(timeline[0].pointer("/output").unwrap(), "/assets_loaded"), 6.0);
    assert_eq!(list(&timeline[1], "/output/forecast_snapshot").len(), 5);
    let queue = list(&timeline[4], "/output/execution_queue");
    assert!((1..=3).contains(&queue.len()));
    for order in queue {
        has(order, &[("/asset", Text), ("/action", Text), ("/notional", Number), ("/estimated_cost", Number)]);
    }
    has(&timeline[5]["output"], &METADATA);
}

#[test]
fn the_blueprint_names_six_agents() {
    let blueprint = get("/api/multi-agent-blueprint").json();
    has(&blueprint, &[("/agents", List), ("/orchestration", Text), ("/governance_standards", Texts)]);
    assert_eq!(list(&blueprint, "/agents").len(), 6);
    for agent in list(&blueprint, "/agents") {
        has(agent, &[("/name", Text), ("/role", Text)]);
    }
    assert_eq!(list(&blueprint, "/governance_standards").len(), 4);
    assert_eq!(plan(&small())["multi_agent_blueprint"], blueprint, "embedded in every plan");
}

#[test]
fn health_and_readiness_answer() {
    let health = get("/api/health");
    assert_eq!(health.status, 200);
    assert_eq!(health.header("content-type"), Some("application/json"));
    let health = health.json();
    assert_eq!((text(&health, "/status"), text(&health, "/service")), ("ok", "smart-portfolio-rebalancer"));
    has(&health, &METADATA);
    let ready = get("/api/ready");
    assert_eq!((ready.status, text(&ready.json(), "/status")), (200, "ready"));
}

#[test]
fn every_preview_scenario_is_a_ready_made_request_with_complete_figures_and_a_trade() {
    let answer = get("/api/preview-scenarios").json();
    let scenarios = list(&answer, "/scenarios");
    assert!(scenarios.len() >= 4);
    let titles = names(&answer, "/scenarios", "name");
    assert!(titles.contains(&"Risk-Off Shock") && titles.contains(&"Risk-On Rally"), "{titles:?}");
    for scenario in scenarios {
        let name = text(scenario, "/name");
        has(
            scenario,
            &[
                ("/description", Text),
                ("/portfolio_value", Number),
                ("/drift_threshold", Number),
                ("/turnover_limit", Number),
                ("/transaction_cost_bps", Number),
            ],
        );
        if name.starts_with("Risk-O") {
            assert_eq!(list(scenario, "/assets").len(), 6, "{name}");
        }
        for entry in list(scenario, "/assets") {
            assert!(list(entry, "/historical_returns").len() >= 250, "{name}");
        }
        let plan = plan(scenario);
        // Two of them call for more than their turnover limit, and the last of it would cost more than it removes.
        let is_unspent = ["Pandemic Crash", "Inflation Year"].contains(&name);
        assert_eq!(warning_codes(&plan), vec!["turnover_unspent"; usize::from(is_unspent)], "{name}");
        for figures in ["risk_metrics", "target_risk_metrics", "after_risk_metrics"] {
            let metrics = plan[figures].as_object().unwrap();
            assert_eq!(metrics.len(), 8, "{name}: {figures}");
            for (metric, value) in metrics {
                assert!(value.is_number(), "{name}: {figures}.{metric}: {value}");
            }
        }
        for figure in
            ["expected_terminal_value", "probability_of_loss", "worst_5pct_terminal_value", "var_95", "cvar_95"]
        {
            assert!(plan["monte_carlo"][figure].is_number(), "{name}: {figure}");
            assert!(plan["monte_carlo"]["standard_errors"][figure].is_number(), "{name}: {figure}");
        }
        assert!(names(&plan, "/trades", "action").iter().any(|action| *action != "Hold"), "{name}");
    }
}

#[test]
fn an_id_of_the_clients_is_repeated_and_any_other_request_gets_one() {
    let ask =
        |id: &str| Connection::open(server::address()).request("GET", "/api/health", &[("X-Request-Id", id)], b"");
    for good in ["client-7", &"x".repeat(128)] {
        let reply = ask(good);
        assert_eq!(reply.header("x-request-id"), Some(good));
        assert_eq!(text(&reply.json(), "/metadata/request_id"), good);
    }
    for bad in ["short", &"x".repeat(129), "with a space", "t\u{e4}glich-1"] {
        let reply = ask(bad);
        let id = reply.header("x-request-id").unwrap();
        assert_ne!(id, bad);
        assert!((8..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric()), "{id}");
        assert_eq!(text(&reply.json(), "/metadata/request_id"), id);
    }
    assert_ne!(get("/api/health").header("x-request-id"), get("/api/health").header("x-request-id"));
    let refused = Connection::open(server::address()).request("GET", "/nowhere", &[("X-Request-Id", "client-8")], b"");
    assert_eq!(refused.header("x-request-id"), Some("client-8"));
    assert_eq!(text(&refused.json(), "/metadata/request_id"), "client-8");
}

#[test]
fn every_answer_carries_headers_that_keep_a_browser_out_of_trouble() {
    let replies = [get("/"), get("/api/health"), get("/nowhere"), post("/api/rebalance", &json!({})), get("/docs/")];
    for reply in replies {
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(reply.header("x-frame-options"), Some("DENY"));
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("script-src"), "scripts fall under default-src: {policy}");
        assert!(reply.header("cache-control").is_some());
    }
    assert!(!get("/").header("content-security-policy").unwrap().contains("unsafe-inline"));
}

#[test]
fn the_page_and_the_api_browser_need_nothing_from_elsewhere() {
    let page = get("/");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    for link in ["/docs/", "/openapi.json", "/api/health", "/api/preview-scenarios"] {
        assert_eq!(get(link).status, 200, "{link}");
    }
    let style = get("/static/style.css");
    assert_eq!((style.status, style.header("content-type")), (200, Some("text/css; charset=utf-8")));
    let docs = get("/docs");
    assert_eq!((docs.status, docs.header("location")), (308, Some("/docs/")));
    let browser = get("/docs/");
    assert_eq!(browser.status, 200);
    for text in [page.text(), browser.text()] {
        assert!(!text.contains("src=\"http") && !text.contains("href=\"http") && !text.contains("src=\"//"), "{text}");
    }
    for part in ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js"] {
        assert_eq!(get(&format!("/docs/{part}")).status, 200, "{part}");
    }
}

#[test]
fn the_page_is_built_or_says_how_and_a_browser_may_keep_its_files() {
    let page = get("/");
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    let text = page.text();
    let files: Vec<&str> = text.split('"').filter(|part| part.starts_with("/assets/")).collect();
    assert!(!files.is_empty() || text.contains("<code>make run</code> builds it"), "{text}");
    for file in files {
        let reply = get(file);
        let kind = if file.ends_with(".css") { "text/css" } else { "text/javascript" };
        assert_eq!((reply.status, reply.header("content-type")), (200, Some(kind)), "{file}");
        assert_eq!(reply.header("cache-control"), Some("public, max-age=31536000, immutable"), "{file}");
    }
    // Histories to replay are the packed files of the folder data, byte for byte.
    for name in ["stocks_1990_2022", "multi_asset_1999_2017"] {
        let reply = get(&format!("/assets/histories/{name}.csv.gz"));
        let file = format!("{}/../../data/{name}.csv.gz", env!("CARGO_MANIFEST_DIR"));
        assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/gzip")));
        assert!(reply.body == std::fs::read(file).unwrap(), "{name}");
    }
    for stranger in ["/assets/none.js", "/assets/", "/assets/%2e%2e/%2e%2e/package.json", "/assets/..%2f..%2fbuild.sh"]
    {
        let reply = get(stranger);
        assert_eq!((reply.status, reply.header("content-type")), (404, Some("application/problem+json")), "{stranger}");
    }
}

#[test]
fn names_of_any_script_are_data_and_come_back_trimmed() {
    let long = "名".repeat(255);
    for name in
        ["<script>alert(1)</script>", "=1+1", "\u{202E}gnp.exe", "🪙", "a\"b\\c/d~e", "Ünïcødé", "\u{0}nul", &long]
    {
        let body = with("/assets/0/asset", json!(format!("  {name}\t")));
        let reply = post("/api/rebalance", &body);
        assert_eq!(reply.status, 200, "{name:?}: {}", reply.text());
        assert_eq!(reply.header("content-type"), Some("application/json"));
        let plan = reply.json();
        assert_eq!(text(&plan, "/weights/0/asset"), name);
        assert!(plan["asset_drilldown"].get(name).is_some(), "{name:?}");
        assert_eq!(post("/api/ai-copilot/insights", &body).status, 200, "{name:?}");
        assert_eq!(post("/api/multi-agent/tandem-demo", &body).status, 200, "{name:?}");
    }
}

#[test]
fn no_asset_is_to_be_bought_and_to_be_reduced() {
    for (body, method) in scenarios().into_iter().flat_map(|body| [(body.clone(), "drift"), (body, "optimal")]) {
        let plan = post("/api/rebalance", &changed(body, "/method", json!(method))).json();
        let reductions = list(&plan, "/house_view/risk_reduction_candidates");
        let both: Vec<_> =
            list(&plan, "/house_view/top_conviction_buys").iter().filter(|name| reductions.contains(name)).collect();
        assert!(both.is_empty(), "{method}: {both:?}");
    }
}
