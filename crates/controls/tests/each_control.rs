//! Every control has a plan that breaks it and no other, and the plan beside it passes them all.

#![expect(clippy::unwrap_used, reason = "a case that cannot be made fails the test")]

use chrono::{DateTime, TimeDelta, Utc};
use controls::{
    Acceptance, Activity, Assessment, ControlBook, ControlPolicy, ControlPosition, ControlSet, Levels, NotReleased,
    OrderFacts, Outcome, Override, PastOrder, PastPlan, PlanFingerprint, PlanRisk, Proposal, RestrictedList,
    WindowLevels,
};
use portfolio_core::{Currency, Money, TradeSide};

/// A case that a change can break.
#[derive(Clone)]
struct Plan {
    policy: ControlPolicy,
    book: ControlBook,
    orders: Vec<OrderFacts>,
    activity: Activity,
}

fn usd(cents: i64) -> Money {
    Money::from_minor(cents, Currency::USD)
}

fn now() -> DateTime<Utc> {
    "2026-11-27T14:30:00Z".parse().unwrap()
}

fn order(id: &str, asset: usize, side: TradeSide, cents: i64) -> OrderFacts {
    let quantity = "10".parse().unwrap();
    OrderFacts {
        id: id.to_owned(),
        asset,
        side,
        quantity,
        price: "100.50".parse().ok(),
        notional: usd(cents),
        market_value: usd(cents),
    }
}

/// Everything is limited, and everything passes.
fn calm() -> Plan {
    let position = |asset: &str, cents| ControlPosition {
        asset: asset.to_owned(),
        value: usd(cents),
        quantity: Some(400.0),
        groups: vec![0],
        reference_price: "100.00".parse().ok(),
        priced_at: Some(now() - TimeDelta::seconds(30)),
        average_daily_volume: Some(10_000.0),
    };
    let policy = ControlPolicy {
        currency: Some("USD".to_owned()),
        gross_exposure: Some(Levels::hard(95_000.0)),
        leverage: Some(Levels::hard(0.9)),
        concentration_name: Some(Levels::hard(0.5)),
        concentration_group: Some(Levels::hard(0.85)),
        price_collar: Some(Levels::hard(0.01)),
        order_notional: Some(Levels::hard(2_000.0)),
        plan_notional: Some(Levels::hard(3_000.0)),
        order_quantity: Some(Levels::hard(20.0)),
        oversold: Some(Levels::hard(0.0)),
        participation: Some(Levels::hard(0.01)),
        turnover: Some(Levels::hard(0.025)),
        restricted_list: Some(RestrictedList { no_purchases: ["XYZ".to_owned()].into(), ..Default::default() }),
        duplicate_plan: Some(WindowLevels::hard(0.0, 600)),
        stale_prices: Some(Levels::hard(60.0)),
        tracking_error: Some(Levels::hard(0.03)),
        var_budget: Some(Levels::hard(0.02)),
        drawdown_stop: Some(Levels::hard(0.1)),
        order_rate: Some(WindowLevels::hard(5.0, 60)),
        notional_rate: Some(WindowLevels::hard(5_000.0, 60)),
        repeated_execution: Some(WindowLevels::hard(2.0, 60)),
        ..ControlPolicy::empty()
    };
    Plan {
        policy,
        book: ControlBook {
            nav: usd(10_000_000),
            positions: vec![position("VTI", 4_000_000), position("BND", 4_000_000)],
            groups: vec!["core".to_owned()],
            risk: PlanRisk { tracking_error: Some(0.02), var_95: Some(0.01), drawdown: Some(0.05) },
        },
        orders: vec![order("B1", 0, TradeSide::Buy, 100_000), order("S1", 1, TradeSide::Sell, 100_000)],
        activity: Activity::default(),
    }
}

fn assess(plan: &Plan) -> Assessment<()> {
    assert_eq!(plan.policy.faults(), []);
    let proposals = plan.orders.iter().map(|facts| Proposal { facts: facts.clone(), order: () }).collect();
    ControlSet::of(&plan.policy).assess(&plan.book, proposals, Some(&plan.activity), now()).unwrap()
}

fn broken(plan: &Plan) -> Vec<&'static str> {
    assess(plan).worst().iter().filter(|check| check.outcome != Outcome::Pass).map(|check| check.control).collect()
}

fn ungrouped(cents: i64) -> ControlPosition {
    ControlPosition { asset: "GLD".to_owned(), value: usd(cents), ..ControlPosition::default() }
}

