//! The committee brief: every number has its source, the same facts give the same text, and names stay data.

use controls::{ControlUnit, Outcome};
use copilot::{
    Action, AnnualCited, BenchmarkFacts, BriefTopic, Cited, CommitteeAsset, CommitteeFacts, ControlBreach,
    ControlFacts, CopilotError, DataIssue, IntervalKind, LimitFacts, OrderFacts, PathFacts, Piece, PricedLimit,
    Proposer, RelaxationFacts, RiskLine, Severity, Stated, TradeReason, VerdictDecision, WaitFacts, actions_csv,
    brief_markdown, brief_text, committee_brief, report_html,
};
use optimizer::{Limit, Objective};
use pipeline::{LimitPoint, Measure, RelaxationKind};
use risk::RiskFigure;

fn at(value: f64, pointer: &str) -> Cited {
    Cited::new(value, pointer)
}

fn asset(i: usize, name: &str, action: Action, drift: f64) -> CommitteeAsset {
    let cited = |value, member: &str| Cited::new(value, format!("/weights/{i}/{member}"));
    CommitteeAsset {
        asset: name.to_owned(),
        action,
        reason: TradeReason::DriftBreach,
        drift: cited(drift, "drift"),
        current: cited(0.5 + drift, "current_weight"),
        target: cited(0.5, "target_weight"),
        after: cited(0.5 + 0.4 * drift, "weight_after"),
        residual: cited(0.4 * drift, "residual_drift"),
        half_width: cited(0.02, "band_half_width"),
        no_trade: Some([cited(0.45, "no_trade_region/lower"), cited(0.5512, "no_trade_region/upper")]),
        forecast: cited(0.0004, "forecast_return"),
        forecast_annual: Some(AnnualCited {
            expected: Cited::new(0.1008, format!("/house_view/asset_forecasts/{i}/annual_return")),
            interval: Some((
                IntervalKind::Credible,
                [(-0.0392, "lower"), (0.2408, "upper")].map(|(value, end)| {
                    Cited::new(value, format!("/house_view/asset_forecasts/{i}/annual_return_interval/{end}"))
                }),
            )),
        }),
        confidence: cited(0.21, "forecast_confidence"),
    }
}

fn order(k: usize, position: usize, benefit: Option<f64>) -> OrderFacts {
    let cited = |value, member: &str| Cited::new(value, format!("/orders/{k}/{member}"));
    OrderFacts {
        position,
        quantity: Some(cited(120.0, "quantity")),
        price: Some(cited(300.004, "reference_price")),
        account: None,
        name: None,
        identifier: None,
        asset_class: None,
        sleeve: None,
        trade_value: cited(36_000.5, "trade_value"),
        cost: cited(36.0, "estimated_cost"),
        waits: position == 1,
        slices: cited(4.0, "schedule/slices"),
        by_volume: false,
        benefit_bps: benefit.map(|b| cited(b, "marginal_benefit_bps")),
    }
}

fn breach(
    k: usize,
    control: &str,
    subject: Option<&str>,
    outcome: Outcome,
    unit: ControlUnit,
    [value, limit]: [f64; 2],
) -> ControlBreach {
    let cited = |value, member: &str| at(value, &format!("/controls/checks/{k}/{member}"));
    ControlBreach {
        control: control.to_owned(),
        subject: subject.map(str::to_owned),
        outcome,
        value: Stated::Given(cited(value, "value")),
        limit: cited(limit, "limit"),
        unit,
    }
}

