//! Why an asset trades, or which limit keeps it from trading.

use serde::{Deserialize, Serialize};

use super::gaps::{DUST, Gaps};

/// Why an asset trades, or which limit keeps it from trading.
///
/// `within_band`: its drift is at most the drift threshold. `turnover_limit`: that limit leaves at most one minor unit of the trade.
/// `unfunded`: no money pays for the trade. `below_minimum`: the trade is at most one minor unit of the currency, or a sale that would cost all it brings, or the trades of the plan together are no more than rounding leaves (a minor unit for each asset and two more, and at most a basis point of NAV).
/// `worth_too_little`: the trades of the plan are worth less than a plan has to be; or, under a turnover limit, this one would cost more than it takes off the objective.
/// `nearest_policy`: the optimal method has no history, and this weight is the nearest to the policy that the limits allow.
/// `limits_conflict`: the limits of the optimal method exclude each other.
/// `group_breach`, `whole_book`, `selected`, `scheduled`: in its own band, and traded because of its group, of the scope, of the client's pick, of the day.
/// `cash_band`: cash is outside its band. `invest_cash`, `raise_cash`, `liquidation`: the intent asks for the trade.
/// `frozen`, `excluded`, `no_buy`, `no_sell`, `settles_late`, `not_picked`, `outside_intent`: called for, and not allowed.
/// `intent_amount`: outside its band, and others move all of the amount to raise or to invest.
/// `below_lot`: the trade is less than one lot, or the whole lots of others leave no use for it. `below_min_notional`: it is less than the smallest order. `below_min_quantity`: it is fewer units than an order of the asset may have. `ticket_limit`: other trades use up the tickets. `not_due`: no trading day of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TradeReason {
    /// Its drift exceeds the threshold: it trades its whole gap to the optimised target.
    DriftBreach,
    /// Inside its band, sold to fund the buys and costs of assets in breach.
    Funding,
    /// Inside its band, bought with proceeds that no asset in breach needs.
    Absorption,
    /// Inside its band and not needed by others.
    WithinBand,
    /// Called for, but nothing funds the buy, or costs alone close the gap.
    Unfunded,
    /// Called for, but the turnover limit leaves at most one minor unit of the trade.
    TurnoverLimit,
    /// The trade called for is at most one minor unit of the currency, or a sale whose costs would consume its
    /// proceeds; or all trades of the plan together are no more than rounding leaves.
    BelowMinimum,
    /// It moves to, or stays at, the weight that solves the problem of the optimal method.
    Optimal,
    /// It moves to, or stays at, the weight nearest to the policy that the limits of the optimal method allow: no history measures a risk.
    NearestPolicy,
    /// Called for by its band, but the trades of the plan together are worth less than a plan has to be: nothing trades. Under a turnover limit: it
    /// would cost more than it takes off the objective.
    WorthTooLittle,
    /// The limits of the optimal method contradict each other: nothing trades.
    LimitsConflict,
    /// In band, but traded because cash is outside its band.
    CashBand,
    /// Underweight, bought with the cash to invest.
    InvestCash,
    /// Sold to raise cash.
    RaiseCash,
    /// Sold because everything is to be sold.
    Liquidation,
    /// Called for, but the asset never trades; its value counts in NAV.
    Frozen,
    /// Not counted in NAV, and never trades.
    Excluded,
    /// Called for, but the asset may not be bought.
    NoBuy,
    /// Called for, but the asset may not be sold.
    NoSell,
    /// Not sold, because the sale would settle after the day on which the cash is needed.
    SettlesLate,
    /// Called for, but the client did not pick the asset to trade.
    NotPicked,
    /// Called for by its band, but the intent has no trades on this side.
    OutsideIntent,
    /// Outside its band, on the side that the intent trades, but other assets move the whole amount to raise or to
    /// invest.
    IntentAmount,
    /// Called for, but the trade is less than one lot, or the whole lots of other assets leave no need for it.
    BelowLot,
    /// Called for, but the trade is less than the smallest ticket.
    BelowMinNotional,
    /// Called for, but the trade has fewer units than the minimum for a ticket of the asset.
    BelowMinQuantity,
    /// Called for, but other trades use up the number of tickets.
    TicketLimit,
    /// Called for on a day on which the policy does not trade.
    NotDue,
    /// Inside its own band, but traded because a group that it belongs to is outside its band.
    GroupBreach,
    /// Inside its own band, but traded because something else is outside: the scope is the whole book.
    WholeBook,
    /// Inside its own band, but traded because the client picked it.
    Selected,
    /// Inside its own band, but traded because the day is scheduled.
    Scheduled,
}

impl TradeReason {
    /// The reason for a booked trade of `trade` minor units in asset `i`, positive for buys.
    pub(super) fn of(trade: i64, breached: bool, gaps: &Gaps, i: usize) -> Self {
        match (trade, breached) {
            (0, true) => Self::holding_back(gaps, i),
            (0, false) => Self::WithinBand,
            // An underweight asset is sold only to fund others: NAV after costs has put it above its goal.
            (_, true) if (trade > 0) == (gaps.wanted[i] > 0.0) => Self::DriftBreach,
            (t, _) if t < 0 => Self::Funding,
            _ => Self::Absorption,
        }
    }

