//! The defaults that the contract and the documents state are those that a request without the member gets.
//!
//! `members.rs` tries each of them on a body where the member counts.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::members::told;
use crate::support::bodies::changed;
use crate::support::{Reply, post};

/// The defaults that the contract states, by schema and member: the last sentence of a description.
pub(crate) fn stated_defaults() -> BTreeMap<(String, String), Value> {
    let document: Value = serde_json::from_str(rebalancer::openapi::document_json()).unwrap();
    let mut defaults = BTreeMap::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        for (member, property) in schema["properties"].as_object().into_iter().flatten() {
            let description = property.pointer("/oneOf/0/description").unwrap_or(&property["description"]);
            let sentence = description.as_str().and_then(|text| text.rsplit_once("Default "));
            if let Some(word) = sentence.and_then(|(_, rest)| rest.strip_suffix('.')) {
                defaults.insert((name.clone(), member.clone()), value_of(word));
            }
        }
    }
    assert!(defaults.len() > 80, "{}", defaults.len());
    defaults
}

fn value_of(word: &str) -> Value {
    let code = word.trim_matches('`');
    let plain = if word == code { word.replace(',', "").replace('−', "-") } else { code.to_owned() };
    serde_json::from_str(&plain).unwrap_or_else(|_| json!(code))
}

/// Defaults whose sending says more than their absence, or that have no body here to be told apart on.
const SAY_MORE: [(&str, &str); 6] = [
    // Its absence is a warning.
    ("AssetRequest", "price"),
    // Sent, it asks for a simulation day by day.
    ("MonteCarloSimulationRequest", "worst_paths"),
    // The case sends it under the goal that refuses it.
    ("OptimizationRequest", "risk_aversion"),
    // The case is refused without it.
    ("TriggerRequest", "persistence_days"),
    // The answer of a check has the ages of prices in seconds, which differ between equal requests.
    ("ControlBookRequest", "currency"),
    ("ControlBookRequest", "cash"),
];

/// Whether a body with the default is to be answered as one without the member.
pub(crate) fn is_silent(schema: &str, member: &str) -> bool {
    !SAY_MORE.contains(&(schema, member))
}

/// What is wrong when a body with the default is not answered as a body without the member.
pub(crate) fn default_fault(path: &str, at: &str, body: &Value, default: &Value) -> Option<String> {
    let (parent, member) = at.rsplit_once('/').unwrap();
    let mut absent = body.clone();
    absent.pointer_mut(parent)?.as_object_mut()?.remove(member);
    let sent = changed(absent.clone(), at, default.clone());
    let (absent, sent) = (post(path, &absent), post(path, &sent));
    let plain = |reply: &Reply| {
        let plan = reply.json()["metadata"]["plan_id"].as_str().unwrap_or("no plan").to_owned();
        told(reply).to_string().replace(&plan, "plan")
    };
    match (absent.status, sent.status) {
        (200, 200) if plain(&absent) == plain(&sent) => None,
        (200, 200) => Some(format!("{default} at {at} of {path} is not answered as its absence")),
        _ => Some(format!("{at} of {path}: absent {}, with {default} {}", absent.text(), sent.text())),
    }
}

/// "`member` (default value)" in a document.
fn told_in(text: &str) -> Vec<(String, String)> {
    let places = text.match_indices("` (default ");
    places
        .filter_map(|(at, between)| {
            let member = text.get(..at)?.rsplit('`').next()?;
            let value = text.get(at + between.len()..)?.split([')', ':', ';', ',']).next()?;
            Some((member.to_owned(), value.trim_matches('`').to_owned()))
        })
        .collect()
}

#[test]
fn the_documents_state_the_defaults_of_the_contract() {
    let defaults = stated_defaults();
    let mut tried = 0;
    for document in
        ["README.md", "docs/policy.md", "docs/api.md", "docs/stress.md", "docs/risk.md", "docs/optimizer.md"]
    {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(document);
        for (member, told) in told_in(&std::fs::read_to_string(path).unwrap()) {
            let stated: Vec<&Value> =
                defaults.iter().filter(|((_, name), _)| *name == member).map(|(_, v)| v).collect();
            assert!(
                stated.contains(&&value_of(&told)),
                "{document}: {member} (default {told}) is {stated:?} in the contract"
            );
            tried += 1;
        }
    }
    assert!(tried >= 3, "{tried}");
}
