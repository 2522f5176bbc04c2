//! Identifiers of an asset on the wire, and the rules for them.

use std::collections::HashMap;
use std::str::FromStr;

use portfolio_core::{Cusip, Figi, IdentifierError, Isin, Ticker};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// Identifiers of an asset. They are checked and returned; no figure depends on them. No two assets share an ISIN,
/// CUSIP or FIGI.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssetIdentifiersRequest {
    /// ISIN (ISO 6166), in capitals, with its check digit.
    #[schema(example = "US0378331005", min_length = 12, max_length = 12, pattern = "^[A-Z]{2}[A-Z0-9]{9}[0-9]$")]
    pub isin: Option<String>,
    /// CUSIP (ANSI X9.6), in capitals, with its check digit.
    #[schema(example = "037833100", min_length = 9, max_length = 9, pattern = "^[A-Z0-9*@#]{8}[0-9]$")]
    pub cusip: Option<String>,
    /// FIGI (OMG), in capitals, with its check digit.
    #[schema(
        example = "BBG000B9XRY4",
        min_length = 12,
        max_length = 12,
        pattern = "^[B-DF-HJ-NP-TV-Z]{2}G[B-DF-HJ-NP-TV-Z0-9]{8}[0-9]$"
    )]
    pub figi: Option<String>,
    /// Ticker: ASCII capitals, digits and signs, without blanks. Two assets may have the same ticker.
    #[schema(example = "AAPL", min_length = 1, max_length = 20, pattern = "^[!-`{-~]+$")]
    pub ticker: Option<String>,
}

/// Identifiers of an asset, as they were sent; those that were not sent are absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AssetIdentifiers {
    /// ISIN.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "US0378331005", nullable = false)]
    pub isin: Option<String>,
    /// CUSIP.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "037833100", nullable = false)]
    pub cusip: Option<String>,
    /// FIGI.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "BBG000B9XRY4", nullable = false)]
    pub figi: Option<String>,
    /// Ticker.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "AAPL", nullable = false)]
    pub ticker: Option<String>,
}

impl AssetIdentifiersRequest {
    /// What the answer repeats; `None` when nothing is in it.
    #[must_use]
    pub fn told(self) -> Option<AssetIdentifiers> {
        if self == Self::default() {
            return None;
        }
        let Self { isin, cusip, figi, ticker } = self;
        Some(AssetIdentifiers { isin, cusip, figi, ticker })
    }
}

/// A member, its value, its rule, and whether it names one asset only.
type Member<'a> = (&'static str, &'a Option<String>, fn(&str) -> Option<IdentifierError>, bool);

/// The identifiers of the assets of a request, in order.
pub(super) fn check_identifiers<'a>(
    assets: impl Iterator<Item = Option<&'a AssetIdentifiersRequest>>,
    faults: &mut Faults,
) {
    let mut first: HashMap<(&str, &str), usize> = HashMap::new();
    for (i, identifiers) in assets.enumerate() {
        let Some(AssetIdentifiersRequest { isin, cusip, figi, ticker }) = identifiers else { continue };
        let members: [Member<'_>; 4] = [
            ("isin", isin, error_of::<Isin>, true),
            ("cusip", cusip, error_of::<Cusip>, true),
            ("figi", figi, error_of::<Figi>, true),
            ("ticker", ticker, error_of::<Ticker>, false),
        ];
        for (member, text, error, is_unique) in members {
            let Some(text) = text else { continue };
            let pointer = || format!("/assets/{i}/identifiers/{member}");
            if let Some(error) = error(text) {
                let (code, detail) = words(error);
                faults.add(pointer(), code, detail);
            } else if is_unique {
                let earlier = *first.entry((member, text.as_str())).or_insert(i);
                if earlier != i {
                    faults.add(
                        pointer(),
                        FaultCode::DuplicateIdentifier,
                        format!("repeats that of asset {}", earlier + 1),
                    );
                }
            }
        }
        if faults.is_full() {
            return;
        }
    }
}

fn error_of<T: FromStr<Err = IdentifierError>>(text: &str) -> Option<IdentifierError> {
    text.parse::<T>().err()
}

fn words(error: IdentifierError) -> (FaultCode, String) {
    match error {
        IdentifierError::CheckDigit { expected, found } => (
            FaultCode::Value,
            format!("must end with the check digit {expected}: {found} does not fit its other characters"),
        ),
        IdentifierError::Length { expected, .. } => (FaultCode::Length, format!("must have {expected} characters")),
        IdentifierError::Size { most, .. } => (FaultCode::Length, format!("must have 1 to {most} characters")),
        IdentifierError::Character { position, allowed, .. } => {
            (FaultCode::Value, format!("must have {allowed} as character {}", position + 1))
        }
        other => (FaultCode::Value, other.to_string()),
    }
}
