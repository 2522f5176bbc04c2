use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use super::Document;
use super::object::Object;
use super::tree::Tree;
use crate::fault::{Fault, Faults, escape};

/// Finds everything that keeps `bytes` from being a `T`.
pub(super) fn diagnose<T: Document>(bytes: &[u8]) -> Vec<Fault> {
    let mut faults = Faults::default();
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let tree: Result<Tree, _> = serde_path_to_error::deserialize(&mut reader);
    let ended = reader.end();
    match (tree, ended) {
        (Err(error), _) => {
            let pointer = pointer(error.path());
            faults.add(pointer, "syntax", syntax_words(error.inner()));
        }
        (Ok(_), Err(error)) => faults.add("", "syntax", syntax_words(&error)),
        (Ok(tree), Ok(())) => {
            let value = tree.into_value("", &mut faults);
            against_schema::<T>(&value, &mut faults);
            if faults.is_empty() {
                typed::<T>(bytes, &mut faults);
            }
        }
    }
    faults.into_vec()
}

/// What the typed reader says, for the rare fault that the schema does not see.
fn typed<T: Document>(bytes: &[u8], faults: &mut Faults) {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    if let Err(error) = serde_path_to_error::deserialize::<_, Object<T>>(&mut reader) {
        // The reader's own words may quote the input at any length; the place is what helps.
        faults.add(pointer(error.path()), "type", "is not what this member holds");
    }
}

fn against_schema<T: Document>(value: &Value, faults: &mut Faults) {
    let Some(validator) = validator_of::<T>() else { return };
    for error in validator.iter_errors(value) {
        if faults.is_full() {
            return;
        }
        add(&error, faults);
    }
}

fn add(error: &ValidationError<'_>, faults: &mut Faults) {
    let at = error.instance_path().as_str();
    let words = |limit: &Value, relation: &str| format!("must be {relation} {limit}");
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            faults.add(format!("{at}/{}", escape(name)), "required", "is required");
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            for name in unexpected.iter().take(Faults::MAX) {
                faults.add(format!("{at}/{}", escape(&bounded(name))), "unknown_member", "is not a member known here");
            }
        }
        ValidationErrorKind::Type { kind } => faults.add(at, "type", type_words(kind)),
        ValidationErrorKind::Minimum { limit } => faults.add(at, "range", words(limit, "at least")),
        ValidationErrorKind::Maximum { limit } => faults.add(at, "range", words(limit, "at most")),
        ValidationErrorKind::ExclusiveMinimum { limit } => faults.add(at, "range", words(limit, "more than")),
        ValidationErrorKind::ExclusiveMaximum { limit } => faults.add(at, "range", words(limit, "less than")),
        ValidationErrorKind::MinLength { .. } | ValidationErrorKind::Pattern { .. } => {
            faults.add(at, "length", "must not be blank");
        }
        ValidationErrorKind::MaxLength { limit } => {
            faults.add(at, "length", format!("must have at most {limit} characters"));
        }
        ValidationErrorKind::MinItems { limit } => {
            faults.add(at, "length", format!("must have at least {limit} entries"));
        }
        ValidationErrorKind::MaxItems { limit } => {
            faults.add(at, "limit", format!("must have at most {limit} entries"));
        }
        ValidationErrorKind::Enum { options } => faults.add(at, "value", format!("must be one of {options}")),
        ValidationErrorKind::OneOfNotValid { context } | ValidationErrorKind::AnyOf { context } => {
            // `null or T`: the branch that fits the kind of value sent tells what is wrong with it.
            let wrong_kind = |e: &ValidationError<'_>| {
                matches!(e.kind(), ValidationErrorKind::Type { .. }) && e.instance_path().as_str() == at
            };
            match context.iter().find(|branch| !branch.iter().any(wrong_kind)) {
                Some(branch) => branch.iter().for_each(|e| add(e, faults)),
                None => faults.add(at, "type", "is not the kind of value that belongs here"),
            }
        }
        _ => faults.add(at, "value", "is not a value that belongs here"),
    }
}

fn type_words(kind: &TypeKind) -> String {
    let article = |name: &str| match name {
        "integer" => "a whole number".to_owned(),
        "array" | "object" => format!("an {name}"),
        _ => format!("a {name}"),
    };
    match kind {
        TypeKind::Single(one) => format!("must be {}", article(&one.to_string())),
        TypeKind::Multiple(several) => {
            let names: Vec<String> =
                several.iter().map(|t| t.to_string()).filter(|t| t != "null").map(|t| article(&t)).collect();
            format!("must be {}", names.join(" or "))
        }
    }
}

/// Why the text is not JSON, in our own words: the reader's may repeat bytes of the input.
fn syntax_words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = [
        ("recursion limit", "is nested too deeply"),
        ("number out of range", "is a number too large for a 64-bit float"),
        ("surrogate", "has a lone surrogate"),
        ("hex escape", "has a broken escape"),
        ("EOF", "ends too early"),
        ("trailing characters", "has something after its end"),
        ("trailing comma", "has a trailing comma"),
        ("control character", "has a raw control character in a string"),
        ("unicode", "is not UTF-8"),
        ("number", "is not a JSON number"),
        ("key must be a string", "has a member name that is not a string"),
    ]
    .iter()
    .find(|(sign, _)| text.contains(sign))
    .map_or("is not JSON", |(_, words)| words);
    format!("{what} (line {}, column {})", error.line(), error.column())
}

fn pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path.iter() {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{}", escape(&bounded(key)))),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

/// A member name of the client's, short enough to repeat.
fn bounded(name: &str) -> String {
    if name.chars().count() <= 255 { name.to_owned() } else { name.chars().take(255).collect() }
}

/// The published schema of `T`, compiled once.
fn validator_of<T: Document>() -> Option<Arc<Validator>> {
    static COMPILED: OnceLock<Mutex<HashMap<String, Arc<Validator>>>> = OnceLock::new();
    let name = T::name().into_owned();
    let mut compiled = COMPILED.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(validator) = compiled.get(&name) {
        return Some(validator.clone());
    }
    let document = serde_json::to_value(crate::openapi::document()).ok()?;
    let schema = serde_json::json!({
        "$ref": format!("#/components/schemas/{name}"),
        "components": document.get("components")?,
    });
    let validator = Arc::new(jsonschema::validator_for(&schema).ok()?);
    compiled.insert(name, validator.clone());
    Some(validator)
}
