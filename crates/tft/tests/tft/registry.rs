//! What is sealed, and what is read back.

use std::ops::ControlFlow;

use evaluate::Judgement;
use governance::Digest;
use models::{ModelError, ModelVersion, Purpose, Runnable, TrainingSpan};
use portfolio_core::Seed;
use serde_json::{Value, json};
use tft::registry::{Facts, Fan, RegistryError, Rival, TftVersion, Trial};
use tft::{
    Admitted, ExaminationSpec, Fold, Matrix, Panel, Series, StaticInput, Tft, TftError, TftSpec, TrainSpec, Training,
    Window, examine,
};

/// A small model of two series that follow an input that is known ahead, with the sign of the series; its document is
/// short, because every byte of it is changed. With the windows after its training.
fn admitted() -> (Admitted, Panel, Vec<Window>) {
    let column =
        |rows: usize, f: &dyn Fn(usize) -> f64| Matrix::from_rows(rows, 1, (0..rows).map(f).collect()).unwrap();
    let series = |asset: usize, sign: f64| {
        let known = column(302, &|t| (t as f64 * 0.7).sin());
        let target: Vec<f64> = (0..300).map(|t| sign * known.row(t)[0]).collect();
        Series { categories: vec![asset], numbers: Vec::new(), observed: column(300, &|t| target[t]), known, target }
    };
    let asset = StaticInput::Category { name: "asset".to_owned(), values: 2 };
    let small = TftSpec { width: 4, heads: 2, dropout: 0.0, quantiles: vec![0.1, 0.5, 0.9], ..spec() };
    let spec = TftSpec { statics: vec![asset], ..small };
    let panel = Panel::new(&spec, vec![series(0, 1.0), series(1, -1.0)]).unwrap();
    let (train, test) = (panel.windows(0..200, 1), panel.windows(210..usize::MAX, 1));
    let steps = TrainSpec { steps: 200, batch: 16, rate: 2e-2, ..TrainSpec::default() };
    let mut run = Training::new(Tft::new(spec, Seed(1)).unwrap(), steps, Seed(1)).unwrap();
    let fold = Fold { train: train.clone(), valid: Vec::new() };
    run.run(&panel, &fold, &mut |_| ControlFlow::Continue(())).unwrap();
    let model = run.best();
    let found = examine(&model, &panel, &train, &test, &ExaminationSpec::default()).unwrap();
    (found.admit(model).unwrap(), panel, test)
}

fn spec() -> TftSpec {
    TftSpec::new(Vec::new(), &["past"], &["wave"], 3, 2)
}

fn facts() -> Facts {
    Facts {
        id: "tft_of_a_task".to_owned(),
        version: "1.0.0".to_owned(),
        purpose: Purpose::Simulation,
        owner: "the tests".to_owned(),
        summary: "quantiles of two waves".to_owned(),
        target: "the waves".to_owned(),
        data: Digest::of_bytes(b"task"),
        span: TrainingSpan { from: "2001-01-01".to_owned(), to: "2001-10-27".to_owned() },
        seed: Seed(1),
        trials: 1,
    }
}

fn trial(p: f64) -> Trial {
    let judgement = Judgement::bonferroni(p, true, 0.05, 1).unwrap();
    let rivals = vec![Rival { name: "HAR".to_owned(), loss: 0.3, judgement }];
    Trial { data: "the task".to_owned(), origins: 88, loss: 0.25, rivals }
}

fn sealed(p: f64) -> (TftVersion, Admitted, Panel, Vec<Window>) {
    let (admitted, panel, test) = admitted();
    (TftVersion::seal(&admitted, facts(), &trial(p), &panel, &test).unwrap(), admitted, panel, test)
}

