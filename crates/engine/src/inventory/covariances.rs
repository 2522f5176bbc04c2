//! Cards of the covariance estimators that requests can name.

use models::{Card, Exposure, Influence, ModelKind, MonitoredFigure, Purpose};

use super::words::{Trigger, Words, outside};
use crate::dto::covariance::CovarianceEstimatorName;

const OUTCOMES: &str = "Every 21 days from 1992 to 2022 on 20 shares against the champion, before costs (cargo run --release -p evaluate \
                        --example covariances), some also net of costs (--example least_risk_net; docs/models.md). Agreement with scikit-learn and other libraries on real prices is tested \
                        (crates/risk/tests), which shows that the estimate is computed right.";
const GAUSSIAN: &str = "Gaussian loss more than the champion, 20 shares, 1992 to 2022";
const LEAST: &str = "annual volatility of its least portfolio more than that of the champion, points";
const NET: &str = "certainty equivalent, bp a year more than the sample covariance, least variance net of 10 bp, 20 shares, 1992 to 2022";
const NET_BASKETS: &str = "the same, five baskets of four shares";
const QLIKE: &str = "QLIKE of the next squared return less that of exponential weights, S&P 500, 1990 to 2022";
const ERROR: Trigger = Trigger::Measured(
    "realised over predicted tracking error of the plans that used it",
    outside(0.5, 2.0, MonitoredFigure::TrackingErrorRatio, 60),
    "compare the estimators on the book, and promote another",
);

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
    figures: &[
        (
            "annual volatility of its least portfolio, percent, 20 shares, 1992 to 2022",
            14.95,
            None,
            "none of eight others is lower",
        ),
        (NET, -16.0, Some([-45.0, 12.0]), "not distinguishable (p = 0.256)"),
        (NET_BASKETS, -13.0, Some([-36.0, 10.0]), "not distinguishable (p = 0.271)"),
    ],
    trials: 26,
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
    trials: 16,
    ..CONSTANT_CORRELATION
};

const FORECAST: Words = Words {
    trials: 41,
    dependencies: &["ledoit_wolf_constant_correlation"],
    outcomes_analysis: "Walk-forward forecasts of the variance of indices (cargo run --release -p evaluate --example volatility), and every 21 \
                        days on 20 shares against the champion, before costs (--example covariances), and against the sample \
                        covariance net of costs (--example least_risk_net; all in docs/models.md).",
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
            figures: &[
                (GAUSSIAN, -0.0173, Some([-0.0899, 0.0554]), "not distinguishable (p = 0.640)"),
                (LEAST, 0.02, Some([-0.07, 0.11]), "not distinguishable (p = 0.622)"),
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
            figures: &[
                (GAUSSIAN, 0.0383, Some([-0.0570, 0.1336]), "not distinguishable (p = 0.430)"),
                (LEAST, 0.09, Some([0.02, 0.16]), "not distinguishable (p = 0.011 among 16 tests, Bonferroni)"),
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
            figures: &[
                (
                    GAUSSIAN,
                    0.2474,
                    Some([0.0767, 0.4182]),
                    "not distinguishable (p = 0.005 among 16 tests, Bonferroni)",
                ),
                (LEAST, 0.15, Some([0.08, 0.23]), "worse (t = 4.15)"),
            ],
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
            figures: &[
                (GAUSSIAN, 16.8478, Some([14.4438, 19.2519]), "worse (t = 13.78)"),
                (LEAST, 4.35, Some([2.85, 5.76]), "worse (t = 5.25)"),
                (NET, -76.0, Some([-304.0, 152.0]), "not distinguishable (p = 0.514)"),
                (
                    NET_BASKETS,
                    -202.0,
                    Some([-372.0, -32.0]),
                    "not distinguishable (p = 0.020 among 10 tests, Bonferroni)",
                ),
            ],
            trials: 26,
            ..NAMED
        },
    ),
    (
        CovarianceEstimatorName::Ewma94Recursive,
        Words {
            id: "ewma_94_recursive",
            summary: "The recursion of RiskMetrics (1996) with decay 0.94, started at the first observation.",
            not_for: &["short histories, which the first observation dominates", "many assets"],
            figures: &[
                (GAUSSIAN, 16.8478, Some([14.4438, 19.2519]), "worse (t = 13.78)"),
                (LEAST, 4.35, Some([2.85, 5.76]), "worse (t = 5.25)"),
            ],
            ..NAMED
        },
    ),
    (
        CovarianceEstimatorName::OverlappingWeek,
        Words {
            id: "overlapping_week",
            summary: "Covariance of overlapping sums of five days, for markets that close at different times (Lo and MacKinlay 1988).",
            not_for: &["histories of a few weeks", "returns that are not daily"],
            figures: &[
                (GAUSSIAN, 2.0993, Some([1.6061, 2.5925]), "worse (t = 8.37)"),
                (LEAST, 0.43, Some([0.19, 0.67]), "worse (t = 3.49)"),
            ],
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
                (QLIKE, -0.0268, Some([-0.0400, -0.0135]), "better (Diebold-Mariano, t = -3.97)"),
                ("the same, Nasdaq, 1999 to 2018", -0.0133, Some([-0.0278, 0.0011]), "not distinguishable (p = 0.070)"),
                (
                    GAUSSIAN,
                    -1.0884,
                    Some([-2.0963, -0.0805]),
                    "not distinguishable (p = 0.034 among 16 tests, Bonferroni)",
                ),
                (LEAST, 0.85, Some([0.15, 1.53]), "not distinguishable (p = 0.019 among 16 tests, Bonferroni)"),
                (NET, -180.0, Some([-362.0, 2.0]), "not distinguishable (p = 0.052)"),
                (NET_BASKETS, -140.0, Some([-289.0, 9.0]), "not distinguishable (p = 0.066)"),
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
            figures: &[
                (QLIKE, 0.0034, Some([-0.0169, 0.0236]), "not distinguishable (p = 0.745)"),
                (GAUSSIAN, -0.4419, Some([-1.5794, 0.6957]), "not distinguishable (p = 0.445)"),
                (LEAST, 0.95, Some([0.42, 1.47]), "worse (t = 3.48)"),
                (NET, -145.0, Some([-368.0, 77.0]), "not distinguishable (p = 0.201)"),
                (NET_BASKETS, -117.0, Some([-264.0, 30.0]), "not distinguishable (p = 0.118)"),
            ],
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
            figures: &[
                (QLIKE, 0.1031, Some([0.0596, 0.1466]), "worse (t = 4.64)"),
                (
                    "certainty equivalent, bp a year more than the sample covariance, least variance net of 10 bp, five baskets of four shares, \
                     1992 to 2022",
                    -57.0,
                    Some([-114.0, 1.0]),
                    "not distinguishable (p = 0.052)",
                ),
            ],
            trials: 25,
            dependencies: &["gaussian_hmm"],
            outcomes_analysis: "Walk-forward forecasts of the variance of indices (cargo run --release -p evaluate --example volatility, \
                                docs/models.md), and net of costs on five baskets (--example least_risk_net). No trial on the 20 shares: \
                                it refuses a history in which a state has fewer days than there are shares.",
            ..FORECAST
        },
    ),
];

/// The estimators with their cards, that of plans first.
pub(super) fn covariances() -> Vec<(CovarianceEstimatorName, Card)> {
    CARDS.iter().map(|(name, words)| (*name, words.card(name.estimator().version()))).collect()
}