fn facts(first: &str, second: &str) -> CommitteeFacts {
    let wait = |value, member: &str| Cited::new(value, format!("/outlook/figures/{member}"));
    CommitteeFacts {
        plan: None,
        title: None,
        benchmark: Some(BenchmarkFacts::Policy { name: None }),
        proposed_by: Proposer::of("0.1.0", Some("api")),
        currency: "USD".to_owned(),
        minor_digits: 2,
        portfolio_value: at(600_000.0, "/portfolio_value"),
        drift_threshold: at(0.02, "/drift_threshold"),
        drift_before: at(0.1, "/portfolio_drift"),
        drift_after: at(0.04, "/portfolio_drift_after"),
        turnover_used: at(0.12, "/turnover_used"),
        turnover_limit: at(0.12, "/turnover_limit"),
        turnover_bound: true,
        total_cost: at(72.0, "/estimated_total_transaction_cost"),
        cost_parts: Vec::new(),
        payback_weeks: Stated::Given(at(12.53, "/worth/figures/payback_weeks")),
        payback_weeks_at_most: Stated::Given(at(16.14, "/worth/figures/payback_weeks_at_most")),
        objective: Some([at(5.0, "/worth/risk_aversion"), at(1.0, "/worth/horizon_years")]),
        cash_before: at(0.0, "/cash/weight_before"),
        cash_after: at(0.0001, "/cash/weight_after"),
        assets: vec![asset(0, first, Action::Sell, 0.1), asset(1, second, Action::Buy, -0.1)],
        orders: vec![order(0, 0, Some(2.5)), order(1, 1, Some(7.25))],
        risk: vec![RiskLine {
            figure: RiskFigure::Var95,
            before: Some(at(0.012, "/risk_metrics/var_95")),
            after: Some(at(0.011, "/after_risk_metrics/var_95")),
        }],
        tilt_spent: at(0.004, "/tilt/tracking_error_spent"),
        tilt_budget: at(0.01, "/tilt/tracking_error_budget"),
        tilt_reason: "the evidence that expected returns differ is too weak".to_owned(),
        data_quality: Some(at(0.97, "/data_quality/score")),
        data_issues: Vec::new(),
        limits: vec![LimitFacts {
            measure: Measure::TrackingError,
            point: LimitPoint::Before,
            severity: Severity::Critical,
            value: Stated::Given(at(0.1936, "/verdict/checks/1/value")),
            level: at(0.16, "/verdict/checks/1/critical_above"),
            reason: None,
        }],
        controls: Some(ControlFacts {
            policy_version: at(3.0, "/controls/policy_version"),
            reason: None,
            checks: 3,
            open: vec![
                breach(0, "concentration_name", Some(first), Outcome::Soft, ControlUnit::Fraction, [0.62, 0.6]),
                breach(1, "plan_notional", None, Outcome::Hard, ControlUnit::Money, [72_001.0, 50_000.0]),
            ],
            kept: vec![breach(2, "turnover", None, Outcome::Pass, ControlUnit::Fraction, [0.1, 0.36])],
            at_approval: vec!["stale_prices".to_owned(), "duplicate_plan".to_owned()],
        }),
        priced_limits: Vec::new(),
        path: None,
        is_liquidation: false,
        shortfall: None,
        relaxations: vec![RelaxationFacts {
            kind: RelaxationKind::LargerTurnover,
            reason: "the turnover limit leaves 2 assets outside their bands".to_owned(),
            granted: false,
        }],
        decision: VerdictDecision::ReviewRequired,
        wait: Stated::Given(WaitFacts {
            days: at(5.0, "/outlook/days"),
            drift_now: wait(0.1, "portfolio_drift_now"),
            drift_expected: wait(0.1012, "portfolio_drift_expected"),
            tracking_error_waiting: wait(0.0031, "tracking_error_waiting"),
            tracking_error_planned: wait(0.0012, "tracking_error_after_plan"),
            loss_waiting: wait(0.021, "loss_95_waiting"),
            loss_planned: wait(0.019, "loss_95_after_plan"),
            cost_bps: wait(0.21, "cost_of_waiting_bps"),
        }),
    }
}

#[test]
fn every_question_is_answered_and_every_number_has_its_source() {
    let brief = committee_brief(&facts("AAPL", "UST 10Y")).unwrap();
    let topics: Vec<BriefTopic> = brief.sections.iter().map(|section| section.topic).collect();
    assert_eq!(topics.len(), 8);
    for section in &brief.sections {
        assert!(!section.sentences.is_empty(), "{}", section.question);
        for sentence in &section.sentences {
            assert!(sentence.text().ends_with('.'), "{}", sentence.text());
            for piece in sentence.pieces() {
                if let Piece::Words(words) = piece {
                    // Digits in our own words belong to a name such as VaR95, or to the sentence of an agent.
                    let is_loose = words.split_whitespace().any(|word| word.starts_with(|c: char| c.is_ascii_digit()));
                    assert!(!is_loose || words.contains("assets outside"), "{words}");
                }
            }
            assert!(sentence.numbers().iter().all(|number| number.pointer.starts_with('/')));
        }
    }
}

