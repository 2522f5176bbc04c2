//! What happens to a service, made up from a seed.

use serde_json::{Value, json};

use crate::chance::Chance;
use crate::disk::Fault;

/// Bodies a history sends; the first is refused.
const BODIES: u64 = 6;
/// Keys it uses, few enough to meet again.
const KEYS: u64 = 5;

/// One request for a plan.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask {
    /// Which body.
    pub(crate) body: usize,
    /// Which `Idempotency-Key`, if any.
    pub(crate) key: Option<u64>,
    /// Whether the client hangs up before the answer.
    pub(crate) hangs_up: bool,
}

/// How a process ends that is not asked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loss {
    /// Killed: the next one finds all that was written.
    Process,
    /// The power failed: the next one finds what was synced, and any part of the rest.
    Power,
}

/// A question about what is stored.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Look {
    /// Read an answered plan; the number picks one.
    Plan(u64),
    List,
    Verify,
    Head,
    Proof(u64),
}

#[derive(Debug, Clone)]
pub(crate) enum Step {
    Ask(Ask),
    /// Requests that wait together while one transaction is held up. `late` come when clients have hung up.
    Crowd {
        first: Ask,
        then: Vec<Ask>,
        late: Vec<Ask>,
    },
    /// The process ends after so many operations of its disk, at the latest after the requests.
    Crash {
        loss: Loss,
        after: u64,
        asks: Vec<Ask>,
        start: Start,
    },
    /// The process is asked to stop, and starts again.
    Restart {
        start: Start,
    },
    /// The process ends while it stops.
    CrashInStop {
        loss: Loss,
        after: u64,
        start: Start,
    },
    Break {
        fault: Fault,
        after: u64,
    },
    Heal,
    /// The clock jumps by so many seconds.
    Jump(i64),
    Look(Look),
    /// A round of housekeeping.
    Tidy,
}

/// How the next process starts: it may end so many operations later, several times over.
#[derive(Debug, Clone, Default)]
pub(crate) struct Start {
    pub(crate) ends: Vec<(Loss, u64)>,
}

pub(crate) struct History {
    pub(crate) steps: Vec<Step>,
    pub(crate) bodies: Vec<Vec<u8>>,
    pub(crate) retention_days: Option<u32>,
    /// For what the steps leave open: ids, and what a power loss spares.
    pub(crate) rest: Chance,
}

impl History {
    pub(crate) fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let bodies = (0..BODIES).map(|number| body(number, &mut chance)).collect();
        // A log of SQLite is moved into the database at 1000 pages: some histories get there.
        let length = if chance.once_in(100) { 180 } else { 12 + chance.below(30) };
        let retention_days = chance.once_in(3).then_some(30);
        let steps = (0..length).map(|number| step(number, &mut chance)).collect();
        Self { steps, bodies, retention_days, rest: chance.fork() }
    }
}

fn step(number: u64, chance: &mut Chance) -> Step {
    match chance.below(100) {
        0..46 => Step::Ask(ask(chance)),
        46..56 => crowd(number, chance),
        56..64 => Step::Crash {
            loss: loss(chance),
            after: chance.below(40),
            asks: (0..chance.below(4)).map(|_| ask(chance)).collect(),
            start: start(chance),
        },
        64..68 => Step::Restart { start: start(chance) },
        68..70 => Step::CrashInStop { loss: loss(chance), after: chance.below(60), start: start(chance) },
        70..76 => {
            let fault = [Fault::Full, Fault::Write, Fault::Sync, Fault::ForeignLock][chance.below(4) as usize];
            Step::Break { fault, after: chance.below(20) }
        }
        76..82 => Step::Heal,
        82..88 => {
            const DAY: i64 = 86_400;
            let jumps = [-2 * DAY, 400 * DAY, -3600, 1, 60, 3600, DAY - 1, DAY, DAY + 1, 3 * DAY];
            Step::Jump(jumps[chance.below(jumps.len() as u64) as usize])
        }
        88..97 => Step::Look(match chance.below(6) {
            0 => Look::List,
            1 => Look::Verify,
            2 => Look::Head,
            3 => Look::Proof(chance.next()),
            _ => Look::Plan(chance.next()),
        }),
        _ => Step::Tidy,
    }
}

