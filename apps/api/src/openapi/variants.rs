//! Names for the variants of unions.
//!
//! A client that is generated from an unnamed variant calls it by its position, `LimitType7`, and renames it when the list changes.

use std::collections::BTreeMap;

use utoipa::openapi::schema::{AllOf, Discriminator, Object, OneOf, SchemaType, Type};
use utoipa::openapi::{Components, Ref, RefOr, Schema};

use crate::openapi::camel_case;

/// Gives every unnamed variant of every named union a name of its own: that of the union, followed by the value of its tag or by
/// what it is. A union whose variants have a tag gets it as its discriminator.
pub(super) fn name(components: &mut Components) {
    let mut named = BTreeMap::new();
    for (union_name, schema) in &mut components.schemas {
        if let RefOr::T(Schema::OneOf(union)) = schema {
            named.extend(name_variants(union_name, union));
        }
    }
    components.schemas.extend(named);
}

/// Moves the variants of one union out of it.
fn name_variants(union_name: &str, union: &mut OneOf) -> Vec<(String, RefOr<Schema>)> {
    let tags: Option<Vec<(String, String)>> = union.items.iter().map(tag_of).collect();
    let mut moved = Vec::new();
    let mut mapping = BTreeMap::new();
    for variant in &mut union.items {
        let tag = tag_of(variant);
        let RefOr::T(schema) = variant else { continue };
        let suffix = tag.as_ref().map_or_else(|| shape_of(schema).to_owned(), |(_, value)| camel_case(value));
        let name = format!("{union_name}{suffix}");
        let reference = Ref::from_schema_name(&name);
        mapping.extend(tag.map(|(_, value)| (value, reference.ref_location.clone())));
        describe_tag(schema);
        let schema = std::mem::replace(variant, RefOr::Ref(reference));
        moved.push((name, schema));
    }
    if let Some(((member, _), true)) =
        tags.as_ref().and_then(|tags| tags.first()).zip(Some(union.discriminator.is_none()))
    {
        let mut discriminator = Discriminator::new(member);
        discriminator.mapping = mapping;
        union.discriminator = Some(discriminator);
    }
    moved
}

/// The member that tells a variant from the others, and its value there: the required text with one possible value.
fn tag_of(variant: &RefOr<Schema>) -> Option<(String, String)> {
    match variant {
        RefOr::T(Schema::Object(object)) => tag_of_object(object),
        RefOr::T(Schema::AllOf(AllOf { items, .. })) => items.iter().find_map(tag_of),
        _ => None,
    }
}

fn tag_of_object(object: &Object) -> Option<(String, String)> {
    object.properties.iter().find_map(|(member, schema)| {
        let RefOr::T(Schema::Object(schema)) = schema else { return None };
        let [value] = schema.enum_values.as_deref()? else { return None };
        object.required.contains(member).then_some((member.clone(), value.as_str()?.to_owned()))
    })
}

/// Says of the tag of a variant which value it has.
fn describe_tag(schema: &mut Schema) {
    match schema {
        Schema::Object(object) => {
            let Some((member, value)) = tag_of_object(object) else { return };
            if let Some(RefOr::T(Schema::Object(tag))) = object.properties.get_mut(&member) {
                tag.description.get_or_insert_with(|| format!("Always `{value}`."));
            }
        }
        Schema::AllOf(parts) => {
            for part in &mut parts.items {
                if let RefOr::T(part) = part {
                    describe_tag(part);
                }
            }
        }
        _ => {}
    }
}

/// What a variant without a tag is.
fn shape_of(schema: &Schema) -> &'static str {
    match schema {
        Schema::Array(_) => "List",
        Schema::Object(object) => match object.schema_type {
            SchemaType::Type(Type::Number | Type::Integer) => "Number",
            SchemaType::Type(Type::String) => "Text",
            SchemaType::Type(Type::Object) => "ByName",
            _ => "Value",
        },
        _ => "Value",
    }
}
