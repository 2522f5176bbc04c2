//! Checks a tree against the published schema and stops at the last fault that is listed.
//!
//! A general validator collects every violation before it answers, which a hostile body turns into gigabytes. This walk
//! knows the part of JSON Schema the published document uses and is bounded by the number of faults.

use std::collections::HashSet;

use serde::de::Error;
use serde_json::Value;

use super::one_of::lacking;
use super::tree::Tree;
use crate::fault::{Faults, segment};
use crate::fault_code::FaultCode;

/// One walk through one body.
pub(super) struct Walk<'a> {
    /// The whole published document, for references.
    pub(super) document: &'a Value,
    /// Where faults go.
    pub(super) faults: &'a mut Faults,
    path: Vec<Step>,
}

/// One step of the way to a value.
pub(super) enum Step {
    /// An entry of a list, from 0.
    Item(usize),
    /// A member of an object, as a segment of a JSON pointer.
    Member(String),
}

/// What the numbers of a list must keep to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    least: f64,
    most: f64,
}

impl Bounds {
    /// Those of a schema that asks for a number and nothing beside its range; `None` for any other.
    pub(super) fn of(schema: &Value) -> Option<Self> {
        let asks_more =
            ["oneOf", "anyOf", "exclusiveMinimum", "exclusiveMaximum"].iter().any(|word| schema.get(word).is_some());
        let bound = |keyword| schema.get(keyword).and_then(Value::as_f64);
        let is_number = schema.get("type").and_then(Value::as_str) == Some("number");
        (is_number && !asks_more).then(|| Self {
            least: bound("minimum").unwrap_or(f64::NEG_INFINITY),
            most: bound("maximum").unwrap_or(f64::INFINITY),
        })
    }

    /// Whether a number keeps to them.
    pub(super) fn admit(&self, value: f64) -> bool {
        (self.least..=self.most).contains(&value)
    }
}

impl<'a> Walk<'a> {
    pub(super) fn new(document: &'a Value, faults: &'a mut Faults) -> Self {
        Self { document, faults, path: Vec::new() }
    }

