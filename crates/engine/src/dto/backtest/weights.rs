//! The target weights of a policy on trial: in the order of the series, or by name.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::series::BacktestSeries;
use crate::decode::pairs;
use crate::dto::checks::check_distinct;
use crate::dto::ranges::PortfolioWeight;
use crate::fault::{Faults, segment};
use crate::fault_code::FaultCode;

/// How far a sum of weights may be from one for each of them: they may be printed with six decimals, each off by as much.
const SUM_TOLERANCE: f64 = 1e-6;
/// A sum this close to one counts as one: scaling would only add noise to decimal weights.
const EXACT: f64 = 1e-9;

/// Target weights, fractions of NAV.
#[derive(Debug, Clone, PartialEq)]
pub enum BacktestWeights {
    /// One per asset, in the order of the series.
    List(Vec<f64>),
    /// By the name of the asset, in the order sent.
    Named(Vec<(String, f64)>),
}

/// Target weights in the order of the series, or by the name of the series.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(example = json!([0.6, 0.4]))]
pub enum BacktestWeightsInput {
    /// One weight per series, in their order; the rest to one is cash.
    #[schema(value_type = Vec<PortfolioWeight>)]
    List(Vec<f64>),
    /// Weights by the name of the series. A series that is left out has weight 0, and the weights then have to sum to
    /// one.
    #[schema(value_type = BTreeMap<String, PortfolioWeight>)]
    Named(BTreeMap<String, f64>),
}

impl<'de> Deserialize<'de> for BacktestWeights {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WeightsVisitor;

        impl<'de> Visitor<'de> for WeightsVisitor {
            type Value = BacktestWeights;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of numbers or an object of numbers")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<BacktestWeights, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(items)).map(BacktestWeights::List)
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<BacktestWeights, A::Error> {
                pairs(MapAccessDeserializer::new(members)).map(BacktestWeights::Named)
            }
        }

        deserializer.deserialize_any(WeightsVisitor)
    }
}

impl BacktestWeights {
    /// One weight per series, in their order: 0 for a series that is not named. A sum above one by its tolerance is scaled to one.
    #[must_use]
    pub fn in_order(&self, series: BacktestSeries<'_>) -> Vec<f64> {
        let mut weights = self.as_sent(series);
        let sum: f64 = weights.iter().sum();
        if sum > 1.0 + EXACT {
            weights.iter_mut().for_each(|weight| *weight /= sum);
        }
        weights
    }

    fn as_sent(&self, series: BacktestSeries<'_>) -> Vec<f64> {
        match self {
            Self::List(weights) => weights.clone(),
            Self::Named(named) => {
                let by_name: BTreeMap<&str, f64> = named.iter().map(|(name, weight)| (name.trim(), *weight)).collect();
                series.names().map(|name| by_name.get(name.trim()).copied().unwrap_or(0.0)).collect()
            }
        }
    }

    pub(super) fn check(&self, at: &str, series: BacktestSeries<'_>, faults: &mut Faults) {
        match self {
            Self::List(weights) => {
                let assets = series.assets();
                if weights.len() != assets {
                    faults.add(at, FaultCode::Length, format!("must have {assets} entries, one per asset"));
                }
                check_range(weights.iter().enumerate().map(|(i, weight)| (i.to_string(), *weight)), at, faults);
            }
            Self::Named(named) => {
                let known: BTreeMap<&str, ()> = series.names().map(|name| (name.trim(), ())).collect();
                for (name, _) in named.iter().filter(|(name, _)| !known.contains_key(name.trim())) {
                    faults.add(
                        format!("{at}/{}", segment(name)),
                        FaultCode::UnknownMember,
                        "is not the name of a series",
                    );
                    if faults.is_full() {
                        return;
                    }
                }
                check_distinct(
                    named.iter().map(|(name, _)| name.as_str()),
                    |i| format!("{at}/{}", named.get(i).map(|(name, _)| segment(name)).unwrap_or_default()),
                    faults,
                );
                check_range(named.iter().map(|(name, weight)| (segment(name), *weight)), at, faults);
                let sum = self.sum();
                // A forgotten name must not pass as a wish for cash.
                if named.len() < series.assets() && sum < 1.0 - self.tolerance() {
                    let detail = format!(
                        "must sum to 1 when a series is left out, and sum to {sum}: name every series to hold the rest in cash"
                    );
                    faults.add(at, FaultCode::Weights, detail);
                }
            }
        }
        let sum = self.sum();
        if sum > 1.0 + self.tolerance() {
            faults.add(at, FaultCode::Weights, format!("must sum to at most 1, and sum to {sum}"));
        }
    }

    fn tolerance(&self) -> f64 {
        let weights = match self {
            Self::List(weights) => weights.len(),
            Self::Named(named) => named.len(),
        };
        SUM_TOLERANCE * weights.max(1) as f64
    }

    fn sum(&self) -> f64 {
        match self {
            Self::List(weights) => weights.iter().sum(),
            Self::Named(named) => named.iter().map(|(_, weight)| weight).sum(),
        }
    }
}

/// Each weight with the last segment of its pointer.
fn check_range(weights: impl Iterator<Item = (String, f64)>, at: &str, faults: &mut Faults) {
    for (place, _) in weights.filter(|(_, weight)| !(0.0..=1.0).contains(weight)) {
        faults.add(format!("{at}/{place}"), FaultCode::Range, "must be at least 0 and at most 1");
        if faults.is_full() {
            return;
        }
    }
}
