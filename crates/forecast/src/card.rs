//! The card of a forecaster: its identity, its limits, and the parameters behind its numbers.

use std::fmt;

use portfolio_core::ModelParameter;
use serde::Serialize;

/// A forecaster's description of itself: a row of a model inventory, covered by the digest of a plan.
///
/// `id`, `version` and `parameters` identify the forecaster: two forecasters that agree in all three give the same numbers.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct ForecastCard {
    /// The id by which requests name the forecaster, such as `ensemble_v2`.
    pub id: String,
    /// Semantic version; it changes whenever a number may change.
    pub version: String,
    /// What the forecaster is for, one sentence.
    pub purpose: String,
    /// Its members, one phrase each, in the order of their results; empty for a forecaster without members.
    pub members: Vec<String>,
    /// What the forecaster cannot do, one sentence each.
    pub limits: Vec<String>,
    /// Every parameter that can be set and could change a number, in a fixed order. The constants of a formula belong
    /// to its version.
    pub parameters: Vec<ModelParameter>,
}

impl fmt::Display for ForecastCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_displays_as_id_and_version() {
        let card = ForecastCard { id: "a".to_owned(), version: "1.2.3".to_owned(), ..ForecastCard::default() };
        assert_eq!(card.to_string(), "a 1.2.3");
    }
}
