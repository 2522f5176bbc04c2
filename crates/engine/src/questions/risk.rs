//! The risk report: metrics, and what else was requested.

use portfolio_core::{Confidence, Seed};
use risk::backtest::{acerbi_szekely_test, christoffersen_test, kupiec_test};
use risk::inference::{
    BlockBootstrap, SharpeError, block_bootstrap, cvar_interval, newey_west_lags, sharpe_interval, var_interval,
};
use risk::volatility::{EwmaStart, GarchInnovations, GarchOptions, ewma_volatility, fit_garch};
use risk::{
    ExitSchedule, ReturnDates, RiskError, RiskOptions, RollingMeasure, active_risk, conditional_value_at_risk,
    contributions, days_to_exit, max_drawdown, measure, portfolio_returns, regress_on_factors, rolling, value_at_risk,
};

use crate::context::RequestContext;
use crate::decode::SeriesOrNamed;
use crate::dto::absent;
use crate::dto::metadata::Metadata;
use crate::dto::risk::{
    BacktestReport, FactorDecomposition, GarchEstimates, RiskIntervals, RiskReportRequest, RiskReportResponse,
    RollingRisk, VolatilityModelName, VolatilityModelReport,
};
use crate::dto::warning::PlanWarning;
use crate::dto::warning_code::WarningCode;
use crate::fault::segment;
use crate::fault_code::FaultCode;
use crate::inventory::HISTORICAL_RISK;
use crate::refusal::Refusal;
use crate::telling::inventory::reference;
use pipeline::FEW_OBSERVATIONS;

/// Decay of the EWMA volatility.
const DECAY: f64 = 0.94;
/// Periods a volatility model looks ahead.
const AHEAD: usize = 10;

/// What a library refuses although the fields were in range: the combination is at fault, named by `pointer`.
fn refused(pointer: impl Into<String>, error: &dyn std::error::Error) -> Refusal {
    Refusal::fault(pointer, FaultCode::Value, error.to_string())
}

/// Answers a risk report request.
///
/// # Errors
/// [`Refusal::Invalid`] for what cannot be measured.
pub fn risk_answer(request: &RiskReportRequest, context: &RequestContext) -> Result<RiskReportResponse, Refusal> {
    let defaults = RiskOptions::default();
    let options = RiskOptions {
        risk_free_rate: request.risk_free_rate.unwrap_or(defaults.risk_free_rate),
        periods_per_year: request.periods_per_year.unwrap_or(defaults.periods_per_year),
    };
    let (mut split, mut active) = (None, None);
    let returns = match &request.returns {
        SeriesOrNamed::Series(series) => series.clone(),
        SeriesOrNamed::Named(named) => {
            let columns: Vec<&[f64]> = named.0.iter().map(|(_, series)| series.as_slice()).collect();
            let weights = request.weights.clone().unwrap_or_else(|| vec![1.0]);
            split = Some(contributions(&columns, &weights, &options).map_err(|e| refused("/weights", &e))?);
            if let Some(benchmark) = &request.benchmark_weights {
                let against = active_risk(&columns, &weights, benchmark, &options);
                active = Some(against.map_err(|e| refused("/benchmark_weights", &e))?);
            }
            portfolio_returns(&columns, &weights, request.rebalancing.unwrap_or_default())
                .map_err(|e| refused("/weights", &e))?
        }
    };
    let dates = request.dates.as_ref().map(|dates| ReturnDates { start: request.start_date, dates });
    let report = measure(&returns, request.benchmark.as_deref(), dates.as_ref(), &options)
        .map_err(|e| refused("/returns", &e))?;
    let mut warnings = Vec::new();
    if returns.len() < FEW_OBSERVATIONS {
        warnings.push(PlanWarning {
            code: WarningCode::HistoryShort,
            pointer: "/returns".to_owned(),
            detail: format!("only {} observations: the figures are rough at best", returns.len()),
        });
    }
    let told = |pointer, returns: &[f64]| PlanWarning::of_returns(pointer, returns, options.periods_per_year);
    match &request.returns {
        SeriesOrNamed::Series(series) => warnings.extend(told("/returns".to_owned(), series)),
        SeriesOrNamed::Named(named) => warnings
            .extend(named.0.iter().filter_map(|(name, series)| told(format!("/returns/{}", segment(name)), series))),
    }
    let factors = factors(&returns, request, &options, &mut warnings)?;
    let volatility_models = volatility_models(&returns, request, &options, &mut warnings);
    let model = reference(HISTORICAL_RISK);
    let seed =
        request.intervals.unwrap_or(false).then(|| request.seed.map_or_else(|| BlockBootstrap::default().seed, Seed));
    let intervals = seed.map(|seed| intervals(&returns, seed, &options, &mut warnings));
    Ok(RiskReportResponse {
        report,
        contributions: split,
        active,
        intervals,
        factors,
        rolling: rolling_risk(&returns, request, &options)?,
        volatility_models,
        liquidity: liquidity(request)?,
        backtest: backtest(&returns, request)?,
        warnings,
        metadata: Metadata::of(context, seed.map(|seed| seed.0), vec![model]),
    })
}

