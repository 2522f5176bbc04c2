//! Fits tickets until planning again from the resulting book trades nothing.

use super::SizingInput;
use super::flow::Flow;
use super::funding::cash_target;
use super::ledger::Ledger;
use super::rules::TradingRules;
use super::settlement::turnover_budget;
use super::tickets::{NEAR, TicketFit, Tickets, Wanted};
use super::wish::Wish;
use crate::money::snap;
use crate::{CoreError, Intent, Money};

/// No limit: the budget of the first tickets also covers the later ones.
const MOST_TURNOVER: f64 = 2.0;
/// Most times that the remainder of lots is given to the trades that are still called for.
const ROUNDS: usize = 16;
/// Rounds after which assets for which no lot fits are set aside. Until then each claims its share of the remainder,
/// and the others move only part of the way in each round.
const STUCK: usize = 2;
/// Most times that tickets are fitted to the share of cash in the NAV that those before them leave.
const SHARES: usize = 3;
/// Most times that all tickets are fitted anew with it.
const REFITS: usize = 4;

/// Fits tickets to the wanted trades, and then to the trades that the rules call for after them: a share that does not
/// fit into a lot of one asset goes to the others.
///
/// Cash to invest is spent by additional tickets, which brings the plan closer to the same goals. Other tickets change
/// the goals: these are then where the rules lead from the book that the tickets leave, and the distance and its bound
/// are measured from there. If this does not converge, further tickets are added to the existing ones, and both figures
/// are those of the last tickets.
///
/// # Errors
/// As [`Tickets::fit`].
pub(super) fn fit_to_rest(
    input: &SizingInput,
    limit: f64,
    rules: &TradingRules,
    wish: &Wish,
) -> Result<(Ledger, TicketFit), CoreError> {
    let budget = turnover_budget(limit, wish.ledger.nav);
    let mut reserve = wish.ledger.reserve;
    let opened = |reserve| {
        let mut ledger = Ledger::open(input);
        ledger.reserve = reserve;
        ledger
    };
    let (trades, mut ledger) = (wish.trades(), opened(reserve));
    let tickets = Tickets::new(input, rules, wish.flow);
    let company = wish.company();
    let cash = wish.ledger.cash_after() as f64;
    let wanted = Wanted { trades: &trades, cash, budget, largest: None, company: company.as_deref() };
    let mut fit = tickets.fit(&wanted, &mut ledger)?;
    if rules.intent == (Intent::InvestCash { amount: None }) {
        // Other tickets have other costs than the wish, and cash keeps its share of what they leave.
        for _ in 0..SHARES {
            reserve = cash_share(input, &ledger);
            ledger = opened(reserve);
            fit = tickets.fit(&wanted, &mut ledger)?;
            if ledger.cash_after() >= cash_share(input, &ledger) {
                break;
            }
        }
    }
    if wish.gaps.budget_bound || rules.max_tickets.is_some() || wish.flow == Some(Flow::Everything) {
        return Ok((ledger, fit));
    }
    let mut stuck = vec![false; fit.lots.len()];
    // A scheduled day is over once its trades are found: what remains to do is what the bands call for on the next.
    let mut rules = rules.clone();
    for round in 0..ROUNDS {
        let Some(mut further) = Further::after(&ledger, &fit.lots, input, &rules, (budget, &stuck), 0)? else {
            if !stuck.contains(&true) && !rules.is_scheduled {
                break;
            }
            rules.is_scheduled &= stuck.contains(&true);
            stuck.fill(false);
            continue;
        };
        if round >= STUCK {
            further.set_aside(&mut stuck);
        }
        let together = |further: &Further| {
            let mut both = opened(reserve.min(further.reserve));
            let lots: Vec<i64> = fit.lots.iter().zip(&further.fit.lots).map(|(first, more)| first + more).collect();
            let lots = tickets.book(&lots, &mut both);
            (both, lots)
        };
        let (mut both, mut lots) = together(&further);
        if rules.intent == (Intent::InvestCash { amount: None }) {
            // Further tickets that cost less than their wish leave a larger NAV, and cash keeps its share of that too.
            let missing = cash_share(input, &both) - both.cash_after();
            if missing > 0 {
                let Some(less) = Further::after(&ledger, &fit.lots, input, &rules, (budget, &stuck), missing + 1)?
                else {
                    break;
                };
                further = less;
                (both, lots) = together(&further);
            }
        }
        if matches!(wish.flow, Some(Flow::Spend(_))) {
            let deviation = tickets.deviation(&wanted, &both, &lots);
            let bound = fit.bound.min(deviation);
            let is_exact = fit.is_exact && deviation <= fit.deviation || is_at(deviation, bound, ledger.nav);
            fit = TicketFit { lots, deviation, bound, is_exact };
            ledger = both;
            continue;
        }
        if round >= REFITS {
            if !tickets.allow(&both) {
                break;
            }
            (ledger, fit) = (both, TicketFit { lots, ..further.fit });
            continue;
        }
        let trades: Vec<f64> =
            further.trades.iter().zip(&ledger.trades).map(|(more, done)| more + *done as f64).collect();
        let wanted = Wanted { trades: &trades, cash: further.cash, budget, largest: None, company: None };
        let mut again = opened(reserve);
        let other = tickets.fit(&wanted, &mut again)?;
        let deviation = tickets.deviation(&wanted, &both, &lots);
        let is_near = deviation <= other.bound + 2.0 * NEAR && tickets.allow(&both);
        (ledger, fit) = if is_near {
            let bound = other.bound.min(deviation);
            let is_exact = other.is_exact && deviation <= other.deviation || is_at(deviation, bound, ledger.nav);
            (both, TicketFit { lots, deviation, bound, is_exact })
        } else {
            (again, other)
        };
    }
    Ok((ledger, fit))
}

