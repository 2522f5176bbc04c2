//! Parameters, as the contract declares them.

use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

/// A parameter that may be left out is left out and never null: a header has no null.
pub(super) fn declare_absence(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter
            && let Some(RefOr::T(Schema::Object(object))) = &mut parameter.schema
            && let SchemaType::Array(types) = &mut object.schema_type
        {
            types.retain(|kind| *kind != Type::Null);
            if let [kind] = types.as_slice() {
                object.schema_type = SchemaType::Type(kind.clone());
            }
        }
    }
}
