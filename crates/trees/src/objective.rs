//! How the raw score of an objective becomes a prediction.

use std::fmt;

/// The objective of the training, which determines how the sum of the trees becomes a prediction.
///
/// Names and formulas are those of LightGBM.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Objective {
    /// The prediction is the raw score: `regression`, `regression_l1`, `huber`, `fair`, `quantile`, `mape`.
    Identity(String),
    /// The sign of the score times its square: `regression sqrt`.
    SignedSquare,
    /// e to the power of the score: `poisson`, `gamma`, `tweedie`.
    Exponential(String),
    /// 1 / (1 + e^(-s score)): `binary` with its factor s, and `cross_entropy` with s = 1.
    Logistic {
        /// The name.
        name: String,
        /// The factor s.
        sigmoid: f64,
    },
    /// ln(1 + e^score): `cross_entropy_lambda`.
    LogOnePlusExp,
    /// An objective whose formula is not known here, such as a ranking or a custom one; raw scores only.
    Unknown(String),
}

impl Objective {
    /// Reads the objective line of a LightGBM model.
    pub(crate) fn read(line: &str) -> Self {
        let mut words = line.split_ascii_whitespace();
        let name = words.next().unwrap_or_default();
        let rest: Vec<&str> = words.collect();
        match (name, rest.as_slice()) {
            ("regression", []) => Self::Identity(name.to_owned()),
            ("regression", ["sqrt"]) => Self::SignedSquare,
            ("regression_l1" | "huber" | "fair" | "quantile" | "mape", _) => Self::Identity(line.trim().to_owned()),
            ("poisson" | "gamma" | "tweedie", _) => Self::Exponential(line.trim().to_owned()),
            ("cross_entropy", []) => Self::Logistic { name: name.to_owned(), sigmoid: 1.0 },
            ("cross_entropy_lambda", []) => Self::LogOnePlusExp,
            ("binary", [factor]) => match factor.strip_prefix("sigmoid:").map(str::parse::<f64>) {
                Some(Ok(sigmoid)) if sigmoid.is_finite() && sigmoid > 0.0 => {
                    Self::Logistic { name: name.to_owned(), sigmoid }
                }
                _ => Self::Unknown(line.trim().to_owned()),
            },
            _ => Self::Unknown(line.trim().to_owned()),
        }
    }

    /// Whether predictions are raw scores.
    #[must_use]
    pub const fn is_identity(&self) -> bool {
        matches!(self, Self::Identity(_))
    }

    /// The prediction for a raw score; none if the formula is unknown or its value overflows.
    #[must_use]
    pub fn transform(&self, raw: f64) -> Option<f64> {
        let value = match self {
            Self::Identity(_) => raw,
            Self::SignedSquare => raw * raw.abs(),
            Self::Exponential(_) => raw.exp(),
            Self::Logistic { sigmoid, .. } => 1.0 / (1.0 + (-sigmoid * raw).exp()),
            Self::LogOnePlusExp if raw > 40.0 => raw,
            Self::LogOnePlusExp => raw.exp().ln_1p(),
            Self::Unknown(_) => return None,
        };
        value.is_finite().then_some(value)
    }
}

impl fmt::Display for Objective {
    /// Writes the objective line of a LightGBM model.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identity(line) | Self::Exponential(line) | Self::Unknown(line) => f.write_str(line),
            Self::SignedSquare => f.write_str("regression sqrt"),
            Self::Logistic { name, sigmoid } if name == "binary" => write!(f, "binary sigmoid:{sigmoid}"),
            Self::Logistic { name, .. } => f.write_str(name),
            Self::LogOnePlusExp => f.write_str("cross_entropy_lambda"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_and_written_back() {
        for (line, raw, prediction) in [
            ("regression", -2.0, Some(-2.0)),
            ("regression sqrt", -2.0, Some(-4.0)),
            ("quantile alpha:0.9", 1.5, Some(1.5)),
            ("poisson", 0.0, Some(1.0)),
            ("poisson", 1000.0, None),
            ("binary sigmoid:2", 0.0, Some(0.5)),
            ("binary sigmoid:1", 800.0, Some(1.0)),
            ("cross_entropy", -800.0, Some(0.0)),
            ("cross_entropy_lambda", 1000.0, Some(1000.0)),
            ("cross_entropy_lambda", 0.0, Some(std::f64::consts::LN_2)),
            ("lambdarank", 1.0, None),
            ("binary sigmoid:-1", 1.0, None),
        ] {
            let objective = Objective::read(line);
            assert_eq!(objective.to_string(), line);
            assert_eq!(objective.transform(raw), prediction, "{line}");
        }
    }
}
