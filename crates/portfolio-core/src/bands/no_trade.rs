//! The no-trade band implied by cost and risk aversion.

/// Half-width of the no-trade band around a target weight `t`, a fraction of NAV.
///
/// With one-way proportional cost `c`, a penalty of `γ/2` times the variance of the deviation, and trades funded pro
/// rata by the rest of the book,
///
/// ```text
/// Δ = [ (3/2)·(c/γ)·t²·(1 − t)² ]^(1/3)
/// ```
///
/// A deviation `x` that diffuses with volatility `s` and is held inside `±Δ` costs `a·Δ²/3` a year for the deviation
/// and `c·s²/(2Δ)` for the trades at the edge. The sum is smallest at `Δ³ = 3·c·s²/(4·a)`. The asset's volatility `σ`
/// enters both `s = σ·t·(1 − t)` and `a = γ·σ²/2`, so it cancels.
///
/// `cost_rate`: one-way cost of a trade as a fraction of its value, 0.001 for 10 bp. `risk_aversion`: `γ`, 1 for
/// logarithmic utility. The result is between 0 and 1:
///
/// | argument | result | because |
/// |---|---|---|
/// | `target` 0 or 1 | 0 | the weight does not diffuse |
/// | `cost_rate` 0 or less | 0 | trading is free |
/// | `risk_aversion` towards 0, or less | 1 | a deviation costs nothing, so no trade pays |
/// | not a number | 1 | without a known cost nothing trades |
///
/// At `c` = 10 bp and `γ` = 5: 0.88 pp at `t` = 5 %, 1.97 pp at 20 %, 2.59 pp at 60 %.
///
/// # Reference
/// Shreve and Soner (1994), "Optimal Investment and Consumption with Transaction Costs", Annals of Applied Probability
/// 4(3), 609–692, for the cube root; Janeček and Shreve (2004), "Asymptotic analysis for optimal investment and
/// consumption with transaction costs", Finance and Stochastics 8, 181–206.
///
/// # Example
/// ```
/// use portfolio_core::no_trade_half_width;
///
/// // The Merton example: log utility, 1 % cost, target 60 %: hold between 50.5 % and 69.5 %.
/// let half_width = no_trade_half_width(0.6, 0.01, 1.0);
/// assert!((half_width - 0.095_244).abs() < 1e-6);
/// ```
#[must_use]
pub fn no_trade_half_width(target: f64, cost_rate: f64, risk_aversion: f64) -> f64 {
    if target == 0.0 || target == 1.0 || cost_rate <= 0.0 {
        return 0.0;
    }
    if risk_aversion <= 0.0 {
        return 1.0;
    }
    let spread = target * (1.0 - target);
    // The minimum of NaN and one is one.
    (1.5 * cost_rate / risk_aversion * spread * spread).cbrt().min(1.0)
}

#[cfg(test)]
mod tests {
    use super::no_trade_half_width;

    #[test]
    fn the_ends_are_as_documented() {
        assert_eq!(no_trade_half_width(0.0, 0.01, 1.0), 0.0);
        assert_eq!(no_trade_half_width(1.0, 0.01, 1.0), 0.0);
        assert_eq!(no_trade_half_width(0.5, 0.0, 1.0), 0.0);
        assert_eq!(no_trade_half_width(0.5, 0.01, 0.0), 1.0);
        assert_eq!(no_trade_half_width(0.5, 0.01, 1e-300), 1.0);
        assert_eq!(no_trade_half_width(f64::NAN, 0.01, 1.0), 1.0);
    }

    #[test]
    fn the_worked_numbers_of_the_documentation() {
        for (target, points) in [(0.05, 0.88), (0.20, 1.97), (0.60, 2.59)] {
            assert!((100.0 * no_trade_half_width(target, 0.001, 5.0) - points).abs() < 0.005);
        }
    }

    #[test]
    fn eight_times_the_cost_doubles_the_width() {
        let once = no_trade_half_width(0.3, 0.001, 4.0);
        assert!((no_trade_half_width(0.3, 0.008, 4.0) - 2.0 * once).abs() < 1e-15);
    }
}
