//! Every reason why bytes are not a document: syntax, then the published schema, then the typed reader.

use serde_path_to_error::{Path, Segment};

use super::Document;
use super::object::Object;
use super::published::published;
use super::schema::Walk;
use super::tree::Tree;
use crate::fault::{Fault, Faults, segment};
use crate::fault_code::FaultCode;

/// What the reader of times and dates says of a text that is neither.
const TIME_FAULTS: [&str; 5] = [
    "premature end of input",
    "input contains invalid characters",
    "input is out of range",
    "trailing input",
    "input is not enough for unique date and time",
];
const TIME_WORDS: &str = "must be a time with its zone as in RFC 3339, such as 2026-11-30T14:31:07Z";
const DATE_WORDS: &str = "must be a date as in ISO 8601, such as 2026-11-30";

/// Finds everything that keeps `bytes`, which are no [large](super::LARGE_BYTES) body, from being a `T`, within bounds.
pub(super) fn diagnose<T: Document>(bytes: &[u8]) -> Vec<Fault> {
    let mut faults = Faults::default();
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let tree: Result<Tree, _> = serde_path_to_error::deserialize(&mut reader);
    match tree {
        Err(error) => faults.add(pointer(error.path()), FaultCode::Syntax, syntax_words(error.inner())),
        Ok(tree) => match reader.end() {
            Err(error) => faults.add("", FaultCode::Syntax, syntax_words(&error)),
            Ok(()) => {
                let published = published::<T>();
                if let Some(schema) = published.pointer(&format!("/components/schemas/{}", T::name())) {
                    Walk::new(&published, &mut faults).check(&tree, schema);
                }
                if faults.is_empty() {
                    typed::<T>(bytes, &mut faults);
                }
            }
        },
    }
    faults.into_vec()
}

/// The first fault of a body that is too large to be held as a tree, and in which the schema sees none.
pub(super) fn first_fault<T: Document>(bytes: &[u8]) -> Vec<Fault> {
    let mut faults = Faults::default();
    typed::<T>(bytes, &mut faults);
    faults.into_vec()
}

/// What the typed reader says: a fault the schema does not see.
fn typed<T: Document>(bytes: &[u8], faults: &mut Faults) {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize::<_, Object<T>>(&mut reader);
    match (read, reader.end()) {
        // The reader's own words may quote the input at any length; the place is what helps.
        (Err(error), _) if error.inner().is_data() => {
            let pointer = pointer(error.path());
            match TIME_FAULTS.contains(&error.inner().to_string().split(" at line ").next().unwrap_or_default()) {
                true if pointer.ends_with("_at") => faults.add(pointer, FaultCode::Value, TIME_WORDS),
                true => faults.add(pointer, FaultCode::Value, DATE_WORDS),
                false => faults.add(pointer, FaultCode::Type, "is not what this member holds"),
            }
        }
        (Err(error), _) => faults.add(pointer(error.path()), FaultCode::Syntax, syntax_words(error.inner())),
        (Ok(_), Err(error)) => faults.add("", FaultCode::Syntax, syntax_words(&error)),
        (Ok(_), Ok(())) => {}
    }
}

/// Why the text is not JSON, in our own words: the reader's may repeat bytes of the input.
pub(super) fn syntax_words(error: &serde_json::Error) -> String {
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
    for part in path.iter() {
        match part {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{}", segment(key))),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}
