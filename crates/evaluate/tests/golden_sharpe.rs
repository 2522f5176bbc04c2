//! The worked examples of the papers of 2014 and 2025, to their printed digits.
//!
//! The first table is μ = 0.036, σ = 0.079, T = 24, γ₃ = −2.448, γ₄ = 10.164, once for independent returns and once for an
//! autocorrelation of 0.2, as the functions published with the paper of 2025 print it. The second is the example of the
//! paper of 2014: 2.5 a year over five years of 250 days, variance of the trials 0.5 a year, γ₃ = −3, γ₄ = 10.

use evaluate::{
    Hypotheses, SharpeForm, SharpeMoments, SharpeSample, Trials, expected_maximum, planned_false_discovery_rate,
};

use SharpeForm::{Form2012, Form2025};

const GAUSSIAN: (f64, f64) = (0.0, 3.0);
const FAT: (f64, f64) = (-2.448, 10.164);

fn example((skewness, kurtosis): (f64, f64), autocorrelation: f64) -> SharpeSample {
    let moments = SharpeMoments { mean: 0.036, sd: 0.079, skewness, kurtosis, autocorrelation, observations: 24 };
    SharpeSample::from_moments(moments).expect("valid")
}

/// Both columns of a row, compared to half a unit of their last printed digit.
fn row(name: &str, digits: i32, printed: [f64; 2], figure: impl Fn(&SharpeSample) -> f64) {
    for (autocorrelation, printed) in [0.0, 0.2].into_iter().zip(printed) {
        let found = figure(&example(FAT, autocorrelation));
        assert!(
            (found - printed).abs() <= 0.500_001 * 10_f64.powi(-digits),
            "{name}, {autocorrelation}: {found} {printed}"
        );
    }
}

#[test]
fn standard_error_at_the_observed_ratio() {
    row("σ", 3, [0.329, 0.379], |s| s.standard_error().unwrap());
    assert!((example(GAUSSIAN, 0.0).standard_error().unwrap() - 0.214).abs() < 5e-4);
}

#[test]
fn probabilistic_ratio_and_minimum_track_record_of_2025() {
    row("PSR(0)", 3, [0.987, 0.966], |s| s.probabilistic(Form2025, 0.0).unwrap());
    row("PSR(0.1)", 3, [0.939, 0.900], |s| s.probabilistic(Form2025, 0.1).unwrap());
    row("MinTRL(0)", 3, [7.909, 11.863], |s| s.minimum_track_record(Form2025, 0.0, 0.10).unwrap());
    row("MinTRL(0.1)", 3, [16.456, 23.899], |s| s.minimum_track_record(Form2025, 0.1, 0.10).unwrap());
    let at_five_percent = example(FAT, 0.0).minimum_track_record(Form2025, 0.0, 0.05).unwrap();
    assert!((at_five_percent - 13.029).abs() < 5e-4, "{at_five_percent}");
}

#[test]
fn power_and_false_discoveries() {
    let power = |s: &SharpeSample| s.power(0.0, 0.5, 0.10).unwrap();
    row("power", 3, [0.758, 0.676], power);
    row("pFDR", 3, [0.543, 0.571], |s| planned_false_discovery_rate(0.1, 0.10, power(s)).unwrap());
    let hypotheses = Hypotheses::new(0.0, 0.5, 0.1).unwrap();
    row("oFDR", 3, [0.173, 0.361], |s| s.observed_false_discovery_rate(&hypotheses).unwrap());
    let control = |s: &SharpeSample| s.false_discovery_control(&hypotheses, 0.25).unwrap();
    row("α", 4, [0.0224, 0.0175], |s| control(s).significance);
    row("β", 3, [0.396, 0.527], |s| control(s).miss);
    row("SR_c", 3, [0.410, 0.527], |s| control(s).critical);
}

#[test]
fn the_best_of_ten_in_the_form_of_2025() {
    let trials = Trials::new(10, 0.1).unwrap();
    assert!((expected_maximum(&trials) - 0.498).abs() < 5e-4);
    row("DSR(K)", 3, [0.416, 0.427], |s| s.deflated(Form2025, &trials).unwrap());
    row("DSR(single)", 3, [0.451, 0.457], |s| s.deflated_as_single(&trials).unwrap());
}

#[test]
fn the_deflated_ratio_of_2014() {
    let daily = |(skewness, kurtosis): (f64, f64)| {
        SharpeSample::from_moments(SharpeMoments {
            mean: 2.5 / 250_f64.sqrt(),
            sd: 1.0,
            skewness,
            kurtosis,
            autocorrelation: 0.0,
            observations: 1250,
        })
        .unwrap()
    };
    let deflated = |shape, count| daily(shape).deflated(Form2012, &Trials::new(count, 0.5 / 250.0).unwrap()).unwrap();
    let benchmark = expected_maximum(&Trials::new(100, 0.5 / 250.0).unwrap());
    assert!((benchmark - 0.1132).abs() < 5e-5, "{benchmark}");
    for (shape, count, printed) in [((-3.0, 10.0), 100, 0.9004), ((-3.0, 10.0), 46, 0.9505), (GAUSSIAN, 88, 0.9505)] {
        let found = deflated(shape, count);
        assert!((found - printed).abs() <= 5e-5, "{count}: {found}");
    }
}

#[test]
fn the_two_forms_differ_where_the_variance_is_evaluated() {
    // V·(T − 1) at the observed ratio 0.4557: 1 + 2.448·0.4557 + 9.164/4·0.4557² = 2.5913; at the hypothesis 0 it is 1.
    let sample = example(FAT, 0.0);
    let old = sample.probabilistic(Form2012, 0.0).unwrap();
    assert!((old - 0.9127).abs() < 5e-5, "{old}");
    let length = sample.minimum_track_record(Form2012, 0.0, 0.05).unwrap();
    assert!((length - 34.761_357).abs() < 5e-6, "{length}");
}
