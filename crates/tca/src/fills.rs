//! Fills and cancels of orders from events that may arrive in any order and repeatedly, and may be corrected or busted.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use orders::Decimal;
use portfolio_core::Money;

use crate::Execution;

/// A report from a broker.
#[derive(Debug, Clone, PartialEq)]
pub struct FillEvent {
    /// Name of the event, unique at the broker.
    pub id: String,
    /// When it happened; of two corrections of one fill the later one applies.
    pub time: DateTime<Utc>,
    /// Its content.
    pub change: FillChange,
}

/// What an event reports about a fill.
#[derive(Debug, Clone, PartialEq)]
pub enum FillChange {
    /// An order was filled, fully or partly.
    New {
        /// Name of the order.
        order: String,
        /// How much at which price.
        execution: Execution,
        /// Fees charged by the broker.
        fees: Money,
    },
    /// A fill was reported wrongly. The reference is the fill, or an earlier correction of it.
    Correct {
        /// The event that is corrected.
        of: String,
        /// The correct quantity and price.
        execution: Execution,
        /// Fees charged by the broker.
        fees: Money,
    },
    /// An order was cancelled at this time: what was open of it will not be filled.
    Cancel {
        /// Name of the order.
        order: String,
    },
    /// A fill or a cancel did not happen. The reference is the event, or a correction of the fill. No correction
    /// reinstates it.
    Bust {
        /// The event that is busted.
        of: String,
    },
}

impl FillChange {
    fn refers_to(&self) -> Option<&str> {
        match self {
            Self::New { .. } | Self::Cancel { .. } => None,
            Self::Correct { of, .. } | Self::Bust { of } => Some(of),
        }
    }
}

/// A fill in force.
#[derive(Debug, Clone, PartialEq)]
pub struct Fill {
    /// The event that reported it first.
    pub id: String,
    /// When it was reported first.
    pub time: DateTime<Utc>,
    /// Quantity and price, as last corrected.
    pub execution: Execution,
    /// What the broker charged, as last corrected.
    pub fees: Money,
}

/// A cancel in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderCancel {
    /// The event that reported it.
    pub id: String,
    /// When the order was cancelled.
    pub time: DateTime<Utc>,
    /// The fills in force that happened later, by name.
    pub late_fills: Vec<String>,
}

/// Faults of the events. Flagged events do not count, except for an overfill, which is counted as reported.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FillFlag {
    /// Two events with the same name differ.
    Conflict {
        /// The name.
        id: String,
    },
    /// An event refers to one that has not been reported, or a correction to a cancel.
    Orphan {
        /// The event.
        id: String,
    },
    /// A fill or a cancel names an order that does not exist.
    UnknownOrder {
        /// The fill or the cancel.
        id: String,
        /// The order it names.
        order: String,
    },
    /// The fills of an order add up to more than the order.
    Overfill {
        /// The order.
        order: String,
    },
}

/// The fills and cancels in force, by order, and the faults of the events.
#[derive(Debug, Clone, PartialEq)]
pub struct Settlement {
    /// Fills of every order, by time and then by name.
    pub fills: BTreeMap<String, Vec<Fill>>,
    /// The cancel of every order that was cancelled; the earliest of several. Fills that happened after it count like others, since the
    /// broker made them.
    pub cancels: BTreeMap<String, OrderCancel>,
    /// The faults, sorted.
    pub flags: BTreeSet<FillFlag>,
}

