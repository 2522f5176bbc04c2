//! Changed correlations with unchanged volatilities.

use nalgebra::{DMatrix, SymmetricEigen};
use portfolio_core::Covariance;

use super::error::ScenarioError;

/// An eigenvalue of a correlation matrix above this is zero or more up to rounding, and needs no repair.
const NEGATIVE: f64 = -1e-10;

/// The target of the correlations.
#[derive(Debug, Clone, PartialEq)]
pub enum CorrelationTarget {
    /// One level for every pair, from −1 to 1.
    Level(f64),
    /// A matrix of correlations, row by row: symmetric, ones on its diagonal. It may be indefinite, as matrices of
    /// stated numbers often are.
    Matrix(Vec<f64>),
}

/// A covariance with other correlations.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrelationStress {
    /// The covariance: the volatilities as before.
    pub covariance: Covariance,
    /// Whether the blend was not a correlation matrix, so that negative eigenvalues were set to zero.
    pub repaired: bool,
    /// Smallest eigenvalue of the blend before the repair.
    pub smallest_eigenvalue: f64,
    /// The largest change of one correlation by the repair; 0 without it.
    pub largest_repair: f64,
}

/// Moves the correlations of a covariance towards a target: `(1 − blend)·C + blend·T`.
///
/// A blend that is not positive semidefinite is repaired by spectral decomposition: eigenvalues below zero become zero, and the diagonal is scaled
/// back to one (Rebonato and Jäckel, "The most general methodology to create a valid correlation matrix", 1999). An
/// asset without variance has no correlation with others; it keeps zeros.
///
/// # Errors
/// [`ScenarioError::OutOfRange`] for a blend outside 0 to 1, a correlation outside −1 to 1, a matrix that is not symmetric or
/// whose diagonal is not one; [`ScenarioError::Length`].
///
/// ```
/// use portfolio_core::{Covariance, Universe};
/// use stress::scenario::{CorrelationTarget, stress_correlations};
///
/// let assets = Universe::new(["Stocks", "Bonds"])?;
/// let covariance = Covariance::from_rows(assets, &[[0.04, -0.002], [-0.002, 0.01]], 1.0)?;
/// let stressed = stress_correlations(&covariance, &CorrelationTarget::Level(1.0), 1.0)?;
/// // Both assets move as one: the volatility is the sum of their parts.
/// let variance = stressed.covariance.variance(&[0.5, 0.5])?;
/// assert!((variance.sqrt() - (0.5 * 0.2 + 0.5 * 0.1)).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn stress_correlations(
    covariance: &Covariance,
    target: &CorrelationTarget,
    blend: f64,
) -> Result<CorrelationStress, ScenarioError> {
    let n = covariance.assets();
    if !(0.0..=1.0).contains(&blend) {
        return Err(ScenarioError::OutOfRange { what: "blend", value: blend });
    }
    check(target, n)?;
    let values = covariance.as_slice();
    let deviations: Vec<f64> = (0..n).map(|i| values[i * n + i].sqrt()).collect();
    let wanted = |i: usize, j: usize| match target {
        CorrelationTarget::Level(level) => *level,
        CorrelationTarget::Matrix(matrix) => f64::midpoint(matrix[i * n + j], matrix[j * n + i]),
    };
    let blended = DMatrix::from_fn(n, n, |i, j| {
        let scale = deviations[i] * deviations[j];
        if i == j {
            1.0
        } else if scale > 0.0 {
            (1.0 - blend) * values[i * n + j] / scale + blend * wanted(i, j)
        } else {
            0.0
        }
    });
    let eigen = SymmetricEigen::new(blended.clone());
    let smallest_eigenvalue = eigen.eigenvalues.min();
    let repaired = smallest_eigenvalue < NEGATIVE;
    let correlations = if repaired { repair(&eigen) } else { blended.clone() };
    let largest_repair = (&correlations - &blended).amax();
    let entry = |i: usize, j: usize| {
        if i == j { values[i * n + i] } else { correlations[(i, j)] * deviations[i] * deviations[j] }
    };
    let stressed = (0..n * n).map(|at| entry(at / n, at % n)).collect();
    // Definiteness holds up to rounding: by the eigenvalues, or by the repair.
    let covariance = Covariance::estimated(covariance.universe().clone(), stressed, covariance.periods_per_year())?;
    Ok(CorrelationStress { covariance, repaired, smallest_eigenvalue, largest_repair })
}

/// The matrix with only its non-negative eigenvalues, scaled to ones on its diagonal.
fn repair(eigen: &SymmetricEigen<f64, nalgebra::Dyn>) -> DMatrix<f64> {
    let n = eigen.eigenvalues.len();
    let roots = DMatrix::from_fn(n, n, |i, k| eigen.eigenvectors[(i, k)] * eigen.eigenvalues[k].max(0.0).sqrt());
    let product = &roots * roots.transpose();
    let norm = |i: usize| product[(i, i)].max(f64::MIN_POSITIVE).sqrt();
    DMatrix::from_fn(n, n, |i, j| {
        // From the lower half, so that mirrored entries have the same bits.
        let (a, b) = (i.max(j), i.min(j));
        if a == b { 1.0 } else { product[(a, b)] / (norm(a) * norm(b)) }
    })
}

