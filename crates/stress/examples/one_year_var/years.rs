//! Years that ended below the 5 % quantile predicted before them, on the shipped price histories, and how many of them 5 % allows.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;

use flate2::read::GzDecoder;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use stress::{DriftPrior, PortfolioLaw};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/");
/// Trading days of a year.
pub(crate) const YEAR: usize = 252;
const STEP: usize = 21;
/// 5 % quantile of a standard normal variable.
const NORMAL_05: f64 = -1.644_853_626_951_472_2;
/// The share of years that should end below it.
const PREDICTED: f64 = 0.05;

/// Months of a block of the bootstrap: years that begin less than one apart overlap, and twice that keeps most of what they share.
const BLOCK: usize = 24;
/// Samples of the bootstrap.
const SAMPLES: usize = 10_000;

/// Histories of one kind.
pub(crate) struct Group {
    /// What they are.
    pub name: &'static str,
    /// Month of each day on which a return begins, months since year 0.
    pub months: Vec<u32>,
    /// Daily returns of each.
    pub series: Vec<Vec<f64>>,
}

/// Years of some histories, begun monthly.
#[derive(Debug, Clone, Default)]
pub(crate) struct Count {
    /// Years below the quantile under the drift of the history, and under its posterior.
    pub below: [f64; 2],
    /// Years.
    pub years: f64,
    /// Years of the longest history that do not overlap. Histories of one kind move together, so more of them add little.
    pub apart: usize,
    /// Years that begin in a month: below the quantile under the posterior, and all.
    pub by_month: BTreeMap<u32, [f64; 2]>,
}

impl Count {
    /// The sum of two counts; years apart are those of the longer one.
    pub(crate) fn with(mut self, other: Self) -> Self {
        for (month, [below, years]) in other.by_month {
            let sum = self.by_month.entry(month).or_default();
            *sum = [sum[0] + below, sum[1] + years];
        }
        let below = [self.below[0] + other.below[0], self.below[1] + other.below[1]];
        let (years, apart) = (self.years + other.years, self.apart.max(other.apart));
        Self { below, years, apart, by_month: self.by_month }
    }

    /// The 95 % interval of the share below the quantile under the posterior, from a circular block bootstrap of the months in which years
    /// begin (Politis and Romano 1992): all years that begin in a month are drawn together, and months in blocks of two years, so that neither
    /// the overlap of years nor what the histories share makes the interval narrower. `None` without years.
    pub(crate) fn interval(&self) -> Option<[f64; 2]> {
        let (first, last) = (*self.by_month.keys().next()?, *self.by_month.keys().next_back()?);
        let months: Vec<[f64; 2]> =
            (first..=last).map(|month| self.by_month.get(&month).copied().unwrap_or_default()).collect();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut shares: Vec<f64> = Vec::with_capacity(SAMPLES);
        for _ in 0..SAMPLES {
            let mut sum = [0.0; 2];
            let mut drawn = 0;
            while drawn < months.len() {
                let start = (rng.next_u64() % months.len() as u64) as usize;
                let length = BLOCK.min(months.len() - drawn);
                for month in (start..start + length).map(|at| months[at % months.len()]) {
                    sum = [sum[0] + month[0], sum[1] + month[1]];
                }
                drawn += length;
            }
            if sum[1] > 0.0 {
                shares.push(sum[0] / sum[1]);
            }
        }
        shares.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| shares.get((share * shares.len() as f64) as usize).copied();
        Some([at(0.025)?, at(0.975)?])
    }

    /// The shares of years below the quantile.
    pub(crate) fn shares(&self) -> [f64; 2] {
        self.below.map(|below| below / self.years)
    }

    /// The shares that are not distinguishable from 5 % at the level 0.05, two-sided, by the exact binomial law of the years that do
    /// not overlap.
    pub(crate) fn allowed(&self) -> [f64; 2] {
        let n = self.apart;
        let mut at_most = 0.0;
        let mut mass = (1.0 - PREDICTED).powi(n as i32);
        let (mut least, mut most) = (0, n);
        for k in 0..=n {
            // The probability of fewer than k, then of at most k.
            if at_most < 0.025 {
                least = k;
            }
            at_most += mass;
            if at_most >= 0.975 {
                most = k;
                break;
            }
            mass *= (n - k) as f64 / (k + 1) as f64 * PREDICTED / (1.0 - PREDICTED);
        }
        [least as f64 / n as f64, most as f64 / n as f64]
    }
}