/// The text of every sentence on a topic.
fn told(facts: &CommitteeFacts, topic: BriefTopic) -> Vec<String> {
    let brief = committee_brief(facts).expect("facts that fit together");
    let of_topic = brief.sections.iter().filter(|section| section.topic == topic);
    of_topic.flat_map(|section| section.sentences.iter().map(|sentence| sentence.text())).collect()
}

#[test]
fn a_payback_is_told_with_its_proof_or_with_what_is_missing_to_one() {
    let mut facts = facts("AAPL", "UST 10Y");
    let costs = told(&facts, BriefTopic::WhatItCosts);
    assert!(costs.contains(&"The histories prove that it takes at most 16.1 weeks.".to_owned()), "{costs:?}");
    let objective = "Worth and payback are measured at a risk aversion of 5 over a horizon of 1 year.";
    assert!(costs.contains(&objective.to_owned()), "{costs:?}");
    facts.payback_weeks_at_most = Stated::Missing { reason: "too few observations".to_owned() };
    let costs = told(&facts, BriefTopic::WhatItCosts);
    assert!(costs.contains(&"How long it takes at most is not known: too few observations.".to_owned()), "{costs:?}");
    facts.payback_weeks = Stated::Missing { reason: "the plan trades nothing".to_owned() };
    assert!(told(&facts, BriefTopic::WhatItCosts).iter().all(|sentence| !sentence.contains("at most")));
}

#[test]
fn each_breach_of_a_control_has_its_sentence_with_value_and_limit() {
    let mut facts = facts("AAPL", "UST 10Y");
    let told_of = |facts: &CommitteeFacts| told(facts, BriefTopic::WhichControls);
    let later = "Checked at approval and export, because they depend on the time or on what was done before: price age and duplicate plan.";
    assert_eq!(
        told_of(&facts),
        [
            "Hard limits of control policy version 3 are breached: no order leaves until the plan or the policy changes.",
            "Soft breach: largest weight of AAPL 62.00%, above 60.00%.",
            "Hard breach: plan notional 72,001.00 USD, above 50,000.00 USD.",
            "Kept, each with its limit: two-way turnover 10.00% of 36.00%.",
            later,
        ]
    );
    let controls = facts.controls.as_mut().unwrap();
    controls.open.truncate(1);
    controls.at_approval.clear();
    assert_eq!(
        told_of(&facts)[0],
        "Soft limits of control policy version 3 are breached: an approval needs a comment."
    );
    let controls = facts.controls.as_mut().unwrap();
    controls.open[0].outcome = Outcome::NotAssessed;
    controls.open[0].value = Stated::Missing { reason: "the figure is not known".to_owned() };
    assert_eq!(
        told_of(&facts),
        [
            "None: every limit of control policy version 3 that could be checked is kept.",
            "Not assessed: largest weight of AAPL, because the figure is not known.",
            "Kept, each with its limit: two-way turnover 10.00% of 36.00%.",
        ]
    );
    let controls = facts.controls.as_mut().unwrap();
    (controls.checks, controls.open, controls.kept) = (0, Vec::new(), Vec::new());
    let empty = "Version 3 of the control policy has no limit that a plan alone can breach.";
    assert_eq!(told_of(&facts), [empty]);
    let controls = facts.controls.as_mut().unwrap();
    controls.open = (0..30)
        .map(|k| breach(k, "order_quantity", Some("B"), Outcome::Hard, ControlUnit::Number, [2.0, 1.5]))
        .collect();
    controls.checks = 30;
    let many = told_of(&facts);
    assert_eq!(many.len(), 22);
    assert_eq!(many[1], "Hard breach: order quantity of B 2, above 1.5.");
    assert_eq!(many[21], "Further breaches are in the plan's answer.");
    facts.controls.as_mut().unwrap().reason = Some("an order cannot be told exactly".to_owned());
    let none = "Not one limit of control policy version 3 could be checked, because an order cannot be told exactly.";
    assert_eq!(told_of(&facts), [none]);
    facts.controls = None;
    assert_eq!(told_of(&facts).len(), 1);
}

#[test]
fn what_is_traded_has_its_no_trade_region_told() {
    let mut facts = facts("AAPL", "UST 10Y");
    facts.assets[0].no_trade = None;
    let wait = told(&facts, BriefTopic::IfWeWait);
    let told_of = "With the others at their targets, no trade of an asset pays while its weight stays in its region: ";
    assert_eq!(wait[1], format!("{told_of}UST 10Y between 45.00% and 55.12%."));
    facts.assets[1].no_trade = None;
    assert_eq!(told(&facts, BriefTopic::IfWeWait).len(), 1);
}

