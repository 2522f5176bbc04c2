//! The book that is run through scenarios: names, weights, amounts.

use crate::dto::scenarios::{NotAssessedAsset, NotAssessedReason, ScenarioRequest};

/// Names and weights of a book, and its value.
pub(super) struct ScenarioBook<'a> {
    pub(super) names: Vec<&'a str>,
    pub(super) weights: Vec<f64>,
    pub(super) value: f64,
}

impl<'a> ScenarioBook<'a> {
    pub(super) fn of(request: &'a ScenarioRequest) -> Self {
        Self {
            names: request.assets.iter().map(|asset| asset.asset.trim()).collect(),
            weights: request.weights(),
            value: request.portfolio_value,
        }
    }

    /// What the weights leave to one.
    pub(super) fn cash_weight(&self) -> f64 {
        portfolio_core::round_to_12_decimals(1.0 - self.weights.iter().sum::<f64>())
    }

    /// A share of the book as an amount, to the cent.
    pub(super) fn amount(&self, share: f64) -> f64 {
        cents(share * self.value)
    }

    /// Weights of some assets over those of all, both without signs; 1 for a book of cash.
    pub(super) fn covered(&self, assets: impl Iterator<Item = usize>) -> f64 {
        let gross: f64 = self.weights.iter().map(|weight| weight.abs()).sum();
        let covered: f64 = assets.filter_map(|asset| self.weights.get(asset)).map(|weight| weight.abs()).sum();
        if gross > 0.0 { covered / gross } else { 1.0 }
    }

    /// A row of what a figure leaves out.
    pub(super) fn left_out(&self, asset: usize, reason: NotAssessedReason) -> NotAssessedAsset {
        NotAssessedAsset {
            asset: self.names.get(asset).copied().unwrap_or_default().to_owned(),
            weight: self.weights.get(asset).copied().unwrap_or_default(),
            reason,
            detail: reason.sentence(),
        }
    }
}

/// Rounds to the cent; sums of rounded amounts are rounded again.
pub(super) fn cents(amount: f64) -> f64 {
    (amount * 100.0).round() / 100.0
}
