//! What must hold for every plan under rules, over 100,000 random books with lots, permits, bands and intents.
//!
//! `PROPERTY_PLANS` sets another number, and `PROPERTY_FIRST` the index of the first. A failure reports the index of the book;
//! `PROPERTY_BOOK` checks that one alone.

use portfolio_core::bands::groups::BandGroup;
use portfolio_core::{
    AssetRole, BandRule, Book, CostModel, Currency, Intent, MinimumCommission, Money, Position, SizingInput,
    SizingOptions, TradePermit, TradePlan, TradeReason, TradeScope, TradingRules, Universe, size_under_rules,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

struct Case {
    book: Book,
    target: Vec<f64>,
    costs: CostModel,
    options: SizingOptions,
    rules: TradingRules,
}

fn log_uniform(rng: &mut ChaCha8Rng, low: f64, high: f64) -> f64 {
    (rng.random_range(low.ln()..=high.ln())).exp().clamp(low, high)
}

fn book_of(units: &[f64], prices: &[f64], cash: Money) -> Option<Book> {
    let universe = Universe::numbered(units.len()).ok()?;
    let position = |(units, price): (&f64, &f64)| Position::of_quantity(*units, *price, Currency::USD);
    Book::new(universe, units.iter().zip(prices).map(position).collect(), cash).ok()
}

impl Case {
    fn random(index: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(index);
        let n = rng.random_range(1..=8);
        let prices: Vec<f64> = (0..n).map(|_| (log_uniform(&mut rng, 0.5, 5_000.0) * 100.0).round() / 100.0).collect();
        let with_lots = rng.random_bool(0.7);
        let lots: Vec<Option<f64>> = (0..n)
            .map(|_| match rng.random_range(0..4) {
                _ if !with_lots => None,
                0 => None,
                1 => Some([0.001, 0.01, 10.0, 100.0][rng.random_range(0..4)]),
                _ => Some(1.0),
            })
            .collect();
        let raw: Vec<f64> =
            (0..n).map(|_| if rng.random_bool(0.1) { 0.0 } else { rng.random_range(0.05..1.0) }).collect();
        let cash_target = if rng.random_bool(0.6) { 0.0 } else { rng.random_range(0.0..0.3) };
        let total: f64 = raw.iter().sum::<f64>().max(1e-9);
        let target: Vec<f64> = raw.iter().map(|w| w / total * (1.0 - cash_target)).collect();
        let worth = log_uniform(&mut rng, 1_000.0, 10_000_000.0);
        let units: Vec<f64> = (0..n)
            .map(|i| {
                let value = worth * target[i] * rng.random_range(-0.6..0.6_f64).exp();
                let units = if rng.random_bool(0.1) { 0.0 } else { value / prices[i] };
                // Fractions of a lot are held too, now and then.
                if rng.random_bool(0.8) {
                    (units / lots[i].unwrap_or(1e-3)).round() * lots[i].unwrap_or(1e-3)
                } else {
                    units
                }
            })
            .collect();
        let cash = worth * (cash_target + if rng.random_bool(0.5) { rng.random_range(0.0..0.2) } else { 0.0 });
        let cash = Money::floor(cash.max(0.01), Currency::USD).expect("in range");
        let book = book_of(&units, &prices, cash).expect("a book");
        let mut costs = CostModel::proportional(&vec![log_uniform(&mut rng, 0.1, 100.0); n]).expect("in range");
        if rng.random_bool(0.2) {
            costs = costs.with(MinimumCommission::new(&vec![1.0; n], &vec![0.0; n]).expect("in range")).expect("fits");
        }
        let part = |share: f64| Money::floor((book.nav().major() * share).max(0.01), Currency::USD).expect("in range");
        let intent = match rng.random_range(0..8) {
            0 => Intent::InvestCash { amount: None },
            1 => {
                let amount =
                    Money::from_minor((cash.minor() as f64 * rng.random_range(0.2..=1.0)) as i64, Currency::USD);
                Intent::InvestCash { amount: Some(amount).filter(|amount| amount.minor() > 0) }
            }
            2 => Intent::RaiseCash { amount: part(rng.random_range(0.001..=1.0)) },
            3 => Intent::BuyOnly,
            4 => Intent::SellOnly,
            5 => Intent::Liquidate,
            _ => Intent::Rebalance,
        };
        let is_permissive = rng.random_bool(0.5);
        let permit = |rng: &mut ChaCha8Rng| {
            if is_permissive {
                return TradePermit::default();
            }
            let role = if rng.random_bool(0.15) { AssetRole::Frozen } else { AssetRole::Tradable };
            TradePermit {
                role,
                no_buy: rng.random_bool(0.15),
                no_sell: rng.random_bool(0.15),
                ..TradePermit::default()
            }
        };
        let rule = match rng.random_range(0..4) {
            0 => BandRule::FIVE_TWENTY_FIVE,
            1 => BandRule::HYBRID,
            _ => BandRule::absolute(log_uniform(&mut rng, 0.002, 0.1)).expect("in range"),
        };
        let defaults = SizingOptions::of(intent);
        let turnover_limit = if rng.random_bool(0.7) { 2.0 } else { log_uniform(&mut rng, 0.01, 2.0) };
        let mut rules = TradingRules {
            half_widths: target.iter().map(|t| rule.half_width(*t)).collect(),
            cash_half_width: rng.random_bool(0.8).then(|| rule.half_width(cash_target).max(0.0025)),
            destination: if rng.random_bool(0.6) { 0.0 } else { rng.random_range(0.0..=1.0) },
            scope: if rng.random_bool(0.5) { TradeScope::Breached } else { TradeScope::Whole },
            intent,
            permits: (0..n).map(|_| permit(&mut rng)).collect(),
            lots,
            units,
            min_notional: rng.random_bool(0.2).then(|| part(rng.random_range(0.0..0.02))),
            max_tickets: rng.random_bool(0.2).then(|| rng.random_range(1..=n)),
            groups: random_groups(&mut rng, n),
            is_scheduled: rng.random_bool(0.05),
            min_units: vec![0.0; n],
        };
        if rng.random_bool(0.15) {
            // Up to two percent of NAV in each asset.
            let units = |price: &f64| book.nav().major() * rng.random_range(0.0..0.02) / price;
            rules.min_units = prices.iter().map(units).collect();
        }
        Self { book, target, costs, options: SizingOptions { turnover_limit, ..defaults }, rules }
    }

    fn plan_of(&self, book: &Book, rules: &TradingRules) -> TradePlan {
        let input = SizingInput {
            nav: book.nav(),
            cash: Some(book.cash()),
            current: book.weights(),
            target: &self.target,
            optimized: &self.target,
            price: book.unit_values(),
            costs: &self.costs,
            histories: None,
        };
        size_under_rules(&input, &self.options, rules).expect("a valid case")
    }

    /// The plan as if everything traded in fractions, orders of any size and number.
    fn plan_without_tickets(&self) -> TradePlan {
        let n = self.target.len();
        let (lots, min_units, min_notional, max_tickets) = (vec![None; n], vec![0.0; n], None, None);
        self.plan_of(&self.book, &TradingRules { lots, min_units, min_notional, max_tickets, ..self.rules.clone() })
    }

    /// The book after a plan, and the rules with the units it holds.
    fn after(&self, plan: &TradePlan) -> Option<(Book, TradingRules)> {
        let prices = self.book.unit_values();
        let units: Vec<f64> =
            self.rules.units.iter().zip(&plan.rows).map(|(held, row)| (held + row.units).max(0.0)).collect();
        let book = book_of(&units, prices, plan.cash_after)?;
        let intent = match self.rules.intent {
            // Costs may leave less than was to be raised.
            Intent::RaiseCash { amount } if amount.minor() > book.nav().minor() => {
                Intent::RaiseCash { amount: book.nav() }
            }
            other => other,
        };
        // A scheduled day is one day.
        Some((book, TradingRules { units, intent, is_scheduled: false, ..self.rules.clone() }))
    }

    /// The value of one lot of asset `i`, minor units.
    fn lot_value(&self, i: usize) -> f64 {
        self.rules.lots[i].map_or(1.0, |lot| 100.0 * lot * self.book.unit_values()[i])
    }
}

/// No group in three books of four; else one or two of random assets, which may overlap.
fn random_groups(rng: &mut ChaCha8Rng, n: usize) -> Vec<BandGroup> {
    let count = if rng.random_bool(0.25) { rng.random_range(1..=2) } else { 0 };
    let group = |rng: &mut ChaCha8Rng| BandGroup {
        assets: (0..n).filter(|_| rng.random_bool(0.5)).collect(),
        rule: BandRule::absolute(log_uniform(rng, 0.002, 0.1)).expect("in range"),
    };
    (0..count).map(|_| group(rng)).collect()
}

fn ensure(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

fn money_and_permits(case: &Case, plan: &TradePlan) -> Result<(), String> {
    let booked: i64 = plan.rows.iter().map(|row| row.value.minor() + row.cost.minor()).sum();
    ensure(booked + plan.cash_change.minor() == 0, "trades, costs and cash do not cancel")?;
    ensure(plan.cash_after.minor() >= 0, "negative cash")?;
    let traded: i64 = plan.rows.iter().map(|row| row.value.minor().abs()).sum();
    let limit = case.options.turnover_limit * case.book.nav().minor() as f64;
    ensure(traded as f64 <= limit + 1e-6, "turnover above its limit")?;
    let tickets = plan.rows.iter().filter(|row| row.value.minor() != 0).count();
    ensure(case.rules.max_tickets.is_none_or(|most| tickets <= most), "too many tickets")?;
    for (i, row) in plan.rows.iter().enumerate() {
        let (value, permit) = (row.value.minor(), case.rules.permits[i]);
        let may_buy = permit.role == AssetRole::Tradable && !permit.no_buy && case.rules.intent.buys();
        let may_sell = permit.role == AssetRole::Tradable && !permit.no_sell && case.rules.intent.sells();
        ensure(value <= 0 || may_buy, "a purchase that is not allowed")?;
        ensure(value >= 0 || may_sell, "a sale that is not allowed")?;
        ensure(-row.units <= case.rules.units[i] * (1.0 + 1e-9) + 1e-9, "sold more than is held")?;
        if let (Some(lot), true) = (case.rules.lots[i], value != 0) {
            let lots = row.units / lot;
            ensure((lots - lots.round()).abs() < 1e-6 && lots.round() != 0.0, "no whole lots")?;
            ensure(
                (value as f64 - lots * case.lot_value(i)).abs() <= 0.51 + 1e-9 * value.abs() as f64,
                "value of the lots",
            )?;
        }
        let least = case.rules.min_notional.map_or(0, Money::minor);
        ensure(value == 0 || value.abs() >= least, "below the smallest ticket")?;
        let fewest = case.rules.min_units[i] * 100.0 * case.book.unit_values()[i];
        ensure(value == 0 || value.abs() as f64 >= fewest - 0.51, "fewer units than the fewest")?;
        let is_held = row.reason == TradeReason::Frozen;
        ensure(!is_held || permit.role == AssetRole::Frozen, "frozen without a reason")?;
        let is_outside = row.drift.abs() > row.half_width + 1e-9;
        ensure(!is_outside || row.reason != TradeReason::WithinBand, "outside its band, and said to be within it")?;
    }
    if let Some(fit) = &plan.tickets {
        ensure(fit.deviation >= fit.bound - 1e-9, "a bound above the plan")?;
        ensure(fit.deviation - fit.bound <= 1e-4, "more than a basis point above the bound")?;
    }
    Ok(())
}

fn cash_flows(case: &Case, plan: &TradePlan) -> Result<(), String> {
    let nav = case.book.nav().minor() as f64;
    let cash_target = (1.0 - case.target.iter().sum::<f64>()).max(0.0) * nav;
    let is_limited = case.options.turnover_limit < 2.0 || case.rules.max_tickets.is_some();
    match case.rules.intent {
        Intent::InvestCash { amount } => {
            let cash = case.book.cash().minor();
            // The target of cash is a share of the NAV after costs, as every weight of a plan is: a second plan would spend the rest.
            let cash_target = cash_target * plan.nav_after.minor() as f64 / nav;
            let to_spend = amount.map_or((cash as f64 - cash_target).max(0.0), |amount| amount.minor() as f64);
            let left = to_spend + (plan.cash_after.minor() - cash) as f64;
            ensure(left >= -1.0, "more was spent than asked for")?;
            if is_limited {
                return Ok(());
            }
            // The tickets that may be bought: whatever is below its target before the plan.
            let total: f64 = case.target.iter().sum();
            let invested = nav - cash as f64 + to_spend;
            for (i, target) in case.target.iter().enumerate() {
                let permit = case.rules.permits[i];
                let is_open = permit.role == AssetRole::Tradable && !permit.no_buy && *target > 0.0;
                let value = case.book.weights()[i] * nav;
                if is_open && value + 2.0 < target / total * invested {
                    let fewest = case.rules.min_units[i] * 100.0 * case.book.unit_values()[i];
                    let least = fewest.max(case.rules.min_notional.map_or(0, Money::minor) as f64);
                    let more = if plan.rows[i].value.minor() > 0 { 0.0 } else { least };
                    let ticket = case.lot_value(i) * (more / case.lot_value(i)).ceil().max(1.0);
                    // Its cost, with the commission that may be the least of a ticket.
                    let with_cost = ticket * 1.011 + 102.0;
                    ensure(
                        left <= with_cost.max(case.rules.half_widths.len() as f64 + 2.0),
                        "a ticket that still fits was left",
                    )?;
                }
            }
            Ok(())
        }
        Intent::RaiseCash { amount } => {
            let asked = cash_target + amount.minor() as f64;
            let raised = plan.cash_after.minor() as f64 + plan.unraised.minor() as f64;
            ensure(raised >= asked.floor() - 1.0, "less cash than asked for, and nothing said")?;
            let has_least = case.rules.min_notional.is_some() || case.rules.min_units.iter().any(|units| *units > 0.0);
            if plan.unraised.minor() > 0 && !is_limited && !has_least {
                // Everything that may be sold is sold, up to lots and to sales that cost all they bring.
                for (i, row) in plan.rows.iter().enumerate() {
                    let permit = case.rules.permits[i];
                    let may = permit.role == AssetRole::Tradable && !permit.no_sell;
                    let left = (case.rules.units[i] + row.units) * case.book.unit_values()[i] * 100.0;
                    ensure(!may || left <= case.lot_value(i) + 210.0, "something could still be sold")?;
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn rests(case: &Case, plan: &TradePlan) -> Result<(), String> {
    // Without limits a plan reaches its goals, and a second plan has nothing to do.
    let is_limited = case.options.turnover_limit < 2.0 || case.rules.max_tickets.is_some();
    if is_limited || matches!(case.rules.intent, Intent::InvestCash { amount: Some(_) }) {
        return Ok(());
    }
    let Some((book, rules)) = case.after(plan) else { return Ok(()) };
    let again = case.plan_of(&book, &rules);
    let moved: i64 = again.rows.iter().map(|row| row.value.minor().abs()).sum();
    ensure(moved == 0, &format!("a second plan trades {moved}: {:?} {:?}", brief(plan), brief(&again)))
}

fn brief(plan: &TradePlan) -> Vec<(f64, i64, TradeReason)> {
    plan.rows.iter().map(|row| (row.drift, row.value.minor(), row.reason)).collect()
}

fn toward_policy(case: &Case, plan: &TradePlan) -> Result<(), String> {
    if matches!(case.rules.intent, Intent::Rebalance | Intent::BuyOnly | Intent::SellOnly) {
        // Half the sum of all drifts, cash included, falls; rounding to lots may leave it where it was.
        let distance = |weights: &[f64], cash: f64| {
            let target_cash = (1.0 - case.target.iter().sum::<f64>()).max(0.0);
            let drift: f64 = weights.iter().zip(&case.target).map(|(w, t)| (w - t).abs()).sum();
            0.5 * (drift + (cash - target_cash).abs())
        };
        let after: Vec<f64> = plan.rows.iter().map(|row| row.weight_after).collect();
        let before = distance(case.book.weights(), case.book.cash_weight());
        // In money the distance grows by no more than the costs, and they leave the NAV that the weights after the plan are fractions of.
        // Tickets are fitted to goals in the NAV that trades without lots leave: where those cost more or less, the goals are off by the
        // difference.
        let nav = case.book.nav().minor() as f64;
        let cost = plan.total_cost.minor() as f64 / nav;
        let difference = plan
            .tickets
            .as_ref()
            .map_or(0.0, |_| (case.plan_without_tickets().total_cost.minor() as f64 / nav - cost).abs());
        let rounding = (case.target.len() as f64 + 2.0) / nav;
        ensure(
            distance(&after, plan.cash_weight_after) <= (before + cost + difference + rounding) / (1.0 - cost) + 1e-6,
            "further from the policy",
        )?;
    }
    Ok(())
}

/// What a flow of cash moves past the policy is only what the gaps of the assets that may trade cannot take.
///
/// A purchase goes to the larger of the target's share of NAV and its share of what is invested afterwards; a sale to the target's share of
/// NAV. Each asset may miss that by a ticket, and costs move NAV.
fn past_the_policy(case: &Case, plan: &TradePlan) -> Result<(), String> {
    let buys = match case.rules.intent {
        Intent::InvestCash { .. } => true,
        Intent::RaiseCash { .. } => false,
        _ => return Ok(()),
    };
    if case.rules.max_tickets.is_some() {
        return Ok(());
    }
    let nav = case.book.nav().minor() as f64;
    let value: Vec<f64> = case.book.weights().iter().map(|weight| weight * nav).collect();
    let moved: Vec<f64> = plan.rows.iter().map(|row| row.value.minor().abs() as f64).collect();
    let (total, targets) = (moved.iter().sum::<f64>(), case.target.iter().sum::<f64>());
    let gap = |i: usize| {
        let share = case.target[i] * nav;
        let of_invested =
            if targets > 0.0 { case.target[i] / targets * (value.iter().sum::<f64>() + total) } else { 0.0 };
        if buys { share.max(of_invested) - value[i] } else { value[i] - share }
    };
    let ticket = |i: usize| {
        let fewest = case.rules.min_units[i] * 100.0 * case.book.unit_values()[i];
        let least = fewest.max(case.rules.min_notional.map_or(0, Money::minor) as f64);
        case.lot_value(i) * (least / case.lot_value(i)).ceil().max(1.0)
    };
    let open = |i: &usize| {
        let permit = case.rules.permits[*i];
        permit.role == AssetRole::Tradable && !if buys { permit.no_buy } else { permit.no_sell }
    };
    let assets = 0..moved.len();
    let past: f64 = assets.clone().map(|i| (moved[i] - gap(i).max(0.0)).max(0.0)).sum();
    let forced = (total - assets.clone().filter(open).map(|i| gap(i).max(0.0)).sum::<f64>()).max(0.0);
    let slack = 2.0 * plan.total_cost.minor() as f64 + assets.filter(open).map(ticket).sum::<f64>() + 2.0;
    ensure(
        past <= forced + slack,
        &format!("{past} go past the policy, forced {forced}, slack {slack}: {:?}", brief(plan)),
    )
}

/// Cash after a plan of trades between assets is no lower than its target where the plan only buys, and else than the lower edge of its
/// band; or than it was. Both are shares of the NAV that the trades are sized for: the one that the costs of the trades without tickets
/// leave. Tickets that cost less leave a larger NAV, of which cash is short by no more than its share of the difference; those that are
/// added to others until nothing is left to do are sized in between, so that the share is of all costs.
fn buffer(case: &Case, plan: &TradePlan) -> Result<(), String> {
    let width = match (case.rules.intent, case.rules.cash_half_width) {
        (Intent::BuyOnly, _) => 0.0,
        (Intent::Rebalance | Intent::SellOnly, Some(width)) => width,
        _ => return Ok(()),
    };
    let target = (1.0 - case.target.iter().sum::<f64>()).max(0.0);
    let without_tickets = case.plan_without_tickets();
    let sized_for = without_tickets.nav_after.minor().min(plan.nav_after.minor());
    let least = ((target - width) * sized_for as f64).min(case.book.cash().minor() as f64);
    let missing = least - plan.cash_after.minor() as f64;
    let of_costs = plan.tickets.as_ref().map_or(0.0, |_| (target - width).max(0.0) * plan.total_cost.minor() as f64);
    ensure(
        missing <= 1.0 + of_costs,
        &format!(
            "{missing} of the cash buffer are spent of {least}, NAV {sized_for}, {:?} {:?}",
            plan.total_cost,
            brief(plan)
        ),
    )
}

#[test]
fn a_position_that_rounds_up_in_a_nav_that_rounds_down_is_sold_whole() {
    // 8,115.55 at 55.70 are 452,036.135 and 21,993.222 at 5.74 are 126,241.09428: the NAV loses 0.928 of a cent, of which the first
    // position bears 0.65, and its lots gain half a cent.
    let (units, prices) = ([8_115.55, 21_993.222], [55.7, 5.74]);
    let book = book_of(&units, &prices, Money::from_minor(7_053_525, Currency::USD)).expect("a book");
    assert_eq!(book.nav().minor(), 64_881_247);
    let options = SizingOptions { turnover_limit: 2.0, ..SizingOptions::of(Intent::Liquidate) };
    let rules = TradingRules {
        intent: Intent::Liquidate,
        lots: vec![Some(0.01), None],
        units: units.to_vec(),
        ..TradingRules::plain(2, 0.02)
    };
    let case = Case { book, target: vec![0.5, 0.5], costs: CostModel::free(2), options, rules };
    let plan = case.plan_of(&case.book, &case.rules);
    assert_eq!(plan.rows[0].value.minor(), -45_203_614);
}

/// What does not hold for one random book.
fn failures_of(index: u64) -> Vec<String> {
    let case = Case::random(index);
    let plan = case.plan_of(&case.book, &case.rules);
    let checks = [money_and_permits, cash_flows, toward_policy, past_the_policy, buffer, rests];
    let failed = checks.iter().filter_map(|check| check(&case, &plan).err());
    failed.map(|what| format!("book {index}, {:?}: {what}", case.rules.intent)).collect()
}

#[test]
fn a_sale_in_whole_lots_does_not_pass_its_target_where_nothing_takes_the_money() {
    // Overweights are sold, and what is below its target may not be bought: each lot past a target lies in cash, above the target of cash.
    for index in [124_886, 148_430, 149_760, 174_569] {
        assert_eq!(failures_of(index), [""; 0]);
    }
}

#[test]
fn cash_to_raise_is_not_short_by_what_tickets_round() {
    assert_eq!(failures_of(190_310), [""; 0]);
}

#[test]
fn tickets_added_to_others_leave_cash_its_share_but_for_costs() {
    assert_eq!(failures_of(208_280), [""; 0]);
}

#[test]
fn a_whole_book_with_a_locked_breach_is_planned_once() {
    // Purchases short of their destination are called for again by the next plan, so what is in its band pays the costs at once.
    assert_eq!(failures_of(214_822), [""; 0]);
}

#[test]
fn idle_cash_keeps_its_share_of_the_nav_that_the_tickets_leave() {
    assert_eq!(failures_of(390_167), [""; 0]);
}

#[test]
fn dust_opens_no_smallest_ticket() {
    // A sale of one minor unit would be one of the smallest ticket, which the plan before does not call for.
    assert_eq!(failures_of(342_691), [""; 0]);
}

#[test]
fn what_is_in_its_band_has_no_ticket_where_nothing_outside_has_one() {
    // The sale that is called for is less than a lot, and purchases for the sake of it would be paid by what it does not cost.
    for index in [376_682, 392_098, 226_034, 367_955] {
        assert_eq!(failures_of(index), [""; 0]);
    }
}

#[test]
fn cash_is_invested_where_one_more_ticket_costs_more_than_it_is_left() {
    assert_eq!(failures_of(306_210), [""; 0]);
}

#[test]
fn a_cent_is_not_traded_in_a_book_of_less_than_a_hundred() {
    assert_eq!(failures_of(249_857), [""; 0]);
}

#[test]
fn the_search_goes_on_until_small_books_are_near_their_bound() {
    // 107,571 nodes prove that no ticket is the best plan.
    assert_eq!(failures_of(357_677), [""; 0]);
}

#[test]
fn every_plan_under_rules_keeps_them() {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let first = number("PROPERTY_FIRST").unwrap_or(0);
    let books = match number("PROPERTY_BOOK") {
        Some(book) => book..book + 1,
        None => first..first + number("PROPERTY_PLANS").unwrap_or(100_000),
    };
    let mut failures = Vec::new();
    for index in books {
        failures.extend(failures_of(index));
        if failures.len() > 2000 {
            break;
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}