#[test]
fn orders_are_ranked_by_worth() {
    let brief = committee_brief(&facts("AAPL", "UST 10Y")).unwrap();
    assert_eq!(brief.actions.iter().map(|a| a.asset.as_str()).collect::<Vec<_>>(), ["UST 10Y", "AAPL"]);
    assert_eq!(brief.actions[0].marginal_benefit_bps, Some(7.25));
    let mut unknown = facts("AAPL", "UST 10Y");
    unknown.orders = vec![order(0, 0, None), order(1, 1, Some(-1.0))];
    let brief = committee_brief(&unknown).unwrap();
    assert_eq!(brief.actions[0].asset, "UST 10Y", "what is known comes first");
    assert!(brief.actions[1].sentence.text().contains("worth unknown, the histories do not support it"));
}

#[test]
fn the_same_facts_give_the_same_words() {
    let facts = facts("AAPL", "UST 10Y");
    let (one, two) = (committee_brief(&facts).unwrap(), committee_brief(&facts).unwrap());
    assert_eq!((brief_text(&one), report_html(&facts, &one)), (brief_text(&two), report_html(&facts, &two)));
    assert!(brief_text(&one).contains("Past the band of 2.00%: AAPL 10.00 pp above its target of 50.00%"));
}

#[test]
fn a_number_of_implausible_inputs_is_no_percentage() {
    let mut facts = facts("A", "B");
    facts.limits[0].measure = Measure::ImplausibleInputs;
    facts.limits[0].value = Stated::Given(at(2.0, "/verdict/checks/9/value"));
    facts.limits[0].level = at(0.0, "/verdict/checks/9/critical_above");
    let risks = told(&facts, BriefTopic::WhatItRisks);
    assert!(risks.iter().any(|said| said.ends_with("implausible inputs: 2.")), "{risks:?}");
}

#[test]
fn a_measure_of_both_books_is_said_once_with_a_short_level() {
    let mut facts = facts("A", "B");
    let level = 0.032_836_350_422_830_32;
    let check = |k: usize, point, value| LimitFacts {
        measure: Measure::TrackingError,
        point,
        severity: Severity::Warning,
        value: Stated::Given(at(value, &format!("/verdict/checks/{k}/value"))),
        level: at(level, &format!("/verdict/checks/{k}/warning_above")),
        reason: None,
    };
    facts.limits = vec![check(0, LimitPoint::Before, 0.0624), check(1, LimitPoint::After, 0.0401)];
    let risks = told(&facts, BriefTopic::WhatItRisks);
    let want = "Warning: annual tracking error before the plan 6.24% and after it 4.01%, above 3.28%.";
    assert_eq!(risks[1], want);
    let missing = |measure, point| LimitFacts {
        measure,
        severity: Severity::NotAssessed,
        value: Stated::Missing { reason: "no asset with a weight has a history".to_owned() },
        ..check(0, point, 0.0)
    };
    let (before, after) = (LimitPoint::Before, LimitPoint::After);
    let measures = [Measure::Volatility, Measure::Var95];
    facts.limits = [before, after].iter().flat_map(|point| measures.map(|measure| missing(measure, *point))).collect();
    let risks = told(&facts, BriefTopic::WhatItRisks);
    let want = "Not assessed: annual volatility and one-day VaR95 before and after the plan, because no asset with a weight has a history.";
    assert_eq!(risks[1], want);
    assert_eq!(risks.iter().filter(|said| said.contains("Not assessed")).count(), 1, "{risks:?}");
}

