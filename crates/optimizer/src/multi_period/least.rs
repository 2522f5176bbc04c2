//! A linear function of weights within their bounds and the range of their sum.

/// The least `slopeᵀw` over `lower ≤ w ≤ upper` and `low ≤ Σw ≤ high`: start where each weight is cheapest, then move
/// the sum into its range with the weights for which this costs least.
pub(super) fn least(slope: &[f64], lower: &[f64], upper: &[f64], (low, high): (f64, f64)) -> f64 {
    let mut value = 0.0;
    let mut sum = 0.0;
    for i in 0..slope.len() {
        let w = if slope[i] > 0.0 { lower[i] } else { upper[i] };
        value += slope[i] * w;
        sum += w;
    }
    // Above the range: lower weights that stand at their upper limit, the least useful first; below it, the mirror
    // image.
    let (short, falls) = if sum > high { (sum - high, true) } else { (low - sum, false) };
    if short <= 0.0 {
        return value;
    }
    let mut order: Vec<usize> = (0..slope.len()).filter(|i| (slope[*i] <= 0.0) == falls).collect();
    order.sort_by(|a, b| slope[*a].abs().total_cmp(&slope[*b].abs()));
    let mut left = short;
    for i in order {
        let step = left.min(upper[i] - lower[i]);
        value += slope[i].abs() * step;
        left -= step;
        if left <= 0.0 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::least;

    #[test]
    fn the_least_value_over_a_box_and_a_sum() {
        let (lower, upper) = ([0.0, 0.0, 0.0], [1.0, 1.0, 1.0]);
        // One unit to spend: all in the asset with the lowest slope.
        assert_eq!(least(&[-3.0, -1.0, 2.0], &lower, &upper, (1.0, 1.0)), -3.0);
        // Two and a half units have to be held: the last half costs.
        assert_eq!(least(&[-3.0, -1.0, 2.0], &lower, &upper, (2.5, 3.0)), -3.0);
        assert_eq!(least(&[-3.0, -1.0, 2.0], &lower, &upper, (0.0, 3.0)), -4.0);
        assert_eq!(least(&[1.0, 2.0, 3.0], &lower, &upper, (1.5, 2.0)), 2.0);
    }
}
