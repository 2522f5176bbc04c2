//! The region of each asset's weight in which no trade of it pays.

use std::fmt;

use optimizer::{
    DualValues, HeldBook, NoInterval, NoTradeInterval, RebalanceProblem, RestrictionKind, no_trade_intervals,
};
use portfolio_core::{ConvexCost, Covariance, round_to_12_decimals};
use risk::{CovarianceEstimator, RiskOptions, SampleCovariance};
use serde::{Serialize, Serializer};

use crate::admitted::Admitted;
use crate::market_data::Surveyed;
use crate::method::{Method, OptimalGoal, OptimalMethod};
use crate::proposal::{OptimalPlan, Proposed};

/// The weights of an asset between which no trade of it pays.
///
/// The starting point is the optimised targets, to which the trades lead. While the price of this asset moves its
/// weight between the two ends, and no other price moves, no trade of it lowers the objective of the plan by more than
/// the trade costs: no purchase paid for with any mix of the other assets and no sale that buys any such mix, of any
/// size. Cash is one of these assets when the policy holds cash; under the optimal method, when its limits on cash
/// leave room. Beyond an end a small trade pays. The weight after the plan lies outside if a band or a limit stopped
/// the plan short.
///
/// Under the optimal method the limits that bind have prices, the multipliers of the solution, and the trades are
/// weighed with them: each unit of turnover costs `turnover_price` more, and a weight that a group, an exposure or the
/// tracking error limits is charged what its limit costs. The statement is then that no trade of the asset is worth its
/// cost plus the room it takes up under those limits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NoTradeRegion {
    /// Smallest weight, 0 to 1.
    #[cfg_attr(feature = "openapi", schema(example = 0.571))]
    pub lower: f64,
    /// Largest weight, 0 to 1.
    #[cfg_attr(feature = "openapi", schema(example = 0.634))]
    pub upper: f64,
    /// What a unit of two-way turnover costs in addition to the cost of the trade: the multiplier of the turnover limit
    /// of the optimal method, a fraction of NAV; 0 when that limit does not bind.
    #[cfg_attr(feature = "openapi", schema(example = 0.0))]
    pub turnover_price: f64,
}

/// Why an asset has no such region. `Display` and serialisation give a sentence without the full stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoRegion {
    /// The common history is too short.
    TooFewObservations,
    /// A figure is too large to be represented.
    TooExtreme,
    /// The asset is neither held nor wanted, so its history is not part of the covariance.
    OutsideBook,
    /// Nothing else is held.
    WholeBook,
    /// The asset may not be traded.
    Locked,
    /// Some trade of the asset pays, whatever its weight.
    SomeTradePays,
}

impl fmt::Display for NoRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooFewObservations => "fewer than two common observations",
            Self::TooExtreme => "the returns are too extreme for a finite figure",
            Self::OutsideBook => "it is neither held nor in the policy",
            Self::WholeBook => "nothing else is held",
            Self::Locked => "it may not be traded",
            Self::SomeTradePays => "at every weight some trade of it pays",
        })
    }
}

impl Serialize for NoRegion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Weights closer than this to a limit are at it: a solver stops this close.
const AT_LIMIT: f64 = 1e-6;

/// The region of each asset of the book, in its order.
///
/// The objective is that of the plan's worth, with the same covariance and the same targets, and a trade costs what the
/// cost model says. The other assets are at their optimised targets, not where a turnover limit or a band leaves them:
/// with one asset far from its target, some trade with it would pay at every weight of every other. The impact of the
/// plan's own trades has been paid; a later trade starts without impact.
pub(super) fn regions(
    admitted: &Admitted<'_>,
    surveyed: &Surveyed,
    proposed: &Proposed,
) -> Vec<Result<NoTradeRegion, NoRegion>> {
    let targets = &proposed.targets;
    let problem = match proposed.optimal() {
        Some(found) => Problem::solved(admitted, found, targets),
        None => Problem::on_targets(admitted, surveyed, targets),
    };
    let problem = match problem {
        Ok(problem) => problem,
        Err(reason) => return vec![Err(reason); targets.len()],
    };
    let mut regions = vec![Err(NoRegion::OutsideBook); targets.len()];
    for (&asset, found) in problem.assets.iter().zip(problem.intervals()) {
        regions[asset] = found;
    }
    regions
}

