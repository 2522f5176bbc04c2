//! What the examination finds, and what it lets through.

use std::ops::ControlFlow;

use tft::{ExaminationSpec, Panel, Refusal, Tft, Training, Window, examine};

use crate::small;

fn halves(panel: &Panel) -> (Vec<Window>, Vec<Window>) {
    (panel.windows(0..150, 1), panel.windows(160..usize::MAX, 4))
}

fn trained() -> (Training, Panel) {
    let (mut run, panel, fold) = small(80, 1);
    run.run(&panel, &fold, &mut |_| ControlFlow::Continue(())).unwrap();
    (run, panel)
}

#[test]
fn a_model_that_learnt_is_admitted_and_its_examination_is_of_its_weights() {
    let (run, panel) = trained();
    let (train, test) = halves(&panel);
    let model = run.best();
    let found = examine(&model, &panel, &train, &test, &ExaminationSpec::default()).unwrap();
    assert_eq!((found.untouched.len(), found.differences.len()), (0, found.tensors));
    assert!(found.refusals().is_empty(), "{:?}", found.refusals());
    let admitted = found.clone().admit(model.clone()).unwrap();
    assert_eq!(admitted.model().digest(), admitted.examination().weights);

    let other = Tft::new(model.spec().clone(), portfolio_core::Seed(9)).unwrap();
    assert_eq!(found.admit(other).unwrap_err(), [Refusal::OtherWeights]);
}

#[test]
fn a_model_that_learnt_nothing_is_refused() {
    let (run, panel, _) = small(1, 1);
    let (train, test) = halves(&panel);
    let model = run.latest().clone();
    let found = examine(&model, &panel, &train, &test, &ExaminationSpec::default()).unwrap();
    assert!(matches!(found.admit(model).unwrap_err().as_slice(), [Refusal::LearntNothing(_)]));
}

#[test]
fn tensors_behind_a_dead_block_are_named() {
    let (run, panel) = trained();
    let (train, test) = halves(&panel);
    let model = run.best();
    // The selection of past inputs no longer hears the static context: the weights lead nowhere.
    let mut stored = serde_json::to_value(model.parameters()).unwrap();
    let names = stored["names"].as_array().unwrap().clone();
    let at = names.iter().position(|name| name == "past_selection.weights.norm.gain").unwrap();
    let cols = stored["values"][at]["cols"].as_u64().unwrap() as usize;
    stored["values"][at]["data"] = vec![0.0; cols].into();
    let model = Tft::with_parameters(model.spec().clone(), serde_json::from_value(stored).unwrap()).unwrap();
    let found = examine(&model, &panel, &train, &test, &ExaminationSpec::default()).unwrap();
    let dead = "past_selection.weights.";
    let own = names.iter().filter(|name| name.as_str().is_some_and(|name| name.starts_with(dead))).count();
    // All of its tensors but the gain itself and the offset, which the loss still depends on.
    assert_eq!(found.untouched.len(), own - 2, "{:?}", found.untouched);
    assert!(found.untouched.iter().all(|name| name.starts_with(dead)));
    assert!(found.refusals().iter().any(|refusal| matches!(refusal, Refusal::Untouched(_))));
}

#[test]
fn a_wrong_gradient_is_refused() {
    let (run, panel) = trained();
    let (train, test) = halves(&panel);
    let model = run.best();
    let mut found = examine(&model, &panel, &train, &test, &ExaminationSpec::default()).unwrap();
    found.differences[7].gradient *= 1.02;
    let name = found.differences[7].tensor.clone();
    match found.admit(model).unwrap_err().as_slice() {
        [Refusal::WrongGradient(wrong)] => assert!(wrong.len() == 1 && wrong[0].tensor == name),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_outcome_that_meets_its_forecast_is_no_wrong_gradient() {
    let (run, panel) = trained();
    let (train, test) = halves(&panel);
    let model = run.best();
    let window = train[0];
    // A move of a weight by 1e-6 carries the median across each of these outcomes, and the slope of the loss changes.
    let medians = model.predict(&panel, &[window]).unwrap().remove(0).quantiles;
    let mut series = panel.series().to_vec();
    for step in 0..medians.rows() {
        series[window.series].target[window.origin + 1 + step] = medians.row(step)[2] + 3e-7;
    }
    let met = Panel::new(panel.spec(), series).unwrap();
    let one = ExaminationSpec { windows: 1, ..ExaminationSpec::default() };
    let found = examine(&model, &met, &train, &test, &one).unwrap();
    let wrong: Vec<_> = found.differences.iter().filter(|difference| !difference.agrees()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
