//! Hamilton's series of GNP against `golden/hamilton.json`, written by `golden/hamilton.py`.

#![expect(clippy::unwrap_used, reason = "a golden file that cannot be read fails the test")]

use portfolio_core::Seed;
use regimes::{SwitchingAutoregression, fit_switching};
use serde_json::Value;

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/hamilton.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn model(parameters: &Value) -> SwitchingAutoregression {
    let of = |name: &str| parameters[name].as_f64().unwrap();
    let stay = [of("stay_low"), 1.0 - of("high_to_low")];
    let coefficients = ["ar1", "ar2", "ar3", "ar4"].map(of);
    SwitchingAutoregression::new(stay, [of("mean_low"), of("mean_high")], of("variance"), &coefficients).unwrap()
}

#[test]
fn published_parameters_have_the_published_probabilities() {
    let golden = golden();
    let series = numbers(&golden["series"]);
    assert_eq!(series.len(), 135);
    let model = model(&golden["published"]["parameters"]);
    let filtered = model.filter(&series).unwrap();
    assert!((filtered.log_likelihood() - golden["published"]["log_likelihood"].as_f64().unwrap()).abs() < 1e-5);
    let near = |rows: Vec<f64>, published: &Value| {
        let published = numbers(published);
        assert_eq!(rows.len(), published.len());
        for (t, (found, published)) in rows.iter().zip(published).enumerate() {
            assert!((found - published).abs() < 1e-5, "quarter {t}: {found} {published}");
        }
    };
    near(filtered.rows().map(|row| row[1]).collect(), &golden["filtered_high"]);
    near(model.smooth(&series).unwrap().rows().map(|row| row[1]).collect(), &golden["smoothed_high"]);
    // The first four quarters, of the regime with the lower mean.
    for (row, printed) in filtered.rows().zip([0.22328, 0.05081, 0.00368, 0.00974]) {
        assert!((row[0] - printed).abs() < 2e-5, "{} {printed}", row[0]);
    }
    let [recession, expansion] = model.expected_durations();
    assert!((recession - 4.08).abs() < 0.01 && (expansion - 10.43).abs() < 0.01);
}

#[test]
fn a_fit_finds_the_published_parameters() {
    let golden = golden();
    let series = numbers(&golden["series"]);
    let fitted = fit_switching(&series, 4, 10, Seed(1)).unwrap();
    println!("{fitted:?}");
    for source in ["published", "fitted"] {
        let known = model(&golden[source]["parameters"]);
        let ours = &fitted.model;
        let pairs = [
            (ours.transition()[0][0], known.transition()[0][0]),
            (ours.transition()[1][0], known.transition()[1][0]),
            (ours.means()[0], known.means()[0]),
            (ours.means()[1], known.means()[1]),
            (ours.variance(), known.variance()),
        ];
        for (found, known) in
            pairs.into_iter().chain(ours.coefficients().iter().copied().zip(known.coefficients().iter().copied()))
        {
            assert!((found - known).abs() < 1e-4, "{source}: {found} {known}");
        }
        assert!((fitted.log_likelihood - golden[source]["log_likelihood"].as_f64().unwrap()).abs() < 1e-5);
    }
    assert!(fitted.agreeing >= 1);
}

#[test]
fn the_filter_does_not_know_the_future() {
    let golden = golden();
    let series = numbers(&golden["series"]);
    let model = model(&golden["fitted"]["parameters"]);
    let whole = model.filter(&series).unwrap();
    for cut in [5, 6, 40, 134] {
        let then = model.filter(&series[..cut]).unwrap();
        assert!(then.rows().eq(whole.rows().take(cut - 4)));
        assert_eq!(then.predict(), whole.predict_after(cut - 5).unwrap());
    }
}