#[test]
fn the_report_names_the_book_lists_its_orders_and_leaves_the_approval_to_a_person() {
    let mut facts = facts("AAPL", "UST 10Y");
    facts.title = Some("Balanced book, July".to_owned());
    facts.benchmark = Some(BenchmarkFacts::Returns { name: Some("S&P 500 TR".to_owned()) });
    facts.orders[0].account = Some("joint".to_owned());
    facts.decision = VerdictDecision::Approved;
    let brief = committee_brief(&facts).unwrap();
    let (text, html) = (brief_text(&brief), report_html(&facts, &brief));
    for want in [
        "Balanced book, July\nProposed for approval\n",
        "Benchmark: S&P 500 TR.",
        "Proposed by Smart Portfolio Rebalancer, version 0.1.0, for a caller without a key.",
        "Approved by ____",
    ] {
        assert!(text.contains(want), "{want}: {text}");
    }
    let row = text.lines().find(|line| line.starts_with("  Sell")).unwrap();
    let cells: Vec<&str> = row.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
    assert_eq!(cells, ["Sell", "AAPL", "120", "300.004 USD", "36,000.50 USD", "joint", "outside its band"]);
    assert!(!text.contains('"') && !text.contains("expected annual return"), "{text}");
    assert!(html.contains("<h1><bdi>Balanced book, July</bdi></h1>") && html.contains("Approved by ____"), "{html}");
    assert!(html.contains(r#"<data title="/orders/0/quantity">120</data>"#), "{html}");
    facts.decision = VerdictDecision::Rejected;
    let rejected = brief_text(&committee_brief(&facts).unwrap());
    assert!(!rejected.contains("Approved by"), "{rejected}");
}

#[test]
fn every_report_says_what_the_request_says_of_an_asset() {
    let mut facts = facts("VTI", "BND");
    let order = &mut facts.orders[0];
    order.name = Some("Total Stock Market".to_owned());
    order.identifier = Some("ISIN US9229087690".to_owned());
    (order.asset_class, order.sleeve) = (Some("equity".to_owned()), Some("core".to_owned()));
    order.account = Some("joint".to_owned());
    let brief = committee_brief(&facts).unwrap();
    let columns = "Side Asset Name Identifier Class Quantity Price Value Account Sleeve Reason";
    let said = ["VTI", "Total Stock Market", "ISIN US9229087690", "equity", "joint", "core"];

    let text = brief_text(&brief);
    let head = text.lines().find(|line| line.starts_with("  Side")).unwrap();
    assert_eq!(head.split_whitespace().collect::<Vec<_>>().join(" "), columns);
    let row = text.lines().find(|line| line.starts_with("  Sell")).unwrap();
    let cells: Vec<&str> = row.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
    assert_eq!(cells[1..5], said[..4]);
    assert_eq!(cells[8..10], said[4..]);

    let markdown = brief_markdown(&brief);
    assert!(markdown.contains(&format!("| {} |", columns.replace(' ', " | "))), "{markdown}");
    let row = "| Sell | VTI | Total Stock Market | ISIN US9229087690 | equity | 120 | 300.004 USD | 36,000.50 USD | joint | core |";
    assert!(markdown.contains(row), "{markdown}");

    let html = report_html(&facts, &brief);
    for want in said {
        assert!(html.contains(&format!("<td><bdi>{want}</bdi></td>")), "{want}: {html}");
    }

    let table = actions_csv(&brief);
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let titles = reader.headers().unwrap().clone();
    assert_eq!(titles.iter().skip(5).collect::<Vec<_>>(), ["name", "identifier", "asset_class", "account", "sleeve"]);
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
    let of = |asset: &str| rows.iter().find(|row| &row[1] == asset).unwrap().iter().skip(5).collect::<Vec<_>>();
    assert_eq!(of("VTI"), ["Total Stock Market", "ISIN US9229087690", "equity", "joint", "core"]);
    assert_eq!(of("BND"), [""; 5]);
}

#[test]
fn what_is_wrong_with_the_data_is_said_beside_their_score() {
    let mut facts = facts("A", "B");
    let detail = "1 return is beyond 10 robust standard deviations".to_owned();
    facts.data_issues = vec![DataIssue { asset: "A".to_owned(), detail }];
    let risks = told(&facts, BriefTopic::WhatItRisks);
    let want = "What is wrong with the data: A: 1 return is beyond 10 robust standard deviations.";
    assert_eq!(risks.last().map(String::as_str), Some(want), "{risks:?}");
}

#[test]
fn a_clear_limit_is_not_reported() {
    let mut clear = facts("A", "B");
    (clear.limits[0].severity, clear.decision) = (Severity::Clear, VerdictDecision::Approved);
    let text = brief_text(&committee_brief(&clear).unwrap());
    assert!(text.contains("Every limit is clear") && !text.contains("maximum drawdown"), "{text}");
}

#[test]
fn the_path_of_which_a_plan_is_the_first_step_is_said() {
    let mut facts = facts("A", "B");
    facts.path = Some(PathFacts {
        first: at(0.1, "/optimization/path/steps/0/turnover"),
        turnover: at(0.18, "/optimization/path/turnover"),
    });
    let text = brief_text(&committee_brief(&facts).unwrap());
    let want = "The plan is the first step of a path over several periods, whose steps together turn over 18.00%, 10.00% of it in this \
                step.";
    assert!(text.contains(want), "{text}");
    facts.path = Some(PathFacts { first: at(f64::NAN, "/x"), turnover: at(0.18, "/y") });
    assert!(committee_brief(&facts).is_err());
}

#[test]
fn limits_and_requests_are_said_in_words() {
    let mut facts = facts("A", "B");
    facts.priced_limits = vec![
        PricedLimit {
            limit: Limit::Upper { asset: 1 },
            bps: at(1.5, "/optimization/constraint_prices/0/bp_per_point"),
            objective: Objective::Utility,
        },
        PricedLimit {
            limit: Limit::GroupLower { name: "Gold".to_owned() },
            bps: at(0.5, "/x"),
            objective: Objective::Utility,
        },
    ];
    let text = brief_text(&committee_brief(&facts).unwrap());
    for want in [
        "Critical: annual tracking error before the plan 19.36%, above 16.00%.",
        "the maximum weight of B 1.50 bp and the minimum weight of the group Gold 0.50 bp.",
        "Asked and not granted: to trade more than the turnover limit, because",
    ] {
        assert!(text.contains(want), "{want}: {text}");
    }
}

#[test]
fn prices_in_an_objective_that_is_no_money_are_not_called_basis_points() {
    for (objective, unit) in [
        (Objective::Variance, "risk aversion times annual variance"),
        (Objective::TrackingError, "risk aversion times squared annual tracking error"),
    ] {
        let mut facts = facts("A", "B");
        let bps = at(0.125, "/optimization/constraint_prices/0/bp_per_point");
        facts.priced_limits = vec![PricedLimit { limit: Limit::Turnover, bps, objective }];
        let text = brief_text(&committee_brief(&facts).unwrap());
        let want = format!("takes off the objective, ten-thousandths of {unit}: the turnover limit 0.125.");
        assert!(text.contains(&want) && !text.contains("0.125 bp"), "{want}: {text}");
    }
}

#[test]
fn a_quiet_book_says_so_and_a_rejected_plan_is_not_to_be_executed() {
    let mut quiet = facts("AAPL", "UST 10Y");
    quiet.orders.clear();
    quiet.relaxations.clear();
    (quiet.turnover_bound, quiet.limits, quiet.decision) = (false, Vec::new(), VerdictDecision::Approved);
    for asset in &mut quiet.assets {
        (asset.action, asset.reason) = (Action::Hold, TradeReason::WithinBand);
        (asset.drift.value, asset.residual.value) = (0.001, 0.001);
    }
    let text = brief_text(&committee_brief(&quiet).unwrap());
    for want in
        ["Nothing: hold every position.", "No asset is past its band", "nothing is paid", "Every limit is clear"]
    {
        assert!(text.contains(want), "{want}: {text}");
    }
    let rejected = CommitteeFacts { decision: VerdictDecision::Rejected, ..facts("AAPL", "UST 10Y") };
    assert!(brief_text(&committee_brief(&rejected).unwrap()).contains("place none of these orders"));
}

#[test]
fn facts_that_make_no_true_brief_are_refused() {
    let mut bad = facts("A", "B");
    bad.wait = Stated::Given(WaitFacts { days: at(f64::NAN, "/x"), ..bad.wait.given().unwrap().clone() });
    assert!(matches!(committee_brief(&bad), Err(CopilotError::NotFinite { field: "wait", .. })));
    let mut bad = facts("A", "B");
    bad.orders[0].position = 9;
    assert_eq!(committee_brief(&bad), Err(CopilotError::UnknownAsset { position: 9 }));
    let mut bad = facts("A", "B");
    bad.priced_limits =
        vec![PricedLimit { limit: Limit::Upper { asset: 2 }, bps: at(1.0, "/x"), objective: Objective::Utility }];
    assert_eq!(committee_brief(&bad), Err(CopilotError::UnknownAsset { position: 2 }));
    let bad = CommitteeFacts { assets: Vec::new(), orders: Vec::new(), ..facts("A", "B") };
    assert_eq!(committee_brief(&bad), Err(CopilotError::NoAssets));
}

/// Names that try to act as markup, formulas or control sequences.
const HOSTILE: [&str; 16] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</style><script>alert(1)</script>",
    "</svg></title><b>x",
    "&lt;b&gt;&#x3c;",
    "**bold** _it_ [click](javascript:alert(1)) ![i](http://e/x.png)",
    "`code` ``` fence ```",
    "https://evil.example www.evil.example a@evil.example",
    "| a | b |\n|---|---|",
    "# heading\n- item\n> quote",
    "=HYPERLINK(\"http://e\",\"x\")",
    "\u{1b}[2J\u{1b}]0;title\u{7}",
    "\u{202e}LPAA\u{202c}\u{200b}\u{feff}",
    "a\r\nSet-Cookie: x=1",
    "${jndi:ldap://e} {{7*7}} %00",
];

#[test]
fn hostile_names_stay_inert_in_html() {
    for name in HOSTILE {
        let facts = facts(name, "B");
        let html = report_html(&facts, &committee_brief(&facts).unwrap());
        let body = html.split_once("</style>").unwrap().1;
        // Every tag in the page, with its attributes, is one that we wrote.
        for tag in body.split('<').skip(1) {
            let word: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
            let ours = [
                "head", "body", "main", "h1", "h2", "p", "section", "ol", "li", "data", "bdi", "svg", "title", "text",
                "rect", "html", "table", "thead", "tbody", "tr", "th", "td",
            ];
            assert!(ours.contains(&word.as_str()), "{name:?} made <{word}");
            let attributes = tag.split('>').next().unwrap();
            assert!(!attributes.contains("on") || !attributes.contains("alert"), "{name:?}: {attributes}");
        }
        assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("<b>"), "{name:?}");
        assert_eq!(html.matches("<style>").count(), 1);
        assert!(!html.contains(" style="), "inline styles need a policy of their own");
        assert!(!body.contains('\u{1b}') && !body.contains('\u{202e}') && !body.contains('\r'), "{name:?}");
    }
}

