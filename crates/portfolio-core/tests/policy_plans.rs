//! Whole plans against the golden vectors of `testdata/policy`: turnover, rounding to lots, cash in and out, a household.
//!
//! A plan trades whole cents and never spends what is not there, so that amounts agree to a cent for each asset.

use portfolio_core::{
    AssetRole, CostModel, Currency, Intent, Money, SizingInput, SizingOptions, TradePermit, TradePlan, TradingRules,
    size_trades, size_under_rules,
};
use serde_json::Value;

fn parse(text: &str) -> Value {
    serde_json::from_str(text).expect("a committed file")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn number(case: &Value, name: &str) -> f64 {
    case[name].as_f64().unwrap_or_else(|| panic!("{name} in {case}"))
}

fn numbers(value: &Value) -> Vec<f64> {
    list(value).iter().map(|number| number.as_f64().expect("a number")).collect()
}

fn cents(case: &Value, name: &str) -> i64 {
    case[name].as_i64().unwrap_or_else(|| panic!("{name} in {case}"))
}

fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::USD)
}

/// A book without costs: the cents of each position, and of cash.
struct Held {
    values: Vec<f64>,
    cash: i64,
    targets: Vec<f64>,
    prices: Vec<f64>,
}

impl Held {
    /// Positions at a price of one cent, which no test reads.
    fn new(values: Vec<f64>, cash: i64, targets: Vec<f64>) -> Self {
        let prices = vec![0.01; values.len()];
        Self { values, cash, targets, prices }
    }

    fn nav(&self) -> i64 {
        self.values.iter().sum::<f64>().round() as i64 + self.cash
    }

    fn planned(&self, plan: impl FnOnce(&SizingInput) -> TradePlan) -> TradePlan {
        let current: Vec<f64> = self.values.iter().map(|value| value / self.nav() as f64).collect();
        plan(&SizingInput {
            nav: usd(self.nav()),
            cash: Some(usd(self.cash)),
            current: &current,
            target: &self.targets,
            optimized: &self.targets,
            price: &self.prices,
            costs: &CostModel::free(self.values.len()),
            histories: None,
        })
    }

    /// Every drift trades, under no limit.
    fn to_target(&self) -> TradePlan {
        let options = SizingOptions { drift_threshold: 0.0, turnover_limit: 2.0 };
        self.planned(|input| size_trades(input, &options).expect("a plan"))
    }

    fn under(&self, change: impl FnOnce(&mut TradingRules)) -> TradePlan {
        let mut rules = TradingRules::plain(self.values.len(), 0.0);
        change(&mut rules);
        let options = SizingOptions { drift_threshold: 0.0, turnover_limit: 2.0 };
        self.planned(|input| size_under_rules(input, &options, &rules).expect("a plan"))
    }

    /// A cent for each asset, as a fraction of NAV.
    fn cent_each(&self) -> f64 {
        (self.values.len() + 1) as f64 / self.nav() as f64
    }
}

fn trades(plan: &TradePlan) -> Vec<i64> {
    plan.rows.iter().map(|row| row.value.minor()).collect()
}

fn assert_nearly(trades: &[i64], expected: &[f64], tolerance: f64, case: &Value) {
    assert_eq!(trades.len(), expected.len());
    for (got, expected) in trades.iter().zip(expected) {
        assert!((*got as f64 - expected).abs() <= tolerance, "{got} and {expected} for {case}");
    }
}

fn sell_side(plan: &TradePlan) -> f64 {
    let sold: i64 = trades(plan).iter().map(|trade| (-trade).max(0)).sum();
    sold as f64 / plan.nav_after.minor() as f64
}

