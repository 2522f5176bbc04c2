//! Scans a large body before any of it is kept.
//!
//! A typed reader fills lists of any length, and a validator finds every fault of every entry, before it is checked
//! whether there may be so many: a bad body of 8 MiB then takes hundreds of megabytes. This pass reads the body once
//! against the published schema, keeps nothing, counts lists and names while they are read, and ends at the last fault
//! that is listed.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::Document;
use super::diagnose::syntax_words;
use super::published::published;
use super::schema::{Bounds, Step, Walk};
use super::tree::Tree;
use crate::dto::checks::MAX_ASSETS;
use crate::fault::{Fault, Faults, segment};
use crate::fault_code::FaultCode;

/// What the published schema of `T` says against `bytes`, within bounds; nothing when what is wrong is not in the schema.
pub(super) fn scan<T: Document>(bytes: &[u8]) -> Vec<Fault> {
    let published = published::<T>();
    let Some(schema) = published.pointer(&format!("/components/schemas/{}", T::name())) else { return Vec::new() };
    let mut faults = Faults::default();
    let mut walk = Walk::new(&published, &mut faults);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let whole = Part { walk: &mut walk, schema, bounds: None };
    let read = whole.deserialize(&mut reader).and_then(|()| reader.end());
    let place = walk.pointer();
    if let Err(error) = read {
        // When the list is full this is the error that ended the pass, and is not listed.
        faults.add(place, FaultCode::Syntax, syntax_words(&error));
    }
    faults.into_vec()
}

/// One value, on its way past its schema.
struct Part<'w, 'a> {
    walk: &'w mut Walk<'a>,
    schema: &'a Value,
    /// What a number must keep to, when the schema asks for a plain number.
    bounds: Option<Bounds>,
}

impl<'a> Part<'_, 'a> {
    /// The schema of a value of `kind`, or a fault.
    fn fitting(&mut self, kind: &Tree) -> Option<&'a Value> {
        let found = self.walk.fitting(self.schema, kind);
        if found.is_none() {
            self.walk.check(kind, self.schema);
        }
        found
    }

    fn number<E: Error>(self, value: f64, is_whole: bool) -> Result<(), E> {
        match &self.bounds {
            Some(bounds) if bounds.admit(value) => Ok(()),
            _ => self.scalar(&Tree::Number(value, is_whole)),
        }
    }

    fn scalar<E: Error>(self, value: &Tree) -> Result<(), E> {
        self.walk.check(value, self.schema);
        self.walk.go_on()
    }
}

