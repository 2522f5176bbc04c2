//! Cards of the covariance estimators that requests can name.

use models::{Card, Exposure, Influence, ModelKind, Purpose};

use super::words::Words;
use crate::dto::covariance::CovarianceEstimatorName;

const OUTCOMES: &str = "None yet on this data: agreement with scikit-learn and other libraries on real prices is tested \
                        (crates/risk/tests), which shows that the estimate is computed right and not that it is good.";
const ERROR: [&str; 3] = [
    "tracking error of scored plans against the predicted one (GET /api/calibration)",
    "ratio outside 0.5 to 2 over 60 plans",
    "compare the estimators on the book, and promote another",
];

const CONSTANT_CORRELATION: Words = Words {
    id: "ledoit_wolf_constant_correlation",
    purpose: Purpose::Covariance,
    kind: ModelKind::Model,
    exposure: Exposure::EveryPlan,
    influence: Influence::Decides,
    summary: "Sample covariance shrunk towards constant correlation, with the weight of Ledoit and Wolf (2004).",
    intended_use: "Risk contributions, tilts and the optimal method of every plan; the covariance questions that name it.",
    not_for: &["assets whose correlations differ in kind, such as currency hedges", "intraday returns"],
    features: &["periodic returns of all assets over their common periods"],
    target: "covariance of simple returns per period",
    crates: &["risk", "portfolio-core"],
    figures: &[],
    trials: 1,
    limits: &[
        "Returns are taken as independent over time and of constant covariance over the whole history.",
        "Assets of markets that close at different times look less correlated than they are.",
    ],
    triggers: &[ERROR],
    dependencies: &[],
    outcomes_analysis: OUTCOMES,
};

const NAMED: Words = Words {
    exposure: Exposure::WhenNamed,
    intended_use: "Covariance questions and plans by the optimal method that name it, and a comparison for the estimator of plans.",
    ..CONSTANT_CORRELATION
};

const FORECAST: Words = Words {
    trials: 12,
    dependencies: &["ledoit_wolf_constant_correlation"],
    outcomes_analysis: "Walk-forward forecasts of the variance of indices (cargo run --release -p evaluate --example volatility, \
                        docs/models.md). Its worth to a plan has not been tried.",
    ..NAMED
};

const CARDS: [(CovarianceEstimatorName, Words); 10] = [
    (CovarianceEstimatorName::LedoitWolfConstantCorrelation, CONSTANT_CORRELATION),
    (
        CovarianceEstimatorName::LedoitWolfIdentity,
        Words {
            id: "ledoit_wolf_identity",
            summary: "Sample covariance shrunk towards a multiple of the identity, with the weight of Ledoit and Wolf (2004).",
            not_for: &[
                "assets of very different volatility, such as shares beside bonds: their variances are pulled together",
            ],
            ..NAMED
        },
    ),
    (
        CovarianceEstimatorName::Oas,
        Words {
            id: "oas",
            summary: "Sample covariance shrunk towards a multiple of the identity, with the oracle approximating weight of Chen et al. \
                      (2010).",
            not_for: &[
                "assets of very different volatility",
                "fat-tailed returns, for which its weight is not derived",
            ],
            ..NAMED
        },
    ),
    (
        CovarianceEstimatorName::Sample,
        Words {
            id: "sample",
            summary: "Sample covariance with one degree of freedom taken off.",
            not_for: &["optimisation with about as many assets as periods: it is then nearly singular"],
            ..NAMED
        },
    ),
    (
        CovarianceEstimatorName::Ewma94ZeroMean,
        Words {
            id: "ewma_94_zero_mean",
            summary: "Exponentially weighted products of returns, decay 0.94, weights that sum to one, no mean removed (RiskMetrics 1996).",
            not_for: &[
                "horizons beyond a month: it remembers about 33 periods",
                "many assets: few periods carry weight",
            ],
            ..NAMED
        },
    ),
    (
        CovarianceEstimatorName::Ewma94Recursive,
        Words {
            id: "ewma_94_recursive",
            summary: "The recursion of RiskMetrics (1996) with decay 0.94, started at the first observation.",
            not_for: &["short histories, which the first observation dominates", "many assets"],
            ..NAMED
        },
    ),
    (
        CovarianceEstimatorName::OverlappingWeek,
        Words {
            id: "overlapping_week",
            summary: "Covariance of overlapping sums of five days, for markets that close at different times (Lo and MacKinlay 1988).",
            not_for: &["histories of a few weeks", "returns that are not daily"],
            ..NAMED
        },
    ),
    (
        CovarianceEstimatorName::GarchVariances,
        Words {
            id: "garch_variances",
            summary: "Correlations of ledoit_wolf_constant_correlation with variances of the coming period by GARCH(1,1).",
            not_for: &["horizons of months: its variances return to their mean", "histories below 30 returns"],
            figures: &[
                (
                    "QLIKE of the next squared return less that of exponential weights, S&P 500, 1990 to 2022",
                    -0.0268,
                    "better (Diebold-Mariano, t = -3.97)",
                ),
                ("the same, Nasdaq, 1999 to 2018", -0.0133, "not distinguishable (p = 0.070)"),
            ],
            ..FORECAST
        },
    ),
    (
        CovarianceEstimatorName::HarVariances,
        Words {
            id: "har_variances",
            summary: "Correlations of ledoit_wolf_constant_correlation with variances of the coming period by the heterogeneous \
                      autoregression of squared returns (Corsi 2009).",
            not_for: &["horizons of months: its variances return to their mean", "histories below 122 returns"],
            figures: &[(
                "QLIKE of the next squared return less that of exponential weights, S&P 500, 1990 to 2022",
                0.0034,
                "not distinguishable (p = 0.745)",
            )],
            ..FORECAST
        },
    ),
    (
        CovarianceEstimatorName::RegimeWeighted,
        Words {
            id: "regime_weighted",
            summary: "Mixture of the moments of two states of the market, weighted by filtered and mixed by predicted probabilities of a \
                      hidden Markov model of the returns of equal weights.",
            not_for: &[
                "books of many assets: few periods of a state make a nearly singular covariance",
                "histories of a few months",
            ],
            crates: &["regimes", "risk", "portfolio-core"],
            figures: &[(
                "QLIKE of the next squared return less that of exponential weights, S&P 500, 1990 to 2022",
                0.1031,
                "worse (t = 4.64)",
            )],
            dependencies: &["gaussian_hmm"],
            ..FORECAST
        },
    ),
];

/// The estimators with their cards, that of plans first.
pub(super) fn covariances() -> Vec<(CovarianceEstimatorName, Card)> {
    CARDS.iter().map(|(name, words)| (*name, words.card(name.estimator().version()))).collect()
}