/// The shipped histories that an investor can earn.
pub(crate) fn groups() -> Result<Vec<Group>, Box<dyn Error>> {
    let (names, months, stocks) = daily_returns("stocks_1990_2022.csv.gz")?;
    let index = names.iter().position(|name| name == "SP500_INDEX").ok_or("no index")?;
    let (stocks, index) = (stocks[..index].to_vec(), stocks[index].clone());
    let equal = (0..index.len()).map(|t| stocks.iter().map(|s| s[t]).sum::<f64>() / stocks.len() as f64).collect();
    let (names, other_months, mixed) = daily_returns("multi_asset_1999_2017.csv.gz")?;
    let others = names.iter().zip(mixed).filter(|(name, _)| is_no_stock(name)).map(|(_, s)| s).collect();
    Ok(vec![
        Group { name: "20 stocks, equal weights, 1990-2022", months: months.clone(), series: vec![equal] },
        Group { name: "S&P 500 index, 1990-2022", months: months.clone(), series: vec![index] },
        Group { name: "20 stocks, each alone, 1990-2022", months, series: stocks },
        Group { name: "Treasuries, oil, currencies, 1999-2017", months: other_months, series: others },
    ])
}

fn is_no_stock(name: &str) -> bool {
    name.starts_with("UST") || name == "WTI" || name.ends_with("USD")
}

/// The count of a group after histories of `history` days.
pub(crate) fn count(group: &Group, history: usize, prior: &DriftPrior) -> Result<Count, Box<dyn Error>> {
    let of_one = |series: &Vec<f64>| of_series(series, &group.months, history, prior);
    group.series.iter().try_fold(Count::default(), |sum, series| Ok(sum.with(of_one(series)?)))
}

/// Years below the quantile of the law of the history and of the predictive law.
fn of_series(returns: &[f64], months: &[u32], history: usize, prior: &DriftPrior) -> Result<Count, Box<dyn Error>> {
    let mut count = Count { apart: (returns.len() - history) / YEAR, ..Count::default() };
    for end in (history..=returns.len() - YEAR).step_by(STEP) {
        let sample = PortfolioLaw::from_portfolio_returns(&returns[end - history..end], 252.0)?;
        let predictive = prior.posterior(&sample, history).predictive(&sample, YEAR)?;
        let came: f64 = returns[end..end + YEAR].iter().map(|r| (1.0 + r).ln()).sum();
        let is_below = [sample, predictive].map(|law| {
            let sigma = law.volatility_annual();
            f64::from(came < law.drift_annual() - sigma * sigma / 2.0 + NORMAL_05 * sigma)
        });
        count.below.iter_mut().zip(is_below).for_each(|(sum, below)| *sum += below);
        count.years += 1.0;
        let of_month = count.by_month.entry(months[end]).or_default();
        *of_month = [of_month[0] + is_below[1], of_month[1] + 1.0];
    }
    Ok(count)
}

/// Names of series, the month in which each return begins, and the daily returns of each series.
type NamedReturns = (Vec<String>, Vec<u32>, Vec<Vec<f64>>);

/// The series of a file.
fn daily_returns(file: &str) -> Result<NamedReturns, Box<dyn Error>> {
    let mut reader = csv::Reader::from_reader(GzDecoder::new(File::open(format!("{DATA}{file}"))?));
    let names: Vec<String> = reader.headers()?.iter().skip(1).map(str::to_owned).collect();
    let mut prices = vec![Vec::new(); names.len()];
    let mut months = Vec::new();
    for row in reader.records() {
        let row = row?;
        let mut date = row.get(0).ok_or("no date")?.split('-');
        let mut number = || date.next().ok_or("no date")?.parse::<u32>().map_err(|_| "no date");
        months.push(12 * number()? + number()? - 1);
        for (column, series) in row.iter().skip(1).zip(&mut prices) {
            series.push(column.parse::<f64>()?);
        }
    }
    let returns = |p: &Vec<f64>| p.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect();
    Ok((names, months, prices.iter().map(returns).collect()))
}
