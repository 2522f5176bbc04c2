//! Identifiers of assets: checked, returned once, and without effect on any figure.

use serde_json::{Value, json};

use crate::support::bodies::{changed, small, with};
use crate::support::json::text;
use crate::support::{plan, post};

fn apple() -> Value {
    json!({"isin": "US0378331005", "cusip": "037833100", "figi": "BBG000B9XRY4", "ticker": "AAPL"})
}

#[test]
fn they_are_returned_beside_the_name_of_their_asset_and_on_its_trade_and_order() {
    let mut answer = plan(&with("/assets/0/identifiers", apple()));
    assert_eq!(answer["weights"][0]["identifiers"], apple());
    assert!(answer["weights"][1].get("identifiers").is_none());
    let place = answer["orders"].as_array().unwrap().iter().position(|order| order["asset"] == "ETF").unwrap();
    assert_eq!(answer["orders"][place]["identifiers"], apple());
    assert_eq!(answer["trades"][0]["identifiers"], apple());
    assert_eq!(answer["asset_drilldown"]["ETF"]["identifiers"], apple());
    assert_eq!(answer.to_string().matches("US0378331005").count(), 4);
    let mut bare = plan(&small());
    answer["weights"][0].as_object_mut().unwrap().remove("identifiers");
    answer["orders"][place].as_object_mut().unwrap().remove("identifiers");
    answer["trades"][0].as_object_mut().unwrap().remove("identifiers");
    answer["asset_drilldown"]["ETF"].as_object_mut().unwrap().remove("identifiers");
    for document in [&mut answer, &mut bare] {
        document.as_object_mut().unwrap().remove("metadata");
    }
    assert_eq!(answer, bare);
    let empty = plan(&with("/assets/0/identifiers", json!({"isin": null})));
    assert!(empty["weights"][0].get("identifiers").is_none());
}

#[test]
fn what_is_none_is_refused_where_it_stands() {
    for (member, value, code, words) in [
        ("isin", json!("US0378331004"), "value", "check digit 5"),
        ("cusip", json!("037833101"), "value", "check digit 0"),
        ("figi", json!("BBG000B9XRY7"), "value", "check digit 4"),
        ("isin", json!("US037833100"), "length", "12 characters"),
        ("isin", json!("us0378331005"), "value", "capital"),
        ("ticker", json!("A A"), "value", "character 2"),
        ("ticker", json!(""), "length", "1 to 20"),
        ("isin", json!(1), "type", "string"),
        ("sedol", json!("2046251"), "unknown_member", "known"),
    ] {
        let refused = post("/api/rebalance", &with("/assets/1/identifiers", json!({member: value})));
        let problem = refused.json();
        let pointer = format!("/assets/1/identifiers/{member}");
        let found = (refused.status, text(&problem, "/errors/0/pointer"), text(&problem, "/errors/0/code"));
        assert_eq!(found, (400, pointer.as_str(), code), "{problem}");
        assert!(text(&problem, "/errors/0/detail").contains(words), "{problem}");
    }
}

#[test]
fn two_assets_have_one_identifier_only_if_it_is_a_ticker() {
    for member in ["isin", "cusip", "figi", "ticker"] {
        let identifiers = json!({member: apple()[member]});
        let body = changed(with("/assets/0/identifiers", identifiers.clone()), "/assets/1/identifiers", identifiers);
        let reply = post("/api/rebalance", &body);
        if member == "ticker" {
            assert_eq!(reply.status, 200, "{}", reply.text());
        } else {
            let problem = reply.json();
            let found = (reply.status, text(&problem, "/errors/0/pointer"), text(&problem, "/errors/0/code"));
            assert_eq!(found, (400, &*format!("/assets/1/identifiers/{member}"), "duplicate_identifier"), "{problem}");
        }
    }
}