#[test]
fn turnover() {
    for case in list(&parse(include_str!("../../../testdata/policy/turnover.json"))["cases"]) {
        let expected: Vec<f64> = numbers(&case["trades_cents"]);
        let nav = number(case, "nav_cents");
        // The least cash and the least positions that these trades need; what is left of NAV lies evenly in the assets.
        let cash = expected.iter().sum::<f64>().max(0.0);
        let sold: f64 = expected.iter().map(|trade| (-trade).max(0.0)).sum();
        let even = (nav - cash - sold) / expected.len() as f64;
        let values: Vec<f64> = expected.iter().map(|trade| (-trade).max(0.0) + even).collect();
        let targets = values.iter().zip(&expected).map(|(value, trade)| (value + trade) / nav).collect();
        let plan = Held::new(values, cash as i64, targets).to_target();
        assert_eq!(trades(&plan), expected.iter().map(|trade| *trade as i64).collect::<Vec<_>>(), "{case}");
        for (got, name) in
            [(plan.turnover_one_way, "one_way"), (plan.turnover_two_way, "two_way"), (sell_side(&plan), "sell_side")]
        {
            assert!((got - number(case, name)).abs() < 1e-12, "{name} is {got} for {case}");
        }
    }
}

/// One lot of a case.
fn lot(case: &Value) -> f64 {
    1.0 / number(case, "steps_per_unit")
}

#[test]
fn buys_in_whole_lots() {
    for case in list(&parse(include_str!("../../../testdata/policy/rounding.json"))["buys"]) {
        let amount = cents(case, "amount_cents");
        let mut held = Held::new(vec![0.0], amount, vec![1.0]);
        held.prices = vec![number(case, "price_cents") / 100.0];
        let plan = held.under(|rules| {
            rules.intent = Intent::InvestCash { amount: None };
            rules.lots = vec![Some(lot(case))];
        });
        if amount <= 1 {
            // The vector buys for one cent; a plan places no order of a cent or less.
            assert_eq!((trades(&plan), plan.cash_after.minor()), (vec![0], amount), "{case}");
            continue;
        }
        let fit = plan.tickets.as_ref().expect("lots");
        assert_eq!(fit.lots, [cents(case, "steps")], "{case}");
        assert_eq!(trades(&plan), [cents(case, "value_cents")], "{case}");
        assert_eq!(plan.cash_after.minor(), cents(case, "left_cents"), "{case}");
        assert!(fit.is_exact, "{case}");
    }
}

#[test]
fn sales_in_whole_lots() {
    for case in list(&parse(include_str!("../../../testdata/policy/rounding.json"))["sells"]) {
        let (amount, price) = (cents(case, "amount_cents"), number(case, "price_cents"));
        let units = number(case, "held_steps") * lot(case);
        // Beside it lies a frozen position of the whole amount: no more than NAV can be asked for.
        let mut held = Held::new(vec![units * price, amount as f64], 0, vec![0.5, 0.5]);
        held.prices = vec![price / 100.0, 0.01];
        let plan = held.under(|rules| {
            rules.intent = Intent::RaiseCash { amount: usd(amount) };
            rules.lots = vec![Some(lot(case)), None];
            rules.units = vec![units, amount as f64];
            rules.permits[1] = TradePermit { role: AssetRole::Frozen, ..TradePermit::default() };
        });
        assert_eq!(plan.tickets.as_ref().expect("lots").lots, [-cents(case, "steps"), 0], "{case}");
        assert_eq!(trades(&plan), [-cents(case, "value_cents"), 0], "{case}");
        assert_eq!(plan.unraised.minor(), cents(case, "missing_cents"), "{case}");
    }
}

#[test]
fn cash_is_invested() {
    for case in list(&parse(include_str!("../../../testdata/policy/cash.json"))["invest"]) {
        let amount = cents(case, "amount_cents");
        let held = Held::new(numbers(&case["values_cents"]), amount, numbers(&case["targets"]));
        let plan = held.under(|rules| rules.intent = Intent::InvestCash { amount: None });
        assert_nearly(&trades(&plan), &numbers(&case["buys"]), 1.0, case);
        let left = plan.cash_after.minor();
        assert!((0..=held.values.len() as i64).contains(&left), "{left} are left for {case}");
    }
}

