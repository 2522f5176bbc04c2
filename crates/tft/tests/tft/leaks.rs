//! No forecast knows what is not known.

use portfolio_core::Seed;
use tft::{Matrix, Panel, Series, Tft, Window};

use crate::SMALL;
use crate::task::{panel, spec};

const ORIGIN: usize = 40;

/// The quantiles of one window, after a change of its series.
fn forecast(change: impl Fn(&mut Series)) -> Matrix {
    let panel = panel(SMALL, 60, 3).unwrap();
    let mut series = panel.series().to_vec();
    change(&mut series[1]);
    let panel = Panel::new(panel.spec(), series).unwrap();
    let model = Tft::new(spec(SMALL), Seed(1)).unwrap();
    model.predict(&panel, &[Window { series: 1, origin: ORIGIN }]).unwrap().remove(0).quantiles
}

/// A matrix whose rows from `first` on are others.
fn with_other_rows(matrix: &Matrix, first: usize) -> Matrix {
    let cols = matrix.cols();
    let other = |(at, x): (usize, &f64)| if at / cols >= first { x + 1.0 } else { *x };
    Matrix::from_rows(matrix.rows(), cols, matrix.data().iter().enumerate().map(other).collect()).unwrap()
}

#[test]
fn cutting_or_changing_the_future_of_observed_inputs_changes_no_bit() {
    let plain = forecast(|_| {});
    let changed = forecast(|series| {
        series.observed = with_other_rows(&series.observed, ORIGIN + 1);
        series.target[ORIGIN + 1..].fill(9.0);
    });
    let cut = forecast(|series| {
        series.observed =
            Matrix::from_rows(ORIGIN + 1, 4, series.observed.data()[..4 * (ORIGIN + 1)].to_vec()).unwrap();
        series.target.truncate(ORIGIN + 1);
    });
    assert_eq!(plain, changed);
    assert_eq!(plain, cut);
    // The last row that is known does matter.
    assert_ne!(plain, forecast(|series| series.observed = with_other_rows(&series.observed, ORIGIN)));
}

#[test]
fn a_step_reads_known_inputs_up_to_itself() {
    let plain = forecast(|_| {});
    for ahead in 1..=SMALL.horizon {
        let changed = forecast(|series| series.known = with_other_rows(&series.known, ORIGIN + ahead));
        for step in 0..SMALL.horizon {
            assert_eq!(plain.row(step) == changed.row(step), step + 1 < ahead, "{step} {ahead}");
        }
    }
}

#[test]
fn a_forecast_does_not_depend_on_its_company() {
    let panel = panel(SMALL, 60, 3).unwrap();
    let model = Tft::new(spec(SMALL), Seed(1)).unwrap();
    let windows = &panel.windows(0..usize::MAX, 1)[..23];
    let together = model.predict(&panel, windows).unwrap();
    for (window, forecast) in windows.iter().zip(&together) {
        assert_eq!(model.predict(&panel, &[*window]).unwrap()[0], *forecast);
    }
}
