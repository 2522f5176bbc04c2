//! A parameter of a model, as it appears in records.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

/// One parameter of a forecaster, a covariance estimator, a law of shocks or a cost term.
///
/// The id, version and parameters of a model determine its numbers: records print them, and the digest of a run covers
/// them.
///
/// # Example
/// ```
/// use portfolio_core::ModelParameter;
///
/// assert_eq!(ModelParameter::new("decay", 0.94).to_string(), "decay = 0.94");
/// assert_eq!(ModelParameter::new("start", "recursive").to_string(), "start = recursive");
/// assert_eq!(ModelParameter::new("rates_bps", vec![10.0, 2.5]).to_string(), "rates_bps = [10, 2.5]");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelParameter {
    /// Its name, such as `ewma.decay`. A unit comes last, as in `rates_bps`.
    pub name: Cow<'static, str>,
    /// Its value.
    pub value: ParameterValue,
}

/// The value of a parameter of a model: a number, one for each asset, or a text.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum ParameterValue {
    /// A finite number. It is written with enough digits to restore it exactly.
    Number(f64),
    /// A number for each asset, in the order of the universe.
    PerAsset(Vec<f64>),
    /// The name of a choice; for the weights of a trained model, a digest of them.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    Text(Cow<'static, str>),
}

impl ModelParameter {
    /// A parameter with its value: a number, one for each asset, or a text.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>, value: impl Into<ParameterValue>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

impl From<f64> for ParameterValue {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<Vec<f64>> for ParameterValue {
    fn from(numbers: Vec<f64>) -> Self {
        Self::PerAsset(numbers)
    }
}

impl From<&[f64]> for ParameterValue {
    fn from(numbers: &[f64]) -> Self {
        Self::PerAsset(numbers.to_vec())
    }
}

impl From<&'static str> for ParameterValue {
    fn from(text: &'static str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for ParameterValue {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

/// Prints as `name = value`.
impl fmt::Display for ModelParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.name, self.value)
    }
}

impl fmt::Display for ParameterValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::PerAsset(numbers) => {
                for (i, number) in numbers.iter().enumerate() {
                    write!(f, "{}{number}", if i == 0 { "[" } else { ", " })?;
                }
                f.write_str(if numbers.is_empty() { "[]" } else { "]" })
            }
            Self::Text(text) => f.pad(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_prints_with_every_bit_of_its_value() {
        for value in [0.1_f64 + 0.2, 1.0 / 3.0, 5e-324, -0.0, 1e22] {
            let printed = ParameterValue::from(value).to_string();
            assert_eq!(printed.parse::<f64>().unwrap().to_bits(), value.to_bits());
        }
    }

    #[test]
    fn it_is_written_as_its_name_and_its_bare_value() {
        let written = |parameter: ModelParameter| serde_json::to_string(&parameter).unwrap();
        assert_eq!(written(ModelParameter::new("decay", 0.94)), r#"{"name":"decay","value":0.94}"#);
        assert_eq!(written(ModelParameter::new("bps", vec![1.5])), r#"{"name":"bps","value":[1.5]}"#);
        assert_eq!(written(ModelParameter::new("start", "recursive")), r#"{"name":"start","value":"recursive"}"#);
        assert_eq!(ParameterValue::from(Vec::new()).to_string(), "[]");
    }
}