    /// Checks `tree` against `schema`.
    pub(super) fn check(&mut self, tree: &Tree, schema: &'a Value) {
        if self.faults.is_full() {
            return;
        }
        let schema = self.resolve(schema);
        if let Some(branches) = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array) {
            return self.check_branches(tree, branches);
        }
        if !admits(schema, tree) {
            return self.fault(FaultCode::Type, type_words(schema));
        }
        match tree {
            Tree::Number(value, _) => self.check_number(*value, schema),
            Tree::Text(text) => self.check_text(text, schema),
            Tree::List(items) => self.check_list(items, schema),
            Tree::Object(members) => self.check_object(members, schema),
            Tree::Null | Tree::Bool => {}
        }
    }

    /// The schema that a reference names, or the schema itself.
    pub(super) fn resolve(&self, schema: &'a Value) -> &'a Value {
        let mut schema = schema;
        // References of the document are one level deep; the bound only guards against a circle of our own.
        for _ in 0..8 {
            let target = schema.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix('#'));
            match target.and_then(|pointer| self.document.pointer(pointer)) {
                Some(next) => schema = next,
                None => break,
            }
        }
        schema
    }

    fn fitting_branch(&self, tree: &Tree, branches: &'a [Value]) -> Option<&'a Value> {
        branches.iter().map(|branch| self.resolve(branch)).find(|branch| admits(branch, tree))
    }

    /// The schema that a value of the kind of `tree` has to keep to, `None` when there is none for its kind.
    pub(super) fn fitting(&self, schema: &'a Value, tree: &Tree) -> Option<&'a Value> {
        let schema = self.resolve(schema);
        match schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array) {
            Some(branches) => self.fitting_branch(tree, branches).and_then(|branch| self.fitting(branch, tree)),
            None => admits(schema, tree).then_some(schema),
        }
    }

    /// `null or T`, or one of several kinds: the branch of the value's kind tells what is wrong with it.
    fn check_branches(&mut self, tree: &Tree, branches: &'a [Value]) {
        match self.fitting_branch(tree, branches) {
            Some(branch) => self.check(tree, branch),
            None => {
                let words: Vec<String> = branches
                    .iter()
                    .map(|branch| self.resolve(branch))
                    .flat_map(kinds)
                    .filter(|kind| *kind != "null")
                    .map(article)
                    .collect();
                self.fault(FaultCode::Type, format!("must be {}", words.join(" or ")));
            }
        }
    }

    fn check_number(&mut self, value: f64, schema: &Value) {
        type Broken = fn(f64, f64) -> bool;
        let bounds: [(&str, &str, Broken); 4] = [
            ("minimum", "at least", |v, limit| v < limit),
            ("maximum", "at most", |v, limit| v > limit),
            ("exclusiveMinimum", "more than", |v, limit| v <= limit),
            ("exclusiveMaximum", "less than", |v, limit| v >= limit),
        ];
        for (keyword, words, broken) in bounds {
            if let Some(limit) = schema.get(keyword)
                && limit.as_f64().is_some_and(|limit| broken(value, limit))
            {
                self.fault(FaultCode::Range, format!("must be {words} {limit}"));
            }
        }
    }

    fn check_text(&mut self, text: &str, schema: &Value) {
        if let Some(options) = schema.get("enum").and_then(Value::as_array)
            && !options.iter().any(|option| option.as_str() == Some(text))
        {
            let names: Vec<&str> = options.iter().filter_map(Value::as_str).collect();
            return self.fault(FaultCode::Value, format!("must be one of {}", names.join(", ")));
        }
        let limit = schema.get("maxLength").and_then(Value::as_u64);
        if let Some(limit) = limit
            && text.chars().count() as u64 > limit
        {
            return self.fault(FaultCode::Length, format!("must have at most {limit} characters"));
        }
        if schema.get("minLength").is_some() && text.trim().is_empty() {
            self.fault(FaultCode::Length, "must not be blank");
        }
    }

    fn check_list(&mut self, items: &[Tree], schema: &'a Value) {
        let limit = |keyword| schema.get(keyword).and_then(Value::as_u64);
        if let Some(least) = limit("minItems")
            && (items.len() as u64) < least
        {
            return self.fault(FaultCode::Length, format!("must have at least {least} entries"));
        }
        if let Some(most) = limit("maxItems")
            && items.len() as u64 > most
        {
            return self.fault(FaultCode::Limit, format!("must have at most {most} entries"));
        }
        let Some(schema) = schema.get("items") else { return };
        for (i, item) in items.iter().enumerate() {
            if self.faults.is_full() {
                return;
            }
            self.at(Step::Item(i), |walk| walk.check(item, schema));
        }
    }

    fn check_object(&mut self, members: &[(String, Tree)], schema: &'a Value) {
        let properties = schema.get("properties").and_then(Value::as_object);
        let additional = schema.get("additionalProperties");
        let mut seen = HashSet::with_capacity(members.len().min(64));
        for (name, member) in members {
            if self.faults.is_full() {
                return;
            }
            let repeated = !seen.insert(name.as_str());
            let known = properties.and_then(|properties| properties.get(name));
            self.at(Step::Member(segment(name)), |walk| {
                if repeated {
                    walk.fault(FaultCode::DuplicateMember, "is sent twice in the same object");
                }
                match (known, additional) {
                    (Some(schema), _) => walk.check(member, schema),
                    (None, Some(Value::Bool(false))) => {
                        walk.fault(FaultCode::UnknownMember, "is not a member known here")
                    }
                    (None, Some(schema)) if schema.is_object() => walk.check(member, schema),
                    _ => {}
                }
            });
        }
        for name in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            if !seen.contains(name) {
                self.at(Step::Member(segment(name)), |walk| walk.fault(FaultCode::Required, "is required"));
            }
        }
        if let Some(name) = lacking(schema, members) {
            self.at(Step::Member(segment(name)), |walk| walk.fault(FaultCode::Required, "is required"));
        }
    }

    fn at(&mut self, step: Step, visit: impl FnOnce(&mut Self)) {
        self.enter(step);
        visit(self);
        self.leave();
    }

    /// Goes to an entry or a member of where it is.
    pub(super) fn enter(&mut self, step: Step) {
        self.path.push(step);
    }

    /// Goes back to where the last [`Walk::enter`] came from.
    pub(super) fn leave(&mut self) {
        self.path.pop();
    }

    /// JSON pointer to where it is.
    pub(super) fn pointer(&self) -> String {
        let mut pointer = String::new();
        for step in &self.path {
            pointer.push('/');
            match step {
                Step::Item(index) => pointer.push_str(&index.to_string()),
                Step::Member(name) => pointer.push_str(name),
            }
        }
        pointer
    }

    /// An error when no further fault would be listed, which ends the reading of the body.
    pub(super) fn go_on<E: Error>(&self) -> Result<(), E> {
        if self.faults.is_full() { Err(E::custom("as many faults as are listed")) } else { Ok(()) }
    }

    /// A fault where it is.
    pub(super) fn fault(&mut self, code: FaultCode, detail: impl Into<String>) {
        self.faults.add(self.pointer(), code, detail);
    }
}

/// The types a schema names.
fn kinds(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn admits(schema: &Value, tree: &Tree) -> bool {
    let kinds = kinds(schema);
    let kind = tree.kind();
    kinds.is_empty() || kinds.contains(&kind) || (kind == "integer" && kinds.contains(&"number"))
}

fn type_words(schema: &Value) -> String {
    let words: Vec<String> = kinds(schema).into_iter().filter(|kind| *kind != "null").map(article).collect();
    format!("must be {}", words.join(" or "))
}

fn article(kind: &str) -> String {
    match kind {
        "integer" => "a whole number".to_owned(),
        "array" | "object" => format!("an {kind}"),
        _ => format!("a {kind}"),
    }
}
