//! The expected effect of waiting a week.

use std::fmt;

use portfolio_core::round_to_12_decimals;
use risk::{RiskOptions, normal_cdf, normal_density, volatility_annual};
use serde::{Serialize, Serializer};

use crate::admitted::Admitted;
use crate::market_data::Surveyed;
use crate::objective::PolicyObjective;
use crate::priced::{Priced, dot, fractions};
use crate::proposal::Proposed;
use crate::risk_stage::Assessed;
use crate::simulation::{BookDrift, BookHistory, LawOfHistory, NoSimulation};

/// Trading days of the outlook: a week.
pub const OUTLOOK_DAYS: u32 = 5;
/// 5 % quantile of a standard normal variable.
const NORMAL_05: f64 = -1.644_853_626_951_472_2;

/// The expected effect of waiting a week: the untraded book, compared with the book after the plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WaitOutlook {
    /// Trading days of waiting.
    #[cfg_attr(feature = "openapi", schema(example = 5))]
    pub days: u32,
    /// The figures; null when the histories do not support them.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub figures: Option<WaitFigures>,
    /// Why there are none; null when there are.
    #[cfg_attr(
        feature = "openapi",
        schema(required = true, value_type = Option<String>, example = "fewer than two common observations")
    )]
    pub reason: Option<NoOutlook>,
}

/// Why there is no outlook. `Display` and serialisation give a sentence without the full stop.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum NoOutlook {
    /// The limits of the optimal method contradict each other.
    LimitsConflict,
    /// The common history is too short.
    TooFewObservations,
    /// The book has no law to project.
    NoLaw(NoSimulation),
    /// A figure of risk does not exist.
    NoRisk(risk::RiskError),
}

impl fmt::Display for NoOutlook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LimitsConflict => f.write_str("nothing is traded until a limit gives way"),
            Self::TooFewObservations => f.write_str("fewer than two common observations"),
            Self::NoLaw(reason) => write!(f, "{reason}"),
            Self::NoRisk(error) => write!(f, "{error}"),
        }
    }
}