impl<'de> DeserializeSeed<'de> for Part<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Part<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.scalar(&Tree::Null)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.scalar(&Tree::Bool)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.number(value as f64, true)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.number(value as f64, true)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.number(value, value.fract() == 0.0)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.scalar(&Tree::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        let Some(schema) = self.fitting(&Tree::List(Vec::new())) else {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return self.walk.go_on();
        };
        let limit = |keyword| schema.get(keyword).and_then(Value::as_u64);
        let (least, most) = (limit("minItems").unwrap_or(0), limit("maxItems").unwrap_or(u64::MAX));
        let of_items = schema.get("items").map(|schema| self.walk.resolve(schema));
        let bounds = of_items.and_then(Bounds::of);
        let mut count = 0;
        loop {
            let is_read = match of_items {
                Some(schema) if count < most => {
                    self.walk.enter(Step::Item(count as usize));
                    let item = Part { walk: &mut *self.walk, schema, bounds };
                    let is_read = items.next_element_seed(item)?.is_some();
                    self.walk.leave();
                    is_read
                }
                _ => items.next_element::<IgnoredAny>()?.is_some(),
            };
            if !is_read {
                break;
            }
            count += 1;
            if count == most.saturating_add(1) {
                self.walk.fault(FaultCode::Limit, format!("must have at most {most} entries"));
                self.walk.go_on()?;
            }
        }
        if count < least {
            self.walk.fault(FaultCode::Length, format!("must have at least {least} entries"));
        }
        self.walk.go_on()
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        let Some(schema) = self.fitting(&Tree::Object(Vec::new())) else {
            while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return self.walk.go_on();
        };
        let properties = schema.get("properties").and_then(Value::as_object);
        let additional = schema.get("additionalProperties");
        let most = most_names(schema);
        let mut count = 0;
        let mut seen: Vec<&str> = Vec::new();
        while let Some(Name(name)) = members.next_key()? {
            count += 1;
            if count > most {
                if count == most + 1 {
                    self.walk.fault(FaultCode::Limit, format!("must have at most {most} members"));
                    self.walk.go_on()?;
                }
                members.next_value::<IgnoredAny>()?;
                continue;
            }
            let known = properties.and_then(|properties| properties.get_key_value(name.as_ref()));
            self.walk.enter(Step::Member(segment(&name)));
            if let Some((name, _)) = known {
                if seen.contains(&name.as_str()) {
                    self.walk.fault(FaultCode::DuplicateMember, "is sent twice in the same object");
                }
                seen.push(name);
            }
            match (known.map(|(_, schema)| schema), additional) {
                (Some(schema), _) => {
                    members.next_value_seed(Part { walk: &mut *self.walk, schema, bounds: None })?;
                }
                (None, Some(schema)) if schema.is_object() => {
                    members.next_value_seed(Part { walk: &mut *self.walk, schema, bounds: None })?;
                }
                (None, closed) => {
                    if closed == Some(&Value::Bool(false)) {
                        self.walk.fault(FaultCode::UnknownMember, "is not a member known here");
                        self.walk.go_on()?;
                    }
                    members.next_value::<IgnoredAny>()?;
                }
            }
            self.walk.leave();
        }
        for name in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            if !seen.contains(&name) {
                self.walk.enter(Step::Member(segment(name)));
                self.walk.fault(FaultCode::Required, "is required");
                self.walk.leave();
            }
        }
        self.walk.go_on()
    }
}

/// How many members an object may have whose names a client chooses: what its schema says, otherwise as many as there may be assets, for
/// which such names stand. The members of other objects are counted by their schema, which knows them by name.
fn most_names(schema: &Value) -> u64 {
    let is_open = schema.get("additionalProperties").is_some_and(Value::is_object);
    let stated = schema.get("maxProperties").and_then(Value::as_u64);
    stated.unwrap_or(if is_open { MAX_ASSETS as u64 } else { u64::MAX })
}

/// The name of a member, borrowed from the body where it has no escapes.
struct Name<'de>(Cow<'de, str>);

