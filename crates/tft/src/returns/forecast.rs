//! Quantiles of the coming days from a model of returns, beside conformal intervals.

use super::conformal::{coverage, interval};
use super::inputs::is_of_returns;
use super::{Histories, ReturnsError, ReturnsSpec};
use crate::{Explanation, Panel, SeriesScale, Tft, TftError, Window};

/// What a model says of the coming days.
#[derive(Debug, Clone, PartialEq)]
pub struct ReturnsForecast {
    /// Levels of the quantiles, ascending.
    pub levels: Vec<f64>,
    /// The assets in the order in which they were asked for.
    pub assets: Vec<AssetQuantiles>,
    /// Share of returns that the conformal intervals should contain.
    pub coverage: f64,
    /// What the model looked at for these forecasts.
    pub explanation: Explanation,
}

/// The coming days of an asset.
#[derive(Debug, Clone, PartialEq)]
pub struct AssetQuantiles {
    /// Its days, the next one first.
    pub days: Vec<DayAhead>,
}

/// The return of a coming day.
#[derive(Debug, Clone, PartialEq)]
pub struct DayAhead {
    /// Its quantiles, simple returns per day, ascending.
    pub quantiles: Vec<f64>,
    /// An adaptive conformal interval around the mean return of the training, with the exponentially weighted volatility as its scale; or why
    /// there is none.
    pub conformal: Result<[f64; 2], String>,
}

/// Asks a model for the returns of the days after a history. Assets are found by their names.
///
/// # Errors
/// [`ReturnsError::OtherModel`], [`ReturnsError::Unknown`], [`ReturnsError::Short`], [`ReturnsError::Shape`], and a
/// number that is not finite.
pub fn forecast(model: &Tft, asked: &Histories<'_>) -> Result<ReturnsForecast, ReturnsError> {
    let spec = model.spec();
    if !is_of_returns(spec) {
        return Err(ReturnsError::OtherModel);
    }
    let (days, needed) = (asked.days()?, ReturnsSpec::days_asked(spec.lookback));
    if days < needed {
        return Err(ReturnsError::Short { found: days, needed });
    }
    let place = |(asset, name): (usize, &&str)| {
        spec.series.iter().position(|scale| scale.name == **name).ok_or(ReturnsError::Unknown { asset })
    };
    let places: Vec<usize> = asked.names.iter().enumerate().map(place).collect::<Result<_, _>>()?;
    let scales: Vec<SeriesScale> = places.iter().filter_map(|place| spec.series.get(*place)).cloned().collect();
    let series = asked.series(spec.horizon, &places, &scales).ok_or(ReturnsError::Shape)?;
    let panel = Panel::new(spec, series)?;
    let windows: Vec<Window> = (0..places.len()).map(|series| Window { origin: days - 1, series }).collect();
    let own = |(asset, (forecast, scale)): (usize, (&crate::Forecast, &SeriesScale))| {
        let returns = asked.returns.get(asset).copied().unwrap_or_default();
        let day = |step: usize| {
            let conformal = interval(returns, scale.mean, step + 1)
                .map_err(|error| ReturnsError::Tft(TftError::Comparison(error.to_string())))?;
            let quantiles = forecast.quantiles.row(step).iter().map(|q| scale.mean + scale.spread * q).collect();
            Ok(DayAhead { quantiles, conformal })
        };
        Ok(AssetQuantiles { days: (0..spec.horizon).map(day).collect::<Result<_, ReturnsError>>()? })
    };
    let forecasts = model.predict(&panel, &windows)?;
    let assets = forecasts.iter().zip(&scales).enumerate().map(own).collect::<Result<_, ReturnsError>>()?;
    Ok(ReturnsForecast {
        levels: spec.quantiles.clone(),
        assets,
        coverage: coverage(),
        explanation: model.explain(&panel, &windows)?,
    })
}
