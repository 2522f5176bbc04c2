//! The share of a variance that predictors explain.

/// A column whose part not explained by the columns before it is smaller than this, relative to itself, is left out.
const COLLINEAR: f64 = 1e-9;

/// R² of the least-squares regression of `outcome` on a constant and `predictors`, between 0 and 1; `None` when the
/// outcome does not vary.
///
/// ```text
/// R² = Σ_k (q_k·y)² / (y·y)
/// ```
///
/// where `y` is the outcome less its mean and the `q_k` are the centred predictors made orthonormal by the modified
/// Gram–Schmidt process. Predictors that are constant or combinations of others are left out. All slices have the
/// length of `outcome`.
pub(super) fn r_squared(outcome: &[f64], predictors: &[Vec<f64>]) -> Option<f64> {
    let y = centred(outcome);
    let total = dot(&y, &y);
    if total <= 0.0 {
        return None;
    }
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(predictors.len());
    for predictor in predictors {
        let mut column = centred(predictor);
        let size = dot(predictor, predictor).sqrt();
        for direction in &basis {
            let along = dot(direction, &column);
            column.iter_mut().zip(direction).for_each(|(c, q)| *c -= along * q);
        }
        let left = dot(&column, &column).sqrt();
        if left > COLLINEAR * size {
            column.iter_mut().for_each(|c| *c /= left);
            basis.push(column);
        }
    }
    let explained: f64 = basis.iter().map(|direction| dot(direction, &y).powi(2)).sum();
    Some((explained / total).clamp(0.0, 1.0))
}

fn centred(values: &[f64]) -> Vec<f64> {
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    values.iter().map(|value| value - mean).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::r_squared;

    #[test]
    fn known_shares() {
        let x = vec![1.0, 2.0, 3.0, 4.0];
        let close = |r: Option<f64>, expected: f64| assert!((r.unwrap() - expected).abs() < 1e-12);
        close(r_squared(&[3.0, 5.0, 7.0, 9.0], std::slice::from_ref(&x)), 1.0);
        // Slope 0.6 on a spread of 5 explains 1.8 of 2.
        close(r_squared(&[1.0, 2.0, 2.0, 3.0], std::slice::from_ref(&x)), 0.9);
        // The same predictor twice, and a constant, add nothing.
        close(r_squared(&[1.0, 2.0, 2.0, 3.0], &[x.clone(), x.clone(), vec![1.0; 4]]), 0.9);
        close(r_squared(&[1.0, -1.0, -1.0, 1.0], &[x]), 0.0);
        assert_eq!(r_squared(&[1.0, 1.0], &[vec![0.0, 1.0]]), None);
    }
}
