//! A control, and the set of controls that a policy defines.

use std::fmt;

use crate::controls;
use crate::{Check, ControlCase, ControlPolicy, Levels, Override, Reading, Subject};

/// A pre-trade control. Those of this crate come from a [`ControlPolicy`]; add your own with [`ControlSet::with`].
///
/// ```
/// use controls::{Control, ControlCase, ControlPolicy, ControlSet, Findings, Levels, Reading, Subject};
///
/// /// At most so many orders at once.
/// #[derive(Debug)]
/// struct OrderCount(f64);
///
/// impl Control for OrderCount {
///     fn name(&self) -> &'static str {
///         "order_count"
///     }
///
///     fn check(&self, case: &ControlCase<'_>, findings: &mut Findings) {
///         findings.add(Subject::Plan, &Levels::hard(self.0), Reading::Known(case.orders.len() as f64));
///     }
/// }
///
/// let controls = ControlSet::of(&ControlPolicy::empty()).with(OrderCount(20.0));
/// let assessment = controls.assess(&Default::default(), Vec::<controls::Proposal<()>>::new(), None, Default::default())?;
/// assert_eq!(assessment.checks()[0].control, "order_count");
/// # Ok::<(), controls::ControlError>(())
/// ```
pub trait Control: fmt::Debug + Send + Sync {
    /// Its unique name, in snake_case.
    fn name(&self) -> &'static str;

    /// Adds a check for each of its subjects, at least one, so that a control without a check does not count as passed.
    fn check(&self, case: &ControlCase<'_>, findings: &mut Findings);
}

/// Collects the checks of a control.
#[derive(Debug)]
pub struct Findings {
    control: &'static str,
    checks: Vec<Check>,
}

impl Findings {
    /// Capacity for the checks of this many orders.
    pub(crate) fn for_orders(orders: usize) -> Self {
        Self { control: "", checks: Vec::with_capacity(orders.saturating_mul(8)) }
    }

    /// Runs a control; every check it adds carries its name.
    pub(crate) fn run(&mut self, control: &dyn Control, case: &ControlCase<'_>) {
        self.control = control.name();
        control.check(case, self);
    }

    /// Compares a reading with its limits.
    pub fn add(&mut self, subject: Subject, levels: &Levels, reading: Reading) {
        let (outcome, limit) = levels.judge(reading);
        self.checks.push(Check { control: self.control, subject, reading, limit, outcome, overridden_by: None });
    }

    pub(crate) fn into_checks(self) -> Vec<Check> {
        self.checks
    }
}

/// Controls in the order of their checks.
#[derive(Debug)]
pub struct ControlSet {
    pub(crate) controls: Vec<Box<dyn Control>>,
    pub(crate) overrides: Vec<Override>,
}

impl ControlSet {
    /// The controls for which a policy has limits, and its overrides. The policy must have no
    /// [faults](ControlPolicy::faults).
    #[must_use]
    pub fn of(policy: &ControlPolicy) -> Self {
        Self { controls: controls::of(policy), overrides: policy.overrides.clone() }
    }

    /// The same controls plus one.
    #[must_use]
    pub fn with(mut self, control: impl Control + 'static) -> Self {
        self.controls.push(Box::new(control));
        self
    }

    /// Names of the controls, in the order of their checks.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.controls.iter().map(|control| control.name())
    }
}