/// The fills and cancels in force after `events`. The result depends only on the set of events, not on their order or on
/// repetitions.
///
/// `orders` holds the quantity of each order by name.
#[must_use]
pub fn settle(orders: &BTreeMap<String, Decimal>, events: &[FillEvent]) -> Settlement {
    let mut flags = BTreeSet::new();
    let known = distinct(events, &mut flags);
    let (mut standing, mut busted) = (BTreeMap::<&str, &FillEvent>::new(), BTreeSet::new());
    for event in known.values() {
        let Some(root) = root(event, &known) else {
            flags.insert(FillFlag::Orphan { id: event.id.clone() });
            continue;
        };
        match event.change {
            FillChange::Bust { .. } => {
                busted.insert(root);
                continue;
            }
            // A cancel has neither quantity nor price to correct.
            FillChange::Correct { .. } if known.get(root).is_some_and(|first| first.cancelled_order().is_some()) => {
                flags.insert(FillFlag::Orphan { id: event.id.clone() });
                continue;
            }
            _ => {}
        }
        let latest = standing.entry(root).or_insert(event);
        if rank(event) > rank(latest) {
            *latest = event;
        }
    }
    let mut fills: BTreeMap<String, Vec<Fill>> = orders.keys().map(|order| (order.clone(), Vec::new())).collect();
    let mut cancels = BTreeMap::<String, OrderCancel>::new();
    for (root, event) in &standing {
        let Some(first) = known.get(root) else { continue };
        if let Some(order) = first.cancelled_order() {
            if !orders.contains_key(order) {
                flags.insert(FillFlag::UnknownOrder { id: first.id.clone(), order: order.to_owned() });
            } else if !busted.contains(root) {
                let cancel = OrderCancel { id: first.id.clone(), time: first.time, late_fills: Vec::new() };
                let earliest = cancels.entry(order.to_owned()).or_insert_with(|| cancel.clone());
                if (cancel.time, &cancel.id) < (earliest.time, &earliest.id) {
                    *earliest = cancel;
                }
            }
            continue;
        }
        let FillChange::New { order, .. } = &first.change else { continue };
        let Some(list) = fills.get_mut(order) else {
            flags.insert(FillFlag::UnknownOrder { id: first.id.clone(), order: order.clone() });
            continue;
        };
        if busted.contains(root) {
            continue;
        }
        if let FillChange::New { execution, fees, .. } | FillChange::Correct { execution, fees, .. } = &event.change {
            list.push(Fill { id: first.id.clone(), time: first.time, execution: *execution, fees: *fees });
        }
    }
    for (order, list) in &mut fills {
        list.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
        if orders.get(order).is_some_and(|ordered| exceeds(list, *ordered)) {
            flags.insert(FillFlag::Overfill { order: order.clone() });
        }
        if let Some(cancel) = cancels.get_mut(order) {
            let late = list.iter().filter(|fill| fill.time > cancel.time);
            cancel.late_fills = late.map(|fill| fill.id.clone()).collect();
        }
    }
    Settlement { fills, cancels, flags }
}

impl FillEvent {
    /// The order that the event cancels.
    fn cancelled_order(&self) -> Option<&str> {
        match &self.change {
            FillChange::Cancel { order } => Some(order),
            _ => None,
        }
    }
}

/// A correction counts as later than the fill whatever its time, and names break ties.
fn rank(event: &FillEvent) -> (bool, DateTime<Utc>, &str) {
    (event.change.refers_to().is_some(), event.time, &event.id)
}

/// Events by name; events that contradict each other are left out, whichever came first.
fn distinct<'a>(events: &'a [FillEvent], flags: &mut BTreeSet<FillFlag>) -> BTreeMap<&'a str, &'a FillEvent> {
    let mut known = BTreeMap::<&str, &FillEvent>::new();
    for event in events {
        if *known.entry(&event.id).or_insert(event) != event {
            flags.insert(FillFlag::Conflict { id: event.id.clone() });
        }
    }
    known.retain(|id, _| !flags.contains(&FillFlag::Conflict { id: (*id).to_owned() }));
    known
}

/// The fill or cancel to which an event refers; `None` when the references lead elsewhere or form a cycle.
fn root<'a>(event: &'a FillEvent, known: &BTreeMap<&'a str, &'a FillEvent>) -> Option<&'a str> {
    let mut at = event;
    for _ in 0..=known.len() {
        match at.change.refers_to() {
            None => return Some(&at.id),
            Some(of) => at = known.get(of)?,
        }
    }
    None
}

/// Whether fills add up to more than the order, in units of 10⁻¹⁸; a sum beyond 128 bits counts as more.
fn exceeds(fills: &[Fill], ordered: Decimal) -> bool {
    let units = |number: Decimal| {
        let unit = 10_u128.checked_pow(u32::from(18_u8.saturating_sub(number.decimals())))?;
        u128::from(number.digits()).checked_mul(unit)
    };
    let filled = fills.iter().try_fold(0_u128, |sum, fill| sum.checked_add(units(fill.execution.quantity)?));
    match (filled, units(ordered)) {
        (Some(filled), Some(ordered)) => filled > ordered,
        _ => true,
    }
}
