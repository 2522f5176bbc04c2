//! Why a law or a simulation is rejected, and what each error is about.

use portfolio_core::CovarianceError;

/// Why a law or a simulation was rejected. Positions count from zero.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StressError {
    /// The law has no assets.
    #[error("a law needs at least one asset")]
    NoAssets,
    /// The number of entries of an input differs from the number of assets.
    #[error("{found} entries for the {input} of {assets} assets")]
    Length {
        /// The input at fault.
        input: LawInput,
        /// Entries found.
        found: usize,
        /// Entries needed, one per asset.
        assets: usize,
    },
    /// An input is NaN or infinite.
    #[error("the {input} of {subject} is not a finite number")]
    NotFinite {
        /// The input at fault.
        input: LawInput,
        /// The asset or portfolio that the input belongs to.
        subject: LawSubject,
    },
    /// A weight is larger in size than [`MAX_ABS_WEIGHT`](crate::MAX_ABS_WEIGHT).
    #[error("the weight {value} of asset {} is out of range", asset + 1, value = portfolio_core::Written(*value))]
    Weight {
        /// Asset at fault.
        asset: usize,
        /// Weight found.
        value: f64,
    },
    /// The numbers estimated from a history, or given by the caller, are not a covariance matrix.
    #[error(transparent)]
    Covariance(#[from] CovarianceError),
    /// The covariance gives some combination of assets a negative variance.
    #[error(
        "the covariance is not positive semidefinite: given the other assets, asset {nth_asset} is left with {remainder} of its \
         variance",
        nth_asset = asset + 1
    )]
    NotPositiveSemidefinite {
        /// Asset at which the factorisation failed.
        asset: usize,
        /// The remaining share of the asset's own variance (1 is all of it), or its remaining correlation with another
        /// asset when neither has variance left; zero up to rounding in a valid covariance.
        remainder: f64,
    },
    /// The number of periods in a year is not between 0 and [`MAX_PERIODS_PER_YEAR`](crate::MAX_PERIODS_PER_YEAR).
    #[error("periods per year must be positive and at most one million, got {value}", value = portfolio_core::Written(*value))]
    PeriodsPerYear {
        /// Value found.
        value: f64,
    },
    /// A portfolio law has a negative volatility, or a parameter that is not a finite number.
    #[error("no portfolio has the drift {drift_annual} and the volatility {volatility_annual}")]
    PortfolioLaw {
        /// Drift found.
        drift_annual: f64,
        /// Volatility found.
        volatility_annual: f64,
    },
    /// The histories of two assets differ in length.
    #[error("asset {} has {found} returns where the first asset has {periods}", asset + 1)]
    HistoryLength {
        /// Asset at fault.
        asset: usize,
        /// Returns found.
        found: usize,
        /// Returns of the first asset.
        periods: usize,
    },
    /// There are fewer than two returns, which have no variance.
    #[error("a law needs at least 2 returns, got {periods}")]
    TooFewReturns {
        /// Returns common to all assets.
        periods: usize,
    },
    /// A return of −100 % or less has no logarithm, so no law of log-returns describes the history.
    #[error("the return {value} of {subject} in period {} loses everything: its logarithm does not exist", period + 1, value = portfolio_core::Written(*value))]
    TotalLoss {
        /// The asset or portfolio with this return.
        subject: LawSubject,
        /// Period at fault.
        period: usize,
        /// Return found.
        value: f64,
    },
    /// The number of paths is not between 1 and [`MAX_PATHS`](crate::MAX_PATHS).
    #[error("the number of paths must be between 1 and {max}, got {paths}", max = crate::MAX_PATHS)]
    Paths {
        /// Value found.
        paths: usize,
    },
    /// The horizon is not between 1 and [`MAX_HORIZON_DAYS`](crate::MAX_HORIZON_DAYS).
    #[error("the horizon must be between 1 and {max} days, got {horizon_days}", max = crate::MAX_HORIZON_DAYS)]
    Horizon {
        /// Value found.
        horizon_days: usize,
    },
    /// The drawdown threshold is not in (0, 1).
    #[error("the drawdown threshold must lie strictly between 0 and 1, got {value}", value = portfolio_core::Written(*value))]
    DrawdownThreshold {
        /// Value found.
        value: f64,
    },
    /// The barrier is not in (0, 1).
    #[error("the barrier must lie strictly between 0 and 1, got {value}", value = portfolio_core::Written(*value))]
    Barrier {
        /// Value found.
        value: f64,
    },
    /// There are more cash flows than days.
    #[error("{found} cash flows for {horizon_days} days")]
    CashFlowCount {
        /// Cash flows found.
        found: usize,
        /// Days of the simulation.
        horizon_days: usize,
    },
    /// A cash flow is not a finite number, or larger in size than [`MAX_ABS_WEIGHT`](crate::MAX_ABS_WEIGHT).
    #[error("the cash flow {value} at the end of day {day} is out of range", day = index + 1, value = portfolio_core::Written(*value))]
    CashFlow {
        /// Position in `cash_flows`.
        index: usize,
        /// Value found.
        value: f64,
    },
    /// A withdrawal under buy and hold, which does not define the assets to be sold for it.
    #[error("the withdrawal at the end of day {day} needs fixed weights", day = index + 1)]
    WithdrawalFromBuyAndHold {
        /// Position in `cash_flows`.
        index: usize,
    },
    /// There are fewer returns than the law needs.
    #[error("the law needs at least {needed} returns of each asset, got {found}")]
    HistoryTooShort {
        /// Returns found.
        found: usize,
        /// Returns needed.
        needed: usize,
    },
    /// All returns of an asset are equal: there is nothing to resample.
    #[error("the returns of asset {} are all equal", asset + 1)]
    ConstantHistory {
        /// Asset at fault.
        asset: usize,
    },
    /// The volatility of an asset cannot be fitted.
    #[error("no GARCH(1,1) describes the returns of asset {}: {reason}", asset + 1)]
    Garch {
        /// Asset at fault.
        asset: usize,
        /// Reason given by the fit.
        reason: String,
    },
    /// Student-t degrees of freedom are not above 2, where there is a variance, or above 1,000.
    #[error("degrees of freedom must be above 2 and at most 1000, got {value}", value = portfolio_core::Written(*value))]
    DegreesOfFreedom {
        /// Value found.
        value: f64,
    },
    /// The mean block length is not between one day and the length of the history.
    #[error("the mean block length must be between 1 and {periods}, got {value}", value = portfolio_core::Written(*value))]
    BlockLength {
        /// Value found.
        value: f64,
        /// Length of the history.
        periods: usize,
    },
    /// The parameters of jumps are out of range.
    #[error(
        "jumps need an intensity above 0 and at most 1000 a year and 10 a day, a mean within 1 and a deviation from 0 to 1, got {intensity}, {mean} \
         and {deviation}"
    )]
    Jumps {
        /// Jumps a year.
        intensity: f64,
        /// Mean of the logarithm.
        mean: f64,
        /// Standard deviation of the logarithm.
        deviation: f64,
    },
    /// A parameter of the drift is out of range.
    #[error("the drift parameter {parameter} is out of range: {value}", value = portfolio_core::Written(*value))]
    DriftParameter {
        /// Its name.
        parameter: &'static str,
        /// Value found.
        value: f64,
    },
    /// Horizons are not ascending days, or there are more than [`MAX_HORIZONS`](crate::MAX_HORIZONS).
    #[error("horizons must be 1 to {max} ascending days, got {count}", max = crate::MAX_HORIZONS)]
    Horizons {
        /// Number found.
        count: usize,
    },
    /// A setting is not a positive number of useful size.
    #[error("{field} must be above 0 and at most one million, got {value}", value = portfolio_core::Written(*value))]
    NotPositive {
        /// Field of the options.
        field: &'static str,
        /// Value found.
        value: f64,
    },
    /// More worst paths are requested than there are, or than [`MAX_WORST_PATHS`](crate::MAX_WORST_PATHS).
    #[error("at most {max} worst paths are kept, and no more than are simulated; got {found}", max = crate::MAX_WORST_PATHS)]
    WorstPaths {
        /// Number found.
        found: usize,
    },
    /// A band does not have one half-width of at least 0 per asset, a destination from 0 to 1 and cost rates from 0 to 0.1.
    #[error(
        "a band needs one half-width of at least 0 per asset, a destination from 0 to 1 and cost rates from 0 to 0.1"
    )]
    Band,
    /// Bands that trade as a plan does need weights that a plan may have.
    #[error(
        "bands that trade as a plan does need weights of at least 0 that sum to at most 1: no loans and no short holdings"
    )]
    BandWeights,
    /// Variance reduction is for the value at the horizon only.
    #[error(
        "variance reduction needs normal shocks, at least 1024 paths, and no path statistics, cash flows or fan: it is for the value at the \
         horizon"
    )]
    NotTerminal,
    /// Preintegration of a book whose value falls along every direction in which some holding rises.
    #[error(
        "preintegration needs a direction of the shocks along which no holding moves against its weight, and this book has none"
    )]
    NotRising,
    /// The simulation takes more work than its options allow.
    #[error(
        "the simulation takes more than its budget of {budget} asset-days (paths × days × assets, and what trades of \
         bands take)"
    )]
    WorkBudget {
        /// The most asset-days.
        budget: u64,
    },
    /// The caller ended the simulation by its [`Stop`](crate::Stop).
    #[error("the simulation was stopped")]
    Stopped,
    /// Over the horizon the law reaches values of no useful size: beyond e^±300 within ten standard deviations.
    #[error("over the horizon the law of {subject} reaches e^{exponent}: its drift or variance is too large", exponent = portfolio_core::Written(exponent.round()))]
    Diverges {
        /// The asset or portfolio with this law.
        subject: LawSubject,
        /// Size of the logarithm reached.
        exponent: f64,
    },
}