/// The numbers of a plan that determine where trades stop paying.
struct Problem {
    /// Positions in the book of the assets below.
    assets: Vec<usize>,
    weights: Vec<f64>,
    slope: Vec<f64>,
    covariance: Covariance,
    price_of_variance: f64,
    costs: Vec<ConvexCost>,
    counterparts: Vec<ConvexCost>,
    cash: ConvexCost,
    turnover_price: f64,
}

impl Problem {
    /// Under the drift method: the sample covariance of the common history. On the targets the objective has no slope.
    fn on_targets(admitted: &Admitted<'_>, surveyed: &Surveyed, targets: &[f64]) -> Result<Self, NoRegion> {
        let common = &surveyed.common;
        let panel = common.panel.as_ref().filter(|panel| panel.periods() >= 2).ok_or(NoRegion::TooFewObservations)?;
        let estimate = SampleCovariance.estimate(panel, RiskOptions::default().periods_per_year);
        let covariance = estimate.map_err(|_| NoRegion::TooExtreme)?.covariance.annualised();
        let assets = common.columns.clone();
        let weights: Vec<f64> = assets.iter().map(|&i| targets[i]).collect();
        let costs = costs(admitted, &assets);
        let counterparts = costs.iter().zip(&weights).map(|(cost, weight)| of_held(*cost, *weight)).collect();
        let cash = if admitted.config.policy.cash_weight > 0.0 { 0.0 } else { f64::INFINITY };
        Ok(Self {
            slope: vec![0.0; assets.len()],
            assets,
            weights,
            covariance,
            price_of_variance: admitted.config.objective.price_of_variance(),
            costs,
            counterparts,
            cash: ConvexCost::linear(cash),
            turnover_price: 0.0,
        })
    }

    /// Under the optimal method: the problem that was solved, at its solution.
    ///
    /// Limits that couple assets enter by their multipliers, as in the Lagrangian of the solution: the turnover limit as a cost of each side
    /// of a trade, limits on groups and exposures as a slope of their members, and the limit on the tracking error as a further price of
    /// the distance from the policy.
    fn solved(admitted: &Admitted<'_>, found: &OptimalPlan, solved: &[f64]) -> Result<Self, NoRegion> {
        let covariance = found.covariance.as_ref().ok_or(NoRegion::TooFewObservations)?.covariance.annualised();
        let problem = &found.problem;
        let price_of_variance = problem.risk_aversion;
        let assets: Vec<usize> = (0..solved.len()).collect();
        let mut costs = costs(admitted, &assets);
        let duals = found.outcome.solution().map(|solution| solution.certificate.duals.clone()).unwrap_or_default();
        let risk = |price: f64, weights: &[f64]| -> Vec<f64> {
            let along = |row: &[f64]| row.iter().zip(weights).map(|(s, w)| s * w).sum::<f64>();
            covariance.rows().map(|row| 2.0 * price * along(row)).collect()
        };
        let off = |from: &[f64]| -> Vec<f64> { solved.iter().zip(from).map(|(w, b)| w - b).collect() };
        let mut slope = match found.goal {
            OptimalGoal::Policy => risk(price_of_variance, &off(&found.reference)),
            // The problem's returns are lower by half of a cost that only buys pay.
            OptimalGoal::MeanVariance { .. } => risk(price_of_variance, solved)
                .iter()
                .zip(problem.mu.iter().zip(&costs))
                .map(|(risk, (mu, cost))| risk - mu - 0.5 * (cost.buy - cost.sell))
                .collect(),
        };
        add_limits(&mut slope, problem, &duals);
        for (slope, of_distance) in slope.iter_mut().zip(risk(duals.tracking_variance, &off(admitted.target()))) {
            *slope += of_distance;
        }
        for cost in &mut costs {
            *cost = *cost + ConvexCost::linear(duals.turnover);
        }
        if let Method::Optimal(method) = &admitted.config.method {
            restrict(&mut costs, method);
        }
        let counterparts = costs
            .iter()
            .enumerate()
            .map(|(i, cost)| within(of_held(*cost, solved[i]), solved[i], problem.lower[i], problem.upper[i]))
            .collect();
        let cash = 1.0 - solved.iter().sum::<f64>();
        Ok(Self {
            cash: within(ConvexCost::default(), cash, problem.cash_min, problem.cash_max),
            counterparts,
            assets,
            weights: solved.to_vec(),
            slope,
            covariance,
            price_of_variance: price_of_variance + duals.tracking_variance,
            costs,
            turnover_price: duals.turnover,
        })
    }

