//! Adaptive conformal intervals for the return of a day some days ahead.

use std::collections::VecDeque;

use online::{Conformal, ConformalError, ConformalSpec, Issued};

use super::rivals::volatilities;

/// Latest returns from which an interval learns: two years.
const LATEST: usize = 504;

/// The interval for the return `ahead` days after the last one: around `point`, with the exponentially weighted
/// volatility as its scale. An interval learns from an outcome only once its day has come. The inner error says why
/// there is none.
///
/// # Errors
/// A number that is not finite.
pub(super) fn interval(returns: &[f64], point: f64, ahead: usize) -> Result<Result<[f64; 2], String>, ConformalError> {
    let returns = returns.get(returns.len().saturating_sub(LATEST)..).unwrap_or_default();
    let mut intervals = Conformal::new(ConformalSpec::default())?;
    let mut open: VecDeque<Issued> = VecDeque::new();
    let mut latest = Err("there are too few returns for a volatility".to_owned());
    for (t, volatility) in volatilities(returns).into_iter().enumerate() {
        let Some(volatility) = volatility else { continue };
        if open.len() == ahead
            && let Some(issued) = open.pop_front()
        {
            intervals.settle(issued, returns[t])?;
        }
        // After days without any move there is no scale; they are the same days for every step.
        let Ok(issued) = intervals.issue(point, volatility) else {
            open.clear();
            latest = Err("the latest returns do not move".to_owned());
            continue;
        };
        latest = issued.half_width().map(|half| [point - half, point + half]).map_err(|why| why.to_string());
        open.push_back(issued);
    }
    Ok(latest)
}

/// The share of outcomes that the intervals should contain.
pub(super) fn coverage() -> f64 {
    ConformalSpec::default().coverage
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_waits_for_its_outcomes_and_says_why_it_is_missing() {
        let returns: Vec<f64> = (0..400).map(|t| if t % 2 == 0 { 0.01 } else { -0.01 }).collect();
        for ahead in [1, 5] {
            let [lower, upper] = interval(&returns, 0.0, ahead).unwrap().unwrap();
            // Every score is 1 and the volatility 1 %.
            assert!((lower + 0.01).abs() < 1e-9 && (upper - 0.01).abs() < 1e-9, "{lower} {upper}");
        }
        // The first volatility is that of day 20: with an outcome a day later each, 120 days have 100 scores.
        assert!(interval(&returns[..120], 0.0, 1).unwrap().is_ok());
        assert_eq!(interval(&returns[..120], 0.0, 2).unwrap().unwrap_err(), "there are too few outcomes so far");
        assert!(interval(&returns[..5], 0.0, 1).unwrap().unwrap_err().contains("volatility"));
        assert!(interval(&[0.0; 50], 0.0, 1).unwrap().unwrap_err().contains("do not move"));
    }
}
