//! An asset that may be tilted.

/// One asset that may be tilted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate<'a> {
    /// Position of the asset in the input.
    pub(super) index: usize,
    /// Aligned returns, of equal length for all candidates.
    pub(super) returns: &'a [f64],
    /// Shrunk forecast in excess of the common mean.
    pub(super) attraction: f64,
    /// Standard deviation per period, positive.
    pub(super) volatility: f64,
    /// Largest move of the weight in either direction, `≥ 0`.
    pub(super) cap: f64,
}

#[cfg(test)]
pub(super) mod samples {
    use super::Candidate;

    /// One candidate per row of attraction, volatility and cap.
    pub(in crate::tilt) fn candidates<'a>(rows: &[(f64, f64, f64)], returns: &'a [Vec<f64>]) -> Vec<Candidate<'a>> {
        rows.iter()
            .zip(returns)
            .enumerate()
            .map(|(index, (&(attraction, volatility, cap), returns))| Candidate {
                index,
                returns,
                attraction,
                volatility,
                cap,
            })
            .collect()
    }

    /// Three series of four returns, pairwise uncorrelated, each with standard deviation √(4/3) %.
    pub(in crate::tilt) fn orthogonal() -> Vec<Vec<f64>> {
        vec![vec![0.01, -0.01, 0.01, -0.01], vec![0.01, 0.01, -0.01, -0.01], vec![0.01, -0.01, -0.01, 0.01]]
    }
}
