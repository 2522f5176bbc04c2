//! Reports of what no market can have done: refused, so that a misplaced decimal point does not become the next book.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use orders::Decimal;
use tca::{Fill, FillChange, FillEvent, Settlement};

use super::after::major;
use crate::control::steps::ExportedOrder;
use crate::dto::fills::PlanFillsRequest;
use crate::dto::warning::PlanWarning;
use crate::dto::warning_code::WarningCode;
use crate::fault::Faults;
use crate::fault_code::FaultCode;
use crate::refusal::Refusal;

/// A price more than this many times above or below the plan's is refused.
const REFUSED_RATIO: f64 = 10.0;
/// A fill this far ahead of the clock is refused; less than that is a broker that writes its local time as UTC.
const AHEAD: TimeDelta = TimeDelta::hours(24);
/// Fees may exceed the value of a fill by this much, minor units: small fills have a minimum commission.
const LEAST_FEES: i64 = 10_000;

/// A report as it is judged.
pub(super) struct Told<'a> {
    /// The report.
    pub(super) report: &'a PlanFillsRequest,
    /// What of it is new.
    pub(super) news: &'a PlanFillsRequest,
    /// Every event, those of the report among them.
    pub(super) events: &'a [FillEvent],
    /// What stands of them.
    pub(super) settlement: &'a Settlement,
    /// The orders that left.
    pub(super) orders: &'a [ExportedOrder],
    /// When they left.
    pub(super) left_at: Option<DateTime<Utc>>,
}

impl Told<'_> {
    /// Refuses implausible prices, fees and times, and names what is only doubtful. It judges the fills that stand after the report, so a
    /// fill that the same report corrects or takes back does no harm, and what was kept before stays readable. A figure that stands because
    /// of an event that was kept before, such as a correction that came ahead of its fill, is only doubtful: no new report could mend it.
    ///
    /// # Errors
    /// The faults, each at the event or benchmark that is new.
    pub(super) fn check(&self, now: DateTime<Utc>) -> Result<Vec<PlanWarning>, Refusal> {
        let (mut faults, mut warnings) = (Faults::default(), Vec::new());
        let new: BTreeSet<&str> = self.news.fills.iter().map(|event| event.fill_id.as_str()).collect();
        let by_id: BTreeMap<&str, &FillEvent> = self.events.iter().map(|event| (event.id.as_str(), event)).collect();
        let standing: BTreeMap<&str, (&str, &Fill)> = self
            .settlement
            .fills
            .iter()
            .flat_map(|(order, fills)| fills.iter().map(move |fill| (fill.id.as_str(), (order.as_str(), fill))))
            .collect();
        for (i, event) in self.report.fills.iter().enumerate().filter(|(_, event)| new.contains(event.fill_id.as_str()))
        {
            let at = format!("/fills/{i}");
            let time = event.executed_at;
            if time < DateTime::UNIX_EPOCH || time > now + AHEAD {
                let detail = "must not be before 1970 or more than 24 hours after this request";
                faults.add(format!("{at}/executed_at"), FaultCode::Range, detail);
            } else if self.left_at.is_some_and(|left| time < left) {
                warnings.push(PlanWarning {
                    code: WarningCode::ImplausibleInput,
                    pointer: format!("{at}/executed_at"),
                    detail: "is before the orders of the plan left".to_owned(),
                });
            }
            let Some((order, fill)) = root(&event.fill_id, &by_id).and_then(|root| standing.get(root)) else {
                continue;
            };
            let Some(order) = self.orders.iter().find(|own| own.id == *order) else { continue };
            let filled = fill.execution.quantity;
            if is_whole(order.quantity()?) && !is_whole(filled) {
                warnings.push(PlanWarning {
                    code: WarningCode::ImplausibleInput,
                    pointer: format!("{at}/quantity"),
                    detail: format!("{filled} is no whole number of units, and its order is for whole units"),
                });
            }
            let (price, reference) = (major(fill.execution.price), major(order.reference_price()?));
            let mut found = |name: &str, is_sent: bool, detail: String| {
                if is_sent {
                    faults.add(format!("{at}/{name}"), FaultCode::Range, detail);
                } else {
                    warnings.push(PlanWarning { code: WarningCode::ImplausibleInput, pointer: at.clone(), detail });
                }
            };
            if is_far(price, reference) {
                let is_sent = event.price.is_some_and(|sent| (sent - price).abs() <= 1e-9 * price.abs());
                found("price", is_sent, far(price, reference));
            }
            let minor = fill.fees.currency().minor_per_major();
            let value = major(fill.execution.quantity) * price * minor;
            if (fill.fees.minor().saturating_abs().saturating_sub(LEAST_FEES)) as f64 > value {
                let is_sent = event.fees.is_some_and(|sent| (sent * minor).round() as i64 == fill.fees.minor());
                let most = LEAST_FEES as f64 / minor;
                found("fees", is_sent, format!("must not exceed the value of the fill by more than {most}"));
            }
        }
        self.check_benchmarks(&mut faults)?;
        if faults.is_empty() { Ok(warnings) } else { Err(Refusal::Invalid(faults.into_vec())) }
    }

    fn check_benchmarks(&self, faults: &mut Faults) -> Result<(), Refusal> {
        let new = self.news.benchmarks.as_deref().unwrap_or_default();
        for (i, benchmark) in self.report.benchmarks.iter().flatten().enumerate() {
            let own = |order: &&ExportedOrder| order.id == benchmark.client_order_id;
            let Some(order) = self.orders.iter().find(own).filter(|_| new.contains(benchmark)) else { continue };
            let reference = major(order.reference_price()?);
            let prices = [
                ("arrival_price", benchmark.arrival_price),
                ("end_price", benchmark.end_price),
                ("vwap", benchmark.vwap),
            ];
            for (name, price) in prices {
                if let Some(price) = price.filter(|price| is_far(*price, reference)) {
                    faults.add(format!("/benchmarks/{i}/{name}"), FaultCode::Range, far(price, reference));
                }
            }
            if benchmark.half_spread.is_some_and(|half| half > reference) {
                let detail = format!("must not be above the plan's price {reference}");
                faults.add(format!("/benchmarks/{i}/half_spread"), FaultCode::Range, detail);
            }
        }
        Ok(())
    }
}

/// Whether a quantity is a whole number of units.
fn is_whole(quantity: Decimal) -> bool {
    quantity.digits().is_multiple_of(10_u64.pow(u32::from(quantity.decimals())))
}

/// Whether a price is implausible beside the plan's.
fn is_far(price: f64, reference: f64) -> bool {
    !(price * REFUSED_RATIO >= reference && price <= reference * REFUSED_RATIO)
}

fn far(price: f64, reference: f64) -> String {
    format!("{price} is more than a factor of {REFUSED_RATIO} from the plan's price {reference}")
}

/// The fill that an event is about.
fn root<'a>(id: &'a str, by_id: &BTreeMap<&'a str, &'a FillEvent>) -> Option<&'a str> {
    let mut at = id;
    for _ in 0..=by_id.len() {
        match &by_id.get(at)?.change {
            FillChange::New { .. } => return Some(at),
            FillChange::Cancel { .. } => return None,
            FillChange::Correct { of, .. } | FillChange::Bust { of } => at = of,
        }
    }
    None
}
