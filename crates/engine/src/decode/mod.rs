//! From bytes to a checked document, or to the list of everything that is wrong with them.
//!
//! The common, valid body takes one typed pass and one pass of checks. Only a body that does not fit its type is read
//! again as a tree and checked against the published schema, so that every fault is named and not just the first. A
//! large body is checked against the schema before any of it is kept, and only its first fault beyond the schema is
//! named.

mod diagnose;
mod either;
mod number_or_list;
mod numbers;
mod object;
mod one_of;
mod pairs;
mod published;
mod scan;
mod schema;
mod tree;

use std::borrow::Cow;
use std::collections::HashMap;

use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors, ValidationErrorsKind};

use crate::fault::{Fault, Faults};
use crate::fault_code::FaultCode;
pub use either::{ReturnsInput, SeriesOrNamed};
pub use number_or_list::NumberOrList;
pub use numbers::{integer, integers, optional_integer};
pub use object::{object, objects, optional_object, optional_objects};
pub use pairs::{NamedSeries, optional_named_series, pairs};

/// A request body: how it is read, which ranges its fields have, and what must hold between them.
pub trait Document: DeserializeOwned + Validate + ToSchema + 'static {
    /// Counts that are checked before anything else looks at the entries.
    fn check_size(&self, faults: &mut Faults);

    /// Whether a part of the document is read separately later, so that its schema faults are not reported for the
    /// whole document.
    fn reads_later(_pointer: &str) -> bool {
        false
    }

    /// Checks that need more than one field, or more than a range.
    fn check(&self, faults: &mut Faults);
}

/// Bodies beyond this size are scanned before they are read, and read under the limit of computations.
pub(crate) const LARGE_BYTES: usize = 256 * 1024;

/// Whether the schema decides on a fault. Earlier names of members and values are read too, and the schema does not
/// state them.
fn is_decided_by_schema(code: FaultCode) -> bool {
    !matches!(code, FaultCode::Value | FaultCode::UnknownMember | FaultCode::Required)
}

/// Reads and checks a body.
///
/// # Errors
/// Everything found wrong, at most [`Faults::MAX`] faults, in document order.
pub fn decode<T: Document>(bytes: &[u8]) -> Result<T, Vec<Fault>> {
    let is_large = bytes.len() > LARGE_BYTES;
    let mut scanned = if is_large { scan::scan::<T>(bytes) } else { Vec::new() };
    scanned.retain(|fault| !fault.pointer.as_deref().is_some_and(T::reads_later));
    if scanned.iter().any(|fault| is_decided_by_schema(fault.code)) {
        return Err(scanned);
    }
    let document: T = match object::from_slice(bytes) {
        Ok(document) => document,
        Err(_) if !scanned.is_empty() => return Err(scanned),
        Err(_) if is_large => return Err(diagnose::first_fault::<T>(bytes)),
        Err(_) => return Err(diagnose::diagnose::<T>(bytes)),
    };
    let mut faults = Faults::default();
    document.check_size(&mut faults);
    if !faults.is_empty() {
        return Err(faults.into_vec());
    }
    if let Err(errors) = document.validate() {
        let mut found = Vec::new();
        collect(&errors, String::new(), &mut found);
        // The validator keeps its findings in hash order; which fifty are listed must not depend on it.
        found.sort_by_cached_key(|fault| fault.order());
        faults.extend_within("", found);
    }
    document.check(&mut faults);
    if faults.is_empty() { Ok(document) } else { Err(faults.into_vec()) }
}

/// Turns the validator's nested maps into faults.
fn collect(errors: &ValidationErrors, at: String, found: &mut Vec<Fault>) {
    for (field, kind) in errors.errors() {
        let pointer = format!("{at}/{field}");
        match kind {
            ValidationErrorsKind::Struct(inner) => collect(inner, pointer, found),
            ValidationErrorsKind::List(items) => {
                for (index, inner) in items {
                    collect(inner, format!("{pointer}/{index}"), found);
                }
            }
            ValidationErrorsKind::Field(list) => {
                for error in list {
                    let (code, words) = if error.code == "length" {
                        (FaultCode::Length, "must have")
                    } else {
                        (FaultCode::Range, "must be")
                    };
                    let detail = format!("{words} {}", range_words(&error.params));
                    found.push(Fault::in_body(pointer.clone(), code, detail));
                }
            }
        }
    }
}

/// The validator's parameters in words: `at least 0 and at most 0.5`.
fn range_words(params: &HashMap<Cow<'static, str>, Value>) -> String {
    let bound = |key: &str, words: &str| params.get(key).map(|value| format!("{words} {value}"));
    let parts: Vec<String> = [
        bound("min", "at least"),
        bound("exclusive_min", "more than"),
        bound("max", "at most"),
        bound("exclusive_max", "less than"),
    ]
    .into_iter()
    .flatten()
    .collect();
    parts.join(" and ")
}
