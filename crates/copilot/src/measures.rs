use serde::Serialize;

/// A fact that is there, or the reason why it is not: nothing in between, so a missing figure cannot lose its reason.
///
/// # Example
/// ```
/// use copilot::Stated;
///
/// let var = Stated::from_option(None::<f64>, "no price history was sent");
/// assert_eq!(var.given(), None);
/// assert_eq!(Stated::Given(0.02).given(), Some(&0.02));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stated<T> {
    /// The fact.
    Given(T),
    /// The data cannot support it.
    Missing {
        /// Why, as the end of a sentence without its full stop: `no price history was sent`.
        reason: String,
    },
}

impl<T> Stated<T> {
    /// `value` if there is one, otherwise `reason`.
    pub fn from_option(value: Option<T>, reason: &str) -> Self {
        value.map_or_else(|| Self::Missing { reason: reason.to_owned() }, Self::Given)
    }

    /// The fact, if it is there.
    pub fn given(&self) -> Option<&T> {
        match self {
            Self::Given(value) => Some(value),
            Self::Missing { .. } => None,
        }
    }
}

/// Risk measures of the current weights. Losses are positive when money is lost.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RiskFacts {
    /// Annualised volatility, a fraction.
    pub volatility: Stated<f64>,
    /// Annualised Sharpe ratio.
    pub sharpe: Stated<f64>,
    /// Largest fall from a peak, a fraction of that peak.
    pub max_drawdown: Stated<f64>,
    /// The loss of one period that 95 % of periods do not exceed, a fraction.
    pub var_95: Stated<f64>,
    /// Mean loss of the worst 5 % of periods, a fraction.
    pub cvar_95: Stated<f64>,
    /// Expected return over a year, a fraction.
    pub expected_annual_return: Stated<f64>,
    /// Annualised tracking error against the benchmark, a fraction.
    pub tracking_error: Stated<f64>,
}

impl RiskFacts {
    /// Every measure missing for one reason, as for a request without price history.
    #[must_use]
    pub fn missing(reason: &str) -> Self {
        let none = || Stated::from_option(None, reason);
        Self {
            volatility: none(),
            sharpe: none(),
            max_drawdown: none(),
            var_95: none(),
            cvar_95: none(),
            expected_annual_return: none(),
            tracking_error: none(),
        }
    }

    /// The measures with the names of their members, in the order of the text.
    pub(crate) fn named(&self) -> [(&'static str, &Stated<f64>); 7] {
        [
            ("risk.volatility", &self.volatility),
            ("risk.sharpe", &self.sharpe),
            ("risk.max_drawdown", &self.max_drawdown),
            ("risk.var_95", &self.var_95),
            ("risk.cvar_95", &self.cvar_95),
            ("risk.expected_annual_return", &self.expected_annual_return),
            ("risk.tracking_error", &self.tracking_error),
        ]
    }
}

/// What a simulation of the current weights found. Terminal values are per unit invested: 1 is today's value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimulationFacts {
    /// Share of paths that end below today's value, a fraction.
    pub probability_of_loss: f64,
    /// Length of a path in days.
    pub horizon_days: u32,
    /// Number of paths.
    pub paths: u64,
    /// The terminal value that the worst 5 % of paths do not exceed, per unit invested.
    pub worst_5pct_terminal_value: f64,
    /// Mean terminal value, per unit invested.
    pub expected_terminal_value: f64,
}

/// What the forecasts did to the targets.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TiltFacts {
    /// Tracking error of the tilted targets against the policy targets, annual, a fraction.
    pub tracking_error_spent: f64,
    /// The most tracking error the tilt may spend, annual, a fraction.
    pub tracking_error_budget: f64,
    /// How strongly the forecasts speak, on the scale of the planner.
    pub strength: f64,
    /// Why the tilt has this size, as the end of a sentence without its full stop.
    pub reason: String,
}

/// Levels above which a measure is flagged.
///
/// # Example
/// ```
/// use copilot::FlagLimits;
///
/// assert_eq!(FlagLimits::default(), FlagLimits { var_95: 0.03, max_drawdown: 0.08, turnover: 0.18 });
/// assert_eq!(FlagLimits::CRITICAL, FlagLimits { var_95: 0.06, max_drawdown: 0.16, turnover: 0.36 });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FlagLimits {
    /// Limit of the one-period VaR at 95 %, a fraction.
    pub var_95: f64,
    /// Limit of the maximum drawdown, a fraction.
    pub max_drawdown: f64,
    /// Limit of the two-way turnover of a plan, a fraction.
    pub turnover: f64,
}

impl FlagLimits {
    /// The customary levels of a warning: VaR 3 %, drawdown 8 %, turnover 18 %.
    pub const WARNING: Self = Self { var_95: 0.03, max_drawdown: 0.08, turnover: 0.18 };

    /// The customary levels of a critical flag, twice those of a warning: VaR 6 %, drawdown 16 %, turnover 36 %.
    pub const CRITICAL: Self = Self { var_95: 0.06, max_drawdown: 0.16, turnover: 0.36 };
}

impl Default for FlagLimits {
    /// [`FlagLimits::WARNING`].
    fn default() -> Self {
        Self::WARNING
    }
}
