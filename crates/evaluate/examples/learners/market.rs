//! Daily returns of the shares, and what is known of each on a day.

#[path = "../covariances/market.rs"]
mod prices;

use std::error::Error;

/// Days of a block: about a month.
pub(crate) const BLOCK: usize = 21;
/// Days before the first decision: a year for the features, and two for the first training.
pub(crate) const START: usize = 756;
/// Daily simple returns, by share and day.
pub(crate) struct Market {
    returns: Vec<Vec<f64>>,
}

impl Market {
    /// The 20 shares of the shipped file, its first `most` days.
    pub(crate) fn read(most: usize) -> Result<Self, Box<dyn Error>> {
        Ok(Self { returns: prices::returns(most)? })
    }

    pub(crate) fn shares(&self) -> usize {
        self.returns.len()
    }

    /// The days on which holdings are decided, each with a whole block after it.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = usize> {
        let days = self.returns.first().map_or(0, Vec::len);
        (START..days.saturating_sub(BLOCK - 1)).step_by(BLOCK)
    }

    /// Growth of 1 in each share over the block that starts on a day.
    pub(crate) fn growth(&self, day: usize) -> Vec<f64> {
        self.returns.iter().map(|returns| compound(&returns[day..day + BLOCK])).collect()
    }

    /// Returns over that block beyond the mean of all shares.
    pub(crate) fn beyond_mean(&self, day: usize) -> Vec<f64> {
        let growth = self.growth(day);
        let mean = growth.iter().sum::<f64>() / growth.len() as f64;
        growth.iter().map(|growth| growth - mean).collect()
    }

    /// What is known before a day, the row of each share after the other: the ranks among the shares that the trees of the service are told.
    pub(crate) fn features(&self, day: usize) -> Result<Vec<f64>, Box<dyn Error>> {
        let past: Vec<&[f64]> = self.returns.iter().map(|returns| &returns[..day]).collect();
        boosting::features(&past).ok_or_else(|| "a share has no year of returns".into())
    }
}

/// Positions among all values, from −1/2 to 1/2; equal values by their place.
pub(crate) fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]).then(a.cmp(b)));
    let mut ranks = vec![0.0; values.len()];
    for (place, share) in order.into_iter().enumerate() {
        ranks[share] = place as f64 / (values.len() as f64 - 1.0) - 0.5;
    }
    ranks
}

fn compound(returns: &[f64]) -> f64 {
    returns.iter().fold(1.0, |growth, r| growth * (1.0 + r))
}
