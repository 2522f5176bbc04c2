//! Parameters, as the contract declares them.

use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

/// A parameter that may be left out is left out and never null: a header has no null.
pub(super) fn declare_absence(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        let kind = match &mut parameter.schema {
            Some(RefOr::T(Schema::Object(object))) => &mut object.schema_type,
            Some(RefOr::T(Schema::Array(array))) => &mut array.schema_type,
            _ => continue,
        };
        if let SchemaType::Array(types) = kind {
            types.retain(|kind| *kind != Type::Null);
            if let [only] = types.as_slice() {
                *kind = SchemaType::Type(only.clone());
            }
        }
    }
}
