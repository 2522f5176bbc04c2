//! The faults of a request, their places, and a bounded list of them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::fault_code::FaultCode;

/// One fault of a request: in a member of its body, or in a parameter of its query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[non_exhaustive]
pub struct Fault {
    /// JSON pointer (RFC 6901) to the member of the body at fault; empty for the whole document. Absent when the query is at fault.
    #[schema(example = "/assets/0/price", nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Name of the query parameter at fault; empty for the whole query. Absent when the body is at fault.
    #[schema(example = "limit", nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// The kind of fault.
    pub code: FaultCode,
    /// The fault in a sentence.
    #[schema(example = "must be at least 0.00000001")]
    pub detail: String,
}

/// Faults found in one request, at most [`Faults::MAX`] of them: a list of everything wrong, not of the first thing.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// How many faults one answer lists.
    pub const MAX: usize = 50;

    /// Adds a fault of the body, unless the list is full.
    pub fn add(&mut self, pointer: impl Into<String>, code: FaultCode, detail: impl Into<String>) {
        if !self.is_full() {
            self.0.push(Fault::in_body(pointer, code, detail));
        }
    }

    /// Adds a fault of the query, unless the list is full.
    pub fn add_parameter(&mut self, parameter: &str, code: FaultCode, detail: impl Into<String>) {
        if !self.is_full() {
            self.0.push(Fault::in_query(parameter, code, detail));
        }
    }

    /// Adds faults of a part of the document, found with pointers of their own.
    pub fn extend_within(&mut self, part: &str, found: impl IntoIterator<Item = Fault>) {
        for fault in found {
            self.add(format!("{part}{}", fault.pointer.unwrap_or_default()), fault.code, fault.detail);
        }
    }

    /// Checks a part of the document, with pointers relative to it.
    pub fn within(&mut self, part: &str, look: impl FnOnce(&mut Self)) {
        if self.is_full() {
            return;
        }
        let mut inner = Self::default();
        look(&mut inner);
        self.extend_within(part, inner.0);
    }

    /// Whether further faults would be dropped; loops over untrusted input stop here.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.0.len() >= Self::MAX
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The faults, those of the document's own members first, lists in order.
    #[must_use]
    pub fn into_vec(mut self) -> Vec<Fault> {
        self.0.sort_by_cached_key(Fault::order);
        self.0
    }
}

impl Fault {
    /// A fault of the body.
    #[must_use]
    pub fn in_body(pointer: impl Into<String>, code: FaultCode, detail: impl Into<String>) -> Self {
        Self { pointer: Some(pointer.into()), parameter: None, code, detail: detail.into() }
    }

    /// A fault of the query. The parameter's name is cut where a client's name would make the answer grow.
    #[must_use]
    pub fn in_query(parameter: &str, code: FaultCode, detail: impl Into<String>) -> Self {
        Self { pointer: None, parameter: Some(bounded(parameter).to_owned()), code, detail: detail.into() }
    }

    /// Where the fault is, in words: `assets[0].price`, `limit`, `request body`.
    #[must_use]
    pub fn place(&self) -> String {
        match (&self.pointer, self.parameter.as_deref()) {
            (_, Some("")) => "query".to_owned(),
            (_, Some(parameter)) => parameter.to_owned(),
            (pointer, None) => field_name(pointer.as_deref().unwrap_or_default()),
        }
    }

    /// Sort key by pointer: members of the document itself come before members of its lists, and array positions
    /// compare as numbers.
    #[must_use]
    pub fn order(&self) -> (bool, Vec<(usize, String)>) {
        let part = |part: &str| part.parse::<usize>().map_or((usize::MAX, part.to_owned()), |n| (n, String::new()));
        let parts: Vec<(usize, String)> = self.pointer.iter().flat_map(|at| at.split('/')).map(part).collect();
        (parts.len() > 2, parts)
    }
}

/// Characters of a member name that a pointer repeats.
const MAX_SEGMENT: usize = 255;

/// A member name as a segment of a JSON pointer: escaped, and cut where a client's name would make the answer grow.
#[must_use]
pub fn segment(member: &str) -> String {
    bounded(member).replace('~', "~0").replace('/', "~1")
}

/// The beginning of a client's name.
fn bounded(name: &str) -> &str {
    let end = name.char_indices().nth(MAX_SEGMENT).map_or(name.len(), |(at, _)| at);
    &name[..end]
}

/// `/assets/0/price` in the words of the first clients: `assets[0].price`.
#[must_use]
pub fn field_name(pointer: &str) -> String {
    let mut name = String::new();
    for part in pointer.split('/').skip(1) {
        if part.bytes().all(|b| b.is_ascii_digit()) && !part.is_empty() {
            name.push_str(&format!("[{part}]"));
        } else {
            if !name.is_empty() {
                name.push('.');
            }
            name.push_str(&part.replace("~1", "/").replace("~0", "~"));
        }
    }
    if name.is_empty() { "request body".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_bounded_and_ordered_by_position() {
        let mut faults = Faults::default();
        for i in (0..100).rev() {
            faults.add(format!("/assets/{i}/price"), FaultCode::Range, "");
        }
        let list = faults.into_vec();
        assert_eq!(list.len(), Faults::MAX);
        assert_eq!(
            (list[0].pointer.as_deref(), list[1].pointer.as_deref()),
            (Some("/assets/50/price"), Some("/assets/51/price"))
        );
    }

    #[test]
    fn pointers_read_like_field_names() {
        assert_eq!(field_name("/assets/12/historical_returns/3"), "assets[12].historical_returns[3]");
        assert_eq!(field_name(""), "request body");
        assert_eq!(field_name("/a~1b"), "a/b");
        assert_eq!(segment("a/b~c"), "a~1b~0c");
        assert_eq!(segment(&"é".repeat(10_000)), "é".repeat(255));
    }
}
