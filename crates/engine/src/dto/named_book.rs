//! Named books on the wire: a request for a rebalance under a name, kept in versions.

use governance::Digest;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::Document;
use crate::dto::labels::name_fault;
use crate::dto::metadata::Metadata;
use crate::dto::portfolio::RebalanceRequest;
use crate::fault::Faults;

/// Characters of a book's name.
pub const MAX_BOOK_NAME: usize = 120;

/// A book under a name: the name, and the request for a rebalance that the book holds.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Household Smith",
    "request": {
        "cash": 8431.22,
        "assets": [
            {"asset": "VTI", "quantity": 212, "price": 287.31, "target_weight": 0.6, "lot_size": 1},
            {"asset": "BND", "quantity": 500, "price": 73.44, "target_weight": 0.4, "lot_size": 1}
        ]
    }
}))]
pub struct PortfolioRequest {
    /// The book's name: 1 to 120 printable characters, not blank. Books are identified by their ids; two may have the
    /// same name.
    #[schema(
        example = "Household Smith",
        min_length = 1,
        max_length = 120,
        pattern = "^[^\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]*[^\\s\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029][^\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]*$"
    )]
    pub name: String,
    /// A body of `POST /api/rebalance`. It is checked in the same way, and stored byte for byte as it was sent.
    #[validate(nested)]
    #[serde(deserialize_with = "crate::decode::object")]
    pub request: RebalanceRequest,
}

impl Document for PortfolioRequest {
    fn check_size(&self, faults: &mut Faults) {
        faults.within("/request", |faults| self.request.check_size(faults));
    }

    fn check(&self, faults: &mut Faults) {
        if let Some((code, detail)) = name_fault(&self.name, MAX_BOOK_NAME) {
            faults.add("/name", code, detail);
        }
        faults.within("/request", |faults| self.request.check(faults));
    }
}

/// A version of a named book in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct PortfolioSummary {
    /// The book's id, the same for all of its versions.
    #[schema(example = "b1d6f0c3-52a4-4e0b-9c7d-8f2e1a3b4c5d")]
    pub portfolio_id: String,
    /// Number of the version, from 1 without gaps.
    #[schema(example = 3, minimum = 1)]
    pub version: u64,
    /// The book's name in this version.
    #[schema(example = "Household Smith", min_length = 1, max_length = 120)]
    pub name: String,
    /// Sequence of the audit entry that recorded the version; lists are ordered by sequence, not by time.
    #[schema(example = 17, minimum = 1)]
    pub sequence: u64,
    /// When the request to save it was received, UTC.
    #[schema(example = "2026-01-02T03:04:05.678901Z", format = "date-time")]
    pub saved_at: String,
    /// Id of that request.
    #[schema(example = "0b9c7a1e5d7f4c0f9a3e2b1c4d5e6f70")]
    pub request_id: String,
    /// Version of the engine that checked it.
    #[schema(example = "0.1.0")]
    pub engine_version: String,
    /// SHA-256 over the version; also its ETag.
    #[schema(value_type = String, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    pub digest: Digest,
}

/// A page of versions, most recently saved first: the latest version of each open book, or the versions of one book.
#[derive(Debug, Serialize, ToSchema)]
pub struct PortfolioList {
    /// The versions.
    #[schema(max_items = 200)]
    pub items: Vec<PortfolioSummary>,
    /// Where the next page starts; null on the last one. It is valid for the same filters only.
    #[schema(required, example = "0000000000000011a1b2c3d4e5f60718")]
    pub next_cursor: Option<String>,
    /// When, by which version and for which request this was answered.
    pub metadata: Metadata,
}

/// A version of a named book, with the request byte for byte as stored.
#[derive(Debug, Serialize, ToSchema)]
pub struct PortfolioResponse<'a> {
    /// The book's id, the same for all of its versions.
    #[schema(example = "b1d6f0c3-52a4-4e0b-9c7d-8f2e1a3b4c5d")]
    pub portfolio_id: &'a str,
    /// Number of the version, from 1 without gaps.
    #[schema(example = 3, minimum = 1)]
    pub version: u64,
    /// The book's name in this version.
    #[schema(example = "Household Smith", min_length = 1, max_length = 120)]
    pub name: &'a str,
    /// Sequence of the audit entry that recorded the version.
    #[schema(example = 17, minimum = 1)]
    pub sequence: u64,
    /// When the request to save it was received, UTC.
    #[schema(example = "2026-01-02T03:04:05.678901Z", format = "date-time")]
    pub saved_at: &'a str,
    /// Id of that request.
    #[schema(example = "0b9c7a1e5d7f4c0f9a3e2b1c4d5e6f70")]
    pub request_id: &'a str,
    /// Version of the engine that checked it.
    #[schema(example = "0.1.0")]
    pub engine_version: &'a str,
    /// SHA-256 over the version; also its ETag.
    #[schema(value_type = String, pattern = "^[0-9a-f]{64}$", example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    pub digest: Digest,
    /// The request as it was sent.
    #[schema(value_type = RebalanceRequest)]
    pub request: &'a RawValue,
}
