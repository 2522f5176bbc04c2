//! Cards of the forecasters. Summary, limits and settings are those of their own cards in `forecast`.

use std::sync::Arc;

use forecast::{Forecaster, ForecasterRegistry};
use models::drift::PSI_ALARM;
use models::{Card, Exposure, Influence, ModelKind, MonitoredFigure, Purpose};

use super::words::{Trigger, Words, above, outside};

// Three points, and so many observations that chance alone leaves them about once in a hundred, were they independent.
const COVERAGE: Trigger = Trigger::Measured(
    "share of forecasts within the 95 % interval of the mean return that came",
    outside(0.92, 0.98, MonitoredFigure::MeanReturnCoverage, 350),
    "demote, and review the standard error",
);
const NEXT_RETURN: Trigger = Trigger::Measured(
    "coverage of the 90 % intervals for the next return",
    outside(0.87, 0.93, MonitoredFigure::NextReturnCoverage, 660),
    "demote, and review the rate",
);
const LOSSES: Trigger = Trigger::Measured(
    "alarms of ADWIN at which the squared errors had risen",
    above(0.0, MonitoredFigure::LossAlarms, 20),
    "demote, and look for what changed",
);
pub(super) const INPUTS: Trigger = Trigger::Measured(
    "population stability index of the returns that came, the later half against the earlier",
    above(PSI_ALARM, MonitoredFigure::StabilityIndex, 80),
    "review before the next promotion",
);
const OUTCOMES: &str = "Walk-forward over two shipped files and over 20 shares from 1990 to 2022, out of sample and net of 10 bp \
                        (docs/forecast.md, docs/models.md); predictions of stored plans against reported outcomes (docs/calibration.md).";
const LONG_R2: &str = "out-of-sample R² against the expanding mean, 20 shares, 1990 to 2022";
const LONG_NET: &str = "bp a year more than equal weights, net of 10 bp, 20 shares held by rank, 1990 to 2022";

const V3: Words = Words {
    id: "ensemble_v3",
    purpose: Purpose::ExpectedReturn,
    kind: ModelKind::Model,
    exposure: Exposure::SomePlans,
    influence: Influence::Decides,
    summary: "",
    intended_use: "The house view of every plan, and the tilt of a plan whose request asks for one.",
    not_for: &["a forecast of the next days", "timing of the market", "a book without returns"],
    features: &[
        "periodic returns of each asset",
        "weights of the policy",
        "the risk-free rate",
        "the policy's risk aversion",
    ],
    target: "mean simple return per period of each asset",
    crates: &["forecast", "portfolio-core", "risk"],
    figures: &[
        (
            "out-of-sample R² against the expanding mean, mixed book",
            0.0170,
            Some([-0.0140, 0.0479]),
            "not distinguishable (Diebold-Mariano, p = 0.277)",
        ),
        (
            "out-of-sample R² against the expanding mean, stocks",
            0.0108,
            Some([0.0022, 0.0195]),
            "not distinguishable (p = 0.015 among 18 tests, Holm)",
        ),
        ("tilt, bp a year net of costs, mixed book", -2.0, Some([-5.8, 1.7]), "not distinguishable (p = 0.284)"),
        (LONG_R2, 0.0053, Some([0.0017, 0.0089]), "not distinguishable (p = 0.004 among 14 tests, Bonferroni)"),
        (LONG_NET, 71.0, Some([-24.0, 165.0]), "not distinguishable (p = 0.144)"),
    ],
    trials: 32,
    limits: &[],
    triggers: &[COVERAGE, LOSSES, INPUTS],
    dependencies: &[],
    outcomes_analysis: OUTCOMES,
};

const V4: Words = Words {
    id: "ensemble_v4",
    exposure: Exposure::WhenNamed,
    intended_use: "Requests that ask for an interval of the next return, and a challenger of the default.",
    not_for: &["intervals of a month or a year", "histories below 120 returns, which give no interval"],
    target: "mean simple return per period of each asset, and an interval that holds the next return nine times in ten",
    crates: &["forecast", "online", "portfolio-core", "risk"],
    figures: &[
        ("coverage of 90 % intervals, S&P 500, 1990 to 2022", 0.900, Some([0.894, 0.907]), "as stated"),
        (
            "coverage of its worst 100 days, S&P 500",
            0.84,
            None,
            "at least 84 %; in sample, the rate was chosen on this series",
        ),
        ("coverage of 90 % intervals, 20 stocks", 0.900, None, "as stated; stocks of one day are not independent"),
        (
            "coverage of the worst 100 days of any of the 20 stocks",
            0.83,
            None,
            "rolling intervals without adaptation: 0.48",
        ),
    ],
    trials: 2,
    triggers: &[NEXT_RETURN, LOSSES, INPUTS],
    dependencies: &["ensemble_v3"],
    outcomes_analysis: "Every next-day interval of 21 series from 1990 to 2022 as it would have been issued (docs/models.md); the expected \
                        return is that of ensemble_v3, with its trials.",
    ..V3
};

