//! Defaults in words.
//!
//! A type states the default of a member as the value that the code takes. The document says it in the member's description, and leaves
//! out the keyword `default`: client generators send a member that has one with every request, or demand it from the caller.

use serde_json::Value;
use utoipa::openapi::schema::{Array, Object, OneOf};
use utoipa::openapi::{Components, RefOr, Schema};

/// Moves the default of every member of every schema to the end of its description.
pub(super) fn say(components: &mut Components) {
    for schema in components.schemas.values_mut() {
        if let RefOr::T(schema) = schema {
            say_in(schema);
        }
    }
}

fn say_in(schema: &mut Schema) {
    match schema {
        Schema::Object(object) => object.properties.values_mut().for_each(describe),
        Schema::AllOf(parts) => parts.items.iter_mut().for_each(|part| {
            if let RefOr::T(part) = part {
                say_in(part);
            }
        }),
        _ => {}
    }
}

fn describe(member: &mut RefOr<Schema>) {
    let RefOr::T(schema) = member else { return };
    let (default, description) = match schema {
        Schema::Object(Object { default, description, .. }) | Schema::Array(Array { default, description, .. }) => {
            (default, description)
        }
        // A value that may be null is described where it refers to its type.
        Schema::OneOf(OneOf { default, items, description, .. }) => {
            let described = items.iter_mut().find_map(|item| match item {
                RefOr::Ref(reference) => Some(&mut reference.description),
                RefOr::T(_) => None,
            });
            match described {
                Some(text) => {
                    if let Some(default) = default.take() {
                        append(text, &default);
                    }
                    return;
                }
                None => (default, description),
            }
        }
        _ => return,
    };
    if let Some(default) = default.take() {
        append(description.get_or_insert_default(), &default);
    }
}

fn append(description: &mut String, default: &Value) {
    if !description.is_empty() {
        description.push(' ');
    }
    description.push_str("Default ");
    description.push_str(&words(default));
    description.push('.');
}

/// A value as a sentence has it: digits in groups, texts and lists as code.
fn words(default: &Value) -> String {
    match default {
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), grouped),
        Value::String(text) => format!("`{text}`"),
        other => format!("`{other}`"),
    }
}

fn grouped(number: f64) -> String {
    let text = number.abs().to_string();
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let mut out = String::from(if number < 0.0 { "−" } else { "" });
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use utoipa::ToSchema;

    use super::*;

    #[derive(ToSchema)]
    #[schema(as = Cut)]
    #[expect(dead_code, reason = "a schema")]
    enum Cut {
        Fine,
    }

    /// A request.
    #[derive(ToSchema)]
    #[expect(dead_code, reason = "a schema")]
    struct Request {
        /// Paths.
        #[schema(default = 10_000)]
        paths: Option<u64>,
        /// How to cut.
        #[schema(default = json!("fine"))]
        cut: Option<Cut>,
        /// Names.
        #[schema(default = json!(["a"]))]
        names: Option<Vec<String>>,
        /// Not stated.
        other: Option<f64>,
    }

    #[test]
    fn a_default_ends_the_description_and_is_no_keyword() {
        let mut components = Components::new();
        components.schemas.insert("Request".to_owned(), <Request as utoipa::PartialSchema>::schema());
        say(&mut components);
        let members = serde_json::to_value(&components.schemas["Request"]).unwrap()["properties"].clone();
        assert_eq!(members["paths"]["description"], "Paths. Default 10,000.");
        assert_eq!(members["cut"]["oneOf"][0]["description"], "How to cut. Default `fine`.");
        assert_eq!(members["names"]["description"], "Names. Default `[\"a\"]`.");
        assert_eq!(members["other"]["description"], "Not stated.");
        assert!(!members.to_string().contains("\"default\""), "{members}");
    }

    #[test]
    fn numbers_are_written_as_in_a_sentence() {
        let cases = [(json!(1e9), "1,000,000,000"), (json!(-0.05), "−0.05"), (json!(252.0), "252"), (json!(0), "0")];
        for (value, text) in cases {
            assert_eq!(words(&value), text);
        }
    }
}
