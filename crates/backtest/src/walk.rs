//! One account going through a history, day by day.

use portfolio_core::interrupt::checkpoint;
use portfolio_core::{Intent, Money, Rounding, Ticket, TradePlan, TradeRow, TradeSide};

use crate::account::Account;
use crate::desk::{Desk, NO_TURNOVER_LIMIT};
use crate::error::{BacktestError, BookFault, TradeFault};
use crate::history::History;
use crate::options::{Opening, ReplayOptions};
use crate::past::Past;
use crate::policy::Decision;
use crate::record::{Cause, DayRecord, Trade};
use crate::trial::Trial;

/// One account during a replay: its holdings on the current day.
pub(crate) struct Walk<'a> {
    history: &'a History,
    trial: &'a Trial,
    index: usize,
    options: &'a ReplayOptions,
    account: Account,
    day: usize,
    last_trade: Option<usize>,
    inflow: bool,
    wealth: f64,
    /// Value after everything on the day before, major units.
    before: f64,
    /// Deposits less withdrawals of the day, major units.
    flow: f64,
}

impl<'a> Walk<'a> {
    /// Opens the account on the first day.
    pub(crate) fn open(
        history: &'a History,
        trial: &'a Trial,
        index: usize,
        options: &'a ReplayOptions,
    ) -> Result<Self, BacktestError> {
        let account = match &options.opening {
            Opening::Held(book) => Account::of_book(book),
            Opening::Invested | Opening::Cash => Account::of_cash(history.assets(), options.initial_value),
        };
        let before = account.total;
        let mut walk = Self {
            history,
            trial,
            index,
            options,
            account,
            day: options.start,
            last_trade: None,
            inflow: false,
            wealth: 1.0,
            before,
            flow: 0.0,
        };
        if options.opening == Opening::Invested {
            walk.invest()?;
        }
        Ok(walk)
    }

    /// Holds the weights of the policy without a trade.
    fn invest(&mut self) -> Result<(), BacktestError> {
        let target = self.desk().spread(self.trial.policy.target());
        if target.iter().all(|t| *t == 0.0) && self.trial.policy.target().iter().any(|t| *t > 0.0) {
            return Err(BacktestError::NothingToHold { trial: self.index });
        }
        let prices = self.history.row(self.day);
        let value = self.account.total;
        let units: Vec<f64> = (target.iter().zip(prices).enumerate())
            .map(|(asset, (t, price))| match self.trial.terms.lots.get(asset).copied().flatten() {
                Some(lot) => (t * value / price / lot).floor() * lot,
                None => t * value / price,
            })
            .collect();
        let invested: f64 = units.iter().zip(prices).map(|(units, price)| units * price).sum();
        let rest = Money::from_major((value - invested).max(0.0), self.account.currency, Rounding::Floor);
        // The targets may sum to one only up to the noise of decimal weights: less than a unit is no cash.
        let cash = rest.map_err(|fault| self.book_error(fault))?.minor();
        self.account.cash = if value - invested > 1e-9 * value { cash } else { 0 };
        self.account.units = units;
        self.account.value_at(prices);
        self.before = self.account.total;
        Ok(())
    }