/// How uncertain the figures of a series are; a figure that does not exist is absent, with a warning that says why.
fn intervals(returns: &[f64], seed: Seed, options: &RiskOptions, warnings: &mut Vec<PlanWarning>) -> RiskIntervals {
    let level = Confidence::P95;
    let lags = newey_west_lags(returns.len());
    let bootstrap = BlockBootstrap { seed, ..BlockBootstrap::default() };
    let sharpe = |error| sharpe_interval(returns, error, level, options);
    RiskIntervals {
        sharpe_lo: told("sharpe_lo", sharpe(SharpeError::Autocorrelated { lags }), warnings),
        sharpe_opdyke: told("sharpe_opdyke", sharpe(SharpeError::NonNormal), warnings),
        var_95: told("var_95", var_interval(returns, level, level), warnings),
        cvar_95: told("cvar_95", cvar_interval(returns, level, level), warnings),
        var_95_bootstrap: told(
            "var_95_bootstrap",
            block_bootstrap(returns, |r| value_at_risk(r, level).ok(), &bootstrap),
            warnings,
        ),
        cvar_95_bootstrap: told(
            "cvar_95_bootstrap",
            block_bootstrap(returns, |r| conditional_value_at_risk(r, level).ok(), &bootstrap),
            warnings,
        ),
        max_drawdown_bootstrap: told(
            "max_drawdown_bootstrap",
            block_bootstrap(returns, |r| max_drawdown(r).ok().map(|d| d.depth), &bootstrap),
            warnings,
        ),
    }
}

/// An interval, or a warning that says why there is none.
fn told<T>(member: &str, interval: Result<T, RiskError>, warnings: &mut Vec<PlanWarning>) -> Option<T> {
    interval.map_err(|error| warnings.push(missing(format!("/intervals/{member}"), &error))).ok()
}

/// A figure that was asked for and does not exist.
fn missing(pointer: String, error: &dyn std::error::Error) -> PlanWarning {
    let reason = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    PlanWarning { code: WarningCode::FigureUnavailable, pointer, detail: reason }
}

/// How much of the returns the factors explain. Dependent factors are a fault of the request; a short or constant series
/// leaves the member out with a warning.
fn factors(
    returns: &[f64],
    request: &RiskReportRequest,
    options: &RiskOptions,
    warnings: &mut Vec<PlanWarning>,
) -> Result<Option<FactorDecomposition>, Refusal> {
    let Some(factors) = &request.factors else { return Ok(None) };
    let columns: Vec<&[f64]> = factors.0.iter().map(|(_, series)| series.as_slice()).collect();
    match regress_on_factors(returns, &columns, None, options) {
        Ok(regression) => {
            let names = factors.0.iter().map(|(name, _)| name.trim().to_owned()).collect();
            Ok(Some(FactorDecomposition { names, regression }))
        }
        Err(error @ RiskError::Unavailable(_)) => {
            warnings.push(missing("/factors".to_owned(), &error));
            Ok(None)
        }
        Err(error) => Err(refused("/factors", &error)),
    }
}

/// Risk over moving windows.
fn rolling_risk(
    returns: &[f64],
    request: &RiskReportRequest,
    options: &RiskOptions,
) -> Result<Option<RollingRisk>, Refusal> {
    let Some(window) = request.rolling_window else { return Ok(None) };
    let window = window as usize;
    let benchmark = request.benchmark.as_deref();
    let run = |measure| {
        rolling(returns, benchmark, window, measure, options).map_err(|error| refused("/rolling_window", &error))
    };
    let relative = |measure| benchmark.map(|_| run(measure)).transpose();
    Ok(Some(RollingRisk {
        window,
        annual_return: run(RollingMeasure::AnnualReturn)?,
        volatility: run(RollingMeasure::Volatility)?,
        sharpe: run(RollingMeasure::Sharpe)?,
        max_drawdown: run(RollingMeasure::MaxDrawdown)?,
        beta: relative(RollingMeasure::Beta)?,
        correlation: relative(RollingMeasure::Correlation)?,
        tracking_error: relative(RollingMeasure::TrackingError)?,
    }))
}