    /// Why a trade was left out under a turnover limit.
    pub(super) fn cut(gaps: &Gaps) -> Self {
        if gaps.stopped_by_cost { Self::WorthTooLittle } else { Self::TurnoverLimit }
    }

    /// The limit that prevented a trade that was due.
    pub(super) fn holding_back(gaps: &Gaps, i: usize) -> Self {
        let funded = gaps.wanted[i].abs();
        let called_for = funded + gaps.unmet[i].abs();
        // On the selling side, only a sale that would cost all of its proceeds is unmet.
        if gaps.unmet[i] < 0.0 || (called_for > 0.0 && called_for <= DUST) {
            Self::BelowMinimum
        } else if funded > DUST && gaps.allotted[i].abs() <= DUST {
            Self::cut(gaps)
        } else {
            Self::Unfunded
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        CostModel, Currency, MinimumCommission, Money, SizingInput, SizingOptions, SolvedWeights, TradePlan,
        book_weights, size_trades,
    };

    /// A book with prices of 1.00 and only the cash that the weights leave, traded to `target`.
    fn plan(nav_minor: i64, current: &[f64], target: &[f64], turnover_limit: f64, costs: &CostModel) -> TradePlan {
        let input = SizingInput {
            nav: Money::from_minor(nav_minor, Currency::USD),
            cash: None,
            current,
            target,
            optimized: target,
            price: &vec![1.0; current.len()],
            costs,
            histories: None,
        };
        size_trades(&input, &SizingOptions { drift_threshold: 0.02, turnover_limit }).unwrap()
    }

    fn reasons(plan: &TradePlan) -> Vec<TradeReason> {
        plan.rows.iter().map(|row| row.reason).collect()
    }

    #[test]
    fn a_trade_that_the_turnover_limit_leaves_nothing_of_says_so() {
        // A limit of 1e-9 of 100,000.00 is less than one cent.
        let cut = plan(10_000_000, &[0.6, 0.4], &[0.5, 0.5], 1e-9, &CostModel::free(2));
        assert_eq!(reasons(&cut), [TradeReason::TurnoverLimit; 2]);
        // The limit of 0.2 shrinks trades of 0.8 and 0.8 of 0.50 to 5 cents each: they trade, and are in breach.
        let shrunk = plan(50, &[0.9, 0.1], &[0.1, 0.9], 0.2, &CostModel::free(2));
        assert_eq!(reasons(&shrunk), [TradeReason::DriftBreach; 2]);
    }

    #[test]
    fn the_turnover_limit_is_not_blamed_for_the_smaller_of_two_trades_that_is_dust_anyway() {
        // Of 0.40: the first asset is called to sell 16 units and the third to buy 15; the second is off by 1.
        let small = plan(40, &[0.5, 0.225, 0.275], &[0.1, 0.25, 0.65], 0.2, &CostModel::free(3));
        assert!(small.turnover_bound);
        assert_eq!(reasons(&small), [TradeReason::DriftBreach, TradeReason::BelowMinimum, TradeReason::DriftBreach]);
    }

    #[test]
    fn a_trade_of_one_minor_unit_is_below_the_minimum() {
        // A drift of 10 % of 0.10 is one cent.
        let tiny = plan(10, &[0.6, 0.4], &[0.5, 0.5], 1.0, &CostModel::free(2));
        assert_eq!(reasons(&tiny), [TradeReason::BelowMinimum; 2]);
    }

    #[test]
    fn a_drift_of_exactly_the_threshold_stays_within_its_band() {
        let quiet = plan(10_000_000, &[0.52, 0.48], &[0.5, 0.5], 1.0, &CostModel::free(2));
        assert_eq!(reasons(&quiet), [TradeReason::WithinBand; 2]);
    }

    #[test]
    fn a_sale_that_cannot_pay_its_commission_is_below_the_minimum() {
        // Selling 10.00 would cost 25.00 per ticket.
        let fee = CostModel::free(1).with(MinimumCommission::new(&[25.0], &[0.0]).unwrap()).unwrap();
        let kept = plan(10_000, &[0.1], &[0.0], 1.0, &fee);
        assert_eq!(reasons(&kept), [TradeReason::BelowMinimum]);
    }

    #[test]
    fn solved_weights_name_the_limit_that_keeps_them_from_being_booked() {
        let (current, costs) = ([0.6, 0.4], CostModel::free(2));
        let input = SizingInput {
            nav: Money::from_minor(10_000_000, Currency::USD),
            cash: None,
            current: &current,
            target: &current,
            optimized: &current,
            price: &[1.0, 1.0],
            costs: &costs,
            histories: None,
        };
        let solved =
            SolvedWeights { weights: &[0.5, 0.5], turnover_limit: 1e-9, held: None, trade_max: None, cash_floor: 0.0 };
        assert_eq!(reasons(&book_weights(&input, &solved, None).unwrap()), [TradeReason::TurnoverLimit; 2]);
        // Cash is at its floor, so nothing funds the buy.
        let unpaid = SizingInput { current: &[0.5, 0.4], ..input };
        let solved =
            SolvedWeights { weights: &[0.55, 0.4], turnover_limit: 1.0, held: None, trade_max: None, cash_floor: 0.1 };
        assert_eq!(
            reasons(&book_weights(&unpaid, &solved, None).unwrap()),
            [TradeReason::Unfunded, TradeReason::Optimal]
        );
    }
}
