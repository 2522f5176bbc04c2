//! The worth of a plan, and the contribution of each order to it.

use std::fmt;

use portfolio_core::round_to_12_decimals;
use risk::{CovarianceEstimator, SampleCovariance};
use serde::{Serialize, Serializer};

use crate::admitted::Admitted;
use crate::market_data::Surveyed;
use crate::objective::PolicyObjective;
use crate::priced::{Priced, fractions, impact_of, paid};
use crate::proposal::Proposed;

use super::proof::{NoProof, proven_benefit};

/// Weeks in a year, for the payback.
const WEEKS: f64 = 52.0;

/// What a plan is worth: by how much it reduces the price of the deviation from the targets, and what it costs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlanWorth {
    /// Risk aversion γ: half of it is the price of one unit of annual variance against the targets.
    #[cfg_attr(feature = "openapi", schema(example = 5.0))]
    pub risk_aversion: f64,
    /// Years over which the benefit is counted.
    #[cfg_attr(feature = "openapi", schema(example = 1.0))]
    pub horizon_years: f64,
    /// The estimator of the covariance that the figures are by: `sample` of the method `drift`, that of the problem of the method `optimal`.
    #[cfg_attr(feature = "openapi", schema(example = "sample"))]
    pub covariance: String,
    /// The figures; null when the histories do not support them.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub figures: Option<WorthFigures>,
    /// Why there are none; null when there are.
    #[cfg_attr(
        feature = "openapi",
        schema(required = true, value_type = Option<String>, example = "fewer than two common observations")
    )]
    pub reason: Option<NoWorth>,
    /// Benefit less cost against the targets of the policy under the sample covariance of the histories, basis points
    /// of NAV over the horizon: the figure by which plans of different methods are compared. Without an optimal method
    /// it equals that of the figures. `None` without histories.
    #[serde(skip)]
    pub net_bps_on_histories: Option<f64>,
}

impl PlanWorth {
    /// The worth of a plan that costs more than it reduces the objective; `None` for any other plan.
    pub(crate) fn loss(&self) -> Option<f64> {
        /// Worths are printed to a hundredth of a basis point.
        const SMALLEST: f64 = 0.005;
        self.figures.map(|figures| figures.net_bps).filter(|net| *net < -SMALLEST)
    }
}

/// The figures of a plan's worth. Basis points are of NAV, over the horizon.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorthFigures {
    /// Tracking error a year of the current weights against the optimised targets; under the optimal method against the policy, moved by the views that were asked for.
    #[cfg_attr(feature = "openapi", schema(example = 0.0142))]
    pub tracking_error_before: f64,
    /// The same after the trades.
    #[cfg_attr(feature = "openapi", schema(example = 0.0007))]
    pub tracking_error_after: f64,
    /// Reduction of the objective by the plan, before its cost.
    #[cfg_attr(feature = "openapi", schema(example = 5.0))]
    pub benefit_bps: f64,
    /// What the trades cost, their expected impact included.
    #[cfg_attr(feature = "openapi", schema(example = 1.2))]
    pub cost_bps: f64,
    /// Benefit less cost: the sum of what the orders are worth.
    #[cfg_attr(feature = "openapi", schema(example = 3.8))]
    pub net_bps: f64,
    /// Weeks after which the benefit has paid for the cost; null when it never does.
    #[cfg_attr(feature = "openapi", schema(required = true, example = 12.5))]
    pub payback_weeks: Option<f64>,
    /// Why there is no payback; null when there is one.
    #[cfg_attr(
        feature = "openapi",
        schema(required = true, value_type = Option<String>, example = "the plan trades nothing")
    )]
    pub payback_reason: Option<NoPayback>,
    /// The longest payback that the histories allow, weeks: with the benefit at its lower bound of 95 % confidence, for independent
    /// normal returns and the trades as given. Never less than `payback_weeks`; null when the histories prove no benefit.
    #[cfg_attr(feature = "openapi", schema(required = true, example = 16.1))]
    pub payback_weeks_at_most: Option<f64>,
    /// Why none is proven; null when one is.
    #[cfg_attr(
        feature = "openapi",
        schema(required = true, value_type = Option<String>, example = "the plan trades nothing")
    )]
    pub payback_at_most_reason: Option<NoProof>,
}