#[test]
fn hostile_names_stay_inert_in_markdown() {
    for name in HOSTILE {
        let brief = committee_brief(&facts(name, "B")).unwrap();
        let markdown = brief_markdown(&brief);
        let sections = markdown.lines().filter(|line| line.starts_with("### ")).count();
        assert_eq!(sections, 10, "{name:?} makes no heading: {markdown}");
        for line in markdown.lines() {
            assert!(
                line.is_empty()
                    || line.starts_with("- ")
                    || line.starts_with("**")
                    || line.starts_with("### ")
                    || ["## Rebalance", "Benchmark: ", "Proposed by ", "Approved by "]
                        .iter()
                        .any(|ours| line.starts_with(ours))
                    || (line.starts_with("| ") && unescaped_pipes(line) == 8)
                    || line.split_once(". ").is_some_and(|(rank, _)| rank.parse::<usize>().is_ok()),
                "{name:?} starts a line: {line}"
            );
            // Outside code spans there is no trace of the name.
            let outside = outside_code(line);
            for part in ["<", "](", "http", "www", "alert", "onerror", "evil"] {
                assert!(!outside.contains(part), "{name:?}: {outside}");
            }
        }
    }
}

/// The pipes of a row that are not escaped, which are the ends of its cells.
fn unescaped_pipes(row: &str) -> usize {
    row.matches('|').count() - row.matches("\\|").count()
}