#[test]
fn cash_is_raised() {
    for case in list(&parse(include_str!("../../../testdata/policy/cash.json"))["raise"]) {
        let amount = cents(case, "amount_cents");
        let held = Held::new(numbers(&case["values_cents"]), 0, numbers(&case["targets"]));
        let plan = held.under(|rules| rules.intent = Intent::RaiseCash { amount: usd(amount) });
        // A cent more for each asset covers the rounding of the sales.
        let sold: Vec<i64> = trades(&plan).iter().map(|trade| -trade).collect();
        assert_nearly(&sold, &numbers(&case["overweight_first"]), held.values.len() as f64, case);
        let raised = plan.cash_after.minor();
        assert!((amount..=amount + held.values.len() as i64).contains(&raised), "{raised} are raised for {case}");
        assert_eq!(plan.unraised.minor(), 0, "{case}");
    }
}

#[test]
fn a_contribution_restores_all_targets() {
    for case in list(&parse(include_str!("../../../testdata/policy/cash.json"))["restore_all"]) {
        let (values, targets) = (numbers(&case["values_cents"]), numbers(&case["targets"]));
        let largest_drift = |contribution: i64| {
            let held = Held::new(values.clone(), contribution, targets.clone());
            let plan = held.under(|rules| rules.intent = Intent::InvestCash { amount: None });
            let drift = plan.rows.iter().zip(&targets).map(|(row, target)| (row.weight_after - target).abs());
            (drift.fold(0.0, f64::max), held.cent_each())
        };
        match case["contribution_cents"].as_i64() {
            Some(contribution) => {
                let (drift, cent_each) = largest_drift(contribution);
                assert!(drift <= cent_each, "a drift of {drift} is left for {case}");
                // With a tenth less, a target is out of reach.
                let (drift, cent_each) = largest_drift(contribution / 10 * 9);
                assert!(contribution == 0 || drift > 100.0 * cent_each, "a drift of {drift} is left for {case}");
            }
            // What is held against a target of zero stays overweight, whatever is contributed.
            None => assert!(largest_drift(1_000_000_000).0 > 1e-6, "{case}"),
        }
    }
}

#[test]
fn a_contribution_or_a_withdrawal_restores_one_target() {
    for case in list(&parse(include_str!("../../../testdata/policy/cash.json"))["restore_one"]) {
        let (values, targets) = (numbers(&case["values_cents"]), numbers(&case["targets"]));
        let asset = cents(case, "asset") as usize;
        let amount = number(case, "contribution").round() as i64;
        let held = Held::new(values, amount.max(0), targets);
        if amount == 0 {
            assert_eq!(trades(&held.to_target())[asset], 0, "{case}");
            continue;
        }
        let plan = held.under(|rules| {
            for (i, permit) in rules.permits.iter_mut().enumerate() {
                *permit = TradePermit { no_buy: i != asset, no_sell: i != asset, ..TradePermit::default() };
            }
            rules.intent = match amount {
                1.. => Intent::InvestCash { amount: None },
                _ => Intent::RaiseCash { amount: usd(-amount) },
            };
        });
        let after = held.values[asset] + plan.rows[asset].value.minor() as f64;
        let remains = (held.nav() + amount.min(0)) as f64;
        let off = (after / remains - held.targets[asset]).abs();
        assert!(off <= 2.0 * held.cent_each(), "{off} off its target for {case}");
        assert!(trades(&plan).iter().enumerate().all(|(i, trade)| i == asset || *trade == 0), "{case}");
    }
}

/// The household, with a price and units for each asset.
fn household(file: &Value, contribution: i64) -> (Held, Vec<f64>) {
    let decimals = |name: &str| -> Vec<f64> {
        list(&file[name]).iter().map(|text| text.as_str().expect("a decimal").parse().expect("a decimal")).collect()
    };
    let cash = cents(file, "cash_cents") + contribution;
    let mut held = Held::new(numbers(&file["values_cents"]), cash, numbers(&file["targets"]));
    held.prices = decimals("price");
    (held, decimals("quantity"))
}

