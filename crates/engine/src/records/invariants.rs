//! The invariants of every plan, recomputed from the stored request and answer only.

use optimizer::{
    Infeasibility, RebalanceProblem, RebalanceSolution, RiskModel, RiskModelParts, verify, verify_infeasible,
};
use portfolio_core::Currency;
use serde::de::DeserializeOwned;
use serde_json::Value;
use store::StoredPlan;

use crate::dto::records::InvariantCheck;
use crate::records::positions::{SentPositions, booked};

/// Printed weights have about twelve digits.
const WEIGHT_DIGITS: f64 = 3e-12;

/// Checks a stored plan. The store has already compared its bytes with its digest and its audit entry.
#[must_use]
pub fn check(stored: &StoredPlan) -> Vec<InvariantCheck> {
    let read = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).ok();
    let both = read(stored.record.request.bytes()).zip(read(stored.record.response.bytes()));
    let book = both.as_ref().and_then(|(request, answer)| Book::read(request, answer));
    let solved = both.as_ref().and_then(|(_, answer)| optimality(answer));
    let recorded = InvariantCheck {
        check: "recorded_bytes",
        holds: true,
        detail: format!("request and answer have the digest in audit entry {}", stored.sequence),
    };
    let readable = InvariantCheck {
        check: "readable",
        holds: book.is_some(),
        detail: "the stored answer has the members of a plan".to_owned(),
    };
    let mut checks = vec![recorded, readable];
    if let Some(book) = &book {
        checks.extend([
            book.cash_identity(),
            book.cash_not_negative(),
            book.costs_add_up(),
            book.turnover_within_limit(),
            book.nothing_oversold(),
            book.holds_are_empty(),
            book.weights_add_up(),
        ]);
        checks.extend(book.value_of_positions());
    }
    checks.extend(solved);
    checks
}

/// Proves again, without solving, what the optimal method found; `None` for a plan by another method.
fn optimality(answer: &Value) -> Option<InvariantCheck> {
    let found = answer.get("optimization")?;
    let verdict = reproven(answer, found);
    let holds = verdict.is_ok();
    Some(InvariantCheck { check: "optimality_certificate", holds, detail: verdict.unwrap_or_else(|why| why) })
}

/// The largest ratio of a weight in the problem to the weight before the trades: NAV over the NAV that costs leave, with as much again for
/// the round of costs before the last.
fn after_costs(answer: &Value) -> Option<f64> {
    let (nav, after) = (answer["portfolio_value"].as_f64()?, answer["value_after"].as_f64()?);
    (after > 0.0).then(|| 1.0 + 2.0 * (nav / after - 1.0) + WEIGHT_DIGITS)
}

/// Whether a problem starts from the current weights: as they are, or all larger by one ratio, as fractions of the NAV that costs leave.
fn starts_from(w0: &[f64], current: &[f64], most: f64) -> bool {
    if w0.len() != current.len() {
        return false;
    }
    let total: f64 = current.iter().sum();
    let ratio = if total > 0.0 { w0.iter().sum::<f64>() / total } else { 1.0 };
    let is_held = |(stated, held): (&f64, &f64)| (stated - ratio * held).abs() <= 2.0 * WEIGHT_DIGITS;
    (1.0 - WEIGHT_DIGITS..=most).contains(&ratio) && w0.iter().zip(current).all(is_held)
}

/// What the proof shows, or what is wrong with it.
fn reproven(answer: &Value, found: &Value) -> Result<String, String> {
    fn read<T: DeserializeOwned>(value: &Value, what: &str) -> Result<T, String> {
        T::deserialize(value).map_err(|_| format!("{what} cannot be read"))
    }
    let problem: RebalanceProblem = read(&found["problem"], "the problem")?;
    let parts: RiskModelParts = read(&found["model"], "the risk model")?;
    let model = RiskModel::try_from(&parts).map_err(|error| error.to_string())?;
    let weights = answer["weights"].as_array().map_or(&[][..], Vec::as_slice);
    let current: Option<Vec<f64>> = weights.iter().map(|row| row["current_weight"].as_f64()).collect();
    let starts =
        current.zip(after_costs(answer)).is_some_and(|(current, most)| starts_from(&problem.w0, &current, most));
    if !starts {
        return Err("the problem does not start from the plan's current weights".to_owned());
    }
    if let Some(why) = found.get("infeasibility") {
        let why: Infeasibility = read(why, "the proof that the limits conflict")?;
        return match verify_infeasible(&problem, &model, &why) {
            Ok(true) => Ok("the multipliers prove that no portfolio keeps the limits".to_owned()),
            Ok(false) => Err("the multipliers do not prove that the limits conflict".to_owned()),
            Err(error) => Err(error.to_string()),
        };
    }
    let solution: RebalanceSolution = read(found, "the solution")?;
    let verdict = verify(&problem, &model, &solution).map_err(|error| error.to_string())?;
    match verdict.valid {
        true => Ok(format!("the stated weights are optimal: the duality gap comes out as {:.1e}", verdict.duality_gap)),
        false => Err(verdict.objections.join("; ")),
    }
}

