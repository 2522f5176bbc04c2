//! What the trees are told of an asset: figures of its history as ranks among the assets.

/// Returns that a row of features needs: a year of trading days.
pub const HISTORY: usize = 252;
/// A week and a month of trading days.
const WEEK: usize = 5;
const MONTH: usize = 21;

/// The features, in the order of a row. Each is the rank of a figure among the assets of the panel, from −1/2 for the least to 1/2 for the
/// largest, equal figures sharing the mean of their ranks: no unit of returns and no level of the market enters.
pub const FEATURES: [&str; 6] = [
    "return_of_a_week",
    "return_of_a_month",
    "return_of_a_year_but_the_last_month",
    "volatility_of_a_month",
    "volatility_of_a_year",
    "distance_from_the_high_of_a_year",
];

const FIGURES: [fn(&[f64]) -> f64; 6] = [
    |year| compound(latest(year, WEEK)),
    |year| compound(latest(year, MONTH)),
    |year| compound(&year[..HISTORY - MONTH]),
    |year| deviation(latest(year, MONTH)),
    deviation,
    from_high,
];

/// The row of each asset, one after the other: what trees are told of it on the day after its last return. `None` where an asset has fewer than
/// [`HISTORY`] returns; the latest of them count.
///
/// `histories`: simple returns of each asset, oldest first.
///
/// # Example
/// ```
/// use boosting::{FEATURES, HISTORY, features};
///
/// let (calm, wild) = ([0.001, -0.001].repeat(HISTORY / 2), [0.02, -0.01].repeat(HISTORY / 2));
/// let rows = features(&[&calm, &wild]).unwrap();
/// // The second asset rose more and varied more, and is further below its high, by its last fall of 1 %.
/// assert_eq!(rows[FEATURES.len()..], [0.5, 0.5, 0.5, 0.5, 0.5, -0.5]);
/// assert_eq!(features(&[&calm[1..], &wild]), None);
/// ```
#[must_use]
pub fn features(histories: &[&[f64]]) -> Option<Vec<f64>> {
    let year = |history: &&[f64]| history.len().checked_sub(HISTORY).map(|from| from..history.len());
    let years: Vec<&[f64]> = histories.iter().map(|history| history.get(year(history)?)).collect::<Option<_>>()?;
    Some(rows_of(&years))
}

/// The rows of the assets, one after the other. `years`: the latest [`HISTORY`] returns of each.
pub(crate) fn rows_of(years: &[&[f64]]) -> Vec<f64> {
    let mut rows = vec![0.0; years.len() * FEATURES.len()];
    for (feature, figure) in FIGURES.into_iter().enumerate() {
        let values: Vec<f64> = years.iter().map(|year| figure(year)).collect();
        for (asset, rank) in ranks(&values).into_iter().enumerate() {
            rows[asset * FEATURES.len() + feature] = rank;
        }
    }
    rows
}

/// Ranks from −1/2 to 1/2; equal values share the mean of theirs, and one value alone has 0.
pub(crate) fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let last = values.len().saturating_sub(1).max(1) as f64;
    let mut ranks = vec![0.0; values.len()];
    let mut from = 0;
    while from < order.len() {
        let value = values[order[from]];
        // `==` also where `total_cmp` tells 0 from −0.
        let many = order[from..].iter().take_while(|place| values[**place] == value).count().max(1);
        let shared = if values.len() > 1 { (from as f64 + 0.5 * (many as f64 - 1.0)) / last - 0.5 } else { 0.0 };
        for place in &order[from..from + many] {
            ranks[*place] = shared;
        }
        from += many;
    }
    ranks
}

fn latest(returns: &[f64], periods: usize) -> &[f64] {
    &returns[returns.len().saturating_sub(periods)..]
}

/// The simple return over all of them.
pub(crate) fn compound(returns: &[f64]) -> f64 {
    returns.iter().fold(1.0, |growth, r| growth * (1.0 + r)) - 1.0
}

fn deviation(returns: &[f64]) -> f64 {
    let mean = returns.iter().sum::<f64>() / returns.len() as f64;
    (returns.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / returns.len() as f64).sqrt()
}

/// The level as a share of the highest of the year, 1 at the high itself.
fn from_high(returns: &[f64]) -> f64 {
    let (mut level, mut high) = (1.0_f64, 1.0_f64);
    for r in returns {
        level *= 1.0 + r;
        high = high.max(level);
    }
    level / high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_the_mean_of_their_ranks() {
        assert_eq!(ranks(&[3.0, 1.0, 2.0]), [0.5, -0.5, 0.0]);
        // Places 1 and 2 of 0 to 3 are shared: 1.5/3 − 1/2.
        assert_eq!(ranks(&[5.0, 1.0, 5.0, 9.0]), [0.0, -0.5, 0.0, 0.5]);
        assert_eq!(ranks(&[0.0, -0.0, 7.0]), [-0.25, -0.25, 0.5]);
        assert_eq!((ranks(&[4.0]), ranks(&[])), (vec![0.0], vec![]));
    }

    #[test]
    fn a_row_ranks_each_figure_among_the_assets() {
        // The second asset rises in the last week only, the third falls all year.
        let flat = vec![0.0; HISTORY];
        let mut risen = flat.clone();
        risen[HISTORY - 2] = 0.1;
        let falling = vec![-0.001; HISTORY];
        let rows = rows_of(&[&flat, &risen, &falling]);
        let feature = |asset: usize, name: &str| {
            rows[asset * FEATURES.len() + FEATURES.iter().position(|known| *known == name).unwrap()]
        };
        assert_eq!([0, 1, 2].map(|asset| feature(asset, "return_of_a_week")), [0.0, 0.5, -0.5]);
        assert_eq!([0, 1, 2].map(|asset| feature(asset, "return_of_a_year_but_the_last_month")), [0.25, 0.25, -0.5]);
        assert_eq!(feature(1, "volatility_of_a_month"), 0.5);
        assert_eq!(feature(2, "distance_from_the_high_of_a_year"), -0.5);
    }
}