fn ask(chance: &mut Chance) -> Ask {
    let body = if chance.once_in(12) { 0 } else { 1 + chance.below(BODIES - 1) } as usize;
    // Most keys come with the body they came with before.
    let key = chance.once_in(2).then(|| chance.below(KEYS));
    let body = match key {
        Some(key) if !chance.once_in(5) => 1 + (key % (BODIES - 1)) as usize,
        _ => body,
    };
    Ask { body, key, hangs_up: false }
}

fn crowd(number: u64, chance: &mut Chance) -> Step {
    let impatient = |chance: &mut Chance, ask: Ask| Ask { hangs_up: chance.once_in(4), ..ask };
    // Surely a new plan, so that its transaction is the one that is held up.
    let own = Ask { body: 1, key: Some(1000 + number), hangs_up: chance.once_in(3) };
    let mut then: Vec<Ask> = Vec::new();
    for _ in 0..1 + chance.below(5) {
        // Now and then the very request before.
        let next = match then.last() {
            Some(&last) if chance.once_in(3) => last,
            _ => ask(chance),
        };
        then.push(impatient(chance, next));
    }
    // Those who hung up come again, now and then with another body under the same key.
    let mut late: Vec<Ask> = then.iter().copied().chain([own]).filter(|ask| ask.hangs_up).collect();
    for ask in &mut late {
        ask.hangs_up = false;
        if chance.once_in(3) {
            ask.body = 1 + chance.below(BODIES - 1) as usize;
        }
    }
    Step::Crowd { first: own, then, late }
}

fn loss(chance: &mut Chance) -> Loss {
    if chance.once_in(2) { Loss::Process } else { Loss::Power }
}

fn start(chance: &mut Chance) -> Start {
    let mut start = Start::default();
    while chance.once_in(4) {
        start.ends.push((loss(chance), chance.below(30)));
    }
    start
}

/// A random portfolio, or a refused one.
fn body(number: u64, chance: &mut Chance) -> Vec<u8> {
    let round = |x: f64, digits: i32| (x * 10_f64.powi(digits)).round() / 10_f64.powi(digits);
    let count = 2 + chance.below(3);
    let fully = chance.once_in(2);
    let periods = [0, 5, 40][chance.below(3) as usize];
    let assets: Vec<Value> = (0..count)
        .map(|i| {
            // All shares together are less than one: the rest is cash.
            let share = |chance: &mut Chance| round(0.99 * chance.fraction() / count as f64, 4);
            let returns: Vec<f64> = (0..periods).map(|_| round(0.03 * chance.fraction() - 0.0148, 6)).collect();
            let mut asset = json!({
                "asset": format!("Asset {i}"),
                "target_weight": share(chance) + 0.0001,
                "current_weight": share(chance),
                "price": round(chance.fraction() * 300.0 + 0.5, 2),
                "market_return": round(0.02 * chance.fraction() - 0.01, 4),
            });
            if periods > 0 {
                asset["historical_returns"] = json!(returns);
            }
            if chance.once_in(2) {
                asset["transaction_cost_bps"] = json!(round(chance.fraction() * 50.0, 1));
            }
            asset
        })
        .collect();
    let currency = ["USD", "EUR", "JPY", "KWD"][chance.below(4) as usize];
    let mut portfolio = json!({
        "name": format!("Book {number}"),
        "portfolio_value": round(1000.0 + chance.fraction() * 1e6, 2),
        "currency": currency,
        "drift_threshold": round(chance.fraction() * 0.03, 3),
        "turnover_limit": round(0.05 + chance.fraction() * 0.9, 2),
        "weight_policy": if fully { "normalize" } else { "cash_remainder" },
        "monte_carlo": { "paths": if chance.once_in(3) { 8 } else { 0 }, "horizon_days": 5, "seed": chance.below(1000) },
        "assets": assets,
    });
    if number == 0 {
        portfolio["turnover_limit"] = json!(-1);
    }
    // The bytes are kept as they were sent, spaces included.
    let text =
        if chance.once_in(2) { serde_json::to_string_pretty(&portfolio) } else { serde_json::to_string(&portfolio) };
    text.unwrap_or_default().into_bytes()
}