/// What an error is about: one asset, or the portfolio as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LawSubject {
    /// The asset at this position, counted from zero.
    Asset(usize),
    /// The portfolio, where its own history or its own law is at fault.
    Portfolio,
}

impl std::fmt::Display for LawSubject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Asset(asset) => write!(f, "asset {}", asset + 1),
            Self::Portfolio => f.write_str("the portfolio"),
        }
    }
}

/// The inputs of a law that an error can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LawInput {
    /// The weight of an asset.
    Weight,
    /// The annual drift of an asset.
    Drift,
    /// The covariance.
    Covariance,
    /// The history of returns.
    Return,
}

impl std::fmt::Display for LawInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Weight => "weight",
            Self::Drift => "drift",
            Self::Covariance => "covariance",
            Self::Return => "return",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_their_subject() {
        let error = StressError::NotFinite { input: LawInput::Drift, subject: LawSubject::Asset(3) };
        assert_eq!(error.to_string(), "the drift of asset 4 is not a finite number");
        let error = StressError::TotalLoss { subject: LawSubject::Portfolio, period: 2, value: -1.0 };
        assert!(error.to_string().starts_with("the return -1 of the portfolio in period 3 loses everything"));
        let error = StressError::Diverges { subject: LawSubject::Portfolio, exponent: 400.0 };
        assert!(error.to_string().contains("the law of the portfolio reaches e^400"));
        let error = StressError::Diverges { subject: LawSubject::Portfolio, exponent: f64::MAX };
        assert!(error.to_string().contains("e^1.7976931348623157e308"), "{error}");
    }
}
