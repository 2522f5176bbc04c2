//! What a client says of an asset, repeated wherever the asset is told.

use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::identifiers::AssetIdentifiers;

/// What the request says of an asset beyond its short name: data, to be escaped wherever it is shown. A member is absent when none was sent.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct AssetDescription {
    /// Identifiers of the asset; absent when none were sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = AssetIdentifiers, required = false)]
    pub identifiers: Option<AssetIdentifiers>,
    /// Full name of the asset; absent when none was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Vanguard Total Stock Market ETF")]
    pub name: Option<String>,
    /// Class of the asset; absent when none was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "equity")]
    pub asset_class: Option<String>,
    /// Account that holds the asset; absent when none was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "joint")]
    pub account: Option<String>,
    /// Sleeve of the asset; absent when none was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "core")]
    pub sleeve: Option<String>,
}
