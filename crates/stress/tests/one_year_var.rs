//! A year's loss beyond what was predicted before it, over the shipped price histories.

use stress::DriftPrior;

#[path = "../examples/one_year_var/years.rs"]
mod years;

use years::{Count, YEAR, count, groups};

#[test]
fn three_to_eight_percent_of_years_end_below_the_predicted_quantile() {
    let prior = DriftPrior { risk_free_rate: 0.02, ..DriftPrior::default() };
    let groups = groups().unwrap();
    for history in [1, 3, 5] {
        let mut all = Count::default();
        for group in &groups {
            let of_group = count(group, history * YEAR, &prior).unwrap();
            let ([_, share], [least, most]) = (of_group.shares(), of_group.allowed());
            // One book has few years that do not overlap: its share is not 3 to 8 %, and not distinguishable from 5 %.
            assert!((least..=most).contains(&share), "{}, {history} years: {share}", group.name);
            all = all.with(of_group);
        }
        let [sample, posterior] = all.shares();
        // The interval of the pool has 5 % in it: 3 to 8 % is met by the share, and not shown by it.
        let [from, to] = all.interval().unwrap();
        assert!(from < posterior && posterior < to && (from..=to).contains(&0.05), "{history} years: {from} to {to}");
        assert!((0.03..=0.08).contains(&posterior), "{history} years: {posterior}");
        assert!(posterior < sample, "{history} years: {posterior} and {sample}");
    }
}

#[test]
fn the_allowed_shares_are_those_of_the_binomial_law() {
    let allowed = |apart| Count { apart, ..Count::default() }.allowed();
    // 31 years: P(K ≤ 3) = 0.933, P(K ≤ 4) = 0.982. 200 years: P(K ≤ 3) = 0.009, P(K ≤ 4) = 0.026; P(K ≤ 15) = 0.956, P(K ≤ 16) = 0.976.
    assert_eq!(allowed(31), [0.0, 4.0 / 31.0]);
    assert_eq!(allowed(200), [4.0 / 200.0, 16.0 / 200.0]);
}

#[test]
fn the_interval_is_that_of_the_months_drawn_in_blocks() {
    // 240 months of one year each; those of one block of two years in ten are below. A sample of ten blocks has, but for the ends of blocks,
    // as many of them as a binomial law with p = 0.1: 0 to 3 of 10 in 95 of 100 samples.
    let by_month = (0..240).map(|month| (month, [f64::from(u8::from(month < 24)), 1.0])).collect();
    let [from, to] = Count { by_month, ..Count::default() }.interval().unwrap();
    assert!(from == 0.0 && (0.2..=0.32).contains(&to), "{from} {to}");
    assert_eq!(Count::default().interval(), None);
}
