//! The published schema of a document, for explaining why a body does not fit it.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::{Value, json};
use utoipa::ToSchema;

use super::one_of::annotate;

/// Schemas by document type, each made when it is first needed.
type Schemas = Mutex<HashMap<TypeId, Arc<Value>>>;

/// The schema of `T` and of everything it refers to, under `/components/schemas` as in the published contract.
pub(super) fn published<T: ToSchema + 'static>() -> Arc<Value> {
    static SCHEMAS: OnceLock<Schemas> = OnceLock::new();
    let mut schemas = SCHEMAS.get_or_init(Schemas::default).lock().unwrap_or_else(PoisonError::into_inner);
    schemas.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(document::<T>())).clone()
}

fn document<T: ToSchema>() -> Value {
    let mut parts = Vec::new();
    T::schemas(&mut parts);
    parts.push((T::name().into_owned(), T::schema()));
    let parts = parts.into_iter().map(|(name, schema)| (name, serde_json::to_value(schema).unwrap_or_default()));
    let mut schemas = serde_json::Map::from_iter(parts);
    annotate(&mut schemas);
    json!({ "components": { "schemas": schemas } })
}