impl Serialize for NoOutlook {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The figures of a week of waiting. Fractions; losses are positive.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WaitFigures {
    /// ½·Σ|drift| today.
    #[cfg_attr(feature = "openapi", schema(example = 0.06))]
    pub portfolio_drift_now: f64,
    /// Expected ½·Σ|drift| after the week: each drift moves with the return of its asset against the book, normal without
    /// a trend.
    #[cfg_attr(feature = "openapi", schema(example = 0.0612))]
    pub portfolio_drift_expected: f64,
    /// Tracking error of the week against the optimised targets if nothing is traded: one standard deviation.
    #[cfg_attr(feature = "openapi", schema(example = 0.0031))]
    pub tracking_error_waiting: f64,
    /// The same after the plan.
    #[cfg_attr(feature = "openapi", schema(example = 0.0004))]
    pub tracking_error_after_plan: f64,
    /// Loss over the week that is not exceeded with 95 % probability, current weights, by the law of the simulation.
    #[cfg_attr(feature = "openapi", schema(example = 0.031))]
    pub loss_95_waiting: f64,
    /// The same after the plan.
    #[cfg_attr(feature = "openapi", schema(example = 0.027))]
    pub loss_95_after_plan: f64,
    /// Price of the week's deviation, basis points of NAV: a week's share of the plan's benefit over the horizon
    /// (`worth`), which for the drift method is half the risk aversion times the variance against the targets that the plan would have
    /// removed.
    #[cfg_attr(feature = "openapi", schema(example = 0.4))]
    pub cost_of_waiting_bps: f64,
}

impl WaitOutlook {
    /// The outlook of a proposal. Cost: a few passes over the panel, without simulation.
    pub(super) fn of(admitted: &Admitted<'_>, surveyed: &Surveyed, assessed: &Assessed, proposed: &Proposed) -> Self {
        let (figures, reason) = match figures(admitted, surveyed, assessed, proposed) {
            Ok(figures) => (Some(figures), None),
            Err(reason) => (None, Some(reason)),
        };
        Self { days: OUTLOOK_DAYS, figures, reason }
    }
}

fn figures(
    admitted: &Admitted<'_>,
    surveyed: &Surveyed,
    assessed: &Assessed,
    proposed: &Proposed,
) -> Result<WaitFigures, NoOutlook> {
    if proposed.optimal().is_some_and(|found| found.outcome.solution().is_none()) {
        return Err(NoOutlook::LimitsConflict);
    }
    let common = &surveyed.common;
    let panel = common.panel.as_ref().filter(|panel| panel.periods() >= 2).ok_or(NoOutlook::TooFewObservations)?;
    let current = admitted.current();
    let options = RiskOptions::default();
    let week = (f64::from(OUTLOOK_DAYS) / options.periods_per_year).sqrt();
    // The optimal method solves for weights; what it is worth is measured against the reference of its objective.
    let targets = proposed.optimal().map_or(&proposed.targets, |found| &found.reference);
    let deviation = |weights: &[f64]| -> Result<f64, NoOutlook> {
        let gap: Vec<f64> = common.columns.iter().map(|&i| weights[i] - targets[i]).collect();
        let returns = panel.portfolio_returns(&gap).map_err(|_| NoOutlook::TooFewObservations)?;
        Ok(week * volatility_annual(&returns, &options).map_err(NoOutlook::NoRisk)?)
    };
    let after: Vec<f64> = proposed.trades.rows.iter().map(|row| row.weight_after).collect();
    let waiting = deviation(current)?;
    let planned = deviation(&after)?;

    let PolicyObjective { risk_aversion, horizon_years } = admitted.config.objective;
    let price = match proposed.optimal() {
        None => 0.5 * risk_aversion * (waiting * waiting - planned * planned),
        Some(found) => {
            let trade = fractions(admitted, &proposed.trades);
            let priced = Priced::solved(admitted, found, &trade).ok_or(NoOutlook::TooFewObservations)?;
            week * week / horizon_years * dot(&trade, &priced.gain)
        }
    };

    let book = &assessed.current_returns;
    let mut expected = 0.0;
    let mut relative = Vec::with_capacity(book.len());
    for (column, &i) in common.columns.iter().enumerate() {
        let series = panel.series(column).unwrap_or_default();
        relative.clear();
        relative.extend(series.iter().zip(book).map(|(r, b)| r - b));
        let spread = week * volatility_annual(&relative, &options).map_err(NoOutlook::NoRisk)?;
        expected += folded_mean(proposed.trades.rows[i].drift, current[i] * spread);
    }
    let figures = [
        proposed.trades.portfolio_drift_before,
        0.5 * expected,
        waiting,
        planned,
        loss_95(assessed.simulator.drift(), BookHistory { weights: current, returns: book })?,
        loss_95(assessed.simulator.drift(), BookHistory { weights: &after, returns: &proposed.after_returns })?,
        1e4 * price,
    ];
    if figures.iter().any(|figure| !figure.is_finite()) {
        return Err(NoOutlook::NoLaw(NoSimulation::TooExtreme));
    }
    let [now, expected, waiting, planned, loss_waiting, loss_planned, price] = figures.map(round_to_12_decimals);
    Ok(WaitFigures {
        portfolio_drift_now: now,
        portfolio_drift_expected: expected,
        tracking_error_waiting: waiting,
        tracking_error_after_plan: planned,
        loss_95_waiting: loss_waiting,
        loss_95_after_plan: loss_planned,
        cost_of_waiting_bps: price,
    })
}

/// Loss over the week not exceeded with 95 % probability under the law of a return series, in closed form.
///
/// With `μ` and `σ` annual and `T` in years the value is `exp((μ − σ²/2)·T + σ·√T·Z)`, so the loss is one minus its 5 %
/// quantile.
fn loss_95(drift: &BookDrift, book: BookHistory<'_>) -> Result<f64, NoOutlook> {
    let periods = RiskOptions::default().periods_per_year;
    let law = LawOfHistory::of(book, drift, OUTLOOK_DAYS as usize);
    let law = law.map_err(|error| NoOutlook::NoLaw(error.into()))?.law;
    let years = f64::from(OUTLOOK_DAYS) / periods;
    let sigma = law.volatility_annual();
    let quantile = (law.drift_annual() - 0.5 * sigma * sigma) * years + sigma * years.sqrt() * NORMAL_05;
    Ok(-quantile.exp_m1())
}

/// Mean of `|X|` for a normal `X` with mean `m` and standard deviation `s`, where `z = m/s`: `2·s·φ(z) + m·(2·Φ(z) −
/// 1)`.
///
/// Leone, Nelson and Nottingham (1961), "The folded normal distribution", Technometrics 3(4), 543–550.
fn folded_mean(m: f64, s: f64) -> f64 {
    if s <= 0.0 {
        return m.abs();
    }
    let z = m / s;
    2.0 * s * normal_density(z) + m * (2.0 * normal_cdf(z) - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::{Method, OptimalGoal, OptimalMethod};
    use crate::sample::Case;

    #[test]
    fn the_folded_mean_is_known_on_paper() {
        assert!((folded_mean(0.0, 1.0) - 0.797_884_6).abs() < 1e-6);
        assert_eq!(folded_mean(-0.3, 0.0), 0.3);
        assert!((folded_mean(10.0, 1.0) - 10.0).abs() < 1e-6);
        // Φ(1) = 0.841345: E|N(1, 1)| = 2·φ(1) + (2·Φ(1) − 1) = 0.483941 + 0.682689.
        assert!((folded_mean(1.0, 1.0) - 1.166_630_941_175).abs() < 1e-11);
        assert!((folded_mean(-1.0, 1.0) - folded_mean(1.0, 1.0)).abs() < 1e-12);
    }

    #[test]
    fn waiting_keeps_the_deviation_that_the_plan_removes() {
        let staged = Case::four().lend().staged();
        let figures = staged.outlook.figures.unwrap();
        assert!(figures.tracking_error_waiting > figures.tracking_error_after_plan);
        assert!(figures.cost_of_waiting_bps > 0.0);
        assert!(figures.portfolio_drift_expected >= figures.portfolio_drift_now - 1e-9);
        assert!(figures.loss_95_waiting > 0.0);
    }

    #[test]
    fn a_week_of_waiting_costs_its_share_of_what_the_plan_is_worth() {
        let goals = [None, Some(OptimalGoal::Policy), Some(OptimalGoal::MeanVariance { risk_aversion: 5.0 })];
        for (goal, years) in goals.into_iter().flat_map(|goal| [(goal, 1.0), (goal, 2.5)]) {
            let mut case = Case::four();
            case.config.objective.horizon_years = years;
            if let Some(goal) = goal {
                let method = OptimalMethod { goal, ..OptimalMethod::long_only(4) };
                case.config.method = Method::Optimal(Box::new(method));
            }
            let staged = case.lend().staged();
            let (waiting, worth) = (staged.outlook.figures.unwrap(), staged.worth.figures.unwrap());
            assert!(worth.benefit_bps.abs() > 1e-3, "{goal:?} {worth:?}");
            let week = worth.benefit_bps / years * 5.0 / 252.0;
            // The drift method states it from weights after costs, which are rounded to cents.
            let close = if goal.is_some() { 1e-9 } else { 1e-5 * week.abs() };
            assert!((waiting.cost_of_waiting_bps - week).abs() < close, "{goal:?} {years}: {waiting:?} {worth:?}");
            if goal == Some(OptimalGoal::Policy) {
                let annual = waiting.tracking_error_waiting * (252.0_f64 / 5.0).sqrt();
                // The optimal method measures by a shrunk covariance.
                assert!((annual / worth.tracking_error_before - 1.0).abs() < 0.2, "{waiting:?} {worth:?}");
            }
        }
    }

    #[test]
    fn the_loss_is_the_quantile_of_the_law() {
        let returns: Vec<f64> = (0..100).map(|t| if t % 2 == 0 { 0.01_f64 } else { -0.01 }).collect();
        let (drift, book) =
            (BookDrift::of(&Case::pair().config, &[], &[]), BookHistory { weights: &[], returns: &returns });
        let law = LawOfHistory::of(book, &drift, 5).unwrap().law;
        let sd = law.volatility_annual() * (5.0_f64 / 252.0).sqrt();
        let mean = (law.drift_annual() - 0.5 * law.volatility_annual().powi(2)) * 5.0 / 252.0;
        assert!((loss_95(&drift, book).unwrap() - (1.0 - (mean - 1.644_854 * sd).exp())).abs() < 1e-6);
    }

    #[test]
    fn without_a_history_there_is_a_reason() {
        let mut case = Case::pair();
        case.returns.iter_mut().for_each(Vec::clear);
        let staged = case.lend().staged();
        assert_eq!((staged.outlook.figures, staged.outlook.reason.is_some()), (None, true));
    }
}
