//! The latest forecast of a network, beside adaptive conformal intervals around HAR.

use std::error::Error;

use online::{Conformal, ConformalSpec};
use tft::registry::{Fan, TftVersion};
use tft::{Forecast, Matrix};

use crate::rivals::Median;
use crate::sealed::Last;
use crate::series::{Index, Market};

/// Days before the training of the network whose outcomes the intervals learn from.
const LEARNT: usize = 504;

pub(crate) fn fan(market: &Market, last: &Last, read: &TftVersion) -> Result<Fan, Box<dyn Error>> {
    let window = *last.test.iter().rfind(|window| window.series == 0).ok_or("no forecast")?;
    let (index, (mean, spread)) = (&market.indices[0], last.scales[0]);
    let quantiles = read.model().predict(&last.panel, &[window])?.remove(0).quantiles;
    let unscaled = quantiles.data().iter().map(|q| mean + spread * q).collect();
    let quantiles = Matrix::from_rows(quantiles.rows(), quantiles.cols(), unscaled).ok_or("shape")?;
    let spec = ConformalSpec::default();
    let point = Median::fit(index, last.known - LEARNT, quantiles.rows())?;
    let interval = |step: usize| -> Result<Result<[f64; 2], String>, Box<dyn Error>> {
        let mut intervals = Conformal::new(spec)?;
        // The outcomes of the last origins that are settled are those of the day of the forecast.
        for origin in last.known - LEARNT..=window.origin - step {
            let issued = intervals.issue(point.at(index, origin, step)?, 1.0)?;
            intervals.settle(issued, index.log_variance[origin + step])?;
        }
        let centre = point.at(index, window.origin, step)?;
        let issued = intervals.issue(centre, 1.0)?;
        Ok(issued.half_width().map(|half| [centre - half, centre + half]).map_err(|why| why.to_string()))
    };
    Ok(Fan {
        title: format!("{}: logarithm of the variance of the days after {}", market.name, day(index, window.origin)?),
        conformal: (1..=quantiles.rows()).map(interval).collect::<Result<_, _>>()?,
        coverage: spec.coverage,
        outcomes: index.log_variance[window.origin + 1..].iter().take(quantiles.rows()).copied().collect(),
        forecast: Forecast { window, quantiles },
    })
}

fn day(index: &Index, row: usize) -> Result<&str, Box<dyn Error>> {
    Ok(index.dates.get(row).ok_or("no such day")?)
}
