//! The policy document.

use serde::{Deserialize, Serialize};

use crate::overrides::is_text;
use crate::{
    ApprovalRules, Levels, Override, PolicyFault, PolicyFaultKind, PolicyStep, RestrictedList, WhenUnknown,
    WindowLevels,
};

/// Format of the document that this version reads and writes.
pub const POLICY_FORMAT: u32 = 1;

/// Limits for orders. A control that is absent is not checked.
///
/// | control | value | unit | subject |
/// | --- | --- | --- | --- |
/// | `gross_exposure` | sum of absolute positions after the orders | money | plan |
/// | `leverage` | the same over NAV | ratio | plan |
/// | `concentration_name` | absolute position after the orders over NAV | fraction | asset |
/// | `concentration_group` | absolute sum of a group's positions after the orders over NAV | fraction | group |
/// | `price_collar` | distance of the limit from the reference price, either way | fraction of the reference | order |
/// | `order_notional` | notional of an order | money | order |
/// | `plan_notional` | sum of the notionals | money | plan |
/// | `order_quantity` | quantity of an order | units | order |
/// | `oversold` | units sold less units bought in the plan, beyond the units held | units | asset |
/// | `participation` | units of an asset in the plan over its average daily volume | fraction | asset |
/// | `turnover` | sum of the notionals over NAV, purchases and sales together | fraction | plan |
/// | `restricted_list` | 1 for an order that the list forbids, else 0; a hard limit of 0 | number | order |
/// | `duplicate_plan` | earlier plans in the window with equivalent orders | number | plan |
/// | `stale_prices` | age of the price of an asset that trades | seconds | asset |
/// | `tracking_error` | annual tracking error after the orders | fraction | plan |
/// | `var_budget` | one-day VaR at 95 % after the orders | fraction | plan |
/// | `drawdown_stop` | drawdown from the high-water mark | fraction | plan |
/// | `order_rate` | orders in the window, those of the plan included | number | plan |
/// | `notional_rate` | their notionals | money | plan |
/// | `repeated_execution` | orders on the same side of an asset in the window, that of the plan included | number | asset |
///
/// A value strictly above a limit breaches it. Trading costs are not deducted from positions or NAV. Money is in major
/// units of `currency`; for a book in another currency the value of such a control is unknown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({
    "format": 1,
    "currency": "USD",
    "leverage": {"hard": 1.0},
    "concentration_name": {"soft": 0.4, "hard": 0.6},
    "price_collar": {"hard": 0.05},
    "order_notional": {"soft": 25_000, "hard": 100_000},
    "duplicate_plan": {"hard": 0, "window_seconds": 3_600},
    "approval": {"required": true, "price_age_seconds_max": 86_400}
})))]
pub struct ControlPolicy {
    /// Format of the document: 1.
    #[cfg_attr(feature = "openapi", schema(example = 1, minimum = 1, maximum = 1))]
    pub format: u32,
    /// Currency of limits in money, ISO 4217; needed by `gross_exposure`, `order_notional`, `plan_notional` and `notional_rate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = "USD", pattern = "^[A-Z]{3}$"))]
    pub currency: Option<String>,
    /// Sum of absolute positions after the orders, money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gross_exposure: Option<Levels>,
    /// Sum of absolute positions after the orders over NAV.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leverage: Option<Levels>,
    /// Absolute position of an asset after the orders, a fraction of NAV.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concentration_name: Option<Levels>,
    /// Absolute sum of a group's positions after the orders, a fraction of NAV.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concentration_group: Option<Levels>,
    /// Distance of a limit price from the reference price, a fraction of the reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_collar: Option<Levels>,
    /// Notional of an order, money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_notional: Option<Levels>,
    /// Sum of the notionals of a plan, money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_notional: Option<Levels>,
    /// Quantity of an order, units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_quantity: Option<Levels>,
    /// Units of an asset that the plan sells, less those it buys, beyond the units held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oversold: Option<Levels>,
    /// Units of an asset in the plan over its average daily volume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participation: Option<Levels>,
    /// Purchases and sales together, a fraction of NAV.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turnover: Option<Levels>,
    /// Assets that may not be bought or sold; a breach is hard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restricted_list: Option<RestrictedList>,
    /// How many earlier plans in the window may have equivalent orders: 0 allows none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_plan: Option<WindowLevels>,
    /// Age of the price of an asset that trades, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_prices: Option<Levels>,
    /// Annual tracking error after the orders, a fraction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_error: Option<Levels>,
    /// One-day VaR at 95 % after the orders, a fraction of NAV.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub var_budget: Option<Levels>,
    /// Drawdown from the high-water mark, a fraction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawdown_stop: Option<Levels>,
    /// Orders in the window, those of the plan included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_rate: Option<WindowLevels>,
    /// Notionals in the window, those of the plan included, money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notional_rate: Option<WindowLevels>,
    /// Orders on the same side of an asset in the window, those of the plan included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeated_execution: Option<WindowLevels>,
    /// Hard breaches that count as soft ones for a limited time; at most 10,000.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 10_000))]
    pub overrides: Vec<Override>,
    /// Rules for approval by people.
    #[serde(default)]
    pub approval: ApprovalRules,
}

/// Most overrides.
const OVERRIDES_MAX: usize = 10_000;

