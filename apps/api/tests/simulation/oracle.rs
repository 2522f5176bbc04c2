//! What must hold, held against every answer and against what each new process finds.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::web::Bytes;
use chrono::{DateTime, Utc};
use engine::records::KEY_LIFETIME_SECONDS;
use engine::records::time::time_text;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::history::Ask;
use crate::service::Answer;

/// What does not hold.
pub(crate) type Outcome = Result<(), String>;

/// A request for a plan, and what is known of its plan.
#[derive(Debug)]
struct Attempt {
    ask: Ask,
    now: DateTime<Utc>,
    kept: Option<Kept>,
    /// Without an answer: its plan may be stored or not.
    open: bool,
    /// Housekeeping may have removed its key.
    key_gone: bool,
    /// Housekeeping may have erased its plan.
    may_be_erased: bool,
}

/// A plan somebody was told of: from now on it is there.
#[derive(Debug)]
struct Kept {
    plan_id: String,
    response: Bytes,
    erased: bool,
}

/// How things stood when an answer was given.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Situation {
    /// Something may fail.
    pub(crate) troubled: bool,
    /// Other requests were under way.
    pub(crate) crowded: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Oracle {
    bodies: Vec<Vec<u8>>,
    attempts: Vec<Attempt>,
    /// Hashes of the trail as far as it was seen.
    trail: Vec<String>,
    pub(crate) acknowledged: u64,
}

/// An entry of the trail, as far as it is looked at.
#[derive(Debug, Deserialize)]
pub(crate) struct Entry {
    sequence: u64,
    kind: String,
    plan_id: String,
    request_id: String,
    created_at: String,
    pub(crate) hash: String,
}

/// A plan in a list.
#[derive(Debug, Deserialize)]
pub(crate) struct Row {
    pub(crate) plan_id: String,
    sequence: u64,
    created_at: String,
    request_id: String,
}

#[derive(Debug, Deserialize)]
struct StoredPlan<'a> {
    #[serde(borrow)]
    request: &'a RawValue,
    #[serde(borrow)]
    response: &'a RawValue,
}

#[derive(Debug, Deserialize)]
struct Identified {
    metadata: Identity,
}

#[derive(Debug, Deserialize)]
struct Identity {
    request_id: String,
    plan_id: String,
}

/// The id a request is sent with.
pub(crate) fn request_id(attempt: usize) -> String {
    format!("attempt-{attempt:06}")
}

fn attempt_of(request_id: &str) -> Option<usize> {
    request_id.strip_prefix("attempt-")?.parse().ok()
}

impl Oracle {
    pub(crate) fn new(bodies: Vec<Vec<u8>>) -> Self {
        Self { bodies, ..Self::default() }
    }

    /// A request is sent; answers its number.
    pub(crate) fn sent(&mut self, ask: Ask, now: DateTime<Utc>) -> usize {
        let attempt = Attempt { ask, now, kept: None, open: true, key_gone: false, may_be_erased: false };
        self.attempts.push(attempt);
        self.attempts.len() - 1
    }

