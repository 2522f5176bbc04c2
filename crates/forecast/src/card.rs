//! The card of a forecaster: what it is, what it cannot do, and the parameters behind its numbers.

use std::fmt;

use serde::Serialize;

/// What a forecaster says about itself: the row of a model inventory, and what a plan's digest covers.
///
/// `id`, `version` and `parameters` identify the forecaster: two forecasters that agree in all three give the same numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ForecastCard {
    /// The id by which requests name the forecaster, such as `ensemble-v2`.
    pub id: String,
    /// Semantic version; it changes whenever a number could.
    pub version: String,
    /// What the forecaster is for, one sentence.
    pub purpose: String,
    /// Its members, one phrase each, in the order of their results; empty for a forecaster without members.
    pub members: Vec<String>,
    /// What the forecaster cannot do, one sentence each.
    pub limits: Vec<String>,
    /// Every parameter that can be set and could change a number, in a fixed order; the constants of a formula belong to its version.
    pub parameters: Vec<ForecastParameter>,
}

/// One parameter of a forecaster, as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ForecastParameter {
    /// Its name, such as `ewma.decay`.
    pub name: String,
    /// Its value. For the weights of a trained model, a digest of them.
    pub value: String,
}

impl ForecastParameter {
    /// Writes a value down as it displays. An `f64` displays with exactly the digits that restore it, so none of its bits is lost.
    ///
    /// # Example
    /// ```
    /// let decay = forecast::ForecastParameter::new("ewma.decay", 0.94);
    /// assert_eq!(decay.to_string(), "ewma.decay = 0.94");
    /// ```
    pub fn new(name: impl Into<String>, value: impl fmt::Display) -> Self {
        Self { name: name.into(), value: value.to_string() }
    }
}

impl fmt::Display for ForecastParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.name, self.value)
    }
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
    fn a_parameter_keeps_every_bit_of_its_value() {
        for value in [0.1_f64 + 0.2, 1.0 / 3.0, 5e-324, -0.0, 1e22] {
            let parameter = ForecastParameter::new("x", value);
            assert_eq!(parameter.value.parse::<f64>().unwrap().to_bits(), value.to_bits());
        }
    }

    #[test]
    fn a_card_displays_as_id_and_version() {
        let card = ForecastCard { id: "a".to_owned(), version: "1.2.3".to_owned(), ..ForecastCard::default() };
        assert_eq!(card.to_string(), "a 1.2.3");
    }
}
