//! The inner product of two vectors.

/// `Σ aᵢ·bᵢ`, added in the order of the entries; extra entries of the longer vector are ignored.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
