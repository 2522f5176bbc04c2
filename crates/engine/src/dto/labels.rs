//! What a client calls its plans: a title, a reference and metadata, and the rules for them.

use serde::de::Deserializer;
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::decode::pairs;
use crate::fault::{Faults, segment};
use crate::fault_code::FaultCode;

/// Characters of a reference.
const MAX_REFERENCE: usize = 200;
/// Entries of metadata.
const MAX_ENTRIES: usize = 50;
/// Characters of a key of metadata.
const MAX_KEY: usize = 40;
/// Characters of a value of metadata.
const MAX_VALUE: usize = 500;

/// A client's own data about a plan: strings by name, in the order sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientMetadata(Vec<(String, String)>);

impl<'de> Deserialize<'de> for ClientMetadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        pairs(deserializer).map(Self)
    }
}

impl Serialize for ClientMetadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

/// Written by hand: derived, it would not state its limits.
impl PartialSchema for ClientMetadata {
    fn schema() -> RefOr<Schema> {
        let text = |max| ObjectBuilder::new().schema_type(Type::String).max_length(Some(max));
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .property_names(Some(text(MAX_KEY).min_length(Some(1)).build()))
            .additional_properties(Some(AdditionalProperties::from(Schema::from(text(MAX_VALUE).build()))))
            .max_properties(Some(MAX_ENTRIES))
            .examples([serde_json::json!({"desk": "multi-asset", "ticket": "OPS-2031"})])
            .description(Some(
                "A client's own data: at most 50 strings of up to 500 characters, with keys of 1 to 40 characters, which are \
                 Stripe's limits for metadata.",
            ))
            .into()
    }
}

impl ToSchema for ClientMetadata {}

/// Why a text cannot be a reference or a title: the code of the fault, and what it must be.
#[must_use]
pub fn reference_fault(reference: &str) -> Option<(FaultCode, String)> {
    name_fault(reference, MAX_REFERENCE)
}

/// Why a text cannot be a name of 1 to `most` printable characters: the code of the fault, and what it must be.
#[must_use]
pub fn name_fault(name: &str, most: usize) -> Option<(FaultCode, String)> {
    let is_unprintable = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if name.trim().is_empty() {
        Some((FaultCode::Length, "must not be blank".to_owned()))
    } else if name.chars().count() > most {
        Some((FaultCode::Length, format!("must have at most {most} characters")))
    } else if name.contains(is_unprintable) {
        Some((FaultCode::Value, "must have printable characters only".to_owned()))
    } else {
        None
    }
}

/// The title, the reference and the metadata of a request.
pub(super) fn check_labels(
    title: Option<&str>,
    reference: Option<&str>,
    metadata: Option<&ClientMetadata>,
    faults: &mut Faults,
) {
    for (pointer, label) in [("/title", title), ("/client_reference", reference)] {
        if let Some((code, detail)) = label.and_then(reference_fault) {
            faults.add(pointer, code, detail);
        }
    }
    check_metadata(metadata, faults);
}

fn check_metadata(metadata: Option<&ClientMetadata>, faults: &mut Faults) {
    let entries = metadata.map(|metadata| metadata.0.as_slice()).unwrap_or_default();
    if entries.len() > MAX_ENTRIES {
        return faults.add("/metadata", FaultCode::Limit, format!("must have at most {MAX_ENTRIES} entries"));
    }
    for (key, value) in entries {
        let pointer = || format!("/metadata/{}", segment(key));
        if key.is_empty() || key.chars().count() > MAX_KEY {
            faults.add(pointer(), FaultCode::Length, format!("must have a key of 1 to {MAX_KEY} characters"));
        }
        if value.chars().count() > MAX_VALUE {
            faults.add(pointer(), FaultCode::Length, format!("must have at most {MAX_VALUE} characters"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_printable_and_of_bounded_length() {
        let longest = "é".repeat(200);
        for fine in ["order-7", " 7 ", "注文 7", "a\"b\\c", &longest] {
            assert_eq!(reference_fault(fine), None, "{fine}");
        }
        let longer = "é".repeat(201);
        for (wrong, code) in [
            ("", FaultCode::Length),
            (" \u{3000}", FaultCode::Length),
            (longer.as_str(), FaultCode::Length),
            ("a\tb", FaultCode::Value),
            ("a\u{2028}", FaultCode::Value),
        ] {
            assert_eq!(reference_fault(wrong).map(|(code, _)| code), Some(code), "{wrong:?}");
        }
    }

    #[test]
    fn metadata_is_bounded_and_keeps_its_order() {
        let found = |json: &str| {
            let metadata: ClientMetadata = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&metadata).unwrap(), json);
            let mut faults = Faults::default();
            check_metadata(Some(&metadata), &mut faults);
            faults.into_vec().into_iter().filter_map(|fault| fault.pointer).collect::<Vec<_>>()
        };
        let many = |n: usize| {
            let entries: Vec<String> = (0..n).map(|i| format!(r#""{i}":"""#)).collect();
            format!("{{{}}}", entries.join(","))
        };
        assert!(found(r#"{"b":"2","a":"1"}"#).is_empty() && found(&many(50)).is_empty());
        assert_eq!(found(&many(51)), ["/metadata"]);
        assert_eq!(found(&format!(r#"{{"":"","a/b":"{}"}}"#, "x".repeat(501))), ["/metadata/", "/metadata/a~1b"]);
        assert!(found(&format!(r#"{{"{}":"{}"}}"#, "k".repeat(40), "é".repeat(500))).is_empty());
        assert_eq!(found(&format!(r#"{{"{}":""}}"#, "k".repeat(41))).len(), 1);
        for wrong in [r#"{"a":"1","a":"1"}"#, r#"{"a":1}"#, r#"{"a":null}"#, "[]"] {
            assert!(serde_json::from_str::<ClientMetadata>(wrong).is_err(), "{wrong}");
        }
    }
}