/// A line without its code spans, parsed by CommonMark's rule: a run of backticks closes with a run of equal length.
fn outside_code(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(open) = rest.find('`') {
        out.push_str(&rest[..open]);
        let fence = rest[open..].bytes().take_while(|&b| b == b'`').count();
        let mut from = open + fence;
        loop {
            let at = from + rest[from..].find('`').expect("a code span that was opened is closed");
            let run = rest[at..].bytes().take_while(|&b| b == b'`').count();
            from = at + run;
            if run == fence {
                break;
            }
        }
        rest = &rest[from..];
    }
    out + rest
}

#[test]
fn hostile_names_stay_inert_in_terminals_and_spreadsheets() {
    for name in HOSTILE {
        let mut facts = facts(name, "B");
        let order = &mut facts.orders[0];
        for said in [&mut order.name, &mut order.asset_class, &mut order.account, &mut order.sleeve] {
            *said = Some(name.to_owned());
        }
        let brief = committee_brief(&facts).unwrap();
        let text = brief_text(&brief);
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{name:?}");
        assert!(!text.contains(['\u{202e}', '\u{200b}', '\u{feff}']), "{name:?}");
        let table = actions_csv(&brief);
        assert_eq!(table.lines().count(), 3, "{name:?} adds no line: {table}");
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        // The reader rejects rows of unequal length.
        let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
        assert_eq!(rows.len(), 2, "{name:?} adds no row: {table}");
        for row in &rows {
            assert_eq!(row.len(), 10, "{name:?}: {row:?}");
            for cell in row {
                let harmless = cell.parse::<f64>().is_ok();
                assert!(harmless || !cell.trim_start().starts_with(['=', '+', '-', '@', '\t']), "{name:?}: {cell}");
            }
        }
    }
}

