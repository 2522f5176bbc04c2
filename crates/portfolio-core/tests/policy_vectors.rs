//! The golden vectors of `testdata/policy`, which an independent script computes in exact arithmetic.
//!
//! Weights and half-widths agree to 1e-12, amounts to a millionth of a cent.

use chrono::NaiveDate;
use portfolio_core::bands::calendar::{Sessions, Xnys};
use portfolio_core::{BandRule, destination, no_trade_half_width, water_fill};
use serde_json::Value;

const WEIGHT: f64 = 1e-12;
const CENT: f64 = 1e-6;

fn parse(text: &str) -> Value {
    serde_json::from_str(text).expect("a committed file")
}

fn number(case: &Value, name: &str) -> f64 {
    case[name].as_f64().unwrap_or_else(|| panic!("{name} in {case}"))
}

fn numbers(value: &Value) -> Vec<f64> {
    list(value).iter().map(|number| number.as_f64().expect("a number")).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn close(got: f64, expected: f64, tolerance: f64, case: &Value) {
    assert!((got - expected).abs() <= tolerance, "{got} for {case}");
}

fn rule(of: &Value) -> BandRule {
    BandRule { relative: number(of, "relative"), floor: number(of, "floor"), cap: number(of, "cap") }
}

#[test]
fn bands() {
    let file = parse(include_str!("../../../testdata/policy/bands.json"));
    let named = |name: &str| match name {
        "absolute_2pp" => BandRule::absolute(0.02).unwrap(),
        "relative_20" => BandRule::relative(0.2).unwrap(),
        "hybrid_20_1pp" => BandRule::HYBRID,
        _ => BandRule::FIVE_TWENTY_FIVE,
    };
    for (name, members) in file["rules"].as_object().unwrap() {
        assert_eq!(named(name), rule(members), "{name}");
    }
    for case in list(&file["cases"]) {
        let rule = named(case["rule"].as_str().unwrap());
        let (target, weight) = (number(case, "target"), number(case, "weight"));
        close(rule.half_width(target), number(case, "half_width"), WEIGHT, case);
        assert_eq!(Some(rule.is_breached(weight, target)), case["is_breached"].as_bool(), "{case}");
    }
}

#[test]
fn no_trade_half_widths() {
    for case in list(&parse(include_str!("../../../testdata/policy/no_trade.json"))["cases"]) {
        let got = no_trade_half_width(number(case, "target"), number(case, "cost_rate"), number(case, "risk_aversion"));
        close(got, number(case, "half_width"), WEIGHT, case);
    }
}

#[test]
fn destinations() {
    for case in list(&parse(include_str!("../../../testdata/policy/destination.json"))["cases"]) {
        let of = |name| number(case, name);
        let got = destination(of("target"), of("drift"), of("half_width"), of("kappa"));
        close(got, of("destination"), WEIGHT, case);
    }
}

#[test]
fn cash_invested_and_raised() {
    let file = parse(include_str!("../../../testdata/policy/cash.json"));
    for (mode, answer, sign) in [("invest", "buys", 1.0), ("raise", "sells", -1.0)] {
        for case in list(&file[mode]) {
            let (values, targets) = (numbers(&case["values_cents"]), numbers(&case["targets"]));
            let amount = number(case, "amount_cents");
            let after = values.iter().sum::<f64>() + sign * amount;
            let gaps: Vec<f64> = values.iter().zip(&targets).map(|(v, t)| sign * (t * after - v)).collect();
            for (got, expected) in water_fill(&gaps, amount).iter().zip(numbers(&case[answer])) {
                close(*got, expected, CENT, case);
            }
        }
    }
}

#[test]
fn a_household() {
    let file = parse(include_str!("../../../testdata/policy/household.json"));
    let rules = parse(include_str!("../../../testdata/policy/bands.json"));
    let (weights, targets) = (numbers(&file["weights"]), numbers(&file["targets"]));
    for (name, expected) in file["bands"].as_object().unwrap() {
        let rule = rule(&rules["rules"][name]);
        let widths = numbers(&expected["half_width"]);
        let ends = numbers(&expected["destination_kappa_1"]);
        for (asset, (weight, target)) in weights.iter().zip(&targets).enumerate() {
            close(rule.half_width(*target), widths[asset], WEIGHT, expected);
            assert_eq!(Some(rule.is_breached(*weight, *target)), expected["is_breached"][asset].as_bool(), "{name}");
            close(destination(*target, weight - target, widths[asset], 1.0), ends[asset], WEIGHT, expected);
        }
    }
    let invest = &file["invest"];
    let amount = number(invest, "amount_cents");
    let after = number(&file, "nav_cents") + amount;
    let gaps: Vec<f64> = numbers(&file["values_cents"]).iter().zip(&targets).map(|(v, t)| t * after - v).collect();
    for (got, expected) in water_fill(&gaps, amount).iter().zip(numbers(&invest["buys"])) {
        close(*got, expected, CENT, invest);
    }
}

#[test]
fn every_day_of_the_new_york_stock_exchange() {
    let file = parse(include_str!("../../../testdata/policy/xnys.json"));
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let mut closed = Vec::new();
    for (year, days) in file["closed_weekdays"].as_object().unwrap() {
        closed.extend(list(days).iter().map(|of_year| day(&format!("{year}-{}", of_year.as_str().unwrap()))));
    }
    let weekday = |date: &NaiveDate| date.format("%u").to_string().parse::<u32>().unwrap() <= 5;
    let last = day(file["last"].as_str().unwrap());
    let days = day(file["first"].as_str().unwrap()).iter_days().take_while(|date| *date <= last);
    let mut sessions = 0;
    for date in days {
        let expected = weekday(&date) && !closed.contains(&date);
        assert_eq!(Xnys.is_session(date), expected, "{date}");
        sessions += u64::from(expected);
    }
    assert_eq!(file["sessions"].as_u64(), Some(sessions));
}