#[test]
fn a_version_is_read_back_and_forecasts_the_same() {
    let (version, admitted, panel, test) = sealed(0.5);
    let document = version.version().document().unwrap();
    let read = TftVersion::load(&document, Some(version.version().digest())).unwrap();
    assert_eq!(read.version(), version.version());
    assert_eq!(read.model().predict(&panel, &test).unwrap(), admitted.model().predict(&panel, &test).unwrap());
    // A golden case is a window of the panel: the first is the first of the test, the last begins the last tenth.
    let goldens = read.version().goldens();
    assert_eq!(goldens.len(), models::GOLDENS);
    for (golden, at) in [(&goldens[0], 0), (&goldens[9], 9 * test.len() / 10)] {
        let forecast = admitted.model().predict(&panel, &test[at..=at]).unwrap().remove(0).quantiles;
        let rows: Vec<&[f64]> = (0..2).map(|step| forecast.row(step)).collect();
        assert_eq!(golden.output, json!(rows));
    }
    assert!(matches!(
        TftVersion::load(&document, Some(Digest::ZERO)),
        Err(RegistryError::Model(ModelError::OtherVersion { .. }))
    ));
}

#[test]
fn one_flipped_bit_anywhere_is_refused() {
    let document = sealed(0.5).0.version().document().unwrap();
    for place in 0..document.len() {
        let mut flipped = document.clone();
        flipped[place] ^= 1 << (place % 8);
        assert!(TftVersion::load(&flipped, None).is_err(), "byte {place}");
    }
}