#[test]
fn a_household_returns_to_its_targets() {
    let file = parse(include_str!("../../../testdata/policy/household.json"));
    let (held, _) = household(&file, 0);
    assert_eq!(held.nav(), cents(&file, "nav_cents"));
    let plan = held.to_target();
    for (row, expected) in plan.rows.iter().zip(numbers(&file["drift"])) {
        assert!((row.drift - expected).abs() < 1e-12, "{} and {expected}", row.drift);
    }
    assert!((plan.cash_weight_before - number(&file, "cash_weight")).abs() < 1e-12);
    assert_nearly(&trades(&plan), &numbers(&file["to_target"]["trades"]), 1.0, &file["to_target"]);
    let expected = &file["to_target"]["turnover"];
    for (got, name) in
        [(plan.turnover_one_way, "one_way"), (plan.turnover_two_way, "two_way"), (sell_side(&plan), "sell_side")]
    {
        assert!((got - number(expected, name)).abs() <= held.cent_each(), "{name} is {got}");
    }
}

#[test]
fn a_household_invests_a_contribution_and_keeps_its_cash() {
    let file = parse(include_str!("../../../testdata/policy/household.json"));
    let invest = &file["invest"];
    let amount = cents(invest, "amount_cents");
    let (held, _) = household(&file, amount);
    let plan = held.under(|rules| rules.intent = Intent::InvestCash { amount: Some(usd(amount)) });
    assert_nearly(&trades(&plan), &numbers(&invest["buys"]), 1.0, invest);
    assert_nearly(&trades(&plan), &numbers(&invest["buys_cents"]), 1.0, invest);
    let left = plan.cash_after.minor() - cents(&file, "cash_cents");
    assert!((0..=held.values.len() as i64).contains(&left), "{left} are left of the contribution");
}

/// The vector rounds each asset alone. A plan rounds all of them together: it leaves less, and comes no less near.
#[test]
fn a_household_invests_in_whole_shares() {
    let file = parse(include_str!("../../../testdata/policy/household.json"));
    let (invest, whole) = (&file["invest"], list(&file["invest"]["whole"]));
    let amount = cents(invest, "amount_cents");
    let (held, units) = household(&file, amount);
    let plan = held.under(|rules| {
        rules.intent = Intent::InvestCash { amount: Some(usd(amount)) };
        rules.lots = whole.iter().map(|asset| Some(lot(asset))).collect();
        rules.units = units;
    });
    let lots = &plan.tickets.as_ref().expect("lots").lots;
    for ((lots, trade), (price, asset)) in lots.iter().zip(trades(&plan)).zip(held.prices.iter().zip(whole)) {
        let value = *lots as f64 * price * 100.0 * lot(asset);
        assert!(*lots >= 0 && (trade as f64 - value).abs() <= 0.5, "{lots} lots cost {trade}, {asset}");
    }
    let exact = numbers(&invest["buys"]);
    let off = |bought: &[f64]| {
        let left = amount as f64 - bought.iter().sum::<f64>();
        left + bought.iter().zip(&exact).map(|(bought, exact)| (bought - exact).abs()).sum::<f64>()
    };
    let planned: Vec<f64> = trades(&plan).iter().map(|trade| *trade as f64).collect();
    let alone: Vec<f64> = whole.iter().map(|asset| number(asset, "value_cents")).collect();
    assert!(off(&planned) <= off(&alone), "{planned:?} is further from {exact:?} than {alone:?}");
    let left = amount - trades(&plan).iter().sum::<i64>();
    assert!((0..=cents(invest, "left_cents")).contains(&left), "{left} are left");
}

#[test]
fn a_contribution_restores_a_household() {
    let file = parse(include_str!("../../../testdata/policy/household.json"));
    let (held, _) = household(&file, cents(&file["restore_all"], "contribution"));
    let plan = held.under(|rules| rules.intent = Intent::InvestCash { amount: None });
    for (row, target) in plan.rows.iter().zip(&held.targets) {
        assert!((row.weight_after - target).abs() <= held.cent_each(), "{} for {target}", row.weight_after);
    }
}
