use serde::Serialize;

/// Something assumed, missing or changed on the way to a figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlanWarning {
    /// Machine-readable cause, e.g. `weights_normalized`, `price_defaulted`, `history_missing`, `histories_aligned`,
    /// `history_short`, `benchmark_aligned`, `forecast_fallback`, `holding_weights_sum`, `cash_off_target`, `figure_unavailable`.
    #[cfg_attr(feature = "openapi", schema(example = "histories_aligned"))]
    pub code: &'static str,
    /// JSON pointer to the member of the request it is about; for a missing figure, to that figure in the answer.
    #[cfg_attr(feature = "openapi", schema(example = "/assets"))]
    pub pointer: String,
    /// The cause in a sentence.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "histories differ in length: the last 120 observations common to all are used")
    )]
    pub detail: String,
}

impl PlanWarning {
    pub(crate) fn new(code: &'static str, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { code, pointer: pointer.into(), detail: detail.into() }
    }
}