#[test]
fn the_card_tells_examination_trial_selection_and_attention() {
    let (version, admitted, panel, test) = sealed(0.5);
    let card = version.version().card();
    let metric = |name: &str| {
        let found: Vec<_> = card.metrics.iter().filter(|metric| metric.name.starts_with(name)).collect();
        assert_eq!(found.len(), 1, "{name}: {:?}", card.metrics);
        found[0].clone()
    };
    let found = admitted.examination();
    let tensors = metric("tensors whose derivative");
    assert_eq!(tensors.value, found.tensors as f64);
    assert!(tensors.verdict.contains(&found.weights.to_string()));
    let learnt = metric("pinball loss less than that of unconditional quantiles, 88 origins");
    assert_eq!(learnt.value, found.comparison.unconditional - found.comparison.model);
    assert!(learnt.value > 0.0 && learnt.verdict.starts_with("better"));
    let har = metric("pinball loss less than that of HAR, the task");
    assert!((har.value - 0.05).abs() < 1e-15 && har.verdict.starts_with("not distinguishable"), "{har:?}");

    let told = admitted.model().explain(&panel, &test).unwrap();
    for (kind, weights) in [("past inputs", &told.past), ("known inputs ahead", &told.future)] {
        for weight in weights {
            let name = format!("selection weight of {} among the {kind}", weight.name);
            assert_eq!(metric(&name).value, weight.weight);
        }
    }
    for ahead in &told.attention {
        let parts = ["the origin", "2 to 5 periods", "after the origin"];
        let parts = parts.map(|place| metric(&format!("attention {} ahead: {place}", ahead.ahead)).value);
        assert!((parts.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!((parts[0] - ahead.weights[2]).abs() < 1e-15, "the origin is the last of three rows");
    }
}

#[test]
fn without_an_edge_the_card_says_so_and_it_is_a_challenger_either_way() {
    let says = |p: f64| sealed(p).0.version().card().clone();
    let none = says(0.5);
    assert_eq!(none.known_limits[0], "On the task: no demonstrated edge (not distinguishable from HAR).");
    assert!(none.intended_use.starts_with("A challenger"));
    let edge = says(0.01);
    assert!(edge.known_limits.iter().all(|limit| !limit.contains("no demonstrated edge")));
    assert_eq!(edge.outcomes_analysis, "the task: an edge over every rival.");
    assert!(edge.intended_use.starts_with("A challenger"));
}

/// Code of somebody else, which says what the code of the crate says.
struct Echo(Value);

impl Runnable for Echo {
    fn run(&self, _: &[u8], _: &Value) -> Result<Value, String> {
        Ok(self.0.clone())
    }
}

#[test]
fn weights_that_were_not_examined_are_refused_under_the_card_of_others() {
    let (version, admitted, ..) = sealed(0.5);
    let other = Tft::new(admitted.model().spec().clone(), Seed(2)).unwrap();
    // Ten times one window, whose output an honest run of the other weights gives.
    let input = version.version().goldens()[0].input.clone();
    let forged = |output: Value| {
        let (card, bytes) = (version.version().card().clone(), other.to_bytes().unwrap());
        ModelVersion::seal(card, bytes, vec![input.clone(); 10], &Echo(output)).unwrap().document().unwrap()
    };
    let refused = TftVersion::load(&forged(version.version().goldens()[0].output.clone()), None);
    assert!(matches!(refused, Err(RegistryError::Model(ModelError::Golden { .. }))), "{refused:?}");

    let rows = |name: &str| -> Vec<f64> {
        let rows: Vec<Vec<f64>> = serde_json::from_value(input[name].clone()).unwrap();
        rows.concat()
    };
    let matrix = |rows: Vec<f64>| Matrix::from_rows(rows.len(), 1, rows).unwrap();
    let series = Series {
        categories: serde_json::from_value(input["categories"].clone()).unwrap(),
        numbers: Vec::new(),
        observed: matrix(rows("observed")),
        known: matrix(rows("known")),
        target: vec![0.0; 3],
    };
    let alone = Panel::new(other.spec(), vec![series]).unwrap();
    let output = other.predict(&alone, &[Window { origin: 2, series: 0 }]).unwrap().remove(0).quantiles;
    let refused = TftVersion::load(&forged(json!([output.row(0), output.row(1)])), None);
    assert_eq!(refused.unwrap_err(), RegistryError::NotExamined { weights: other.digest() });
}

#[test]
fn too_few_windows_and_an_empty_word_are_refused() {
    let (admitted, panel, test) = admitted();
    let seal = |facts: Facts, windows: &[Window]| TftVersion::seal(&admitted, facts, &trial(0.5), &panel, windows);
    let few = seal(facts(), &test[..9]).unwrap_err();
    assert!(matches!(few, RegistryError::Tft(TftError::TooFew { found: 9, needed: 10, .. })), "{few:?}");
    let nobody = seal(Facts { owner: " ".to_owned(), ..facts() }, &test).unwrap_err();
    assert_eq!(nobody, RegistryError::Model(ModelError::Card { what: "an owner" }));
}

#[test]
fn the_page_has_every_figure_in_a_table_and_says_why_an_interval_is_missing() {
    let (version, admitted, panel, test) = sealed(0.5);
    let told = admitted.model().explain(&panel, &test).unwrap();
    let forecast = admitted.model().predict(&panel, &test[..1]).unwrap().remove(0);
    let row = forecast.quantiles.row(1).to_vec();
    let fan = Fan {
        title: "waves & <more>".to_owned(),
        forecast,
        conformal: vec![Ok([-1.25, 1.5]), Err("there are too few outcomes so far".to_owned())],
        coverage: 0.9,
        outcomes: vec![0.125],
    };
    let page = version.page(&told, &fan);
    let has = |text: &str| assert!(page.contains(text), "{text} is not in {page}");
    has(&version.version().digest().to_string());
    has("no demonstrated edge (not distinguishable from HAR)");
    has("waves &amp; &lt;more&gt;");
    for weight in told.past.iter().chain(&told.future) {
        has(&format!("<th scope=\"row\">{}</th><td>{:.3}</td>", weight.name, weight.weight));
    }
    // Three steps up to the origin and two after it.
    has("<th scope=\"col\">-2</th><th scope=\"col\">-1</th><th scope=\"col\">0</th><th scope=\"col\">1</th>");
    for ahead in &told.attention {
        let cells: String = ahead.weights.iter().map(|x| format!("<td>{:.1}</td>", 100.0 * x)).collect();
        has(&format!("<th scope=\"row\">{}</th>{cells}", ahead.ahead));
    }
    has("<td>-1.250 to 1.500</td><td>0.125</td>");
    let second: String = row.iter().map(|q| format!("<td>{q:.3}</td>")).collect();
    has(&format!("<th scope=\"row\">2</th>{second}<td>there are too few outcomes so far</td><td>not known yet</td>"));
    assert!(!page.contains("NaN") && !page.contains("inf\""));
}
