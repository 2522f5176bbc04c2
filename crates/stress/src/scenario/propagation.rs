//! The expected moves of the other assets when some move by a stated amount.

use portfolio_core::Covariance;

use super::error::ScenarioError;
use super::factorisation::Factor;

/// The largest shock, a gain of 1,000 %; the smallest is −1, a total loss.
pub const MAX_SHOCK: f64 = 10.0;

/// The return of one asset under a shock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PropagatedReturn {
    /// The return: as stated for a shocked asset, expected for another one; at least −1.
    pub value: f64,
    /// Whether the expected return was below −1, a price below zero, and was set to −1.
    pub limited: bool,
}

/// The expected returns of all assets given those of some: `E[r_o | r_s] = Σ_os·Σ_ss⁻¹·r_s`.
///
/// This is the conditional mean of jointly normal returns with mean zero (Anderson, *An Introduction to Multivariate Statistical Analysis*, 3rd
/// edition, theorem 2.5.1; for stress tests: Kupiec, "Stress Testing in a Value at Risk Framework", *Journal of Derivatives* 6(1), 1998). It does not
/// depend on the length of the period, since `Σ` appears once and inverted once. The covariance may include factors
/// besides the assets.
///
/// # Errors
/// [`ScenarioError::Asset`], [`ScenarioError::OutOfRange`] for a shock outside −1 to [`MAX_SHOCK`], and [`ScenarioError::Singular`] with the
/// asset whose move follows from those before it.
///
/// ```
/// use portfolio_core::{Covariance, Universe};
/// use stress::scenario::propagate;
///
/// let assets = Universe::new(["Market", "Fund"])?;
/// // The fund's beta is 0.006/0.01 = 0.6.
/// let covariance = Covariance::from_rows(assets, &[[0.01, 0.006], [0.006, 0.02]], 1.0)?;
/// let returns = propagate(&covariance, &[(0, -0.2)])?;
/// assert_eq!(returns[0].value, -0.2);
/// assert!((returns[1].value + 0.12).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn propagate(covariance: &Covariance, shocked: &[(usize, f64)]) -> Result<Vec<PropagatedReturn>, ScenarioError> {
    let n = covariance.assets();
    let mut stated: Vec<Option<f64>> = vec![None; n];
    for &(asset, shock) in shocked {
        if !(-1.0..=MAX_SHOCK).contains(&shock) {
            return Err(ScenarioError::OutOfRange { what: "shock", value: shock });
        }
        match stated.get_mut(asset) {
            Some(place @ None) => *place = Some(shock),
            _ => return Err(ScenarioError::Asset { asset }),
        }
    }
    let values = covariance.as_slice();
    let among: Vec<f64> =
        shocked.iter().flat_map(|&(i, _)| shocked.iter().map(move |&(j, _)| values[i * n + j])).collect();
    let factor = Factor::of(shocked.len(), &among)
        .map_err(|row| ScenarioError::Singular { asset: shocked.get(row).map_or(0, |&(asset, _)| asset) })?;
    let moves: Vec<f64> = shocked.iter().map(|&(_, shock)| shock).collect();
    let loads = factor.solve(&moves);
    Ok(stated
        .iter()
        .enumerate()
        .map(|(asset, stated)| match stated {
            Some(value) => PropagatedReturn { value: *value, limited: false },
            None => {
                let expected: f64 =
                    shocked.iter().zip(&loads).map(|(&(s, _), load)| values[asset * n + s] * load).sum();
                PropagatedReturn { value: expected.max(-1.0), limited: expected < -1.0 }
            }
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use portfolio_core::Universe;

    use super::*;

    fn three() -> Covariance {
        let rows = [[0.04, 0.018, 0.002], [0.018, 0.09, -0.003], [0.002, -0.003, 0.01]];
        Covariance::from_rows(Universe::numbered(3).unwrap(), &rows, 1.0).unwrap()
    }

    #[test]
    fn two_shocks_give_the_regression_on_both() {
        let returns = propagate(&three(), &[(1, -0.3), (0, -0.1)]).unwrap();
        // Cramer's rule on the two shocked assets.
        let det = 0.04 * 0.09 - 0.018 * 0.018;
        let first = (-0.1 * 0.09 + 0.3 * 0.018) / det;
        let second = (-0.3 * 0.04 + 0.1 * 0.018) / det;
        assert!((returns[2].value - (0.002 * first - 0.003 * second)).abs() < 1e-15);
        assert_eq!((returns[0].value, returns[1].value), (-0.1, -0.3));
    }

    #[test]
    fn a_price_does_not_fall_below_zero() {
        let rows = [[0.01, 0.03], [0.03, 0.16]];
        let covariance = Covariance::from_rows(Universe::numbered(2).unwrap(), &rows, 1.0).unwrap();
        let returns = propagate(&covariance, &[(0, -0.5)]).unwrap();
        assert_eq!(returns[1], PropagatedReturn { value: -1.0, limited: true });
    }

    #[test]
    fn bad_shocks_are_named() {
        let singular = Covariance::from_rows(Universe::numbered(2).unwrap(), &[[1.0, 2.0], [2.0, 4.0]], 1.0).unwrap();
        assert_eq!(propagate(&singular, &[(0, 0.1), (1, 0.1)]), Err(ScenarioError::Singular { asset: 1 }));
        assert_eq!(propagate(&singular, &[(0, 0.1), (0, 0.1)]), Err(ScenarioError::Asset { asset: 0 }));
        assert_eq!(propagate(&singular, &[(2, 0.1)]), Err(ScenarioError::Asset { asset: 2 }));
        for value in [-1.01, 10.01] {
            assert_eq!(propagate(&singular, &[(0, value)]), Err(ScenarioError::OutOfRange { what: "shock", value }));
        }
        assert!(propagate(&singular, &[(0, f64::NAN)]).is_err());
    }
}