/// A target is one level or a symmetric matrix of correlations.
fn check(target: &CorrelationTarget, n: usize) -> Result<(), ScenarioError> {
    let in_range = |value: f64| {
        if (-1.0..=1.0).contains(&value) {
            Ok(())
        } else {
            Err(ScenarioError::OutOfRange { what: "correlation", value })
        }
    };
    match target {
        CorrelationTarget::Level(level) => in_range(*level),
        CorrelationTarget::Matrix(matrix) => {
            if matrix.len() != n * n {
                return Err(ScenarioError::Length { found: matrix.len(), assets: n * n });
            }
            for i in 0..n {
                for j in 0..=i {
                    let (value, mirror) = (matrix[i * n + j], matrix[j * n + i]);
                    in_range(value)?;
                    in_range(mirror)?;
                    if (value - mirror).abs() > 1e-9 || (i == j && (value - 1.0).abs() > 1e-9) {
                        return Err(ScenarioError::OutOfRange {
                            what: "correlation of a pair, or of an asset with itself,",
                            value,
                        });
                    }
                }
            }
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use portfolio_core::Universe;

    use super::*;

    fn three() -> Covariance {
        let rows = [[0.04, 0.018, 0.002], [0.018, 0.09, -0.003], [0.002, -0.003, 0.01]];
        Covariance::from_rows(Universe::numbered(3).unwrap(), &rows, 252.0).unwrap()
    }

    #[test]
    fn half_a_blend_is_half_way_and_volatilities_stay() {
        let stressed = stress_correlations(&three(), &CorrelationTarget::Level(0.9), 0.5).unwrap();
        let entry = stressed.covariance.get(0, 1).unwrap();
        assert!((entry / (0.2 * 0.3) - (0.5 * 0.3 + 0.5 * 0.9)).abs() < 1e-12);
        for i in 0..3 {
            assert!((stressed.covariance.get(i, i).unwrap() - three().get(i, i).unwrap()).abs() < 1e-16);
        }
        assert!(!stressed.repaired);
        let same = stress_correlations(&three(), &CorrelationTarget::Level(0.9), 0.0).unwrap();
        assert!((same.covariance.get(1, 2).unwrap() + 0.003).abs() < 1e-15);
    }

    #[test]
    fn a_matrix_that_is_no_correlation_is_repaired_to_one() {
        // A and B move as one, B and C too, and A and C opposite: no such assets exist.
        let impossible = CorrelationTarget::Matrix(vec![1.0, 0.95, -0.95, 0.95, 1.0, 0.95, -0.95, 0.95, 1.0]);
        let stressed = stress_correlations(&three(), &impossible, 1.0).unwrap();
        assert!(stressed.repaired && stressed.smallest_eigenvalue < -0.8 && stressed.largest_repair > 0.1);
        let again = Covariance::new(three().universe().clone(), stressed.covariance.as_slice().to_vec(), 252.0);
        assert!(again.is_ok());
        assert!((stressed.covariance.get(2, 2).unwrap() - 0.01).abs() < 1e-15);
        // Three assets cannot all move against each other either.
        assert!(stress_correlations(&three(), &CorrelationTarget::Level(-0.9), 1.0).unwrap().repaired);
    }

    #[test]
    fn bad_targets_are_refused() {
        let refused = |target, blend| stress_correlations(&three(), &target, blend).is_err();
        assert!(refused(CorrelationTarget::Level(1.1), 0.5));
        assert!(refused(CorrelationTarget::Level(f64::NAN), 0.5));
        assert!(refused(CorrelationTarget::Level(0.5), -0.1));
        assert!(refused(CorrelationTarget::Matrix(vec![1.0; 4]), 0.5));
        let mut skew = vec![1.0, 0.5, 0.5, 0.5, 1.0, 0.5, 0.5, 0.5, 1.0];
        skew[1] = 0.4;
        assert!(refused(CorrelationTarget::Matrix(skew.clone()), 0.5));
        skew[1] = 0.5;
        skew[4] = 0.9;
        assert!(refused(CorrelationTarget::Matrix(skew), 0.5));
    }

    #[test]
    fn an_asset_without_variance_stays_without() {
        let rows = [[0.04, 0.0], [0.0, 0.0]];
        let covariance = Covariance::from_rows(Universe::numbered(2).unwrap(), &rows, 1.0).unwrap();
        let stressed = stress_correlations(&covariance, &CorrelationTarget::Level(1.0), 1.0).unwrap();
        assert_eq!(stressed.covariance.as_slice(), covariance.as_slice());
    }
}
