//! What a record says about the estimator behind a covariance.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

/// Which estimator made a covariance, in which version and with which parameters.
///
/// Prints as `ewma 1 (decay 0.94, start recursive)`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EstimatorIdentity {
    /// [`CovarianceEstimator::id`](super::CovarianceEstimator::id).
    pub id: String,
    /// [`CovarianceEstimator::version`](super::CovarianceEstimator::version).
    pub version: String,
    /// [`CovarianceEstimator::parameters`](super::CovarianceEstimator::parameters).
    pub parameters: Vec<EstimatorParameter>,
}

/// One parameter of an estimator.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EstimatorParameter {
    /// Its name.
    pub name: Cow<'static, str>,
    /// Its value.
    pub value: ParameterValue,
}

/// The value of a parameter: a number or a choice.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ParameterValue {
    /// A number.
    Number(f64),
    /// The name of a choice.
    Choice(Cow<'static, str>),
}

impl EstimatorParameter {
    /// A parameter that is a number.
    #[must_use]
    pub fn number(name: impl Into<Cow<'static, str>>, value: f64) -> Self {
        Self { name: name.into(), value: ParameterValue::Number(value) }
    }

    /// A parameter that is one of several choices.
    #[must_use]
    pub fn choice(name: impl Into<Cow<'static, str>>, value: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), value: ParameterValue::Choice(value.into()) }
    }
}

impl fmt::Display for EstimatorIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.version)?;
        for (i, parameter) in self.parameters.iter().enumerate() {
            write!(f, "{}{parameter}", if i == 0 { " (" } else { ", " })?;
        }
        f.write_str(if self.parameters.is_empty() { "" } else { ")" })
    }
}

impl fmt::Display for EstimatorParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.value)
    }
}

impl fmt::Display for ParameterValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Choice(choice) => f.pad(choice),
        }
    }
}
