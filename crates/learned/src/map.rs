//! What an allocator would trade at each drift.

use portfolio_core::{Currency, Money, Rounding, SizingInput, SizingOptions, TradingRules, size_under_rules};
use serde::{Deserialize, Serialize};

use crate::allocator::{SeedPolicy, mean_decision, to_the_edge};
use crate::error::LearnedError;
use crate::histories::costs;
use crate::spec::AllocatorSpec;

/// Drifts on each side of equal weights, and the distance of one from the next, a fraction of the value.
const SIDE: i32 = 10;
const DRIFT: f64 = 0.01;
/// Value of the book, minor units.
const VALUE_MINOR: i64 = 100_000_000;
/// Two-way turnover without a limit.
const NO_LIMIT: f64 = backtest::NO_TURNOVER_LIMIT;

/// What an allocator would trade where one asset has drifted and the others share the rest equally, on a day whose features are the means of those of the
/// training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyMap {
    /// Drifts of the weight of the one asset from equal weights, ascending, fractions of the value.
    pub drifts: Vec<f64>,
    /// By asset.
    pub assets: Vec<AssetMap>,
}

/// What an allocator would do where one asset has drifted. `None` at a drift that makes a weight negative.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssetMap {
    /// Name of the asset.
    pub asset: String,
    /// Its target weight at each drift.
    pub targets: Vec<Option<f64>>,
    /// Half-width of the bands at each drift.
    pub half_widths: Vec<Option<f64>>,
    /// Its trade at each drift, a fraction of the value, positive for a purchase: sized as a live trade is, of a book without cash.
    pub trades: Vec<Option<f64>>,
}

/// The map of policies at some features.
pub(crate) fn map(
    names: &[&str],
    policies: &[SeedPolicy],
    seen: &[f64],
    spec: &AllocatorSpec,
) -> Result<PolicyMap, LearnedError> {
    let assets = names.len();
    let drifts: Vec<f64> = (-SIDE..=SIDE).map(|step| DRIFT * f64::from(step)).collect();
    let equal = 1.0 / assets as f64;
    let of = |asset: usize, name: &str| -> Result<AssetMap, LearnedError> {
        let mut own =
            AssetMap { asset: name.to_owned(), targets: Vec::new(), half_widths: Vec::new(), trades: Vec::new() };
        for drift in &drifts {
            let held = equal + drift;
            let told = if (0.0..=1.0).contains(&held) {
                let mut weights = vec![(1.0 - held) / (assets as f64 - 1.0); assets];
                weights[asset] = held;
                let (target, half_width) = mean_decision(policies, assets, &weights, seen)?;
                let trade = trade(&weights, &target, half_width, spec)?[asset];
                Some((target[asset], half_width, trade))
            } else {
                None
            };
            own.targets.push(told.map(|(target, _, _)| target));
            own.half_widths.push(told.map(|(_, half_width, _)| half_width));
            own.trades.push(told.map(|(_, _, trade)| trade));
        }
        Ok(own)
    };
    let assets = names.iter().enumerate().map(|(asset, name)| of(asset, name)).collect::<Result<_, _>>()?;
    Ok(PolicyMap { drifts, assets })
}

/// The trade of each asset from these weights, fractions of the value.
fn trade(weights: &[f64], target: &[f64], half_width: f64, spec: &AllocatorSpec) -> Result<Vec<f64>, LearnedError> {
    let value = Money::from_minor(VALUE_MINOR, Currency::USD);
    let costs = costs(weights.len(), spec)?;
    let input = SizingInput {
        nav: value,
        cash: Some(Money::from_major(0.0, Currency::USD, Rounding::Floor).map_err(rl::RlError::from)?),
        current: weights,
        target,
        optimized: target,
        price: &vec![1.0; weights.len()],
        costs: &costs,
        histories: None,
    };
    let options = SizingOptions { drift_threshold: 0.0, turnover_limit: NO_LIMIT };
    let mut rules = to_the_edge(TradingRules::plain(weights.len(), half_width), half_width);
    rules.units = weights.iter().map(|weight| weight * value.major()).collect();
    let plan = size_under_rules(&input, &options, &rules)?;
    Ok(plan.rows.iter().map(|row| row.value.major() / value.major()).collect())
}
