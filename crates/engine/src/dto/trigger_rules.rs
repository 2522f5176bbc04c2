//! The rules between the members of a trigger and the rest of its request.

use portfolio_core::NaiveDate;
use portfolio_core::bands::timing::Timing;

use crate::dto::portfolio::RebalanceRequest;
use crate::dto::trigger::{MAX_DAYS, TriggerKind};
use crate::fault::Faults;
use crate::fault_code::FaultCode;

impl RebalanceRequest {
    /// The day of `trade_date`; `None` where it is absent or no date.
    pub(crate) fn trade_day(&self) -> Option<NaiveDate> {
        self.trade_date.as_deref().filter(|text| text.len() == 10)?.parse().ok()
    }

    /// Rules between the members of the trigger.
    pub(super) fn check_trigger(&self, faults: &mut Faults) {
        let Some(trigger) = &self.trigger else { return };
        if self.trade_date.is_none() {
            faults.add(
                "/trade_date",
                FaultCode::Required,
                "is required beside a trigger: it is the day that is judged",
            );
        }
        let today = self.trade_day();
        let days = [
            ("last_rebalance", trigger.last_rebalance),
            ("breached_since", trigger.breached_since),
            ("due_on", trigger.due_on),
        ];
        for (member, day) in days {
            if day.zip(today).is_some_and(|(day, today)| day > today) {
                faults.add(format!("/trigger/{member}"), FaultCode::Value, "must not be after trade_date");
            }
        }
        let days = trigger.days.as_deref();
        if days.is_some_and(|days| days.is_empty() || days.len() > MAX_DAYS) {
            faults.add("/trigger/days", FaultCode::Length, format!("must have 1 to {MAX_DAYS} entries"));
        }
        let every = trigger.calendar.and_then(|calendar| calendar.every);
        let is_timed = trigger.kind != TriggerKind::Threshold;
        match (days, every) {
            (Some(_), Some(_)) => {
                faults.add(
                    "/trigger/calendar/every",
                    FaultCode::Value,
                    "states the days, as \"days\" does: send one of them",
                );
            }
            (None, None) if is_timed => {
                let detail = "is required for this kind: days, or a calendar with \"every\"";
                faults.add("/trigger/days", FaultCode::Required, detail);
            }
            (Some(_), None) if !is_timed => {
                faults.add("/trigger/days", FaultCode::Value, "goes with the kinds calendar, either and both");
            }
            (None, Some(_)) if !is_timed => {
                faults.add(
                    "/trigger/calendar/every",
                    FaultCode::Value,
                    "goes with the kinds calendar, either and both",
                );
            }
            _ => {}
        }
        let persistence = trigger.persistence_days.unwrap_or_else(|| u64::from(Timing::default().persistence.looks));
        if persistence > 1 && trigger.kind == TriggerKind::Calendar {
            faults.add(
                "/trigger/persistence_days",
                FaultCode::Value,
                "does not go with the kind calendar, which waits for no breach",
            );
        }
        if persistence <= 1 && trigger.breached_since.is_some() {
            faults.add("/trigger/breached_since", FaultCode::Value, "goes with persistence_days above 1");
        }
        if trigger.cooldown_days.is_some_and(|days| days > 0) && trigger.last_rebalance.is_none() {
            let detail = "is required beside cooldown_days, which count from it; leave out cooldown_days before the first rebalance";
            faults.add("/trigger/last_rebalance", FaultCode::Required, detail);
        }
        self.check_staggering(faults);
    }

    /// Rules of a trade that is moved by chance.
    fn check_staggering(&self, faults: &mut Faults) {
        let Some(trigger) = &self.trigger else { return };
        match trigger.staggering {
            Some(staggering) if staggering.seed.is_none() => {
                let detail = "is required in a plan: whoever knows the seed knows the day";
                faults.add("/trigger/staggering/seed", FaultCode::Required, detail);
            }
            None if trigger.due_on.is_some() => {
                faults.add("/trigger/due_on", FaultCode::Value, "goes with staggering only");
            }
            _ => {}
        }
        let is_optimal = self.method.unwrap_or_default().is_solved();
        if is_optimal
            && trigger.staggering.is_some_and(|sent| sent.destination_jitter.is_some_and(|jitter| jitter > 0.0))
        {
            let detail = "goes with \"method\": \"drift\" only: the optimal method has no bands";
            faults.add("/trigger/staggering/destination_jitter", FaultCode::Value, detail);
        }
        if trigger.due_on.zip(trigger.last_rebalance).is_some_and(|(due, last)| due <= last) {
            let detail = "must be after last_rebalance: that trade is made";
            faults.add("/trigger/due_on", FaultCode::Value, detail);
        }
    }
}