    /// A request is answered.
    pub(crate) fn answered(&mut self, number: usize, answer: &Answer, situation: Situation) -> Outcome {
        let Attempt { ask, now, .. } = self.attempts[number];
        let wrong = |what: &str| Err(format!("{} {ask:?} is answered {}: {what}", request_id(number), answer.status));
        let standing = ask.key.and_then(|key| self.standing(key, number, now));
        let maybe = ask.key.is_some_and(|key| self.may_stand(key, number, now));
        match answer.status {
            200 if answer.replayed => {
                let first = identify(&answer.body)?;
                let Some(found) = attempt_of(&first.request_id).filter(|&found| found < self.attempts.len()) else {
                    return wrong("nobody asked for that plan");
                };
                let asked = &self.attempts[found];
                if asked.ask.key != ask.key || asked.ask.body != ask.body {
                    return wrong("another request's answer");
                }
                if is_outlived(asked.now, now) {
                    return wrong("the key had run out");
                }
                if standing.is_some_and(|standing| standing != found) {
                    return wrong("another plan stands for the key");
                }
                self.attempts[number].open = false;
                self.told(found, &first.plan_id, &answer.body)
            }
            200 => {
                if ask.body == 0 {
                    return wrong("the body is wrong");
                }
                if let Some(standing) = standing {
                    return wrong(&format!("a second plan for its key, after {}", request_id(standing)));
                }
                let own = identify(&answer.body)?;
                if attempt_of(&own.request_id) != Some(number) {
                    return wrong("another request's plan");
                }
                if answer.location.as_deref() != Some(&format!("/api/plans/{}", own.plan_id)) {
                    return wrong("Location names another plan");
                }
                cash_is_exact(&self.bodies[ask.body], &answer.body)?;
                self.told(number, &own.plan_id, &answer.body)
            }
            400 if ask.body == 0 => self.refused(number),
            409 if situation.crowded && ask.key.is_some() => self.refused(number),
            422 if situation.crowded || maybe => self.refused(number),
            422 if standing.is_some_and(|standing| self.attempts[standing].ask.body != ask.body) => {
                self.refused(number)
            }
            // What failed may have been written all the same.
            503 if situation.troubled => Ok(()),
            _ => wrong(&format!("unexpected in {situation:?}: {}", String::from_utf8_lossy(&answer.body))),
        }
    }

    fn refused(&mut self, number: usize) -> Outcome {
        self.attempts[number].open = false;
        Ok(())
    }

    /// Somebody was told of the plan of an attempt.
    fn told(&mut self, number: usize, plan_id: &str, response: &Bytes) -> Outcome {
        let attempt = &mut self.attempts[number];
        attempt.open = false;
        match &attempt.kept {
            Some(kept) if kept.plan_id != plan_id => {
                Err(format!("{}: two plans, {} and {plan_id}", request_id(number), kept.plan_id))
            }
            Some(kept) if kept.response != response => {
                Err(format!("{}: the answer changed from\n{:?} to\n{response:?}", request_id(number), kept.response))
            }
            Some(_) => Ok(()),
            None => {
                self.acknowledged += 1;
                attempt.kept = Some(Kept { plan_id: plan_id.to_owned(), response: response.clone(), erased: false });
                Ok(())
            }
        }
    }

    /// The attempt before `number` whose plan stands for a key, when that is certain.
    fn standing(&self, key: u64, number: usize, now: DateTime<Utc>) -> Option<usize> {
        let mut earlier = self.attempts[..number].iter().enumerate().rev().filter(|(_, a)| a.ask.key == Some(key));
        let (last, attempt) = earlier.find(|(_, a)| a.kept.is_some() || (a.open && a.ask.body != 0))?;
        let certain = attempt.kept.as_ref().is_some_and(|kept| !kept.erased) && !attempt.key_gone;
        (certain && !attempt.may_be_erased && !is_outlived(attempt.now, now)).then_some(last)
    }

    /// Whether some plan that may be there may stand for a key.
    fn may_stand(&self, key: u64, number: usize, now: DateTime<Utc>) -> bool {
        let may = |a: &Attempt| {
            a.ask.key == Some(key) && !is_outlived(a.now, now) && (a.open || a.key_gone || a.may_be_erased)
        };
        self.attempts[..number].iter().any(may)
    }

    /// A round of housekeeping was begun.
    pub(crate) fn tidied(&mut self, now: DateTime<Utc>, retention_days: Option<u32>) {
        let limit = retention_days.map(|days| now - chrono::TimeDelta::days(days.into()));
        for attempt in &mut self.attempts {
            attempt.key_gone |= attempt.now.timestamp() < now.timestamp() - 2 * KEY_LIFETIME_SECONDS;
            attempt.may_be_erased |= limit.is_some_and(|limit| attempt.now < limit);
        }
    }

    /// Ids of plans that must be there, with the numbers of their bodies.
    pub(crate) fn certain(&self) -> Vec<(String, usize)> {
        let stays = |attempt: &Attempt| {
            let kept = attempt.kept.as_ref().filter(|kept| !kept.erased && !attempt.may_be_erased)?;
            Some((kept.plan_id.clone(), attempt.ask.body))
        };
        self.attempts.iter().filter_map(stays).collect()
    }

