//! Cards of the forecasters. Summary, limits and settings are those of their own cards in `forecast`.

use std::sync::Arc;

use forecast::{Forecaster, ForecasterRegistry};
use models::{Card, Exposure, Influence, ModelKind, Purpose};

use super::words::Words;

const COVERAGE: [&str; 3] = [
    "coverage of 95 % intervals over 60 scored plans (GET /api/calibration)",
    "outside 92 % to 98 %",
    "demote, and review the interval",
];
const LOSSES: [&str; 3] =
    ["squared error of scored forecasts", "alarm of ADWIN at delta 0.002", "demote, and look for what changed"];
const INPUTS: [&str; 3] =
    ["population stability index of the returns, five-day blocks", "from 0.25", "review before the next promotion"];
const OUTCOMES: &str = "Walk-forward over two shipped files, out of sample and net of 10 bp (docs/forecast.md); predictions of stored \
                        plans against reported outcomes (docs/calibration.md).";

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
            "not distinguishable (Diebold-Mariano, p = 0.277)",
        ),
        (
            "out-of-sample R² against the expanding mean, stocks",
            0.0108,
            "not distinguishable (p = 0.015 among 18 tests, Holm)",
        ),
        ("tilt, bp a year net of costs, mixed book", -2.0, "not distinguishable (p = 0.284)"),
    ],
    trials: 18,
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
        ("coverage of 90 % intervals, S&P 500, 1990 to 2022", 0.900, "as stated"),
        (
            "coverage of its worst 100 days, S&P 500",
            0.84,
            "at least 84 %; in sample, the rate was chosen on this series",
        ),
        ("coverage of 90 % intervals, 20 stocks", 0.900, "as stated"),
        ("coverage of the worst 100 days of any of the 20 stocks", 0.83, "rolling intervals without adaptation: 0.48"),
    ],
    trials: 2,
    triggers: &[
        [
            "coverage of the intervals for the next return",
            "outside 87 % to 93 % over 250 returns",
            "demote, and review the rate",
        ],
        LOSSES,
        INPUTS,
    ],
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
            "out-of-sample R² against the expanding mean, mixed book",
            -0.0009,
            "not distinguishable (Diebold-Mariano, p = 0.982)",
        ),
        ("out-of-sample R² against the expanding mean, stocks", -0.0359, "worse (p = 0.001 among 18 tests, Holm)"),
        ("tilt, bp a year net of costs, mixed book", -1.3, "not distinguishable (p = 0.204)"),
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
    figures: &[],
    trials: 1,
    triggers: &[["requests that name it", "none in a year", "retire the name with the next version of the contract"]],
    outcomes_analysis: "None: it is kept for comparison and was not tried again.",
    ..V3
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
    [V3, V4, V2, DEMO].iter().filter_map(of).collect()
}
