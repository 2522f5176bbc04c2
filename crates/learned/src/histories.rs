//! The returns that an allocator is trained on and judged by.

use std::ops::Range;

use backtest::History;
use governance::Digest;
use portfolio_core::{CostModel, Currency, Money, ReturnPanel, Universe};
use rl::environments::{Histories as Prices, HistoriesEnv};

use crate::error::LearnedError;
use crate::features::features;
use crate::spec::{AllocatorSpec, PURGED_DAYS, YEAR};

/// Value of a book at the beginning: a million, so that a minor unit is nothing.
const INITIAL_MINOR: i64 = 100_000_000;

/// Returns of assets on the same days.
#[derive(Debug, Clone, Copy)]
pub struct Histories<'a> {
    /// Names of the assets, each once.
    pub names: &'a [&'a str],
    /// Simple returns of each asset, oldest first, each above −1.
    pub returns: &'a [&'a [f64]],
}

impl Histories<'_> {
    /// Number of returns of each asset.
    pub(crate) fn days(&self) -> usize {
        self.returns.first().map_or(0, |own| own.len())
    }

    pub(crate) fn assets(&self) -> usize {
        self.names.len()
    }

    /// Refuses histories that the settings cannot be trained on.
    ///
    /// # Errors
    /// [`LearnedError::Shape`], [`LearnedError::Short`], [`LearnedError::Return`] or [`LearnedError::Still`].
    pub fn check(&self, spec: &AllocatorSpec) -> Result<(), LearnedError> {
        let days = self.days();
        if self.assets() < 2 || self.returns.len() != self.assets() || self.returns.iter().any(|own| own.len() != days)
        {
            return Err(LearnedError::Shape);
        }
        if days < spec.days_min() {
            return Err(LearnedError::Short { found: days, needed: spec.days_min() });
        }
        for (asset, own) in self.returns.iter().enumerate() {
            if let Some(day) = own.iter().position(|r| !(r.is_finite() && *r > -1.0)) {
                return Err(LearnedError::Return { asset, day });
            }
            let mut run = 1;
            for pair in own.windows(2) {
                run = if pair[0] == pair[1] { run + 1 } else { 1 };
                if run >= YEAR {
                    return Err(LearnedError::Still { asset });
                }
            }
        }
        Ok(())
    }

    /// The history as it is replayed.
    pub(crate) fn history(&self) -> Result<History, LearnedError> {
        let universe = Universe::new(self.names.iter().copied())?;
        let series = self.returns.iter().map(|own| own.to_vec()).collect();
        Ok(History::from_returns(ReturnPanel::new(universe, series)?)?)
    }

    /// The rows of prices on which a policy is trained: from the first with a year behind it to the last before the purged days.
    pub(crate) fn training(&self, spec: &AllocatorSpec) -> Range<usize> {
        YEAR..self.days() - spec.held_out - PURGED_DAYS + 1
    }

    /// The row of the first decision held out.
    pub(crate) fn first_held_out(&self, spec: &AllocatorSpec) -> usize {
        self.days() - spec.held_out
    }

    /// The returns that a training sees, its first year among them, and those held out.
    pub(crate) fn split(&self, spec: &AllocatorSpec) -> SplitReturns {
        let (last, first) = (self.training(spec).end - 1, self.first_held_out(spec));
        let of = |range: Range<usize>| self.returns.iter().flat_map(|own| &own[range.clone()]).copied().collect();
        SplitReturns { trained: of(0..last), held_out: of(first..self.days()) }
    }

    /// The features of the row of a day.
    pub(crate) fn seen(&self, row: usize) -> Result<Vec<f64>, LearnedError> {
        let past: Vec<&[f64]> = self.returns.iter().map(|own| &own[..row.min(own.len())]).collect();
        features(&past).ok_or(LearnedError::Short { found: row, needed: YEAR })
    }

    /// The environment of some rows, each of which has a year behind it. An episode is a year, from a day drawn at random.
    pub(crate) fn environment(&self, rows: Range<usize>, spec: &AllocatorSpec) -> Result<HistoriesEnv, LearnedError> {
        let assets = self.assets();
        let mut price = vec![1.0; assets];
        let (mut prices, mut seen) = (Vec::with_capacity(rows.len() * assets), Vec::new());
        for row in rows.start..rows.end {
            if row > rows.start {
                price.iter_mut().zip(self.returns).for_each(|(price, own)| *price *= 1.0 + own[row - 1]);
            }
            prices.extend_from_slice(&price);
            seen.extend(self.seen(row)?);
        }
        let equal = vec![1.0 / assets as f64; assets];
        let value = Money::from_minor(INITIAL_MINOR, Currency::USD);
        let environment = HistoriesEnv::new(Prices::new(assets, prices, seen)?, costs(assets, spec)?, equal, value)?;
        // The highest value of an episode is no part of what a replay tells a policy, and the reward does not depend on it.
        Ok(HistoriesEnv { observes_fall: false, episode: environment.episode.min(YEAR), ..environment })
    }

    /// SHA-256 of what a training is: two that agree in it are the same.
    pub(crate) fn identity(&self, spec: &AllocatorSpec, seed: u64) -> Digest {
        let settings = format!("{spec:?} {seed}");
        let names: Vec<u8> = self.names.iter().flat_map(|name| [name.as_bytes(), b"\n"].concat()).collect();
        let returns: Vec<u8> = self.returns.iter().flat_map(|own| own.iter()).flat_map(|r| r.to_le_bytes()).collect();
        Digest::of_fields("smart-portfolio-rebalancer/learned-training/1", &[settings.as_bytes(), &names, &returns])
    }
}

/// Returns of all assets.
#[derive(Debug)]
pub(crate) struct SplitReturns {
    /// Those that the training saw.
    pub(crate) trained: Vec<f64>,
    /// Those that were held out.
    pub(crate) held_out: Vec<f64>,
}

/// The costs of trades.
pub(crate) fn costs(assets: usize, spec: &AllocatorSpec) -> Result<CostModel, LearnedError> {
    Ok(CostModel::proportional(&vec![spec.cost_bps; assets])?)
}