    /// A head was read: the trail goes at least as far as it was seen.
    pub(crate) fn head(&mut self, sequence: u64, hash: &str) -> Outcome {
        match self.trail.get((sequence as usize).wrapping_sub(1)) {
            Some(seen) if seen == hash => Ok(()),
            Some(seen) => Err(format!("entry {sequence} was {seen} and is {hash}")),
            None if (sequence as usize) < self.trail.len() => Err(format!("the trail was cut to {sequence}")),
            None => Ok(()),
        }
    }

    /// What a new process finds. Answers the plans that nobody was told of before.
    pub(crate) fn found(&mut self, entries: &[Entry], rows: &[Row]) -> Result<Vec<String>, String> {
        for (entry, sequence) in entries.iter().zip(1..) {
            if entry.sequence != sequence {
                return Err(format!("entry {sequence} is numbered {}", entry.sequence));
            }
        }
        if entries.len() < self.trail.len() {
            return Err(format!("{} entries were seen, {} are left", self.trail.len(), entries.len()));
        }
        for (seen, entry) in self.trail.iter().zip(entries) {
            if *seen != entry.hash {
                return Err(format!("entry {} was {seen} and is {}", entry.sequence, entry.hash));
            }
        }
        self.trail = entries.iter().map(|entry| entry.hash.clone()).collect();

        let mut created = BTreeMap::new();
        for entry in entries {
            if entry.kind == "plan_created" {
                created.insert(entry.plan_id.as_str(), entry);
            } else if created.remove(entry.plan_id.as_str()).is_none() {
                return Err(format!("entry {} erases what is not there", entry.sequence));
            }
        }
        let listed: BTreeSet<&str> = rows.iter().map(|row| row.plan_id.as_str()).collect();
        if rows.len() != created.len() || !created.keys().all(|plan_id| listed.contains(plan_id)) {
            return Err(format!("{} plans are recorded, {} are listed", created.len(), rows.len()));
        }
        if !rows.is_sorted_by(|a, b| a.sequence > b.sequence) {
            return Err("the list is not in the order of sequences".to_owned());
        }
        let mut by_attempt: BTreeMap<usize, &Row> = BTreeMap::new();
        for row in rows {
            let entry = created[row.plan_id.as_str()];
            let number = attempt_of(&row.request_id).filter(|&number| number < self.attempts.len());
            let Some(number) = number else { return Err(format!("nobody asked for {row:?}")) };
            if entry.sequence != row.sequence
                || entry.request_id != row.request_id
                || entry.created_at != row.created_at
            {
                return Err(format!("{row:?} is recorded as {entry:?}"));
            }
            if row.created_at != time_text(self.attempts[number].now) {
                return Err(format!("{row:?} was asked for at {}", self.attempts[number].now));
            }
            if by_attempt.insert(number, row).is_some() {
                return Err(format!("two plans of {}", request_id(number)));
            }
        }
        for (number, attempt) in self.attempts.iter_mut().enumerate() {
            if let Some(kept) = &mut attempt.kept {
                match by_attempt.get(&number) {
                    Some(row) if row.plan_id == kept.plan_id => {}
                    None if attempt.may_be_erased => kept.erased = true,
                    _ => return Err(format!("the plan of {} was acknowledged and is lost", request_id(number))),
                }
            }
            attempt.open = false;
        }
        self.one_plan_for_each_key(&by_attempt)?;
        let unknown = by_attempt.iter().filter(|(number, _)| self.attempts[**number].kept.is_none());
        Ok(unknown.map(|(_, row)| row.plan_id.clone()).collect())
    }

    /// Two plans of one key: only when the first had run out, or was tidied away.
    fn one_plan_for_each_key(&self, by_attempt: &BTreeMap<usize, &Row>) -> Outcome {
        let mut last: BTreeMap<u64, (u64, usize)> = BTreeMap::new();
        let mut in_order: Vec<_> = by_attempt.iter().map(|(&number, row)| (row.sequence, number)).collect();
        in_order.sort_unstable();
        for (sequence, number) in in_order {
            let attempt = &self.attempts[number];
            let Some(key) = attempt.ask.key else { continue };
            if let Some((_, before)) = last.insert(key, (sequence, number)) {
                let first = &self.attempts[before];
                if !first.key_gone && !first.may_be_erased && !is_outlived(first.now, attempt.now) {
                    return Err(format!(
                        "key {key} has the plans of {} and {}",
                        request_id(before),
                        request_id(number)
                    ));
                }
            }
        }
        Ok(())
    }