const V2: Words = Words {
    id: "ensemble_v2",
    exposure: Exposure::WhenNamed,
    intended_use: "Requests that name it, and a comparison for the default.",
    not_for: &["the default of plans", "short histories", "a forecast of the next days"],
    features: &["periodic returns of the asset"],
    figures: &[
        (
            "out-of-sample R² against the expanding mean, stocks",
            -0.0359,
            Some([-0.0564, -0.0155]),
            "worse (p = 0.001 among 18 tests, Holm)",
        ),
        ("tilt, bp a year net of costs, mixed book", -1.3, Some([-3.4, 0.7]), "not distinguishable (p = 0.204)"),
        (LONG_R2, -0.0583, Some([-0.0977, -0.0188]), "not distinguishable (p = 0.004 among 14 tests, Bonferroni)"),
        (LONG_NET, 68.0, Some([-33.0, 169.0]), "not distinguishable (p = 0.187)"),
    ],
    ..V3
};

const DEMO: Words = Words {
    id: "demo_ensemble_v1",
    exposure: Exposure::WhenNamed,
    influence: Influence::Informs,
    intended_use: "Reproducing figures of the first product version.",
    not_for: &["any decision: it gives no standard error and never tilts"],
    features: &["periodic returns of the asset"],
    crates: &["forecast", "portfolio-core"],
    figures: &[
        (LONG_R2, -2.447, Some([-2.9606, -1.9334]), "worse (p = 0.000 among 14 tests, Bonferroni)"),
        (LONG_NET, -50.0, Some([-145.0, 45.0]), "not distinguishable (p = 0.298)"),
    ],
    trials: 14,
    triggers: &[Trigger::InWords([
        "requests that name it",
        "none in a year",
        "retire the name with the next version of the contract",
    ])],
    outcomes_analysis: "It is kept for comparison, and was tried once more over 20 shares from 1990 to 2022 (docs/models.md).",
    ..V3
};

const V5: Words = Words {
    id: "ensemble_v5",
    features: &["periodic returns of the asset"],
    figures: &[
        ("coverage of 90 % intervals, S&P 500, 1990 to 2022", 0.900, Some([0.894, 0.907]), "as stated"),
        (
            "coverage of its worst 100 days, S&P 500",
            0.84,
            None,
            "at least 84 %; the rate was chosen around ensemble_v3",
        ),
        ("coverage of 90 % intervals, 20 stocks", 0.900, None, "as stated; stocks of one day are not independent"),
    ],
    trials: 5,
    dependencies: &["ensemble_v2"],
    outcomes_analysis: "Every next-day interval of 21 series from 1990 to 2022 as it would have been issued (docs/models.md); the expected \
                        return is that of ensemble_v2, with its trials.",
    ..V4
};

const EQUAL: Words = Words {
    id: "mixture_equal",
    exposure: Exposure::WhenNamed,
    intended_use: "The plain alternative of the mixtures whose weights are learned, and requests that name it.",
    not_for: &["the default of plans", "a forecast of the next days", "timing of the market"],
    features: &["periodic returns of the asset"],
    crates: &["forecast", "online", "portfolio-core"],
    figures: &[
        (LONG_R2, -0.0794, Some([-0.1156, -0.0433]), "worse (p = 0.000 among 14 tests, Bonferroni)"),
        (LONG_NET, -4.0, Some([-108.0, 99.0]), "not distinguishable (p = 0.935)"),
    ],
    trials: 14,
    triggers: &[LOSSES, INPUTS],
    outcomes_analysis: "Walk-forward over 20 shares from 1990 to 2022, out of sample and net of 10 bp (docs/models.md); in shadow, predictions \
                        against reported outcomes.",
    ..V3
};

const EWA: Words = Words {
    id: "mixture_ewa",
    intended_use: "A challenger of the default, and requests that name it.",
    figures: &[
        (LONG_R2, -0.0148, Some([-0.0262, -0.0033]), "not distinguishable (p = 0.011 among 14 tests, Bonferroni)"),
        (LONG_NET, 55.0, Some([-49.0, 159.0]), "not distinguishable (p = 0.295)"),
    ],
    ..EQUAL
};

const ML_POLY: Words = Words {
    id: "mixture_ml_poly",
    figures: &[
        (LONG_R2, -0.0087, Some([-0.0164, -0.0009]), "not distinguishable (p = 0.028 among 14 tests, Bonferroni)"),
        (LONG_NET, 30.0, Some([-62.0, 122.0]), "not distinguishable (p = 0.518)"),
    ],
    ..EWA
};

const BOA: Words = Words {
    id: "mixture_boa",
    figures: &[
        (LONG_R2, -0.0338, Some([-0.0527, -0.0150]), "worse (p = 0.000 among 14 tests, Bonferroni)"),
        (LONG_NET, 33.0, Some([-68.0, 134.0]), "not distinguishable (p = 0.526)"),
    ],
    ..EWA
};

/// The forecasters with their cards, the default first.
pub(super) fn forecasters() -> Vec<(Arc<dyn Forecaster>, Card)> {
    let registry = ForecasterRegistry::standard();
    let of = |words: &Words| {
        let forecaster = registry.get(words.id)?;
        let own = forecaster.card();
        let card =
            Card { summary: own.purpose.clone(), known_limits: own.limits.clone(), ..words.card(forecaster.version()) };
        Some((forecaster.clone(), card))
    };
    [V3, V4, V2, DEMO, V5, EQUAL, EWA, ML_POLY, BOA].iter().filter_map(of).collect()
}