/// Why a plan has no worth. `Display` and serialisation give a sentence without the full stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoWorth {
    /// The common history is too short.
    TooFewObservations,
    /// A figure is too large to be represented.
    TooExtreme,
}

impl fmt::Display for NoWorth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooFewObservations => "fewer than two common observations",
            Self::TooExtreme => "the returns are too extreme for a finite figure",
        })
    }
}

impl Serialize for NoWorth {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Why a plan never pays for itself. `Display` and serialisation give a sentence without the full stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoPayback {
    /// There is no trade.
    NothingTraded,
    /// The trades do not reduce the objective.
    NoBenefit,
}

impl fmt::Display for NoPayback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NothingTraded => "the plan trades nothing",
            Self::NoBenefit => "the trades gain nothing before their cost",
        })
    }
}

impl Serialize for NoPayback {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The worth of a plan and of each of its orders.
///
/// Let `λ` be the price of variance, `Σ` the annual covariance, `b` the targets, `w0` the weights before, `x` the
/// trades as fractions of NAV and `cᵢ` the cost of trade `i`. The plan reduces the price of the deviation by
/// `λ·(w0−b)ᵀΣ(w0−b) − λ·(w0+x−b)ᵀΣ(w0+x−b)`, and order `i` contributes
///
/// ```text
/// worthᵢ = −λ·xᵢ·(Σ(w0 + w0 + x − 2b))ᵢ − cᵢ
/// ```
///
/// The contributions sum exactly to the plan: `x'Σ(a + a + x) = (a + x)'Σ(a + x) − a'Σa`. Leaving out one order at a
/// time does not give such a sum, because orders hedge each other. An order that only funds others may have a negative
/// worth.
///
/// Under [`OptimalGoal::MeanVariance`] the objective is `λ·w'Σw − μ'w`. The money that an order moves has the price `β`
/// in the certificate (the multiplier of the budget): `worthᵢ = −λ·xᵢ·(Σ(w0 + w0 + x))ᵢ + xᵢ·(μᵢ − β) − cᵢ`. Without
/// that price every sale of a fully invested book would look like a gain and every buy like a loss. Here `μ` excludes
/// the part of a one-sided cost that the problem's own `mu` contains, since `cᵢ` is the charge of the trade.
///
/// `Σ(…)` is the covariance of each asset with the return series of the weights in brackets, so the drift method builds
/// no N × N matrix. Cost: `O(T·N)`, or `O(N²)` with the covariance of the optimal method.
#[derive(Debug)]
pub(super) struct Worth {
    pub(super) plan: PlanWorth,
    /// Worth of each order, basis points of NAV over the horizon, in the order of `sequence`; `None` without figures.
    pub(super) orders: Option<Vec<f64>>,
}

impl Worth {
    pub(super) fn of(admitted: &Admitted<'_>, surveyed: &Surveyed, proposed: &Proposed, sequence: &[usize]) -> Self {
        let PolicyObjective { risk_aversion, horizon_years } = admitted.config.objective;
        let trade = fractions(admitted, &proposed.trades);
        let on_histories = |targets: &[f64]| Priced::on_histories(admitted, &surveyed.common, targets, &trade);
        let priced = match proposed.optimal() {
            Some(found) => Priced::solved(admitted, found, &trade),
            None => on_histories(&proposed.targets),
        };
        let (figures, orders, reason) = match figures(admitted, surveyed, proposed, sequence, priced.as_ref()) {
            Ok((figures, orders)) => (Some(figures), Some(orders), None),
            Err(reason) => (None, None, Some(reason)),
        };
        let on_histories = match proposed.optimal() {
            Some(found) => on_histories(&found.reference),
            None => priced,
        };
        let net_bps_on_histories = on_histories.and_then(|priced| priced.net_bps(admitted, &proposed.trades));
        let net_bps_on_histories = net_bps_on_histories.map(round_to_12_decimals);
        let covariance = match proposed.optimal() {
            Some(_) => admitted.config.estimator.id(),
            None => SampleCovariance.id(),
        };
        let covariance = covariance.to_owned();
        Self {
            plan: PlanWorth { risk_aversion, horizon_years, covariance, figures, reason, net_bps_on_histories },
            orders,
        }
    }
}

fn figures(
    admitted: &Admitted<'_>,
    surveyed: &Surveyed,
    proposed: &Proposed,
    sequence: &[usize],
    priced: Option<&Priced>,
) -> Result<(WorthFigures, Vec<f64>), NoWorth> {
    let trades = &proposed.trades;
    let trade = fractions(admitted, trades);
    let priced = priced.ok_or(NoWorth::TooFewObservations)?;
    let (mut benefit, mut cost) = (0.0, 0.0);
    let mut orders = Vec::with_capacity(sequence.len());
    for &i in sequence {
        let gained = trade[i] * priced.gain[i];
        let paid = paid(admitted, trades, i, trade[i], impact_of(admitted, proposed.optimal(), i));
        benefit += gained;
        cost += paid;
        orders.push(1e4 * (gained - paid));
    }
    let payback = weeks(admitted, cost, benefit);
    let [before, after] = priced.variance.map(|variance| variance.max(0.0).sqrt());
    let figures = [before, after, 1e4 * benefit, 1e4 * cost, 1e4 * (benefit - cost)];
    if figures.iter().chain(&orders).any(|figure| !figure.is_finite()) {
        return Err(NoWorth::TooExtreme);
    }
    let [tracking_error_before, tracking_error_after, benefit_bps, cost_bps, net_bps] =
        figures.map(round_to_12_decimals);
    // A benefit that is zero as it is written pays nothing back.
    let payback_reason = match () {
        () if sequence.is_empty() => Some(NoPayback::NothingTraded),
        () if benefit_bps <= 0.0 || !payback.is_finite() => Some(NoPayback::NoBenefit),
        () => None,
    };
    let payback_weeks = payback_reason.is_none().then(|| round_to_12_decimals(payback));
    let at_most = match payback_reason {
        Some(NoPayback::NothingTraded) => Err(NoProof::NothingTraded),
        Some(NoPayback::NoBenefit) => Err(NoProof::NotProven),
        None => longest_payback(admitted, surveyed, proposed, &trade, cost).map(|weeks| weeks.max(payback)),
    };
    let figures = WorthFigures {
        tracking_error_before,
        tracking_error_after,
        benefit_bps,
        cost_bps,
        net_bps,
        payback_weeks,
        payback_reason,
        payback_weeks_at_most: at_most.ok().map(round_to_12_decimals),
        payback_at_most_reason: at_most.err(),
    };
    Ok((figures, orders.into_iter().map(round_to_12_decimals).collect()))
}

/// Weeks after which a benefit at its lower bound has paid for the cost.
///
/// The optimal method may measure with a covariance that implies a smaller benefit than the bound; the payback of the
/// plan is then the longer one.
fn longest_payback(
    admitted: &Admitted<'_>,
    surveyed: &Surveyed,
    proposed: &Proposed,
    trade: &[f64],
    cost: f64,
) -> Result<f64, NoProof> {
    let weeks = weeks(admitted, cost, proven_benefit(admitted, surveyed, proposed, trade)?);
    if weeks.is_finite() { Ok(weeks) } else { Err(NoProof::NotProven) }
}

fn weeks(admitted: &Admitted<'_>, cost: f64, benefit: f64) -> f64 {
    WEEKS * admitted.config.objective.horizon_years * cost / benefit
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Case;
    use crate::{Method, OptimalGoal, OptimalMethod};
    use portfolio_core::{Duty, TradeSide};

    fn sequence(proposed: &Proposed) -> Vec<usize> {
        let rows = &proposed.trades.rows;
        (0..rows.len()).filter(|&i| rows[i].value.minor() != 0).collect()
    }

    /// The worth of a case whose plan is made whatever it is worth.
    fn worth(case: &Case) -> (WorthFigures, Vec<f64>) {
        let mut case = case.clone();
        case.config.worth_min_bps = Some(f64::NEG_INFINITY);
        let lent = case.lend();
        let (admitted, surveyed, proposed) = (lent.admitted(), lent.surveyed(), lent.proposed());
        let worth = Worth::of(&admitted, &surveyed, &proposed, &sequence(&proposed));
        (worth.plan.figures.unwrap(), worth.orders.unwrap())
    }

    fn close(got: f64, want: f64) {
        assert!((got - want).abs() < 1e-8 * want.abs().max(1.0), "{got} is not {want}");
    }

    #[test]
    fn the_worth_of_the_plan_is_the_difference_of_two_quadratic_forms_and_the_orders_add_up_to_it() {
        let case = Case::four();
        let lent = case.lend();
        let (surveyed, proposed) = (lent.surveyed(), lent.proposed());
        let panel = surveyed.common.panel.as_ref().unwrap();
        let nav = 10_000_000.0;
        let variance = |gap: &[f64]| {
            let returns = panel.portfolio_returns(gap).unwrap();
            let mean = returns.iter().sum::<f64>() / returns.len() as f64;
            252.0 * returns.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / (returns.len() - 1) as f64
        };
        let rows = &proposed.trades.rows;
        let before: Vec<f64> = case.current.iter().zip(&proposed.targets).map(|(w, t)| w - t).collect();
        let after: Vec<f64> = before.iter().zip(rows).map(|(b, row)| b + row.value.minor() as f64 / nav).collect();
        let cost = rows.iter().map(|row| row.cost.minor() as f64 / nav).sum::<f64>();
        let benefit = 2.5 * (variance(&before) - variance(&after));
        let (figures, orders) = worth(&case);
        assert!(orders.len() > 2 && benefit > 0.0);
        close(figures.benefit_bps, 1e4 * benefit);
        close(figures.cost_bps, 1e4 * cost);
        close(orders.iter().sum::<f64>(), 1e4 * (benefit - cost));
        close(figures.net_bps, 1e4 * (benefit - cost));
        close(figures.tracking_error_before, variance(&before).sqrt());
        close(figures.payback_weeks.unwrap(), 52.0 * cost / benefit);
    }

    #[test]
    fn the_longest_payback_is_not_shorter_and_more_days_bring_it_nearer() {
        let ratio = |copies: usize| {
            let mut case = Case::four();
            case.returns.iter_mut().for_each(|series| *series = series.repeat(copies));
            let (figures, _) = worth(&case);
            assert_eq!(figures.payback_at_most_reason, None);
            figures.payback_weeks_at_most.unwrap() / figures.payback_weeks.unwrap()
        };
        let (quarter, years) = (ratio(1), ratio(20));
        assert!(quarter > years && years > 1.0 && quarter < 2.0 && years < 1.1, "{quarter} {years}");
    }

    #[test]
    fn a_payback_that_is_not_proven_has_a_reason() {
        let mut short = Case::four();
        short.returns[1].truncate(2);
        let mut forecasts = Case::four();
        let goal = OptimalGoal::MeanVariance { risk_aversion: 5.0 };
        forecasts.config.method = Method::Optimal(Box::new(OptimalMethod { goal, ..OptimalMethod::long_only(4) }));
        for (case, reason) in [(short, NoProof::TooFewObservations), (forecasts, NoProof::Forecasts)] {
            let (figures, _) = worth(&case);
            let wanted = if figures.payback_reason.is_some() { NoProof::NotProven } else { reason };
            assert_eq!((figures.payback_weeks_at_most, figures.payback_at_most_reason), (None, Some(wanted)));
        }
    }

    #[test]
    fn the_benefit_grows_with_the_horizon_and_the_payback_stays() {
        let mut case = Case::four();
        let (year, _) = worth(&case);
        case.config.objective.horizon_years = 0.25;
        let (quarter, _) = worth(&case);
        close(quarter.benefit_bps, 0.25 * year.benefit_bps);
        close(quarter.cost_bps, year.cost_bps);
        close(quarter.payback_weeks.unwrap(), year.payback_weeks.unwrap());
    }

    #[test]
    fn under_the_optimal_method_the_orders_add_up_to_the_objective_that_was_minimised() {
        let goals = [OptimalGoal::Policy, OptimalGoal::MeanVariance { risk_aversion: 5.0 }];
        for (goal, duty_bps) in goals.into_iter().flat_map(|goal| [(goal, 0.0), (goal, 20.0)]) {
            let mut case = Case::four();
            let duty = Duty::new(TradeSide::Buy, &[duty_bps; 4]).unwrap();
            case.config = case.config.with_cost_term(duty).unwrap();
            case.config.sizing.turnover_limit = 1.0;
            case.config.method = Method::Optimal(Box::new(OptimalMethod { goal, ..OptimalMethod::long_only(4) }));
            let lent = case.lend();
            let proposed = lent.proposed();
            let found = proposed.optimal().unwrap();
            let solution = found.outcome.solution().unwrap();
            let annual = found.covariance.as_ref().unwrap().covariance.annualised();
            let money = if goal == OptimalGoal::Policy { 0.0 } else { solution.certificate.duals.budget };
            let objective = |w: &[f64]| {
                // The problem's returns are lower by half of the cost that only buys pay.
                let earned: f64 =
                    found.problem.mu.iter().zip(w).map(|(m, w)| (m + 0.5e-4 * duty_bps - money) * w).sum();
                found.problem.risk_aversion * annual.variance(w).unwrap() - earned
            };
            let rows = &proposed.trades.rows;
            let after: Vec<f64> =
                case.current.iter().zip(rows).map(|(w, r)| w + r.value.minor() as f64 / 1e7).collect();
            let cost: f64 = rows.iter().map(|row| row.cost.minor() as f64 / 1e7).sum();
            let (figures, orders) = worth(&case);
            assert!(!orders.is_empty(), "{goal:?}");
            let want = 1e4 * (objective(&case.current) - objective(&after) - cost);
            close(orders.iter().sum::<f64>(), want);
            close(figures.net_bps, want);
        }
    }

    #[test]
    fn a_plan_that_trades_nothing_has_no_payback_and_says_why() {
        let mut case = Case::pair();
        case.current = case.config.policy.weights.clone();
        case.config.method = Method::Drift { tilt_budget: None };
        let (figures, orders) = worth(&case);
        assert!(orders.is_empty());
        assert_eq!((figures.payback_weeks, figures.payback_reason), (None, Some(NoPayback::NothingTraded)));
        assert_eq!(figures.payback_at_most_reason, Some(NoProof::NothingTraded));
        assert_eq!((figures.benefit_bps, figures.cost_bps, figures.net_bps), (0.0, 0.0, 0.0));
    }

    #[test]
    fn a_deviation_that_rounding_makes_is_none_and_pays_nothing_back() {
        let fund = |growth: f64| -> Vec<f64> {
            let prices: Vec<f64> = (0..=60).map(|day| 100.0 * growth.powi(day)).collect();
            prices.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect()
        };
        let mut twin = Case::pair();
        twin.returns[1] = twin.returns[0].iter().map(|r| r - 0.000_01).collect();
        let mut still = Case::pair();
        still.returns = vec![fund(1.001), fund(1.0004)];
        for mut case in [twin, still] {
            case.config.method = Method::Drift { tilt_budget: None };
            let (figures, orders) = worth(&case);
            assert!(!orders.is_empty());
            assert_eq!((figures.tracking_error_before, figures.payback_weeks), (0.0, None), "{figures:?}");
            assert_eq!(figures.payback_reason, Some(NoPayback::NoBenefit));
            assert_eq!(figures.payback_at_most_reason, Some(NoProof::NotProven));
        }
    }

    #[test]
    fn without_a_history_nothing_is_claimed() {
        let mut case = Case::pair();
        case.returns.iter_mut().for_each(Vec::clear);
        let lent = case.lend();
        let worth = Worth::of(&lent.admitted(), &lent.surveyed(), &lent.proposed(), &[0, 1]);
        assert_eq!((worth.orders, worth.plan.figures), (None, None));
        assert_eq!(worth.plan.reason, Some(NoWorth::TooFewObservations));
    }
}
