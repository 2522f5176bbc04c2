//! Daily returns of the shares, and what is known of each on a day.

#[path = "../covariances/market.rs"]
mod prices;

use std::error::Error;

/// Days of a block: about a month.
pub(crate) const BLOCK: usize = 21;
/// Days before the first decision: a year for the features, and two for the first training.
pub(crate) const START: usize = 756;
/// What the trees are told of a share.
pub(crate) const FEATURES: [&str; 6] = [
    "return_of_a_week",
    "return_of_a_month",
    "return_of_a_year_but_the_last_month",
    "volatility_of_a_month",
    "volatility_of_a_year",
    "distance_from_the_high_of_a_year",
];

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

    /// What is known before a day, a row for each share: ranks among the shares, from −1/2 to 1/2.
    pub(crate) fn features(&self, day: usize) -> Vec<Vec<f64>> {
        let figures: [fn(&[f64]) -> f64; 6] = [
            |past| compound(latest(past, 5)),
            |past| compound(latest(past, BLOCK)),
            |past| compound(&latest(past, 252)[..252 - BLOCK]),
            |past| deviation(latest(past, BLOCK)),
            |past| deviation(latest(past, 252)),
            |past| from_high(latest(past, 252)),
        ];
        let mut rows = vec![Vec::with_capacity(figures.len()); self.shares()];
        for figure in figures {
            let values: Vec<f64> = self.returns.iter().map(|returns| figure(&returns[..day])).collect();
            for (row, rank) in rows.iter_mut().zip(ranks(&values)) {
                row.push(rank);
            }
        }
        rows
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

fn latest(past: &[f64], days: usize) -> &[f64] {
    &past[past.len() - days..]
}

fn compound(returns: &[f64]) -> f64 {
    returns.iter().fold(1.0, |growth, r| growth * (1.0 + r))
}

fn deviation(returns: &[f64]) -> f64 {
    let mean = returns.iter().sum::<f64>() / returns.len() as f64;
    (returns.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / returns.len() as f64).sqrt()
}

fn from_high(returns: &[f64]) -> f64 {
    let (mut level, mut high) = (1.0_f64, 1.0_f64);
    for r in returns {
        level *= 1.0 + r;
        high = high.max(level);
    }
    level / high
}