    fn intervals(&self) -> Vec<Result<NoTradeRegion, NoRegion>> {
        let book = HeldBook {
            weights: &self.weights,
            slope: &self.slope,
            covariance: &self.covariance,
            price_of_variance: self.price_of_variance,
            costs: &self.costs,
            counterparts: &self.counterparts,
            cash: self.cash,
        };
        let Ok(intervals) = no_trade_intervals(&book) else {
            return vec![Err(NoRegion::TooExtreme); self.weights.len()];
        };
        let region = |(cost, found): (&ConvexCost, Result<NoTradeInterval, NoInterval>)| {
            if cost.buy.is_infinite() && cost.sell.is_infinite() {
                return Err(NoRegion::Locked);
            }
            match found {
                Ok(NoTradeInterval { lower, upper }) => Ok(NoTradeRegion {
                    lower: round_to_12_decimals(lower),
                    upper: round_to_12_decimals(upper),
                    turnover_price: round_to_12_decimals(self.turnover_price),
                }),
                Err(NoInterval::WholeBook) => Err(NoRegion::WholeBook),
                Err(_) => Err(NoRegion::SomeTradePays),
            }
        };
        self.costs.iter().zip(intervals).map(region).collect()
    }
}

/// The part that limits on groups and exposures add to the slope of each asset.
fn add_limits(slope: &mut [f64], problem: &RebalanceProblem, duals: &DualValues) {
    for (group, price) in problem.groups.iter().zip(&duals.groups) {
        for &member in &group.members {
            if let Some(slope) = slope.get_mut(member) {
                *slope += price;
            }
        }
    }
    for (exposure, price) in problem.exposures.iter().zip(&duals.exposures) {
        for (slope, loading) in slope.iter_mut().zip(&exposure.loadings) {
            *slope += price * loading;
        }
    }
}

/// The convex cost of each of these assets.
fn costs(admitted: &Admitted<'_>, assets: &[usize]) -> Vec<ConvexCost> {
    let prices = admitted.book.unit_values();
    assets.iter().map(|&i| admitted.config.costs.convex(i, prices[i])).collect()
}

/// An asset that is not held cannot be sold.
fn of_held(cost: ConvexCost, weight: f64) -> ConvexCost {
    if weight > 0.0 { cost } else { ConvexCost { sell: f64::INFINITY, ..cost } }
}

/// An asset at a limit cannot be traded past it.
fn within(cost: ConvexCost, weight: f64, lower: f64, upper: f64) -> ConvexCost {
    ConvexCost {
        buy: if weight < upper - AT_LIMIT { cost.buy } else { f64::INFINITY },
        sell: if weight > lower + AT_LIMIT { cost.sell } else { f64::INFINITY },
        ..cost
    }
}

