//! The method of finding trades, and the parameters of the optimal method.

use optimizer::{ExposureLimit, GroupLimit, RestrictionKind, TradeRestriction};

use crate::digest::Canon;

/// The method of finding trades.
#[derive(Debug, Clone, PartialEq)]
pub enum Method {
    /// Assets outside their bands trade to their targets.
    Drift {
        /// Annual tracking error that tilting the targets by the forecasts may spend, a fraction above 0; `None` for no
        /// tilt.
        tilt_budget: Option<f64>,
    },
    /// The weights solve a convex problem of risk, return and cost.
    Optimal(Box<OptimalMethod>),
}

/// The objective of the optimal method, to which the costs of trading are added.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum OptimalGoal {
    /// The price of deviating from the policy, `(γ/2)·H·(w − b)ᵀΣ(w − b)`, with the γ and H of the run's
    /// [`PolicyObjective`](crate::PolicyObjective). It does not depend on forecasts: a book at its policy weights stays
    /// there.
    #[default]
    Policy,
    /// `λ·wᵀΣw − μᵀw`: variance against the forecasts, each weighted by its confidence. The policy matters only through
    /// the limit on tracking error, if there is one. Without evidence for returns the minimum is the book of least
    /// variance.
    MeanVariance {
        /// λ: price of one unit of annual variance.
        risk_aversion: f64,
    },
}

/// The parameters of the optimal method, besides the costs, turnover limit and targets in the rest of the
/// configuration.
///
/// Lists have one entry per asset; fractions are of NAV.
#[derive(Debug, Clone, PartialEq)]
pub struct OptimalMethod {
    /// The objective.
    pub goal: OptimalGoal,
    /// Smallest weights.
    pub lower: Vec<f64>,
    /// Largest weights.
    pub upper: Vec<f64>,
    /// Smallest cash weight; by default the smaller of current and target cash.
    pub cash_min: Option<f64>,
    /// Largest cash weight; by default the larger of current and target cash and, under the goal of the policy, what the turnover limit may cost.
    pub cash_max: Option<f64>,
    /// Limits on sums of weights.
    pub groups: Vec<GroupLimit>,
    /// Limits on weighted sums of weights.
    pub exposures: Vec<ExposureLimit>,
    /// Largest annual tracking error against the target weights.
    pub tracking_error_max: Option<f64>,
    /// Market impact: trading `d` of NAV costs `market_impact·|d|^1.5`, in addition to the impact in the costs of the
    /// run.
    pub market_impact: Option<Vec<f64>>,
    /// Largest trade of each asset.
    pub trade_max: Option<Vec<f64>>,
    /// Assets that may not be bought, sold, or traded at all.
    pub restrictions: Vec<TradeRestriction>,
    /// Tracking error a year that the views of the forecasts may spend under the goal of the policy, a fraction; `None` without views.
    pub tilt_budget: Option<f64>,
    /// Plans over several periods, of which the first is traded; `None` for one.
    pub path: Option<PathMethod>,
}

/// A plan over several periods, which together are the horizon of the objective: each prices risk and return at its share of it.
///
/// One period is the problem without a path.
#[derive(Debug, Clone, PartialEq)]
pub struct PathMethod {
    /// Periods, at least 1.
    pub periods: usize,
    /// Periods after which a forecast or view counts half; `None` if it lasts.
    pub forecast_half_life: Option<f64>,
    /// Known cash flows after the first trade, before that of the second period and so on, fractions of NAV and positive for inflows; none where
    /// the list ends.
    pub cash_flows: Vec<f64>,
}

impl PathMethod {
    /// A plan over so many periods whose forecasts last, without cash flows.
    #[must_use]
    pub fn over(periods: usize) -> Self {
        Self { periods, forecast_half_life: None, cash_flows: Vec::new() }
    }

    /// The share of a forecast of today that counts in a period, from 0.
    pub(crate) fn decay(&self, period: usize) -> f64 {
        self.forecast_half_life.map_or(1.0, |half_life| 0.5_f64.powf(period as f64 / half_life))
    }

    /// The cash flow before the trade of each period.
    pub(crate) fn flows(&self) -> Vec<f64> {
        (0..self.periods)
            .map(|h| h.checked_sub(1).and_then(|h| self.cash_flows.get(h)).copied().unwrap_or(0.0))
            .collect()
    }
}

impl OptimalMethod {
    /// A long-only problem of `n` assets without further limits, with the goal of the policy.
    #[must_use]
    pub fn long_only(n: usize) -> Self {
        Self {
            goal: OptimalGoal::Policy,
            lower: vec![0.0; n],
            upper: vec![1.0; n],
            cash_min: None,
            cash_max: None,
            groups: Vec::new(),
            exposures: Vec::new(),
            tracking_error_max: None,
            market_impact: None,
            trade_max: None,
            restrictions: Vec::new(),
            tilt_budget: None,
            path: None,
        }
    }

    /// Adds every field to a digest.
    pub(crate) fn add_to(&self, canon: &mut Canon) {
        let Self {
            goal,
            lower,
            upper,
            cash_min,
            cash_max,
            groups,
            exposures,
            tracking_error_max,
            market_impact,
            trade_max,
            restrictions,
            tilt_budget,
            path,
        } = self;
        match goal {
            OptimalGoal::Policy => canon.text("policy"),
            OptimalGoal::MeanVariance { risk_aversion } => canon.text("mean_variance").number(*risk_aversion),
        };
        canon.numbers(lower).numbers(upper).optional(*cash_min).optional(*cash_max);
        canon.whole(groups.len() as i64);
        for GroupLimit { name, members, lower, upper } in groups {
            canon.text(name).whole(members.len() as i64);
            members.iter().for_each(|&member| {
                canon.whole(member as i64);
            });
            canon.number(*lower).number(*upper);
        }
        canon.whole(exposures.len() as i64);
        for ExposureLimit { name, loadings, lower, upper } in exposures {
            canon.text(name).numbers(loadings).number(*lower).number(*upper);
        }
        canon.optional(*tracking_error_max);
        for list in [market_impact, trade_max] {
            canon.numbers(list.as_deref().unwrap_or_default());
        }
        canon.whole(restrictions.len() as i64);
        for TradeRestriction { asset, kind } in restrictions {
            canon.whole(*asset as i64).text(match kind {
                RestrictionKind::DoNotBuy => "do_not_buy",
                RestrictionKind::DoNotSell => "do_not_sell",
                RestrictionKind::Locked => "locked",
            });
        }
        // Digests without views are those of before there were any.
        if tilt_budget.is_some() {
            canon.text("tilt").optional(*tilt_budget);
        }
        if let Some(PathMethod { periods, forecast_half_life, cash_flows }) = path {
            canon.text("path").whole(*periods as i64).optional(*forecast_half_life).numbers(cash_flows);
        }
    }
}
