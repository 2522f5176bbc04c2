//! Names of limits, and what a binding one costs.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::certificate::{AT, Certified};
use crate::decimals::push_two_decimals;
use crate::problem::RebalanceProblem;
use crate::program::Program;

/// One limit of a problem.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Limit {
    /// `cash_min`.
    CashMin,
    /// `cash_max`.
    CashMax,
    /// `lower` of an asset.
    Lower {
        /// Position of the asset, from 0.
        #[cfg_attr(feature = "openapi", schema(example = 0))]
        asset: usize,
    },
    /// `upper` of an asset.
    Upper {
        /// Position of the asset, from 0.
        #[cfg_attr(feature = "openapi", schema(example = 0))]
        asset: usize,
    },
    /// A restriction, or the largest trade, of an asset.
    Trade {
        /// Position of the asset, from 0.
        #[cfg_attr(feature = "openapi", schema(example = 0))]
        asset: usize,
    },
    /// Lower limit of a group.
    GroupLower {
        /// Name of the group.
        #[cfg_attr(feature = "openapi", schema(example = "equities"))]
        name: String,
    },
    /// Upper limit of a group.
    GroupUpper {
        /// Name of the group.
        #[cfg_attr(feature = "openapi", schema(example = "equities"))]
        name: String,
    },
    /// Lower limit of an exposure.
    ExposureLower {
        /// Name of the exposure.
        #[cfg_attr(feature = "openapi", schema(example = "equities"))]
        name: String,
    },
    /// Upper limit of an exposure.
    ExposureUpper {
        /// Name of the exposure.
        #[cfg_attr(feature = "openapi", schema(example = "equities"))]
        name: String,
    },
    /// `turnover_max`.
    Turnover,
    /// `leverage_max`.
    Leverage,
    /// `te_max`.
    TrackingError,
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CashMin => write!(f, "the smallest cash"),
            Self::CashMax => write!(f, "the largest cash"),
            Self::Lower { asset } => write!(f, "the lower bound of asset {asset}"),
            Self::Upper { asset } => write!(f, "the upper bound of asset {asset}"),
            Self::Trade { asset } => write!(f, "the trading restriction of asset {asset}"),
            Self::GroupLower { name } => write!(f, "the floor of group {name}"),
            Self::GroupUpper { name } => write!(f, "the cap of group {name}"),
            Self::ExposureLower { name } => write!(f, "the floor of exposure {name}"),
            Self::ExposureUpper { name } => write!(f, "the cap of exposure {name}"),
            Self::Turnover => write!(f, "the turnover cap"),
            Self::Leverage => write!(f, "the leverage cap"),
            Self::TrackingError => write!(f, "the tracking-error cap"),
        }
    }
}

/// What a binding limit costs at the margin.
///
/// The price is the multiplier of the limit: the rate at which the objective, a fraction of the book per year, would
/// improve if the limit were looser. It holds for small changes; the saving shrinks as the limit gives way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConstraintPrice {
    /// Which limit.
    pub limit: Limit,
    /// Where it stands, a fraction of the book (tracking error: annual).
    #[cfg_attr(feature = "openapi", schema(example = 0.2))]
    pub value: f64,
    /// Objective gained per unit of loosening, at least 0.
    #[cfg_attr(feature = "openapi", schema(example = 0.0123))]
    pub multiplier: f64,
    /// Basis points of the book a year gained by loosening the limit by one percentage point.
    #[cfg_attr(feature = "openapi", schema(example = 1.23))]
    pub bp_per_point: f64,
    /// The same in currency a year; absent without a portfolio value.
    #[cfg_attr(feature = "openapi", schema(example = 123.0))]
    pub currency_per_point: Option<f64>,
    /// The same in words.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "turnover at most 20.00 %: one more point is worth 1.23 bp a year.")
    )]
    pub sentence: String,
}

/// What a price means, in words.
pub(crate) fn sentence(limit: &Limit, value: f64, bp: f64, currency: Option<f64>) -> String {
    let mut out = String::with_capacity(128);
    // Writing to a string cannot fail.
    let _ = write!(out, "Loosening {limit}, now ");
    push_two_decimals(&mut out, value * 100.0);
    out.push_str(" %, by one percentage point is worth ");
    push_two_decimals(&mut out, bp);
    out.push_str(" bp of the book a year");
    if let Some(money) = currency {
        out.push_str(" (");
        push_two_decimals(&mut out, money);
        out.push_str(" in currency)");
    }
    out.push('.');
    out
}

/// Prices of the limits that bind: caps of the whole book first, then groups, exposures and single assets.
pub(crate) fn prices(
    problem: &RebalanceProblem,
    p: &Program<'_>,
    w: &[f64],
    c: &Certified,
    portfolio_value: Option<f64>,
) -> Vec<ConstraintPrice> {
    let mut out = Vec::new();
    let duals = &c.certificate.duals;
    let floor = 1e-9 * c.objective.abs().max(1e-3);
    let mut push = |limit: Limit, value: f64, multiplier: f64| {
        if multiplier > floor {
            let bp = multiplier * 100.0;
            let currency = portfolio_value.map(|v| multiplier * 0.01 * v);
            let sentence = sentence(&limit, value, bp, currency);
            out.push(ConstraintPrice {
                limit,
                value,
                multiplier,
                bp_per_point: bp,
                currency_per_point: currency,
                sentence,
            });
        }
    };
    if let Some(te) = problem.te_max {
        push(Limit::TrackingError, te, 2.0 * te * duals.tracking_variance);
    }
    if let Some(t) = problem.turnover_max {
        push(Limit::Turnover, t, duals.turnover);
    }
    if let Some(l) = problem.leverage_max {
        push(Limit::Leverage, l, duals.leverage);
    }
    push(Limit::CashMin, problem.cash_min, duals.budget);
    push(Limit::CashMax, problem.cash_max, -duals.budget);
    for (g, y) in problem.groups.iter().zip(&duals.groups) {
        push(Limit::GroupUpper { name: g.name.clone() }, g.upper, *y);
        push(Limit::GroupLower { name: g.name.clone() }, g.lower, -*y);
    }
    for (e, y) in problem.exposures.iter().zip(&duals.exposures) {
        push(Limit::ExposureUpper { name: e.name.clone() }, e.upper, *y);
        push(Limit::ExposureLower { name: e.name.clone() }, e.lower, -*y);
    }
    for asset in 0..w.len() {
        if w[asset] >= p.upper[asset] - AT {
            let own = p.upper[asset] >= problem.upper[asset];
            let limit = if own { Limit::Upper { asset } } else { Limit::Trade { asset } };
            push(limit, p.upper[asset], -c.right[asset]);
        }
        if w[asset] <= p.lower[asset] + AT {
            let own = p.lower[asset] <= problem.lower[asset];
            let limit = if own { Limit::Lower { asset } } else { Limit::Trade { asset } };
            push(limit, p.lower[asset], c.left[asset]);
        }
    }
    out
}
