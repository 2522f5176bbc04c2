//! Why a member abstains.

use std::fmt;

use serde::Serialize;

/// A member's reason for having no opinion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Abstention {
    /// The reason as a code.
    pub code: AbstentionCode,
    /// The reason as a sentence.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "Returns do not reverse: their first autocorrelation is not negative.")
    )]
    pub sentence: &'static str,
}

/// The reasons a member can have for abstaining.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AbstentionCode {
    /// There are no returns.
    NoHistory,
    /// The history is shorter than the member needs.
    TooFewObservations,
    /// All returns are equal, so their estimation error is unknown.
    ZeroVariance,
    /// Returns do not reverse.
    NoReversal,
    /// A return is not a finite number, or too large to be squared.
    NotComputable,
}

impl AbstentionCode {
    /// The reason as a sentence.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NoHistory => "There is no return history.",
            Self::TooFewObservations => "The return history is shorter than this member needs.",
            Self::ZeroVariance => "All returns are equal, so the error of their mean cannot be estimated.",
            Self::NoReversal => "Returns do not reverse: their first autocorrelation is not negative.",
            Self::NotComputable => "A return is not a finite number, or too large for its square to be one.",
        }
    }
}

impl From<AbstentionCode> for Abstention {
    fn from(code: AbstentionCode) -> Self {
        Self { code, sentence: code.sentence() }
    }
}

/// Prints the sentence.
impl fmt::Display for AbstentionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

/// Prints the sentence.
impl fmt::Display for Abstention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence)
    }
}
