//! The inputs of the critic.

/// The number of the critic's inputs for an observation of `size` numbers.
pub(super) fn count(size: usize, products: bool) -> usize {
    if products { size + size * (size + 1) / 2 } else { size }
}

/// Rows of observations, each followed by the products of two of its numbers (`i ≤ j`, row by row of the triangle) if
/// requested.
pub(super) fn features(observations: &[f64], size: usize, products: bool) -> Vec<f64> {
    if !products {
        return observations.to_vec();
    }
    let mut out = Vec::with_capacity(observations.len() / size * count(size, products));
    for row in observations.chunks_exact(size) {
        out.extend_from_slice(row);
        for (i, x) in row.iter().enumerate() {
            out.extend(row[i..].iter().map(|y| x * y));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_follow_the_numbers() {
        let found = features(&[2.0, 3.0, 5.0, 7.0], 2, true);
        assert_eq!(found, [2.0, 3.0, 4.0, 6.0, 9.0, 5.0, 7.0, 25.0, 35.0, 49.0]);
        assert_eq!(found.len(), 2 * count(2, true));
        assert_eq!(features(&[2.0, 3.0], 2, false), [2.0, 3.0]);
    }
}
