/// Why a law or a simulation was refused. Positions count from zero.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StressError {
    /// The law has no assets.
    #[error("a law needs at least one asset")]
    NoAssets,
    /// An input has another length than there are assets.
    #[error("{input} has {found} entries for {assets} assets")]
    Length {
        /// Which input.
        input: LawInput,
        /// Entries found.
        found: usize,
        /// Entries needed, one per asset.
        assets: usize,
    },
    /// One row of the covariance has another length than there are assets.
    #[error("row {row} of sigma has {found} entries for {assets} assets")]
    RowLength {
        /// Row at fault.
        row: usize,
        /// Entries found.
        found: usize,
        /// Entries needed, one per asset.
        assets: usize,
    },
    /// An input is NaN or infinite.
    #[error("{input} of asset {asset} is not a finite number")]
    NotFinite {
        /// Which input.
        input: LawInput,
        /// Asset (for sigma the row).
        asset: usize,
    },
    /// A weight is larger in size than [`MAX_ABS_WEIGHT`](crate::MAX_ABS_WEIGHT).
    #[error("weight {value} of asset {asset} is out of range")]
    Weight {
        /// Asset at fault.
        asset: usize,
        /// Weight found.
        value: f64,
    },
    /// A variance is negative.
    #[error("variance {value} of asset {asset} is negative")]
    NegativeVariance {
        /// Asset at fault.
        asset: usize,
        /// Variance found.
        value: f64,
    },
    /// Two mirrored entries of the covariance differ.
    #[error("sigma is not symmetric: entry ({row}, {column}) is {entry}, its mirror is {mirror}")]
    NotSymmetric {
        /// Row of the entry.
        row: usize,
        /// Column of the entry.
        column: usize,
        /// Value at (row, column).
        entry: f64,
        /// Value at (column, row).
        mirror: f64,
    },
    /// The covariance gives some combination of assets a negative variance.
    #[error(
        "sigma is not positive semidefinite: given the other assets, asset {asset} is left with {remainder} of its variance"
    )]
    NotPositiveSemidefinite {
        /// Asset at which the factorisation failed.
        asset: usize,
        /// What remains of the asset's own variance (1 is all of it), or of its correlation with another asset
        /// where both have no variance left; zero up to rounding in a valid covariance.
        remainder: f64,
    },
    /// The number of periods in a year is not between 0 and [`MAX_PERIODS_PER_YEAR`](crate::MAX_PERIODS_PER_YEAR).
    #[error("periods per year must be positive and at most one million, got {value}")]
    PeriodsPerYear {
        /// Value found.
        value: f64,
    },
    /// A portfolio law has a negative volatility, or a parameter that is not a finite number.
    #[error("drift {drift_annual} with volatility {volatility_annual} is not a law")]
    PortfolioLaw {
        /// Drift found.
        drift_annual: f64,
        /// Volatility found.
        volatility_annual: f64,
    },
    /// The histories of two assets differ in length.
    #[error("asset {asset} has {found} returns where asset 0 has {periods}")]
    HistoryLength {
        /// Asset at fault.
        asset: usize,
        /// Returns found.
        found: usize,
        /// Returns of the first asset.
        periods: usize,
    },
    /// Fewer than two returns: they have no variance.
    #[error("a law needs at least 2 returns, got {periods}")]
    TooFewReturns {
        /// Returns common to all assets.
        periods: usize,
    },
    /// A return of −100 % or less has no logarithm: such a history has no geometric Brownian law.
    #[error("return {value} in period {period} of asset {asset} loses everything: its logarithm does not exist")]
    TotalLoss {
        /// Asset at fault (0 for a portfolio's own series).
        asset: usize,
        /// Period at fault.
        period: usize,
        /// Return found.
        value: f64,
    },
    /// The number of paths is not between 1 and [`MAX_PATHS`](crate::MAX_PATHS).
    #[error("paths must be between 1 and {max}, got {paths}", max = crate::MAX_PATHS)]
    Paths {
        /// Value found.
        paths: usize,
    },
    /// The horizon is not between 1 and [`MAX_HORIZON_DAYS`](crate::MAX_HORIZON_DAYS).
    #[error("horizon_days must be between 1 and {max}, got {horizon_days}", max = crate::MAX_HORIZON_DAYS)]
    Horizon {
        /// Value found.
        horizon_days: usize,
    },
    /// The drawdown threshold is not in (0, 1).
    #[error("drawdown_threshold must lie strictly between 0 and 1, got {value}")]
    DrawdownThreshold {
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
    #[error("cash flow {value} at the end of day {day} is out of range", day = index + 1)]
    CashFlow {
        /// Position in `cash_flows`.
        index: usize,
        /// Value found.
        value: f64,
    },
    /// A withdrawal under buy and hold, where nothing says which assets are sold for it.
    #[error("the withdrawal at the end of day {day} needs fixed weights", day = index + 1)]
    WithdrawalFromBuyAndHold {
        /// Position in `cash_flows`.
        index: usize,
    },
    /// Over the horizon the law reaches values that have no useful size: beyond e^±300 within ten deviations.
    #[error("over the horizon the law reaches e^{exponent:.0}: drift or variance is too large")]
    Diverges {
        /// Asset at fault; `None` for the portfolio as a whole.
        asset: Option<usize>,
        /// Size of the logarithm reached.
        exponent: f64,
    },
}

/// The parts of a law that an error can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LawInput {
    /// Portfolio weights.
    Weights,
    /// Annual drifts.
    Mu,
    /// The annual covariance.
    Sigma,
    /// Return histories.
    Returns,
}

impl std::fmt::Display for LawInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Weights => "weights",
            Self::Mu => "mu",
            Self::Sigma => "sigma",
            Self::Returns => "returns",
        })
    }
}
