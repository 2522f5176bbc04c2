//! The interface of every law of shocks.

use std::{collections::BTreeMap, fmt};

use portfolio_core::{ModelParameter, ParameterValue};
use serde::Serialize;

use crate::{LaneStream, Lanes};

/// A distribution of standardised shocks, from which a simulation draws.
///
/// Over one day (one period of the law of prices) the log-returns of all assets are
///
/// ```text
/// Δx = (μ − diag Σ/2)·Δt + F·z·√Δt,   F·Fᵀ = Σ
/// ```
///
/// where this law draws `z`: one row per column of the factor `F`, one lane per path. Every row has mean 0 and variance
/// 1, and no two rows are correlated, so the drift and the covariance of log-returns are those of the caller under any
/// law. Rows may otherwise depend on each other: a multivariate Student-t law divides all rows of a step by one
/// chi-squared number per lane. Shocks of different steps are independent.
///
/// `E Sᵢ(T) = e^{μᵢT}` holds for normal shocks. Under another law `μᵢ − Σᵢᵢ/2` is still the mean of the log-return, but
/// the mean of the price differs, and under a heavy-tailed law it may not exist.
///
/// # Determinism
/// All randomness comes from `stream`. A law that depends on nothing else gives the same paths on any number of
/// threads. For the same bits on any platform, it uses the functions of [`elementary`](crate::elementary) instead of
/// those of the standard library, whose last bits differ between platforms.
///
/// # Example
/// A multivariate Student-t law with five degrees of freedom:
/// ```
/// use std::sync::Arc;
///
/// use portfolio_core::ModelParameter;
/// use stress::{LANES, LaneStream, Lanes, NormalShocks, PortfolioLaw, ShockLaw, SimulationOptions, simulate};
///
/// #[derive(Debug)]
/// struct StudentShocks;
///
/// const DEGREES: usize = 5;
///
/// impl ShockLaw for StudentShocks {
///     fn id(&self) -> &str {
///         "student"
///     }
///
///     fn version(&self) -> &str {
///         "1"
///     }
///
///     fn parameters(&self) -> Vec<ModelParameter> {
///         vec![ModelParameter::new("degrees_of_freedom", DEGREES as f64)]
///     }
///
///     fn fill(&self, stream: &mut LaneStream, rows: &mut [Lanes]) {
///         NormalShocks.fill(stream, rows);
///         // One chi-square number per lane, shared by all rows.
///         let mut squares = [[0.0; LANES]; DEGREES];
///         NormalShocks.fill(stream, &mut squares);
///         for lane in 0..LANES {
///             let chi_square: f64 = squares.iter().map(|row| row[lane] * row[lane]).sum();
///             // A Student variable has the variance ν/(ν − 2); the shocks need 1.
///             let scale = ((DEGREES as f64 - 2.0) / chi_square).sqrt();
///             rows.iter_mut().for_each(|row| row[lane] *= scale);
///         }
///     }
/// }
///
/// let law = PortfolioLaw::new(0.0, 0.3, 252.0)?;
/// let tail = |shocks: Arc<dyn ShockLaw>| {
///     let options = SimulationOptions { horizon_days: 1, shocks, ..SimulationOptions::default() };
///     simulate(law, &options).map(|report| report.statistics.terminal_quantile_01.value)
/// };
/// // The same variance, but a heavier tail.
/// assert!(tail(Arc::new(StudentShocks))? < tail(Arc::new(NormalShocks))?);
/// # Ok::<(), stress::StressError>(())
/// ```
pub trait ShockLaw: fmt::Debug + Send + Sync {
    /// Name of the law, the same for all its parameters: `"normal"`.
    fn id(&self) -> &str;

    /// Version of the algorithm. A change to any number drawn from a seed requires a new version.
    fn version(&self) -> &str;

    /// The parameters; together with id and version they identify the law.
    fn parameters(&self) -> Vec<ModelParameter> {
        Vec::new()
    }

    /// Whether the sum of the shocks of `d` days is distributed as `√d` times one shock, for all rows together.
    ///
    /// Among shocks with a finite variance, only normal ones have this property. Two shortcuts are exact for them and
    /// for no other law: one step to the horizon instead of one step per day, and one asset instead of a portfolio at
    /// fixed weights. A law that does not claim the property is simulated day by day and asset by asset, which takes
    /// longer.
    fn is_stable_under_sums(&self) -> bool {
        false
    }

    /// Id, version and parameters in one value, as a report repeats them.
    fn identity(&self) -> ShockLawIdentity {
        let parameters = self.parameters().into_iter().map(|p| (p.name.into_owned(), p.value)).collect();
        ShockLawIdentity { id: self.id().to_owned(), version: self.version().to_owned(), parameters }
    }

    /// Fills all rows with the shocks of one step.
    ///
    /// `rows` has one row per independent source of risk, which is the rank of the covariance and may be zero. The rows
    /// hold values left from an earlier step.
    fn fill(&self, stream: &mut LaneStream, rows: &mut [Lanes]);
}

/// Two laws are equal when id, version and parameters are.
impl PartialEq for dyn ShockLaw + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id() && self.version() == other.version() && self.parameters() == other.parameters()
    }
}

/// Which law drew the shocks of a simulation.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShockLawIdentity {
    /// Name of the law.
    #[cfg_attr(feature = "openapi", schema(example = "student"))]
    pub id: String,
    /// Version of its algorithm.
    #[cfg_attr(feature = "openapi", schema(example = "1"))]
    pub version: String,
    /// Its parameters by name.
    #[cfg_attr(feature = "openapi", schema(example = json!({"degrees_of_freedom": 5.0})))]
    pub parameters: BTreeMap<String, ParameterValue>,
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::NormalShocks;

    #[derive(Debug)]
    struct Scaled(f64);

    impl ShockLaw for Scaled {
        fn id(&self) -> &str {
            "scaled"
        }

        fn version(&self) -> &str {
            "1"
        }

        fn parameters(&self) -> Vec<ModelParameter> {
            vec![ModelParameter::new("scale", self.0)]
        }

        fn fill(&self, _: &mut LaneStream, _: &mut [Lanes]) {}
    }

    #[test]
    fn laws_are_compared_by_id_version_and_parameters() {
        let laws: [Arc<dyn ShockLaw>; 3] = [Arc::new(NormalShocks), Arc::new(Scaled(1.0)), Arc::new(Scaled(2.0))];
        for (i, a) in laws.iter().enumerate() {
            for (j, b) in laws.iter().enumerate() {
                assert_eq!(a == b, i == j);
            }
        }
    }

    #[test]
    fn an_identity_holds_the_parameters_by_name() {
        let law: &dyn ShockLaw = &Scaled(2.0);
        let identity = law.identity();
        assert_eq!((identity.id.as_str(), identity.version.as_str()), ("scaled", "1"));
        assert_eq!(identity.parameters["scale"], ParameterValue::Number(2.0));
        assert!(!law.is_stable_under_sums(), "the property has to be claimed");
    }
}