#[test]
fn in_json_a_sentence_is_its_text_and_its_sources() {
    let brief = serde_json::to_value(committee_brief(&facts("AAPL", "B")).unwrap()).unwrap();
    let cost = &brief["sections"][3]["sentences"][0];
    assert_eq!(cost["text"], "Estimated cost 72.00 USD.");
    assert_eq!(cost["numbers"][0]["pointer"], "/estimated_total_transaction_cost");
    assert_eq!(brief["decision"], "REVIEW_REQUIRED");
}

fn answers(facts: &CommitteeFacts, topic: BriefTopic) -> String {
    let brief = committee_brief(facts).expect("a brief");
    let section = brief.sections.iter().find(|section| section.topic == topic).expect("a section");
    section.sentences.iter().map(|sentence| sentence.text() + " ").collect()
}

#[test]
fn only_an_order_that_waits_for_sells_is_bought_as_they_fill() {
    let mut facts = facts("AAPL", "UST 10Y");
    let told = answers(&facts, BriefTopic::WhatToDo);
    assert!(told.contains("First sell AAPL") && told.contains("Then, as the sells fill, buy UST 10Y"), "{told}");
    facts.orders[1].waits = false;
    let told = answers(&facts, BriefTopic::WhatToDo);
    assert!(!told.contains("First") && !told.contains("as the sells fill"), "{told}");
    assert!(told.contains("Without waiting for the sells, as cash pays for it, buy UST 10Y"), "{told}");
}

#[test]
fn a_plan_without_orders_names_what_keeps_assets_outside_their_bands() {
    let mut facts = CommitteeFacts { orders: Vec::new(), ..facts("AAPL", "UST 10Y") };
    for (asset, reason) in facts.assets.iter_mut().zip([TradeReason::Frozen, TradeReason::OutsideIntent]) {
        (asset.action, asset.reason) = (Action::Hold, reason);
    }
    let told = answers(&facts, BriefTopic::Why);
    assert!(!told.contains("No drift is large enough"), "{told}");
    assert!(told.contains("not traded: AAPL (frozen) and UST 10Y (outside the intent)."), "{told}");
    facts.assets.iter_mut().for_each(|asset| asset.reason = TradeReason::WorthTooLittle);
    assert!(answers(&facts, BriefTopic::Why).contains("No drift is large enough to be worth a trade"));
}

#[test]
fn what_is_missing_of_the_amount_is_in_the_brief() {
    let shortfall = "60.00 USD of the 60.00 USD to invest stay in cash: kept by whole lots";
    let facts = CommitteeFacts { shortfall: Some(shortfall.to_owned()), ..facts("AAPL", "UST 10Y") };
    let told = answers(&facts, BriefTopic::WhatWasRejected);
    assert!(told.contains(shortfall), "{told}");
}

#[test]
fn a_liquidation_leaves_undone_what_is_still_held() {
    let mut facts = CommitteeFacts { is_liquidation: true, turnover_bound: false, ..facts("AAPL", "UST 10Y") };
    for asset in &mut facts.assets {
        (asset.reason, asset.after.value, asset.residual.value) = (TradeReason::Liquidation, 0.0, -0.45);
    }
    let told = answers(&facts, BriefTopic::WhatWasRejected);
    assert!(!told.contains("Left undone"), "{told}");
    (facts.assets[1].reason, facts.assets[1].after.value) = (TradeReason::NoSell, 0.125);
    let told = answers(&facts, BriefTopic::WhatWasRejected);
    assert!(told.contains("Left undone: UST 10Y 12.50% still held (not to be sold)."), "{told}");
}
