//! Whether the policy of a request trades on its trade date.

use portfolio_core::bands::calendar::{EveryDay, Sessions, Weekdays, Xnys};
use portfolio_core::bands::footprint::Staggering;
use portfolio_core::bands::timing::{Cooldown, DueReason, Looks, Persistence, Schedule, Timing, Trigger};
use portfolio_core::{BandBreaches, Intent, NaiveDate, TradeScope, TradingRules};

use crate::dto::portfolio::RebalanceRequest;
use crate::dto::trigger::{DueReasonName, ExchangeName, TriggerEntry, TriggerRequest};
use crate::fault::Fault;
use crate::fault_code::FaultCode;

/// Judges the trigger of a request, and marks the rules where the day is one on which everything trades; `None` without a trigger.
///
/// # Errors
/// Histories too short for the persistence that is asked for, and a trigger whose parts contradict each other.
pub(super) fn judged(
    request: &RebalanceRequest,
    rules: &mut TradingRules,
    current: &[f64],
    target: &[f64],
) -> Result<Option<TriggerEntry>, Vec<Fault>> {
    let (Some(trigger), Some(today)) = (&request.trigger, request.trade_day()) else { return Ok(None) };
    let fault = |e: portfolio_core::CoreError| vec![Fault::in_body("/trigger", FaultCode::Value, e.to_string())];
    let sessions = sessions_of(trigger);
    let timing = timing_of(trigger);
    timing.check().map_err(fault)?;
    let is_breached = |weights: &[f64]| BandBreaches::of(rules, weights, target).map(|breaches| breaches.any());
    let breaches = if is_breached(current).map_err(fault)? {
        let row = Row { request, trigger, today, sessions: sessions.as_ref() };
        row.breaches(current, |weights| is_breached(weights).unwrap_or(false))?
    } else {
        vec![false]
    };
    let looks = Looks { today, last_trade: trigger.last_rebalance, breaches: &breaches };
    let due = timing.due(&looks, sessions.as_ref());
    let is_flow = matches!(rules.intent, Intent::InvestCash { .. } | Intent::RaiseCash { .. } | Intent::Liquidate);
    let is_scheduled = matches!(due.reason, DueReason::Scheduled | DueReason::ScheduledBreach);
    rules.is_scheduled = is_scheduled && matches!(timing.trigger, Trigger::Calendar | Trigger::Either);
    let in_a_row = breaches.iter().rev().take_while(|breach| **breach).count();
    let plain = TriggerEntry {
        kind: trigger.kind,
        is_due: due.is_due,
        reason: name_of(due.reason),
        next_due_on: due.next,
        breach_days: u32::try_from(in_a_row).unwrap_or(u32::MAX),
        due_on: None,
    };
    Ok(Some(match trigger.staggering {
        _ if is_flow => TriggerEntry { is_due: true, reason: DueReasonName::NotHeldBack, ..plain },
        Some(staggering) => {
            let staggered = Staggered {
                trigger,
                timing: &timing,
                today,
                sessions: sessions.as_ref(),
                draws: staggering.staggering(),
            };
            staggered.judged(plain, rules)?
        }
        None => plain,
    }))
}

/// A trigger whose trades are moved by chance.
struct Staggered<'a> {
    trigger: &'a TriggerRequest,
    timing: &'a Timing,
    today: NaiveDate,
    sessions: &'a dyn Sessions,
    draws: Staggering,
}

impl Staggered<'_> {
    /// The judgement of a plan without staggering, moved to the day that is drawn; the rules get the destination of that day.
    fn judged(&self, plain: TriggerEntry, rules: &mut TradingRules) -> Result<TriggerEntry, Vec<Fault>> {
        let due_on = match self.trigger.due_on {
            Some(day) if !self.sessions.is_session(day) => {
                return Err(vec![Fault::in_body("/trigger/due_on", FaultCode::Value, "is no session of the calendar")]);
            }
            Some(day) => day,
            None if plain.is_due => self.today,
            None => return Ok(plain),
        };
        let trade = self.draws.trade(due_on, rules.destination, self.sessions);
        let entry = TriggerEntry { due_on: Some(due_on), ..plain };
        if trade.on.is_none_or(|day| day > self.today) {
            let reason = DueReasonName::AwaitsDrawnDay;
            return Ok(TriggerEntry { is_due: false, reason, next_due_on: trade.on, ..entry });
        }
        if !self.sessions.is_session(self.today) {
            let next_due_on = self.sessions.next_session(self.today);
            return Ok(TriggerEntry { is_due: false, reason: DueReasonName::NoSession, next_due_on, ..entry });
        }
        rules.destination = trade.kappa;
        if due_on == self.today {
            return Ok(entry);
        }
        // The whole book is traded as on the day on which it was due, whatever has come back since.
        let was_scheduled = self.timing.schedule.as_ref().is_some_and(|days| days.includes(due_on, self.sessions));
        rules.is_scheduled = rules.scope == TradeScope::Whole
            || was_scheduled && matches!(self.timing.trigger, Trigger::Calendar | Trigger::Either);
        // A trade today starts the cooldown.
        let traded = Looks { today: self.today, last_trade: Some(self.today), breaches: &[] };
        let next_due_on = self.timing.due(&traded, self.sessions).next;
        Ok(TriggerEntry { is_due: true, reason: DueReasonName::DrawnDay, next_due_on, ..entry })
    }
}