fn past(cents: i64) -> PastOrder {
    PastOrder { asset: "GLD".to_owned(), side: TradeSide::Buy, notional: usd(cents), at: now() - TimeDelta::seconds(5) }
}

#[test]
fn the_calm_plan_passes_every_control() {
    let plan = calm();
    let names: Vec<_> = ControlSet::of(&plan.policy).names().collect();
    assert_eq!(names.len(), 20);
    assert_eq!(broken(&plan), [""; 0]);
    let told: Vec<_> = assess(&plan).worst().iter().map(|check| check.control).collect();
    assert_eq!(told, names, "every control answers");
    assert_eq!(assess(&plan).release(None).unwrap().len(), 2);
}

#[test]
fn every_control_has_a_plan_that_breaks_just_it() {
    type Change = fn(&mut Plan);
    let changes: [(&str, Change); 20] = [
        ("gross_exposure", |p| {
            p.book.nav = usd(11_000_000);
            p.book.positions.push(ungrouped(1_500_001));
        }),
        ("leverage", |p| p.book.positions.push(ungrouped(1_000_001))),
        ("concentration_name", |p| {
            p.book.positions[0].value = usd(5_000_000);
            p.book.positions[1].value = usd(3_000_000);
        }),
        ("concentration_group", |p| p.book.positions[0].value = usd(4_500_001)),
        ("price_collar", |p| p.orders[0].price = "101.01".parse().ok()),
        ("order_notional", |p| {
            p.orders[0].notional = usd(200_001);
            p.orders[1].notional = usd(10_000);
        }),
        ("plan_notional", |p| {
            p.book.nav = usd(13_000_000);
            p.orders[0].notional = usd(200_000);
            p.orders[1].notional = usd(100_001);
        }),
        ("order_quantity", |p| p.orders[0].quantity = "20.0001".parse().unwrap()),
        ("oversold", |p| p.book.positions[1].quantity = Some(9.99)),
        ("participation", |p| p.book.positions[0].average_daily_volume = Some(999.0)),
        ("turnover", |p| p.orders[0].notional = usd(150_001)),
        ("restricted_list", |p| p.book.positions[0].asset = "XYZ".to_owned()),
        ("duplicate_plan", |p| {
            let fingerprint = PlanFingerprint::of(&p.book, &p.orders.iter().collect::<Vec<_>>());
            p.activity.plans.push(PastPlan { fingerprint, at: now() - TimeDelta::seconds(600) });
        }),
        ("stale_prices", |p| p.book.positions[1].priced_at = Some(now() - TimeDelta::milliseconds(60_001))),
        ("tracking_error", |p| p.book.risk.tracking_error = Some(0.03_f64.next_up())),
        ("var_budget", |p| p.book.risk.var_95 = None),
        ("drawdown_stop", |p| p.book.risk.drawdown = Some(0.1001)),
        ("order_rate", |p| p.activity.orders = vec![past(1); 4]),
        ("notional_rate", |p| p.activity.orders = vec![past(300_001)]),
        ("repeated_execution", |p| {
            p.activity.orders = vec![
                PastOrder { asset: "VTI".to_owned(), ..past(1) },
                PastOrder { asset: "VTI".to_owned(), ..past(1) },
            ];
        }),
    ];
    for (control, change) in changes {
        let mut plan = calm();
        change(&mut plan);
        assert_eq!(broken(&plan), [control]);
        assert_eq!(assess(&plan).release(None), Err(NotReleased::HardBreach), "{control}");
    }
}

#[test]
fn an_override_makes_a_soft_breach_of_a_hard_one_for_its_subject_and_its_time() {
    let mut plan = calm();
    plan.orders[0].price = "102.00".parse().ok();
    let over = |subject: Option<&str>, until: i64| Override {
        control: "price_collar".to_owned(),
        subject: subject.map(str::to_owned),
        who: "Kim Lee".to_owned(),
        why: "a wide market".to_owned(),
        starts_at: now() - TimeDelta::hours(1),
        ends_at: now() + TimeDelta::seconds(until),
    };
    for (over, outcome) in [
        (over(None, 1), Outcome::Soft),
        (over(Some("VTI"), 1), Outcome::Soft),
        (over(Some("BND"), 1), Outcome::Hard),
        (over(None, 0), Outcome::Hard),
        (Override { control: "leverage".to_owned(), ..over(None, 1) }, Outcome::Hard),
    ] {
        plan.policy.overrides = vec![over];
        let check = assess(&plan).worst_of("price_collar").unwrap();
        assert_eq!(check.outcome, outcome, "{:?}", plan.policy.overrides);
        assert_eq!(check.overridden_by, (outcome == Outcome::Soft).then_some(0));
    }
    plan.policy.overrides =
        vec![over(Some("core"), 1), Override { control: "concentration_group".to_owned(), ..over(Some("core"), 1) }];
    plan.policy.concentration_group = Some(Levels::hard(0.1));
    assert_eq!(assess(&plan).worst_of("concentration_group").unwrap().overridden_by, Some(1));
    assert_eq!(assess(&plan).worst_of("price_collar").unwrap().outcome, Outcome::Hard);
}

