//! What a column holds.

use serde::{Deserialize, Serialize};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ColumnRole {
    /// The symbol that identifies the asset.
    Asset,
    /// An identifier that identifies the asset where there is no symbol: ISIN, WKN, CUSIP.
    Identifier,
    /// The name that identifies the asset where there is neither.
    Name,
    /// Units held.
    Quantity,
    /// Price of one unit.
    Price,
    /// Value of the position.
    Value,
    /// Target weight of the position.
    TargetWeight,
    /// Current weight of the position, or a bare `Current`, which may also hold values.
    CurrentWeight,
    /// The account that holds the position.
    Account,
    /// Class of the asset.
    AssetClass,
    /// Currency of the row.
    Currency,
    /// Date of the row.
    Date,
    /// Prices or returns of one asset, in a history with a column for each.
    Series,
    /// Not read.
    Unused,
}

impl ColumnRole {
    /// Every role.
    pub const ALL: [Self; 14] = [
        Self::Asset,
        Self::Identifier,
        Self::Name,
        Self::Quantity,
        Self::Price,
        Self::Value,
        Self::TargetWeight,
        Self::CurrentWeight,
        Self::Account,
        Self::AssetClass,
        Self::Currency,
        Self::Date,
        Self::Series,
        Self::Unused,
    ];

    /// The role as written in JSON: `target_weight`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Asset => "asset",
            Self::Identifier => "identifier",
            Self::Name => "name",
            Self::Quantity => "quantity",
            Self::Price => "price",
            Self::Value => "value",
            Self::TargetWeight => "target_weight",
            Self::CurrentWeight => "current_weight",
            Self::Account => "account",
            Self::AssetClass => "asset_class",
            Self::Currency => "currency",
            Self::Date => "date",
            Self::Series => "series",
            Self::Unused => "unused",
        }
    }

    /// True for roles whose cells are numbers.
    #[must_use]
    pub fn is_number(self) -> bool {
        matches!(self, Self::Quantity | Self::Price | Self::Value | Self::TargetWeight | Self::CurrentWeight)
    }

    /// True for roles whose cells name the asset.
    #[must_use]
    pub fn names_asset(self) -> bool {
        matches!(self, Self::Asset | Self::Identifier | Self::Name)
    }

    /// The role in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Asset => "asset",
            Self::Identifier => "identifier",
            Self::Name => "name",
            Self::Quantity => "quantity",
            Self::Price => "price",
            Self::Value => "value",
            Self::TargetWeight => "target weight",
            Self::CurrentWeight => "current weight",
            Self::Account => "account",
            Self::AssetClass => "asset class",
            Self::Currency => "currency",
            Self::Date => "date",
            Self::Series => "series",
            Self::Unused => "not used",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ColumnRole;

    #[test]
    fn each_role_has_the_name_that_json_has() {
        for (i, role) in ColumnRole::ALL.into_iter().enumerate() {
            assert_eq!(serde_json::to_value(role).unwrap(), role.name());
            assert_eq!(ColumnRole::ALL.iter().position(|other| *other == role), Some(i));
        }
    }
}
