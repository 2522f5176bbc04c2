//! The names, multipliers and slacks of limits, as they are serialised.

use serde::{Deserialize, Serialize};

use crate::multipliers::Multipliers;
use crate::problem::RebalanceProblem;

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
    /// `turnover_limit`.
    Turnover,
    /// `leverage_max`.
    Leverage,
    /// `tracking_error_max`.
    TrackingError,
}

/// Multipliers of the limits that couple assets, in units of the objective.
///
/// Together with the weights they prove optimality: the multipliers of the single weights follow from them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DualValues {
    /// Budget row `1 − cash_max ≤ Σw ≤ 1 − cash_min`: positive when `cash_min` binds, negative when `cash_max` does.
    #[cfg_attr(feature = "openapi", schema(example = 0.05))]
    pub budget: f64,
    /// One per group: positive when the upper limit binds, negative when the lower does.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.0, 0.004])))]
    pub groups: Vec<f64>,
    /// One per exposure limit, signed as for groups.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.0, 0.0])))]
    pub exposures: Vec<f64>,
    /// Turnover cap, at least 0.
    #[cfg_attr(feature = "openapi", schema(example = 0.0123))]
    pub turnover: f64,
    /// Leverage cap, at least 0.
    #[cfg_attr(feature = "openapi", schema(example = 0.0))]
    pub leverage: f64,
    /// Cap on the squared tracking error, at least 0.
    #[cfg_attr(feature = "openapi", schema(example = 0.8))]
    pub tracking_variance: f64,
}

impl DualValues {
    /// The multipliers of the rows of `problem`'s programme (budget, groups, exposures), assigned to the limits.
    pub(crate) fn of(problem: &RebalanceProblem, m: &Multipliers) -> Self {
        let (budget, named) = m.rows.split_first().map_or((0.0, &[][..]), |(first, rest)| (*first, rest));
        let (groups, exposures) = named.split_at(problem.groups.len().min(named.len()));
        Self {
            budget,
            groups: groups.to_vec(),
            exposures: exposures.to_vec(),
            turnover: m.turnover,
            leverage: m.leverage,
            tracking_variance: m.tracking,
        }
    }
}

impl From<&DualValues> for Multipliers {
    fn from(d: &DualValues) -> Self {
        let rows = [d.budget].into_iter().chain(d.groups.iter().copied()).chain(d.exposures.iter().copied()).collect();
        Self { rows, turnover: d.turnover, leverage: d.leverage, tracking: d.tracking_variance }
    }
}

/// Room left under each limit.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LimitSlacks {
    /// `w − lower` per asset, with restrictions and trade sizes counted.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.6, 0.4])))]
    pub lower: Vec<f64>,
    /// `upper − w` per asset, with restrictions and trade sizes counted.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.4, 0.6])))]
    pub upper: Vec<f64>,
    /// `cash − cash_min`.
    #[cfg_attr(feature = "openapi", schema(example = 0.0))]
    pub cash_min: f64,
    /// `cash_max − cash`.
    #[cfg_attr(feature = "openapi", schema(example = 0.05))]
    pub cash_max: f64,
    /// Per group.
    pub groups: Vec<NamedSlack>,
    /// Per exposure limit.
    pub exposures: Vec<NamedSlack>,
    /// `turnover_limit − Σ|w − w0|`.
    #[cfg_attr(feature = "openapi", schema(required, example = 0.0))]
    pub turnover: Option<f64>,
    /// `leverage_max − Σ|w|`.
    #[cfg_attr(feature = "openapi", schema(required, example = 0.5))]
    pub leverage: Option<f64>,
    /// `tracking_error_max − tracking error`.
    #[cfg_attr(feature = "openapi", schema(required, example = 0.01))]
    pub tracking_error: Option<f64>,
}

/// Room left between a named sum and its two limits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NamedSlack {
    /// Name of the group or exposure.
    #[cfg_attr(feature = "openapi", schema(example = "equities"))]
    pub name: String,
    /// Value minus lower limit.
    #[cfg_attr(feature = "openapi", schema(example = 0.4))]
    pub lower: f64,
    /// Upper limit minus value.
    #[cfg_attr(feature = "openapi", schema(example = 0.1))]
    pub upper: f64,
}

impl LimitSlacks {
    /// The named slacks, each list with the name of its member.
    pub(crate) fn named(&self) -> [(&'static str, &[NamedSlack]); 2] {
        [("slacks.groups", &self.groups), ("slacks.exposures", &self.exposures)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GroupLimit;

    #[test]
    fn multipliers_of_rows_go_to_their_limits_and_back() {
        let group = |name: &str| GroupLimit { name: name.into(), members: vec![0], lower: 0.0, upper: 1.0 };
        let groups = vec![group("a"), group("b")];
        let problem = RebalanceProblem { groups, ..RebalanceProblem::long_only(vec![0.0], 1.0) };
        let m = Multipliers { rows: vec![1.0, 2.0, 3.0, 4.0], turnover: 5.0, leverage: 6.0, tracking: 7.0 };
        let d = DualValues::of(&problem, &m);
        assert_eq!((d.budget, &d.groups[..], &d.exposures[..]), (1.0, &[2.0, 3.0][..], &[4.0][..]));
        assert_eq!(Multipliers::from(&d), m);
    }
}
