//! Golden cases: single windows as JSON, and the code that runs them.

use models::{GOLDENS, Runnable};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Matrix, Panel, Series, Tft, TftError, Window};

/// What a model reads of one window: rows from the oldest.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GoldenWindow {
    categories: Vec<usize>,
    numbers: Vec<f64>,
    /// Over the lookback.
    observed: Vec<Vec<f64>>,
    /// Over the lookback and the horizon.
    known: Vec<Vec<f64>>,
}

/// The code of every version: the quantiles of a window, a row per step.
pub(super) struct TftCode;

impl Runnable for TftCode {
    fn run(&self, weights: &[u8], input: &Value) -> Result<Value, String> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let model = Tft::from_bytes(weights).map_err(|error| text(&error))?;
        let window: GoldenWindow = serde_json::from_value(input.clone()).map_err(|error| text(&error))?;
        let spec = model.spec();
        let matrix = |rows: Vec<Vec<f64>>, cols: usize| {
            let whole = rows.iter().all(|row| row.len() == cols);
            let count = rows.len();
            Matrix::from_rows(count, cols, rows.concat())
                .filter(|_| whole)
                .ok_or("a row has other inputs than the model")
        };
        let series = Series {
            categories: window.categories,
            numbers: window.numbers,
            observed: matrix(window.observed, spec.observed.len())?,
            known: matrix(window.known, spec.known.len())?,
            // It is not read: what the model knows of it is among the observed inputs.
            target: vec![0.0; spec.lookback],
        };
        let panel = Panel::new(spec, vec![series]).map_err(|error| text(&error))?;
        let asked = Window { origin: spec.lookback - 1, series: 0 };
        let forecasts = model.predict(&panel, &[asked]).map_err(|error| text(&error))?;
        let rows = forecasts.iter().flat_map(|forecast| (0..spec.horizon).map(|step| forecast.quantiles.row(step)));
        Ok(json!(rows.collect::<Vec<_>>()))
    }
}

/// Ten windows, evenly spread over those given.
pub(super) fn inputs(panel: &Panel, windows: &[Window]) -> Result<Vec<Value>, TftError> {
    if windows.len() < GOLDENS {
        return Err(TftError::TooFew { of: "windows for golden cases", found: windows.len(), needed: GOLDENS });
    }
    (0..GOLDENS).map(|i| input(panel, windows[i * windows.len() / GOLDENS])).collect()
}

fn input(panel: &Panel, window: Window) -> Result<Value, TftError> {
    let Window { origin, series } = window;
    let spec = panel.spec();
    let missing = || TftError::Window { series, origin };
    let one = panel.series().get(series).ok_or_else(missing)?;
    let first = origin.checked_add(1).and_then(|end| end.checked_sub(spec.lookback)).ok_or_else(missing)?;
    let rows = |matrix: &Matrix, count: usize| {
        let end = first.checked_add(count).filter(|end| *end <= matrix.rows()).ok_or_else(missing)?;
        Ok((first..end).map(|row| matrix.row(row).to_vec()).collect::<Vec<_>>())
    };
    let golden = GoldenWindow {
        categories: one.categories.clone(),
        numbers: one.numbers.clone(),
        observed: rows(&one.observed, spec.lookback)?,
        known: rows(&one.known, spec.lookback + spec.horizon)?,
    };
    serde_json::to_value(golden).map_err(|error| TftError::Bytes(error.to_string()))
}