/// The figures of a plan, amounts in whole minor units.
struct Book {
    nav: i64,
    nav_after: i64,
    cash_after: i64,
    total_cost: i64,
    cash_weight_before: f64,
    cash_weight_after: f64,
    turnover_used: f64,
    turnover_limit: f64,
    /// Whether the optimal method, which may leave other cash than the policy, decided the weights.
    is_solved: bool,
    /// What is held, for a plan whose positions were sent by quantity.
    positions: Option<SentPositions>,
    trades: Vec<Trade>,
    weights: Vec<Weight>,
}

struct Trade {
    value: i64,
    cost: i64,
    units: f64,
    holds: bool,
}

struct Weight {
    current: f64,
    target: f64,
    optimized: f64,
    after: f64,
}

impl Book {
    fn read(request: &Value, answer: &Value) -> Option<Self> {
        let currency: Currency = answer["currency"].as_str()?.parse().ok()?;
        let minor_per_major = 10_f64.powi(i32::from(currency.minor_digits()));
        let minor = |value: &Value| {
            let scaled = value.as_f64()? * minor_per_major;
            // The nearest double of a large amount may be a little off its minor units.
            ((scaled - scaled.round()).abs() < 1e-3 + 1e-15 * scaled.abs()).then(|| scaled.round() as i64)
        };
        let positions = SentPositions::read(request, minor_per_major);
        let stated = if positions.is_some() { &answer["portfolio_value"] } else { &request["portfolio_value"] };
        let nav = booked(stated.as_f64()?, minor_per_major);
        let trade = |row: &Value| {
            Some(Trade {
                value: minor(&row["signed_trade_value"])?,
                cost: minor(&row["estimated_cost"])?,
                units: row["trade_units"].as_f64()?,
                holds: row["action"].as_str()? == "Hold",
            })
        };
        let weight = |row: &Value| {
            Some(Weight {
                current: row["current_weight"].as_f64()?,
                target: row["target_weight"].as_f64()?,
                optimized: row["optimized_target_weight"].as_f64()?,
                after: row["weight_after"].as_f64()?,
            })
        };
        let book = Self {
            nav,
            nav_after: minor(&answer["value_after"])?,
            cash_after: minor(&answer["cash"]["value_after"])?,
            total_cost: minor(&answer["estimated_total_transaction_cost"])?,
            cash_weight_before: answer["cash"]["weight_before"].as_f64()?,
            cash_weight_after: answer["cash"]["weight_after"].as_f64()?,
            turnover_used: answer["turnover_used"].as_f64()?,
            turnover_limit: answer["turnover_limit"].as_f64()?,
            is_solved: answer["method"] == "optimal",
            positions,
            trades: answer["trades"].as_array()?.iter().map(trade).collect::<Option<_>>()?,
            weights: answer["weights"].as_array()?.iter().map(weight).collect::<Option<_>>()?,
        };
        (book.trades.len() == book.weights.len() && book.nav > 0).then_some(book)
    }

    fn cash_identity(&self) -> InvariantCheck {
        let spent: i64 = self.trades.iter().map(|trade| trade.value + trade.cost).sum();
        let before = self.cash_after + spent;
        // The printed weight before is of the exact cash, whose fraction of a minor unit is not booked.
        let unbooked = self.cash_weight_before * self.nav as f64 - before as f64;
        let off = self.printed_off();
        let holds = match &self.positions {
            Some(positions) => before == positions.cash,
            None if self.cash_weight_before == 0.0 => before == 0,
            None => (-off..1.0 + off).contains(&unbooked),
        };
        InvariantCheck {
            check: "cash_identity",
            holds,
            detail: format!("cash before {before} less trades and costs {spent} is cash after {}", self.cash_after),
        }
    }

