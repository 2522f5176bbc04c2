//! Refits know what was known, and no more.

use std::ops::ControlFlow;

use portfolio_core::Seed;
use tft::{Ended, Leg, Matrix, Panel, TftError, TrainSpec, Training, Walk};

use crate::SMALL;
use crate::task::panel;

fn plan() -> Walk {
    let train = TrainSpec { steps: 6, batch: 8, look_every: 3, ..TrainSpec::default() };
    Walk { first: 120, every: 50, end: 200, fold: 0.2, thin: 2, train, seed: Seed(5) }
}

fn leg(plan: &Walk, known: usize, panel: &Panel) -> Leg {
    plan.leg(known, panel, &mut |_| ControlFlow::Continue(())).unwrap().unwrap()
}

#[test]
fn each_origin_is_forecast_once_by_the_latest_training_before_it() {
    let (plan, panel) = (plan(), panel(SMALL, 240, 2).unwrap());
    assert_eq!(plan.trainings().collect::<Vec<_>>(), [120, 170]);
    let mut origins = Vec::new();
    for known in plan.trainings() {
        let leg = leg(&plan, known, &panel);
        let outcome = |window: &tft::Window| window.origin + SMALL.horizon;
        assert_eq!(leg.fold.train.iter().chain(&leg.fold.valid).map(outcome).max(), Some(known - 1));
        let cut = leg.fold.valid.iter().map(|window| window.origin).min().unwrap();
        assert!(leg.fold.train.iter().all(|window| outcome(window) <= cut));
        origins.extend(leg.forecasts.iter().filter(|forecast| forecast.window.series == 0).map(|f| f.window.origin));
    }
    assert_eq!(origins, (119..200).collect::<Vec<_>>());
}

#[test]
fn what_comes_after_the_known_rows_changes_neither_the_weights_nor_the_first_forecast() {
    let (plan, plain) = (plan(), panel(SMALL, 240, 2).unwrap());
    let mut series = plain.series().to_vec();
    for one in &mut series {
        let late = |(at, x): (usize, &f64)| if at / 4 >= 120 { x + 1.0 } else { *x };
        let observed = one.observed.data().iter().enumerate().map(late).collect();
        one.observed = Matrix::from_rows(240, 4, observed).unwrap();
        one.target[120..].iter_mut().for_each(|y| *y -= 1.0);
    }
    let changed = Panel::new(plain.spec(), series).unwrap();
    let (before, after) = (leg(&plan, 120, &plain), leg(&plan, 120, &changed));
    assert_eq!(before.model.digest(), after.model.digest());
    assert_eq!(before.forecasts[0], after.forecasts[0]);
    let last = |leg: &Leg| leg.forecasts.last().unwrap().clone();
    assert_ne!(last(&before), last(&after), "later origins read what is known then");
}

#[test]
fn a_leg_that_was_stopped_and_resumed_is_the_one_that_was_not() {
    let (plan, panel) = (plan(), panel(SMALL, 240, 2).unwrap());
    let whole = leg(&plan, 170, &panel);
    let (mut run, fold) = plan.begin(170, &panel).unwrap();
    assert_eq!(run.run(&panel, &fold, &mut |_| ControlFlow::Break(())).unwrap(), Ended::Stopped);
    let mut resumed = Training::resume(&run.checkpoint().unwrap()).unwrap();
    assert_eq!(resumed.step(), 3);
    resumed.run(&panel, &fold, &mut |_| ControlFlow::Continue(())).unwrap();
    let parts = plan.finish(170, &panel, &resumed, fold).unwrap();
    assert_eq!((parts.model.digest(), parts.known), (whole.model.digest(), whole.known));
    assert_eq!((parts.forecasts, parts.fold), (whole.forecasts, whole.fold));
    assert!(matches!(plan.finish(0, &panel, &resumed, nothing()), Err(TftError::OutOfRange { .. })));
}

fn nothing() -> tft::Fold {
    tft::Fold { train: Vec::new(), valid: Vec::new() }
}

#[test]
fn a_walk_that_cannot_be_made_is_refused_and_one_that_is_stopped_has_no_forecast() {
    let panel = panel(SMALL, 240, 2).unwrap();
    for (wrong, known) in [
        (Walk { every: 0, ..plan() }, 120),
        (Walk { thin: 0, ..plan() }, 120),
        (plan(), SMALL.horizon),
        (Walk { fold: 1.0, ..plan() }, 120),
    ] {
        let refused = wrong.leg(known, &panel, &mut |_| ControlFlow::Continue(()));
        assert!(matches!(refused, Err(TftError::OutOfRange { .. })), "{refused:?}");
    }
    assert!(plan().leg(120, &panel, &mut |_| ControlFlow::Break(())).unwrap().is_none());
    assert_eq!(Walk { every: 0, ..plan() }.trainings().take(2).count(), 2, "it ends");
}