/// Whether a deviation equals its lower bound to less than half a minor unit of a NAV.
fn is_at(deviation: f64, bound: f64, nav: i64) -> bool {
    (deviation - bound) * (nav as f64) < 0.5
}

/// The cash target on the NAV after the costs of a ledger, at most the available cash, minor units.
pub(super) fn cash_share(input: &SizingInput, ledger: &Ledger) -> i64 {
    let nav = ledger.nav - ledger.costs.iter().sum::<i64>();
    (snap(cash_target(input) * nav as f64).ceil() as i64).min(ledger.cash)
}

/// The trades that the rules call for in the book that tickets leave.
struct Further {
    /// The trades without lots, minor units.
    trades: Vec<f64>,
    /// The cash that these would leave.
    cash: f64,
    /// The tickets of a plan of that book.
    fit: TicketFit,
    /// The cash that they must leave.
    reserve: i64,
}

impl Further {
    /// What a plan calls for that leaves `kept` minor units more of cash; `None` where it has no trade.
    fn after(
        ledger: &Ledger,
        lots: &[i64],
        input: &SizingInput,
        rules: &TradingRules,
        (budget, stuck): (i64, &[bool]),
        kept: i64,
    ) -> Result<Option<Self>, CoreError> {
        // The book as the next plan would open it: lots at their price, and the NAV in whole units.
        let positions = Tickets::new(input, rules, None).positions(ledger, lots);
        let value = positions.iter().sum::<f64>() + ledger.cash_after() as f64;
        let nav = snap(value).floor() as i64;
        let current: Vec<f64> = positions.iter().map(|position| position / value).collect();
        let units = |i: usize| rules.units[i] + rules.lots[i].map_or(0.0, |lot| lots[i] as f64 * lot);
        let currency = input.nav.currency();
        let intent = match rules.intent {
            Intent::InvestCash { amount: Some(amount) } => {
                let left = (amount.minor() - (ledger.cash - ledger.cash_after())).min(ledger.cash_after());
                if left <= 0 {
                    return Ok(None);
                }
                Intent::InvestCash { amount: Some(Money::from_minor(left, currency)) }
            }
            // The costs of the tickets may leave a NAV below the amount.
            Intent::RaiseCash { amount } => {
                Intent::RaiseCash { amount: Money::from_minor(amount.minor().min(nav), currency) }
            }
            other => other,
        };
        let units = (0..lots.len()).map(|i| units(i).max(0.0)).collect();
        let mut rules = TradingRules { intent, units, ..rules.clone() };
        for (permit, _) in rules.permits.iter_mut().zip(stuck).filter(|(_, stuck)| **stuck) {
            (permit.no_buy, permit.no_sell) = (true, true);
        }
        let cash = Some(Money::from_minor(ledger.cash_after(), currency));
        let input = SizingInput { nav: Money::from_minor(nav, currency), cash, current: &current, ..*input };
        let wish = Wish::of(&input, MOST_TURNOVER, &rules)?;
        let trades = wish.trades();
        if !wish.is_called_for() || trades.iter().all(|trade| trade.abs() < 1.0) {
            return Ok(None);
        }
        let cash = wish.ledger.cash_after() as f64;
        let traded: i64 = ledger.trades.iter().map(|trade| trade.abs()).sum();
        let company = wish.company();
        let budget = (budget - traded).max(0);
        let wanted = Wanted { trades: &trades, cash, budget, largest: None, company: company.as_deref() };
        let mut after = Ledger::open(&input);
        after.reserve = wish.ledger.reserve + kept;
        let fit = Tickets::new(&input, &rules, wish.flow).fit(&wanted, &mut after)?;
        Ok(fit.lots.iter().any(|lots| *lots != 0).then_some(Self { trades, cash, fit, reserve: after.reserve }))
    }

    /// Marks the assets with a wanted trade for which no lot fits.
    fn set_aside(&self, stuck: &mut [bool]) {
        for (stuck, (trade, lots)) in stuck.iter_mut().zip(self.trades.iter().zip(&self.fit.lots)) {
            *stuck |= trade.abs() >= 1.0 && *lots == 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_at;

    #[test]
    fn a_deviation_is_at_its_bound_to_less_than_half_a_minor_unit() {
        // 0.49 and 0.51 of a cent of 1,000.00.
        assert!(is_at(1e-5, 1e-5, 100_000) && is_at(1e-5 + 0.49e-5, 1e-5, 100_000));
        assert!(!is_at(1e-5 + 0.51e-5, 1e-5, 100_000));
    }
}