    /// NAV is the value of the positions and the cash, and the printed weights are their shares.
    fn value_of_positions(&self) -> Option<InvariantCheck> {
        let positions = self.positions.as_ref()?;
        let total = positions.total();
        let unbooked = total - self.nav as f64;
        let off = self.printed_off();
        let is_share =
            |(value, weight): (&f64, &Weight)| (value / total.max(1.0) - weight.current).abs() <= WEIGHT_DIGITS;
        let holds = (-off..1.0 + off).contains(&unbooked)
            && positions.values.len() == self.weights.len()
            && positions.values.iter().zip(&self.weights).all(is_share);
        let detail = format!("positions and cash come to {total} minor units, the portfolio's value is {}", self.nav);
        Some(InvariantCheck { check: "value_of_positions", holds, detail })
    }

    /// How far an amount may be from the one a printed weight stands for, minor units.
    fn printed_off(&self) -> f64 {
        0.01 + WEIGHT_DIGITS * self.nav as f64
    }

    fn cash_not_negative(&self) -> InvariantCheck {
        let detail = format!("cash after is {} minor units", self.cash_after);
        InvariantCheck { check: "cash_not_negative", holds: self.cash_after >= 0, detail }
    }

    fn costs_add_up(&self) -> InvariantCheck {
        let sum: i64 = self.trades.iter().map(|trade| trade.cost).sum();
        let holds = sum == self.total_cost && self.nav - sum == self.nav_after;
        let detail = format!("costs of {sum} minor units lead from {} to {}", self.nav, self.nav_after);
        InvariantCheck { check: "costs_add_up", holds, detail }
    }

    fn turnover_within_limit(&self) -> InvariantCheck {
        let traded: i64 = self.trades.iter().map(|trade| trade.value.abs()).sum();
        let used = traded as f64 / self.nav as f64;
        let holds = used <= self.turnover_limit + 1e-12 && (used - self.turnover_used).abs() <= 1e-11;
        let detail = format!("two-way turnover is {used}, the limit {}", self.turnover_limit);
        InvariantCheck { check: "turnover_within_limit", holds, detail }
    }

    fn nothing_oversold(&self) -> InvariantCheck {
        // Whole lots are sold at their value, which is rounded to a minor unit.
        let held = |i: usize| match &self.positions {
            Some(positions) => positions.values.get(i).map_or(0.0, |value| value + 0.5),
            None => self.weights[i].current * self.nav as f64,
        };
        let fits = |(i, trade): (usize, &Trade)| trade.value as f64 >= -held(i) - self.printed_off();
        let holds = self.trades.iter().enumerate().all(fits);
        InvariantCheck { check: "nothing_oversold", holds, detail: "no sale exceeds its position".to_owned() }
    }

    fn holds_are_empty(&self) -> InvariantCheck {
        let fits = |trade: &Trade| {
            trade.holds == (trade.value == 0) && (!trade.holds || (trade.cost == 0 && trade.units == 0.0))
        };
        let holds = self.trades.iter().all(fits);
        let detail = "a Hold has no value, units or cost, and only a Hold has none".to_owned();
        InvariantCheck { check: "holds_are_empty", holds, detail }
    }

    fn weights_add_up(&self) -> InvariantCheck {
        let sum = |weight: fn(&Weight) -> f64| self.weights.iter().map(weight).sum::<f64>();
        let rounding = 1e-12 * self.weights.len() as f64 + 1e-11;
        let minor_unit = 1.0 / self.nav_after.max(1) as f64;
        let scale = self.nav as f64 / self.nav_after.max(1) as f64;
        let follows = |(trade, weight): (&Trade, &Weight)| {
            let after = (weight.current + trade.value as f64 / self.nav as f64) * scale;
            (after - weight.after).abs() <= WEIGHT_DIGITS && weight.optimized >= 0.0
        };
        let moved = sum(|w| w.optimized) - sum(|w| w.target);
        let holds = (self.is_solved || moved.abs() <= rounding)
            && (sum(|w| w.current) + self.cash_weight_before - 1.0).abs() <= rounding
            && (sum(|w| w.after) + self.cash_weight_after - 1.0).abs() <= rounding + minor_unit
            && self.trades.iter().zip(&self.weights).all(follows);
        let detail = "weights and cash add up to one before and after, optimised weights to their targets".to_owned();
        InvariantCheck { check: "weights_add_up", holds, detail }
    }
}