/// The policy of a service that has none configured. Its limits are the levels at which the supervisor's verdict asks
/// for a person or rejects: a plan beyond one still needs only a comment, except for a VaR that no market has shown. It
/// also allows no sale of units that are not held. Nothing needs an approval.
///
/// | control | soft | hard | the verdict's level |
/// | --- | --- | --- | --- |
/// | `concentration_name` | 0.6 | – | concentration, critical |
/// | `oversold` | – | 0 | – |
/// | `turnover` | 0.36 | – | turnover, critical |
/// | `var_budget` | 0.15 | 0.25 | VaR at 95 %, critical and rejected, whatever the policy of the book |
impl Default for ControlPolicy {
    fn default() -> Self {
        let assessed_if_known = |levels| Levels { unknown: WhenUnknown::NotAssessed, ..levels };
        Self {
            concentration_name: Some(assessed_if_known(Levels::soft(0.6))),
            oversold: Some(assessed_if_known(Levels::hard(0.0))),
            turnover: Some(assessed_if_known(Levels::soft(0.36))),
            var_budget: Some(Levels { soft: Some(0.15), hard: Some(0.25), unknown: WhenUnknown::NotAssessed }),
            ..Self::empty()
        }
    }
}

impl ControlPolicy {
    /// A policy without limits.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            format: POLICY_FORMAT,
            currency: None,
            gross_exposure: None,
            leverage: None,
            concentration_name: None,
            concentration_group: None,
            price_collar: None,
            order_notional: None,
            plan_notional: None,
            order_quantity: None,
            oversold: None,
            participation: None,
            turnover: None,
            restricted_list: None,
            duplicate_plan: None,
            stale_prices: None,
            tracking_error: None,
            var_budget: None,
            drawdown_stop: None,
            order_rate: None,
            notional_rate: None,
            repeated_execution: None,
            overrides: Vec::new(),
            approval: ApprovalRules::default(),
        }
    }

    /// The faults of the document, each with the way to it; empty for a usable policy.
    #[must_use]
    pub fn faults(&self) -> Vec<PolicyFault> {
        let mut faults = Vec::new();
        let mut add = |member, kind| faults.push(PolicyFault::of(member, kind));
        if self.format != POLICY_FORMAT {
            add("format", PolicyFaultKind::Format);
        }
        let in_money = [
            self.gross_exposure.is_some(),
            self.order_notional.is_some(),
            self.plan_notional.is_some(),
            self.notional_rate.is_some(),
        ];
        match &self.currency {
            None if in_money.contains(&true) => add("currency", PolicyFaultKind::NoCurrency),
            Some(code) if code.len() != 3 || !code.bytes().all(|b| b.is_ascii_uppercase()) => {
                add("currency", PolicyFaultKind::Currency);
            }
            _ => {}
        }
        if self.overrides.len() > OVERRIDES_MAX {
            add("overrides", PolicyFaultKind::TooMany);
        }
        let mut of = |steps: &[PolicyStep], part: Vec<PolicyFault>| {
            faults.extend(part.into_iter().map(|fault| fault.under(steps)));
        };
        for (name, levels) in self.levels() {
            of(&[PolicyStep::Member(name)], levels.as_ref().map(Levels::faults).unwrap_or_default());
        }
        for (name, levels) in self.window_levels() {
            of(&[PolicyStep::Member(name)], levels.as_ref().map(WindowLevels::faults).unwrap_or_default());
        }
        let restricted = self.restricted_list.as_ref().map(RestrictedList::faults);
        of(&[PolicyStep::Member("restricted_list")], restricted.unwrap_or_default());
        for (i, over) in self.overrides.iter().enumerate().take(OVERRIDES_MAX) {
            of(&[PolicyStep::Member("overrides"), PolicyStep::Entry(i)], over.faults());
        }
        of(&[PolicyStep::Member("approval")], self.approval.faults());
        faults
    }

    /// The controls without a window, by name.
    fn levels(&self) -> [(&'static str, &Option<Levels>); 15] {
        [
            ("gross_exposure", &self.gross_exposure),
            ("leverage", &self.leverage),
            ("concentration_name", &self.concentration_name),
            ("concentration_group", &self.concentration_group),
            ("price_collar", &self.price_collar),
            ("order_notional", &self.order_notional),
            ("plan_notional", &self.plan_notional),
            ("order_quantity", &self.order_quantity),
            ("oversold", &self.oversold),
            ("participation", &self.participation),
            ("turnover", &self.turnover),
            ("stale_prices", &self.stale_prices),
            ("tracking_error", &self.tracking_error),
            ("var_budget", &self.var_budget),
            ("drawdown_stop", &self.drawdown_stop),
        ]
    }

    /// The controls with a window, by name.
    fn window_levels(&self) -> [(&'static str, &Option<WindowLevels>); 4] {
        [
            ("duplicate_plan", &self.duplicate_plan),
            ("order_rate", &self.order_rate),
            ("notional_rate", &self.notional_rate),
            ("repeated_execution", &self.repeated_execution),
        ]
    }

    /// Whether a comment is valid for an approval or an acceptance: 1 to 200 characters, not only spaces.
    #[must_use]
    pub fn is_comment(text: &str) -> bool {
        is_text(text)
    }
}