    pub(crate) fn past(&self) -> Past<'a> {
        Past::of(self.history, self.day)
    }

    pub(crate) fn desk(&self) -> Desk<'_> {
        Desk {
            past: self.past(),
            account: &self.account,
            terms: &self.trial.terms,
            start: self.options.start,
            last_trade: self.last_trade,
            inflow: self.inflow,
        }
    }

    /// Opens the day: pays out delisted assets, values the account and books cash flows. The record is that of the
    /// sales that fund a withdrawal.
    fn open_day(&mut self) -> Result<Option<DayRecord>, BacktestError> {
        self.inflow = false;
        self.flow = 0.0;
        let prices = self.history.row(self.day);
        for (asset, recovery) in self.history.delisted_on(self.day) {
            let paid = self.account.pay_out(asset, prices[asset] * recovery).map_err(|fault| self.book_error(fault))?;
            self.inflow |= paid.minor() > 0;
        }
        self.account.value_at(prices);
        let today = self.options.flows.iter().filter(|flow| flow.day == self.day);
        let amount: i64 = today.map(|flow| flow.amount.minor()).sum();
        if amount == 0 {
            return Ok(None);
        }
        let sales = if amount > 0 { None } else { self.raise(-amount)? };
        self.inflow |= amount > 0;
        self.account.given = None;
        self.account.cash += amount;
        self.flow = Money::from_minor(amount, self.account.currency).major();
        self.account.value_at(prices);
        if self.account.total <= 0.0 {
            let missing = Money::from_minor(1, self.account.currency);
            return Err(BacktestError::CannotPay { trial: self.index, day: self.day, missing });
        }
        Ok(sales)
    }

    /// Sells until a withdrawal can be paid, assets above their targets first.
    fn raise(&mut self, amount: i64) -> Result<Option<DayRecord>, BacktestError> {
        let (trial, day, currency) = (self.index, self.day, self.account.currency);
        let money = |minor| Money::from_minor(minor, currency);
        let missing = |missing| BacktestError::CannotPay { trial, day, missing: money(missing) };
        if amount <= self.account.cash {
            return Ok(None);
        }
        let nav = self.account.nav().map_err(|fault| self.book_error(fault))?;
        if amount >= nav.minor() {
            return Err(missing(amount - nav.minor() + 1));
        }
        let plan = {
            let desk = self.desk();
            let mut rules = desk.rules(0.0);
            rules.intent = Intent::RaiseCash { amount: money(amount) };
            desk.size(&desk.spread(self.trial.policy.target()), &rules, NO_TURNOVER_LIMIT)
        };
        let plan = plan.map_err(|fault| self.book_error(fault))?;
        let record = self.execute(&plan, Cause::Withdrawal)?;
        if self.account.cash < amount {
            return Err(missing(amount - self.account.cash));
        }
        Ok(record)
    }

    /// Goes from the current day to the last one, and calls `watch` with each decision before it is executed. Returns
    /// the wealth at the end of each day, and the records.
    pub(crate) fn walk_on(
        &mut self,
        mut watch: impl FnMut(&Self, &Decision) -> Result<(), BacktestError>,
    ) -> Result<(Vec<f64>, Vec<DayRecord>), BacktestError> {
        let rows = self.options.rows(self.history);
        let mut wealth = Vec::with_capacity(rows.saturating_sub(self.day));
        let mut records = Vec::new();
        loop {
            checkpoint();
            records.extend(self.open_day()?);
            let decision = self.decide()?;
            watch(self, &decision)?;
            records.extend(self.take(&decision)?);
            wealth.push(self.close_day());
            self.day += 1;
            if self.day >= rows {
                self.day -= 1;
                return Ok((wealth, records));
            }
        }
    }

    /// The decision of the first day, executed; `None` where the policy holds.
    pub(crate) fn one_day(&mut self) -> Result<Option<DayRecord>, BacktestError> {
        self.open_day()?;
        let decision = self.decide()?;
        self.take(&decision)
    }

    /// The decision of the policy on the day. An account that has lost everything has nothing to decide on.
    pub(crate) fn decide(&self) -> Result<Decision, BacktestError> {
        if self.account.nav().is_ok_and(|nav| nav.minor() <= 0) {
            return Ok(Decision::Hold);
        }
        let decision = self.trial.policy.decide(&self.past(), &self.desk());
        decision.map_err(|source| BacktestError::Policy { trial: self.index, day: self.day, source })
    }

    /// Executes a decision.
    fn take(&mut self, decision: &Decision) -> Result<Option<DayRecord>, BacktestError> {
        let nav = match decision {
            Decision::Hold => return Ok(None),
            _ => self.value()?,
        };
        let record = match decision.trades() {
            Some(trades) => self.execute(trades, Cause::Decision)?,
            None => None,
        };
        let Decision::Plan(plan) = decision else { return Ok(record) };
        let none =
            DayRecord { day: self.day, cause: Cause::Decision, nav, trades: Vec::new(), plan: None, verdict: None };
        let (plan, verdict) = (decision.plan_digest(), Some(plan.verdict.decision));
        Ok(Some(DayRecord { plan, verdict, ..record.unwrap_or(none) }))
    }

    /// Executes trades at the prices of the day; `None` when nothing trades.
    fn execute(&mut self, plan: &TradePlan, cause: Cause) -> Result<Option<DayRecord>, BacktestError> {
        if plan.rows.len() != self.history.assets() {
            return Err(self.trade_error(0, TradeFault::Rows));
        }
        let nav = self.account.nav().map_err(|fault| self.book_error(fault))?;
        let mut trades = Vec::new();
        for (asset, row) in plan.rows.iter().enumerate() {
            if row.value.minor() != 0 {
                self.check(asset, row, nav).map_err(|fault| self.trade_error(asset, fault))?;
                trades.push(Trade { asset, units: row.units, value: row.value, cost: row.cost });
            }
        }
        self.apply(&trades).map_err(|(asset, fault)| self.trade_error(asset, fault))?;
        if trades.is_empty() {
            return Ok(None);
        }
        if cause == Cause::Decision {
            self.last_trade = Some(self.day);
        }
        Ok(Some(DayRecord { day: self.day, cause, nav, trades, plan: None, verdict: None }))
    }

    /// Books trades that were checked, now or when they were recorded.
    fn apply(&mut self, trades: &[Trade]) -> Result<(), (usize, TradeFault)> {
        let spent: i64 = trades.iter().map(|trade| trade.value.minor() + trade.cost.minor()).sum();
        if spent > self.account.cash {
            return Err((trades.first().map_or(0, |trade| trade.asset), TradeFault::Cash));
        }
        for trade in trades {
            let held = &mut self.account.units[trade.asset];
            // Units are printed with twelve decimals; what is left of a position sold as a whole is noise.
            *held = (*held + trade.units).max(0.0);
        }
        self.account.cash -= spent;
        if !trades.is_empty() {
            self.account.given = None;
            self.account.value_at(self.history.row(self.day));
        }
        Ok(())
    }

    /// Rejects a trade that no broker could execute on these terms.
    fn check(&self, asset: usize, row: &TradeRow, nav: Money) -> Result<(), TradeFault> {
        if !self.past().is_tradable(asset) {
            return Err(TradeFault::NotTradable);
        }
        let minor_per_major = nav.currency().minor_per_major();
        let price = self.history.row(self.day)[asset];
        let value = row.value.minor() as f64;
        let unit = price * minor_per_major;
        let noise = 1e-9 * value.abs() + 1e-11 * unit;
        if (row.units * unit - value).abs() > 1.0 + noise {
            return Err(TradeFault::Value);
        }
        let held = self.account.units[asset];
        if -row.units > held + (1.0 + noise) / unit + 1e-11 {
            return Err(TradeFault::Short);
        }
        let ticket = Ticket {
            asset,
            side: if value < 0.0 { TradeSide::Sell } else { TradeSide::Buy },
            value: value.abs(),
            units: value.abs() / unit,
            nav: nav.minor() as f64,
            minor_per_major,
        };
        let cost = self.trial.terms.costs.charged(&ticket);
        // Rounded half to even by the sizing.
        if (row.cost.minor() as f64 - cost).abs() > 0.5 + 1e-9 * cost {
            return Err(TradeFault::Cost);
        }
        Ok(())
    }

    /// Closes the day and returns the wealth per unit invested at its end: deposits and withdrawals do not count, costs
    /// are a loss.
    fn close_day(&mut self) -> f64 {
        let now = self.account.total;
        // What is lost in full does not come back, whatever is paid in later.
        if self.before > 0.0 {
            self.wealth *= (now - self.flow) / self.before;
        }
        self.before = now;
        self.account.given = None;
        self.wealth
    }

    /// Brings the account to a later day with the recorded trades, and opens that day.
    pub(crate) fn follow(&mut self, records: &[DayRecord], day: usize) -> Result<(), BacktestError> {
        loop {
            self.open_day()?;
            if self.day >= day {
                return Ok(());
            }
            let decided = |record: &&DayRecord| record.day == self.day && record.cause == Cause::Decision;
            if let Some(record) = records.iter().find(decided).filter(|record| !record.trades.is_empty()) {
                self.apply(&record.trades).map_err(|(asset, fault)| self.trade_error(asset, fault))?;
                self.last_trade = Some(self.day);
            }
            self.close_day();
            self.day += 1;
        }
    }

    pub(crate) fn value(&self) -> Result<Money, BacktestError> {
        self.account.nav().map_err(|fault| self.book_error(fault))
    }

    fn book_error(&self, fault: impl Into<BookFault>) -> BacktestError {
        BacktestError::Book { trial: self.index, day: self.day, source: fault.into() }
    }

    fn trade_error(&self, asset: usize, fault: TradeFault) -> BacktestError {
        BacktestError::Trade { trial: self.index, day: self.day, asset, fault }
    }
}
