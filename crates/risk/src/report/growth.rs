//! Metrics of return, volatility, reward to risk, and drawdown.

use portfolio_core::Confidence;

use super::book::Book;
use super::{MetricValue, ReturnDates};
use crate::drawdown::trace;
use crate::growth::Growth;
use crate::moments::volatility;
use crate::reason::finite;
use crate::spread::Spread;
use crate::sums::sum_map;
use crate::tail::tail_risk;
use crate::{Drawdown, RiskOptions, UnavailableReason, ratios};

/// Return, volatility, ratios and drawdowns.
pub(super) fn growth_metrics(
    book: &mut Book,
    returns: &[f64],
    spread: &Spread,
    dates: Option<&ReturnDates<'_>>,
    options: &RiskOptions,
) {
    let periods = options.periods_per_year;
    let enough = if returns.len() < 2 { Err(UnavailableReason::TooFewReturns) } else { Ok(()) };
    let growth = Growth::of(returns.iter().copied());
    let cagr = growth.and_then(|g| g.annualised(periods));
    book.note("mean_daily", finite(spread.mean));
    book.note("ann_return_arith", finite(periods * spread.mean));
    book.note("cagr", cagr);
    book.note("cum_return", growth.and_then(|g| g.total()));
    book.note("ann_vol", volatility(spread, options));
    book.note("sharpe", ratios::sharpe(spread, options.risk_free_per_period(), options));
    book.note("sharpe_simple", ratios::sharpe(spread, options.risk_free_rate / periods, options));
    let downside = enough.and_then(|()| ratios::downside(returns, 0.0));
    book.note("downside_dev", downside.and_then(|d| finite(d * periods.sqrt())));
    book.note("sortino", enough.and_then(|()| ratios::sortino(returns, spread.mean, options)));

    // Negated, so that the worst values are the deepest drawdowns.
    let mut depths = Vec::with_capacity(returns.len());
    let drawdown = trace(returns, |d| depths.push(-d));
    let of_depths = |f: &dyn Fn() -> f64| drawdown.and_then(|_| finite(f()));
    let count = returns.len() as f64;
    book.note("max_drawdown", drawdown.map(|d| d.depth));
    // A fall too small to have dates is rounding error in wealth that stays at its peak.
    let calmar = enough.and(drawdown).and_then(|d| match d.peak {
        None => Err(UnavailableReason::NoDrawdown),
        Some(_) => finite(cagr? / d.depth),
    });
    book.note("calmar", calmar);
    book.note("omega_0", enough.and_then(|()| ratios::omega(returns)));
    let date = |read: &dyn Fn(&Drawdown) -> Option<usize>, missing| {
        let position = read(&drawdown?).ok_or(missing)?;
        let date = dates.and_then(|d| d.at(position)).ok_or(UnavailableReason::NoDates)?;
        Ok(MetricValue::Date(date))
    };
    book.put("mdd_peak_date", date(&|d| d.peak, UnavailableReason::NoDrawdown));
    book.put("mdd_trough_date", date(&|d| d.trough, UnavailableReason::NoDrawdown));
    let no_recovery = match drawdown {
        Ok(Drawdown { peak: None, .. }) => UnavailableReason::NoDrawdown,
        _ => UnavailableReason::NotRecovered,
    };
    book.put("mdd_recovery_date", date(&|d| d.recovery, no_recovery));
    book.note("avg_drawdown", of_depths(&|| -sum_map(&depths, |d| d) / count + 0.0));
    book.note("ulcer_index", of_depths(&|| (sum_map(&depths, |d| d * d) / count).sqrt()));
    book.note("cdar95", drawdown.and_then(|_| tail_risk(&depths, Confidence::P95).1));
}