fn sessions_of(trigger: &TriggerRequest) -> Box<dyn Sessions> {
    match trigger.calendar.map(|calendar| calendar.exchange) {
        None => Box::new(EveryDay),
        Some(ExchangeName::Xnys) => Box::new(Xnys),
        Some(ExchangeName::Weekdays) => Box::new(Weekdays::default()),
    }
}

fn timing_of(trigger: &TriggerRequest) -> Timing {
    let plain = Timing::default();
    let whole = |days: Option<u64>, default| days.map_or(default, |days| u32::try_from(days).unwrap_or(u32::MAX));
    let every = trigger.calendar.and_then(|calendar| calendar.every).map(Schedule::from);
    Timing {
        trigger: trigger.kind.into(),
        schedule: trigger.days.clone().map(Schedule::Days).or(every),
        cooldown: Cooldown { days: whole(trigger.cooldown_days, plain.cooldown.days) },
        persistence: Persistence { looks: whole(trigger.persistence_days, plain.persistence.looks) },
    }
}

fn name_of(reason: DueReason) -> DueReasonName {
    match reason {
        DueReason::Breach => DueReasonName::Breach,
        DueReason::Scheduled => DueReasonName::Scheduled,
        DueReason::ScheduledBreach => DueReasonName::ScheduledBreach,
        DueReason::NoSession => DueReasonName::NoSession,
        DueReason::Cooldown { .. } => DueReasonName::Cooldown,
        DueReason::InsideBands => DueReasonName::InsideBands,
        DueReason::BreachTooShort { .. } => DueReasonName::BreachTooShort,
        _ => DueReasonName::NotScheduled,
    }
}

/// What the sessions up to the trade date saw.
struct Row<'a> {
    request: &'a RebalanceRequest,
    trigger: &'a TriggerRequest,
    today: NaiveDate,
    sessions: &'a dyn Sessions,
}

impl Row<'_> {
    /// Whether each recent session saw a breach, oldest first; the last one, that of the trade date, did.
    fn breaches(&self, current: &[f64], is_breached: impl Fn(&[f64]) -> bool) -> Result<Vec<bool>, Vec<Fault>> {
        let needed = timing_of(self.trigger).persistence.looks as usize;
        if needed <= 1 {
            return Ok(vec![true]);
        }
        if let Some(since) = self.trigger.breached_since {
            return Ok(vec![true; self.sessions_from(since, needed).max(1)]);
        }
        // Weights before the last rebalance do not follow from those after it.
        let since = self.trigger.last_rebalance.and_then(|day| day.succ_opt());
        let looks = since.map_or(needed, |since| self.sessions_from(since, needed)).max(1);
        self.check_histories(current, looks - 1)?;
        let mut breaches = vec![true];
        let cash = (1.0 - current.iter().sum::<f64>()).max(0.0);
        let mut values = current.to_vec();
        for back in 0..looks - 1 {
            for (value, asset) in values.iter_mut().zip(&self.request.assets) {
                let returns = asset.historical_returns.as_deref().unwrap_or_default();
                if *value > 0.0
                    && let Some(r) = returns.len().checked_sub(back + 1).and_then(|last| returns.get(last))
                {
                    *value /= 1.0 + r;
                }
            }
            let total = cash + values.iter().sum::<f64>();
            let weights: Vec<f64> = values.iter().map(|value| value / total).collect();
            breaches.push(is_breached(&weights));
        }
        breaches.reverse();
        Ok(breaches)
    }

    /// Sessions from a day to the trade date, no more than are needed.
    fn sessions_from(&self, since: NaiveDate, needed: usize) -> usize {
        let days = since.iter_days().take_while(|day| *day <= self.today);
        days.filter(|day| self.sessions.is_session(*day)).take(needed).count()
    }

    /// The last returns of what is held have to be there, and none may be a total loss.
    fn check_histories(&self, current: &[f64], needed: usize) -> Result<(), Vec<Fault>> {
        let mut faults = Vec::new();
        for (i, asset) in self.request.assets.iter().enumerate().filter(|(i, _)| current[*i] > 0.0) {
            let returns = asset.historical_returns.as_deref().unwrap_or_default();
            let at = format!("/assets/{i}/historical_returns");
            if returns.len() < needed {
                let detail = format!(
                    "has {} returns, and the persistence looks back over the last {needed}: send them, or trigger.breached_since",
                    returns.len()
                );
                let code = if returns.is_empty() { FaultCode::Required } else { FaultCode::Length };
                faults.push(Fault::in_body(at, code, detail));
            } else if returns.iter().rev().take(needed).any(|r| *r <= -1.0) {
                let detail =
                    "has a total loss among the days that the persistence looks back over: send trigger.breached_since";
                faults.push(Fault::in_body(at, FaultCode::Value, detail));
            }
        }
        faults.truncate(crate::fault::Faults::MAX);
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}