/// Assets that may not be bought or sold.
fn restrict(costs: &mut [ConvexCost], method: &OptimalMethod) {
    for restriction in &method.restrictions {
        let Some(cost) = costs.get_mut(restriction.asset) else { continue };
        if restriction.kind != RestrictionKind::DoNotSell {
            cost.buy = f64::INFINITY;
        }
        if restriction.kind != RestrictionKind::DoNotBuy {
            cost.sell = f64::INFINITY;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Case;
    use optimizer::TradeRestriction;
    use portfolio_core::CostModel;

    fn of(case: &Case) -> (Vec<f64>, Vec<Result<NoTradeRegion, NoRegion>>) {
        let lent = case.lend();
        let proposed = lent.proposed();
        let after = proposed.trades.rows.iter().map(|row| row.weight_after).collect();
        (after, regions(&lent.admitted(), &lent.surveyed(), &proposed))
    }

    fn optimal(change: impl FnOnce(&mut OptimalMethod)) -> Case {
        let mut case = Case::four();
        let mut method = OptimalMethod::long_only(4);
        change(&mut method);
        case.config.method = Method::Optimal(Box::new(method));
        case.config.sizing.turnover_limit = 1.0;
        case
    }

    #[test]
    fn two_assets_by_hand() {
        let mut case = Case::pair();
        case.current = case.config.policy.weights.clone();
        let panel = case.lend().surveyed().common.panel.unwrap();
        let difference = panel.portfolio_returns(&[1.0, -1.0]).unwrap();
        let mean = difference.iter().sum::<f64>() / difference.len() as f64;
        let squares: f64 = difference.iter().map(|r| (r - mean).powi(2)).sum();
        let variance = 252.0 * squares / (difference.len() - 1) as f64;
        // On target at 60/40, moving the first by d moves the second by −d: the slope 2·2.5·d·Var(r₀ − r₁) meets two
        // costs of 10 bp.
        let reach = 0.002 / (5.0 * variance);
        let (_, regions) = of(&case);
        for (region, target) in regions.into_iter().zip([0.6, 0.4]) {
            let NoTradeRegion { lower, upper, .. } = region.unwrap();
            assert!((lower - (target - reach).max(0.0)).abs() < 1e-9, "{lower} {target} {reach}");
            assert!((upper - (target + reach).min(1.0)).abs() < 1e-9, "{upper} {target} {reach}");
        }
    }

    #[test]
    fn a_plan_that_minimises_the_objective_ends_inside_and_dearer_trades_widen_it() {
        let mut case = optimal(|_| ());
        case.current = vec![0.4, 0.35, 0.15, 0.1];
        let (after, cheap) = of(&case);
        for (weight, region) in after.iter().zip(&cheap) {
            let NoTradeRegion { lower, upper, .. } = region.unwrap();
            assert!((lower - 1e-5..=upper + 1e-5).contains(weight), "{weight} {region:?}");
        }
        let widths = |regions: &[Result<NoTradeRegion, NoRegion>]| -> Vec<f64> {
            regions.iter().map(|region| region.unwrap().upper - region.unwrap().lower).collect()
        };
        case.config = case.config.with_costs(CostModel::proportional(&[20.0; 4]).unwrap());
        let (_, dear) = of(&case);
        assert!(widths(&dear).iter().zip(widths(&cheap)).all(|(dear, cheap)| *dear > cheap));
    }

    #[test]
    fn an_asset_at_its_limit_does_not_take_the_others_money() {
        let mut case = optimal(|method| method.upper[3] = 0.15);
        case.current = vec![0.4, 0.35, 0.15, 0.1];
        let (after, regions) = of(&case);
        assert!((after[3] - 0.15).abs() < 1e-4, "{after:?}");
        for (weight, region) in after.iter().zip(&regions).take(3) {
            let NoTradeRegion { lower, upper, .. } = region.unwrap();
            assert!((lower - 1e-5..=upper + 1e-5).contains(weight), "{weight} {region:?}");
        }
        // More of it would pay, and may not be bought.
        assert!(regions[3].unwrap().lower > after[3]);
    }

    #[test]
    fn without_a_region_the_reason_is_given() {
        let mut short = Case::pair();
        short.returns.iter_mut().for_each(Vec::clear);
        assert_eq!(of(&short).1, [Err(NoRegion::TooFewObservations); 2]);

        let mut outside = Case::four();
        outside.current = vec![0.4, 0.3, 0.3, 0.0];
        outside.config.policy.weights = vec![0.3, 0.3, 0.4, 0.0];
        assert_eq!(of(&outside).1[3], Err(NoRegion::OutsideBook));

        let locked = TradeRestriction { asset: 1, kind: RestrictionKind::Locked };
        let locked = optimal(|method| method.restrictions = vec![locked]);
        assert_eq!(of(&locked).1[1], Err(NoRegion::Locked));
    }
}