impl<'de> serde::Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;

        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a member")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }

        deserializer.deserialize_str(NameVisitor)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::diagnose::diagnose;
    use super::*;
    use crate::dto::jobs::RunBatchRequest;
    use crate::dto::portfolio::RebalanceRequest;
    use crate::dto::risk::RiskReportRequest;

    fn places(faults: &[Fault]) -> Vec<(&str, FaultCode)> {
        faults.iter().map(|fault| (fault.pointer.as_deref().unwrap_or("-"), fault.code)).collect()
    }

    fn book(assets: impl IntoIterator<Item = Value>) -> Value {
        json!({"portfolio_value": 1000, "assets": Vec::from_iter(assets)})
    }

    fn asset(weight: f64) -> Value {
        json!({"asset": "A", "target_weight": weight, "current_weight": 0.5, "historical_returns": [0.01, -0.02, 0]})
    }

    #[test]
    fn what_fits_the_schema_passes() {
        for text in [
            include_str!("../../../../examples/first_plan.json"),
            include_str!("../../../../examples/household_invest.json"),
            include_str!("../../../../examples/financial_crisis.json"),
        ] {
            assert_eq!(scan::<RebalanceRequest>(text.as_bytes()), []);
        }
        let run = json!({"portfolios": [book([asset(0.5)])], "simulations": null});
        assert_eq!(scan::<RunBatchRequest>(run.to_string().as_bytes()), []);
        for returns in [json!([0.01, -0.01]), json!({"A": [0.01, 0], "B": [0.02, -0.01]})] {
            let report = json!({"returns": returns, "weights": null});
            assert_eq!(scan::<RiskReportRequest>(report.to_string().as_bytes()), [], "{report}");
        }
    }

    /// Both walks say the same where the small one reads a tree.
    #[test]
    fn faults_are_those_of_a_small_body() {
        let cases = [
            book([
                json!({"asset": 7, "target_weight": "half", "current_weight": 0.5, "historical_returns": [null, 0.1, "x"]}),
            ]),
            json!({"portfolio_value": -1, "assets": {}, "unknown": [1, {"a": 2}]}),
            json!({"portfolio_value": 1, "assets": [], "drift_threshold": 0.9, "monte_carlo": 3}),
            json!({"portfolio_value": 1, "assets": [[], null, 1]}),
            json!([]),
            json!(null),
        ];
        for case in cases {
            let bytes = case.to_string().into_bytes();
            let (found, expected) = (scan::<RebalanceRequest>(&bytes), diagnose::<RebalanceRequest>(&bytes));
            assert!(!found.is_empty(), "{case}");
            assert_eq!(places(&found), places(&expected), "{case}");
        }
        let twice = br#"{"portfolio_value": 1, "portfolio_value": 2, "assets": []}"#;
        assert_eq!(places(&scan::<RebalanceRequest>(twice)), places(&diagnose::<RebalanceRequest>(twice)));
    }

    #[test]
    fn the_pass_ends_at_the_last_fault_that_is_listed() {
        let mut text = book((0..200).map(|_| asset(-1.0))).to_string();
        // What follows is never read: it would be a fault of its own.
        text.push_str("nonsense");
        let found = scan::<RebalanceRequest>(text.as_bytes());
        assert_eq!(found.len(), Faults::MAX);
        assert_eq!(places(&found)[49], ("/assets/49/target_weight", FaultCode::Range));
    }

    #[test]
    fn a_list_is_counted_while_it_is_read() {
        let text = book((0..2_001).map(|_| asset(0.1))).to_string();
        assert_eq!(places(&scan::<RebalanceRequest>(text.as_bytes())), [("/assets", FaultCode::Limit)]);
        let text = text.replace("]}]", "]},{\"asset\":1},null,");
        assert_eq!(places(&scan::<RebalanceRequest>(text.as_bytes()))[0], ("/assets", FaultCode::Limit));
    }

    #[test]
    fn names_are_counted_while_they_are_read() {
        let named = |count: usize| {
            let members: Vec<String> = (0..count).map(|i| format!("\"A{i}\":[0.01,0]")).collect();
            format!("{{\"returns\":{{{}}}}}", members.join(","))
        };
        assert_eq!(scan::<RiskReportRequest>(named(2_000).as_bytes()), []);
        // One fault, and what follows the two thousandth is not looked at.
        let text = named(2_001).replace("\"A2000\":[0.01,0]", "\"A2000\":[\"x\"]");
        assert_eq!(places(&scan::<RiskReportRequest>(text.as_bytes())), [("/returns", FaultCode::Limit)]);
        let repeated = format!("{{\"returns\":{{{}}}}}", ["\"A\":[0.01]"; 2_001].join(","));
        assert_eq!(places(&scan::<RiskReportRequest>(repeated.as_bytes())), [("/returns", FaultCode::Limit)]);
    }

    #[test]
    fn what_is_no_json_has_its_place() {
        for (text, place) in [
            (
                r#"{"portfolio_value": 1, "assets": [{"asset": "A", "target_weight": 1e999}]}"#,
                "/assets/0/target_weight",
            ),
            (r#"{"portfolio_value": 1, "assets": []} 1"#, ""),
            (r#"{"portfolio_value": nul"#, "/portfolio_value"),
        ] {
            let found = scan::<RebalanceRequest>(text.as_bytes());
            assert!(places(&found).contains(&(place, FaultCode::Syntax)), "{text}: {found:?}");
        }
    }
}