    /// A stored plan is read: what was asked and answered, to the byte.
    pub(crate) fn read(&mut self, plan_id: &str, answer: &Answer) -> Outcome {
        let wrong = |what: &str| Err(format!("reading {plan_id}: {what} ({})", answer.status));
        let Ok(stored) = serde_json::from_slice::<StoredPlan<'_>>(&answer.body) else { return wrong("it is no plan") };
        let response = Bytes::copy_from_slice(stored.response.get().as_bytes());
        let own = identify(&response)?;
        let Some(number) = attempt_of(&own.request_id).filter(|&number| number < self.attempts.len()) else {
            return wrong("nobody asked for it");
        };
        let sent = &self.bodies[self.attempts[number].ask.body];
        if own.plan_id != plan_id || stored.request.get().as_bytes() != sent.as_slice() {
            return wrong("it is another request's");
        }
        cash_is_exact(sent, &response)?;
        self.told(number, plan_id, &response)
    }
}

fn is_outlived(kept: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now.timestamp() - kept.timestamp() > KEY_LIFETIME_SECONDS
}

fn identify(body: &[u8]) -> Result<Identity, String> {
    let read = serde_json::from_slice::<Identified>(body).map_err(|error| format!("an answer is no plan: {error}"))?;
    Ok(read.metadata)
}

/// A request as far as its cash is concerned.
#[derive(Debug, Deserialize)]
struct AskedFor {
    portfolio_value: f64,
}

/// An answer as far as its cash is concerned.
#[derive(Debug, Deserialize)]
struct Booked {
    currency: String,
    trades: Vec<BookedTrade>,
    cash: BookedCash,
    value_after: f64,
}

#[derive(Debug, Deserialize)]
struct BookedTrade {
    signed_trade_value: f64,
    estimated_cost: f64,
}

#[derive(Debug, Deserialize)]
struct BookedCash {
    weight_before: f64,
    value_after: f64,
}

/// Σ trades + Σ costs + Δcash = 0 in whole minor units, from the documents alone.
fn cash_is_exact(request: &[u8], answer: &[u8]) -> Outcome {
    let unreadable = |error: serde_json::Error| error.to_string();
    let request: AskedFor = serde_json::from_slice(request).map_err(unreadable)?;
    let answer: Booked = serde_json::from_slice(answer).map_err(unreadable)?;
    let digits = match answer.currency.as_str() {
        "JPY" => 0,
        "KWD" => 3,
        _ => 2,
    };
    let scale = 10_f64.powi(digits);
    let minor = |value: f64| {
        let scaled = value * scale;
        if (scaled - scaled.round()).abs() < 1e-4 {
            Ok(scaled.round() as i64)
        } else {
            Err(format!("{value} has a fraction"))
        }
    };
    let nav = request.portfolio_value * scale;
    let nav = if (nav - nav.round()).abs() < 1e-6 { nav.round() } else { nav.floor() } as i64;
    let (mut traded, mut costs) = (0, 0);
    for trade in &answer.trades {
        traded += minor(trade.signed_trade_value)?;
        costs += minor(trade.estimated_cost)?;
    }
    let cash_after = minor(answer.cash.value_after)?;
    let cash_before = traded + costs + cash_after;
    // Cash before is what the weights leave of the value, less the fraction of a minor unit that is not booked.
    let left = answer.cash.weight_before * nav as f64;
    let fits = if left == 0.0 { cash_before == 0 } else { (-0.01..1.01).contains(&(left - cash_before as f64)) };
    let value_after = minor(answer.value_after)?;
    if fits && cash_after >= 0 && value_after == nav - costs {
        return Ok(());
    }
    Err(format!("cash: {traded} traded, {costs} costs, {cash_after} left of {left}, {value_after} after {nav}"))
}