#[test]
fn a_soft_breach_needs_a_name_and_a_comment() {
    let mut plan = calm();
    plan.policy.turnover = Some(Levels::soft(0.01));
    assert_eq!(assess(&plan).outcome(), Outcome::Soft);
    assert_eq!(assess(&plan).release(None), Err(NotReleased::NotAccepted));
    let by = |who: &str, comment: &str| Acceptance { who: who.to_owned(), comment: comment.to_owned() };
    for empty in [by("", "why"), by("Kim", " ")] {
        assert_eq!(assess(&plan).release(Some(&empty)), Err(NotReleased::EmptyAcceptance));
    }
    let orders = assess(&plan).release(Some(&by("Kim", "transition"))).unwrap();
    assert_eq!(orders.iter().map(|order| order.facts().id.as_str()).collect::<Vec<_>>(), ["B1", "S1"]);
    plan.book.risk.drawdown = Some(1.0);
    assert_eq!(assess(&plan).release(Some(&by("Kim", "transition"))), Err(NotReleased::HardBreach));
    assert_eq!(NotReleased::HardBreach.outcome(), Outcome::Hard);
    assert_eq!(NotReleased::NotAccepted.outcome(), Outcome::Soft);
}

#[test]
fn what_the_policy_does_not_ask_for_does_not_count() {
    let mut plan = calm();
    plan.book.risk.var_95 = None;
    plan.policy.var_budget = Some(Levels { unknown: controls::WhenUnknown::NotAssessed, ..Levels::hard(0.02) });
    assert_eq!(assess(&plan).worst_of("var_budget").unwrap().outcome, Outcome::NotAssessed);
    assert_eq!(assess(&plan).outcome(), Outcome::Pass);
    assert_eq!(assess(&plan).release(None).unwrap().len(), 2);
}

#[test]
fn the_worst_check_is_the_gravest_and_there_the_largest() {
    let mut plan = calm();
    plan.policy.order_notional = Some(Levels { soft: Some(500.0), hard: Some(5_000.0), unknown: Default::default() });
    plan.orders[1].notional = usd(100_001);
    let worst = assess(&plan).worst_of("order_notional").unwrap();
    assert_eq!((worst.reading.value(), worst.outcome), (Some(1_000.01), Outcome::Soft));
    assert_eq!(worst.subject, controls::Subject::Order(1));
    plan.orders[1].notional = usd(100_000);
    assert_eq!(assess(&plan).worst_of("order_notional").unwrap().subject, controls::Subject::Order(0));
    plan.orders[1].notional = usd(10_000);
    assert_eq!(assess(&plan).worst_of("order_notional").unwrap().subject, controls::Subject::Order(0));
    // What is not known says more than any number.
    plan.book.positions[1].average_daily_volume = None;
    plan.book.positions[0].average_daily_volume = Some(1.0);
    assert_eq!(assess(&plan).worst_of("participation").unwrap().subject, controls::Subject::Asset(1));
    assert_eq!(assess(&plan).worst_of("no_such_control"), None);
}

#[test]
fn the_value_of_a_checked_order_is_what_was_proposed() {
    let proposal = Proposal { facts: calm().orders[0].clone(), order: "ticket" };
    let controls = ControlSet::of(&ControlPolicy::empty());
    let assessment = controls.assess(&calm().book, vec![proposal], None, now()).unwrap();
    assert_eq!((assessment.checks().len(), assessment.outcome()), (0, Outcome::Pass));
    assert_eq!(assessment.proposals().cloned().collect::<Vec<_>>(), [calm().orders[0].clone()]);
    let checked = assessment.release(None).unwrap().remove(0);
    assert_eq!((*checked.order(), checked.facts().asset), ("ticket", 0));
    assert_eq!(checked.into_order(), "ticket");
}