/// Volatility over time by each model that can be fitted.
fn volatility_models(
    returns: &[f64],
    request: &RiskReportRequest,
    options: &RiskOptions,
    warnings: &mut Vec<PlanWarning>,
) -> Option<Vec<VolatilityModelReport>> {
    let models = request.volatility_models.as_ref()?;
    let mut reports = Vec::with_capacity(models.len());
    for (i, model) in models.iter().enumerate() {
        let report = match model {
            VolatilityModelName::Ewma => ewma(returns, options),
            VolatilityModelName::Garch => garch(returns, *model, GarchInnovations::Normal, options),
            VolatilityModelName::GarchT => garch(returns, *model, GarchInnovations::StudentT, options),
        };
        match report {
            Ok(report) => reports.push(report),
            Err(error) => warnings.push(missing(format!("/volatility_models/{i}"), &error)),
        }
    }
    Some(reports)
}

fn ewma(returns: &[f64], options: &RiskOptions) -> Result<VolatilityModelReport, RiskError> {
    let volatility_annual = ewma_volatility(returns, DECAY, EwmaStart::Recursive, options)?;
    let last = volatility_annual.last().copied().unwrap_or_default();
    Ok(VolatilityModelReport {
        model: VolatilityModelName::Ewma,
        volatility_annual,
        // Without a level to return to, tomorrow looks like today for ever.
        forecast_volatility_annual: vec![last; AHEAD],
        garch: None,
    })
}

fn garch(
    returns: &[f64],
    model: VolatilityModelName,
    innovations: GarchInnovations,
    options: &RiskOptions,
) -> Result<VolatilityModelReport, RiskError> {
    let fit = fit_garch(returns, &GarchOptions { innovations, ..GarchOptions::default() })?;
    let annual = options.periods_per_year.sqrt();
    Ok(VolatilityModelReport {
        model,
        volatility_annual: fit.volatility.iter().map(|v| v * annual).collect(),
        forecast_volatility_annual: fit.forecast_variance(AHEAD).iter().map(|v| v.sqrt() * annual).collect(),
        garch: Some(GarchEstimates {
            mean: fit.mean,
            omega: fit.omega,
            alpha: fit.alpha,
            beta: fit.beta,
            degrees_of_freedom: fit.degrees_of_freedom,
            standard_errors: fit.standard_errors,
            long_run_volatility_annual: fit.long_run_variance().sqrt() * annual,
            log_likelihood: fit.log_likelihood,
            iterations: fit.iterations,
        }),
    })
}

/// Days to exit the positions.
fn liquidity(request: &RiskReportRequest) -> Result<Option<ExitSchedule>, Refusal> {
    let (Some(positions), Some(volumes)) = (&request.positions, &request.volumes) else { return Ok(None) };
    let participation = request.participation.unwrap_or(absent::PARTICIPATION);
    days_to_exit(positions, volumes, participation).map(Some).map_err(|error| refused("/positions", &error))
}

/// Forecasts held against the returns.
fn backtest(returns: &[f64], request: &RiskReportRequest) -> Result<Option<BacktestReport>, Refusal> {
    let Some(forecasts) = &request.backtest else { return Ok(None) };
    let level = forecasts.level.map_or(Ok(Confidence::P95), Confidence::new);
    let level = level.map_err(|error| refused("/backtest/level", &error))?;
    let violated: Vec<bool> = returns.iter().zip(&forecasts.var).map(|(r, var)| -r > *var).collect();
    let violations = violated.iter().filter(|v| **v).count();
    let kupiec = kupiec_test(violations, violated.len(), level).map_err(|error| refused("/backtest", &error))?;
    let (independence, conditional_coverage) = christoffersen_test(&violated, level).ok().unzip();
    let acerbi_szekely = match &forecasts.cvar {
        Some(cvar) => Some(
            acerbi_szekely_test(returns, &forecasts.var, cvar, level)
                .map_err(|error| refused("/backtest/cvar", &error))?,
        ),
        None => None,
    };
    Ok(Some(BacktestReport { level: level.get(), kupiec, independence, conditional_coverage, acerbi_szekely }))
}
