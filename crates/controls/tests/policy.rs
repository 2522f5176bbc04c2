//! The policy document is read strictly and says where every fault is.

use controls::{
    ApprovalRules, ControlPolicy, Levels, PolicyFaultKind, PolicyStep, RestrictedList, WhenUnknown, WindowLevels,
};

/// The faults, each with the way to it in the notation of a file system.
fn faults(policy: &ControlPolicy) -> Vec<(String, PolicyFaultKind)> {
    let path = |at: &[PolicyStep]| {
        let step = |step: &PolicyStep| match step {
            PolicyStep::Member(name) => format!("/{name}"),
            PolicyStep::Entry(position) => format!("/{position}"),
        };
        at.iter().map(step).collect()
    };
    policy.faults().into_iter().map(|fault| (path(&fault.at), fault.kind)).collect()
}

#[test]
fn the_default_document_is_the_verdicts_and_comes_back_from_json() {
    let policy = ControlPolicy::default();
    assert_eq!(policy.faults(), []);
    let text = serde_json::to_string(&policy).unwrap();
    assert_eq!(
        text,
        r#"{"format":1,"concentration_name":{"soft":0.6,"unknown":"not_assessed"},"oversold":{"hard":0.0,"unknown":"not_assessed"},"turnover":{"soft":0.36,"unknown":"not_assessed"},"var_budget":{"soft":0.15,"hard":0.25,"unknown":"not_assessed"},"overrides":[],"approval":{"required":false,"maker_checker":false}}"#
    );
    assert_eq!(serde_json::from_str::<ControlPolicy>(&text).unwrap(), policy);
    assert_eq!(serde_json::from_str::<ControlPolicy>(r#"{"format": 1}"#).unwrap(), ControlPolicy::empty());
}

#[test]
fn unknown_members_are_refused() {
    for text in [
        r#"{"format": 1, "levrage": {"hard": 1}}"#,
        r#"{"format": 1, "leverage": {"hard": 1, "until": 2}}"#,
        r#"{"format": 1, "order_rate": {"hard": 1}}"#,
        r#"{"format": 1, "approval": {"two_people": true}}"#,
        r#"{"leverage": {"hard": 1}}"#,
    ] {
        assert!(serde_json::from_str::<ControlPolicy>(text).is_err(), "{text}");
    }
}

#[test]
fn every_fault_says_where_it_is() {
    let bad = Some(Levels { soft: None, hard: None, unknown: WhenUnknown::Hard });
    let window = Some(WindowLevels::hard(1.0, 0));
    let policy = ControlPolicy {
        format: 2,
        currency: Some("usd".to_owned()),
        gross_exposure: bad,
        leverage: bad,
        concentration_name: bad,
        concentration_group: bad,
        price_collar: bad,
        order_notional: bad,
        plan_notional: bad,
        order_quantity: bad,
        oversold: bad,
        participation: bad,
        turnover: bad,
        restricted_list: Some(RestrictedList {
            no_sales: (0..=10_000).map(|i| i.to_string()).collect(),
            ..Default::default()
        }),
        duplicate_plan: window,
        stale_prices: bad,
        tracking_error: bad,
        var_budget: bad,
        drawdown_stop: bad,
        order_rate: window,
        notional_rate: window,
        repeated_execution: window,
        overrides: Vec::new(),
        approval: ApprovalRules { price_age_seconds_max: Some(0), ..Default::default() },
    };
    let told: Vec<String> = faults(&policy).into_iter().map(|(path, _)| path).collect();
    assert_eq!(
        told,
        [
            "/format",
            "/currency",
            "/gross_exposure",
            "/leverage",
            "/concentration_name",
            "/concentration_group",
            "/price_collar",
            "/order_notional",
            "/plan_notional",
            "/order_quantity",
            "/oversold",
            "/participation",
            "/turnover",
            "/stale_prices",
            "/tracking_error",
            "/var_budget",
            "/drawdown_stop",
            "/duplicate_plan/window_seconds",
            "/order_rate/window_seconds",
            "/notional_rate/window_seconds",
            "/repeated_execution/window_seconds",
            "/restricted_list/no_sales",
            "/approval/price_age_seconds_max",
        ]
    );
}

#[test]
fn a_limit_in_money_needs_a_currency() {
    let none = ControlPolicy::empty;
    let (levels, window) = (Some(Levels::hard(1.0)), Some(WindowLevels::hard(1.0, 60)));
    for policy in [
        ControlPolicy { gross_exposure: levels, ..none() },
        ControlPolicy { order_notional: levels, ..none() },
        ControlPolicy { plan_notional: levels, ..none() },
        ControlPolicy { notional_rate: window, ..none() },
    ] {
        assert_eq!(faults(&policy), [("/currency".to_owned(), PolicyFaultKind::NoCurrency)]);
        assert_eq!(faults(&ControlPolicy { currency: Some("EUR".to_owned()), ..policy }), []);
    }
    assert_eq!(faults(&ControlPolicy { leverage: levels, ..none() }), []);
    for code in ["EU", "EURO", "EU1"] {
        let policy = ControlPolicy { currency: Some(code.to_owned()), ..none() };
        assert_eq!(faults(&policy), [("/currency".to_owned(), PolicyFaultKind::Currency)]);
    }
}

#[test]
fn lists_and_ages_are_bounded() {
    let list = |n: usize| (0..n).map(|i| i.to_string()).collect();
    let with = |n| ControlPolicy {
        restricted_list: Some(RestrictedList { no_purchases: list(n), ..Default::default() }),
        ..ControlPolicy::empty()
    };
    assert_eq!(faults(&with(10_000)), []);
    assert_eq!(faults(&with(10_001)), [("/restricted_list/no_purchases".to_owned(), PolicyFaultKind::TooMany)]);
    let aged = |age| ControlPolicy {
        approval: ApprovalRules { price_age_seconds_max: Some(age), ..Default::default() },
        ..ControlPolicy::empty()
    };
    assert_eq!([0, 1, 2_678_400, 2_678_401].map(|age| faults(&aged(age)).len()), [1, 0, 0, 1]);
    let over: controls::Override = serde_json::from_str(
        r#"{"control":"leverage","who":"","why":"b","starts_at":"2026-11-27T09:00:00Z","ends_at":"2026-11-27T10:00:00Z"}"#,
    )
    .unwrap();
    let many = |n| ControlPolicy { overrides: vec![over.clone(); n], ..ControlPolicy::empty() };
    assert_eq!(
        faults(&many(2)).iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(),
        ["/overrides/0/who", "/overrides/1/who"]
    );
    assert!(faults(&many(10_001)).contains(&("/overrides".to_owned(), PolicyFaultKind::TooMany)));
    assert!(!faults(&many(10_000)).contains(&("/overrides".to_owned(), PolicyFaultKind::TooMany)));
}

#[test]
fn a_comment_has_something_to_read() {
    assert_eq!(
        ["", "  ", "a", &"x".repeat(200), &"x".repeat(201)].map(ControlPolicy::is_comment),
        [false, false, true, true, false]
    );
}
