//! Dates of returns, as they are sent.

use chrono::NaiveDate;

use crate::dto::checks::MAX_RETURNS;
use crate::dto::histories::RunHistories;
use crate::dto::portfolio::{AssetRequest, RebalanceRequest};
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// Each date is later than the one before it; the fault is at the first that is not.
pub(super) fn check_ascending(dates: &[NaiveDate], faults: &mut Faults) {
    check_ascending_at("/dates", dates, faults);
}

/// As [`check_ascending`], for dates somewhere else.
pub(super) fn check_ascending_at(pointer: &str, dates: &[NaiveDate], faults: &mut Faults) {
    if let Some(i) = dates.windows(2).position(|pair| pair[0] >= pair[1]) {
        faults.add(format!("{pointer}/{}", i + 1), FaultCode::Value, "must be later than the date before it");
    }
}

impl RebalanceRequest {
    /// Whether dates were sent that belong to nothing, because no asset has a history.
    pub(crate) fn has_only_dates(&self) -> bool {
        let is_empty = |returns: &Vec<f64>| returns.is_empty();
        let has_none =
            |asset: &AssetRequest| asset.history.is_none() && asset.historical_returns.as_ref().is_none_or(is_empty);
        self.dates.as_ref().is_some_and(|dates| !dates.is_empty()) && self.assets.iter().all(has_none)
    }

    /// One date for each return of the longest history, ascending, and none after the day on which the orders are to be executed. The
    /// service reads no clock: without `trade_date` any day may be the last. Where no asset has a history the dates belong to nothing, and
    /// their number is free: the plan says so.
    pub(super) fn check_dates(&self, run: Option<&RunHistories>, faults: &mut Faults) {
        let Some(dates) = &self.dates else { return };
        let sent = self.assets.iter().filter_map(|asset| asset.historical_returns.as_ref().map(Vec::len));
        let named = self.assets.iter().filter_map(|asset| run?.length(asset.history.as_deref()?));
        let longest = sent.chain(named).max().unwrap_or(0);
        if self.has_only_dates() {
            if dates.len() > MAX_RETURNS {
                faults.add("/dates", FaultCode::Limit, format!("must have at most {MAX_RETURNS} entries"));
            }
        } else if dates.len() != longest {
            let detail = format!("must have {longest} entries, one for each return of the longest history");
            faults.add("/dates", FaultCode::Length, detail);
        }
        check_ascending(dates, faults);
        let traded = self.trade_date.as_deref().and_then(|day| day.parse::<NaiveDate>().ok());
        if let (Some(last), Some(traded)) = (dates.last(), traded)
            && *last > traded
        {
            faults.add(format!("/dates/{}", dates.len() - 1), FaultCode::Value, "must not be after trade_date");
        }
    }
}
