//! Random inputs of order lists: several accounts, currencies, markets and sizes, with names that formats have to carry.

use orders::{
    AccountCash, Decimal, OrderIdentifiers, OrderInput, OrderLine, OrderList, OrderOptions, OrderSize, PriceLimit,
    SettlementMarket, TimeInForce,
};
use portfolio_core::{Currency, Money, NaiveDate};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// The day on which the orders of a random list are executed, where one is given.
const TRADE_DATE: (i32, u32, u32) = (2026, 11, 27);

fn currency() -> impl Strategy<Value = Currency> {
    prop_oneof![3 => Just(Currency::USD), 1 => Just(Currency::JPY)]
}

fn account() -> impl Strategy<Value = Option<String>> {
    prop_oneof![Just(None), Just(Some("U1".to_owned())), Just(Some("IRA 2".to_owned()))]
}

fn market() -> impl Strategy<Value = SettlementMarket> {
    prop_oneof![
        Just(SettlementMarket::UnitedStates),
        Just(SettlementMarket::UnitedKingdom),
        Just(SettlementMarket::Crypto),
        Just(SettlementMarket::Other { sessions: 5 }),
    ]
}

/// A text with whatever a name may have: quotes, formulas, line ends, field ends, other scripts.
fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,12}",
        vec(prop_oneof![any::<char>(), Just('\u{1}'), Just('"'), Just('='), Just('\n'), Just('é')], 0..6)
            .prop_map(String::from_iter),
    ]
}

fn line(i: usize) -> impl Strategy<Value = OrderLine> {
    let figures = (1_u64..5_000_000, 0_u8..5, prop_oneof![Just((1, 0)), Just((1, 4)), Just((25, 2))], -400_i64..400);
    let cost = prop_oneof![9 => 0_i64..2_000, 1 => 0_i64..1_000_000];
    (figures, account(), market(), currency(), cost, words(), words(), any::<bool>(), any::<bool>()).prop_map(
        move |(figures, account, market, currency, cost, name, reason, has_ticker, by_value)| {
            let (price, decimals, (step, step_decimals), size) = figures;
            OrderLine {
                asset: format!("asset {i}"),
                name,
                identifiers: OrderIdentifiers {
                    isin: (!by_value).then(|| "US9229087690".parse().unwrap()),
                    ticker: has_ticker.then(|| format!("T{i}").parse().unwrap()),
                    ..OrderIdentifiers::default()
                },
                account,
                sleeve: None,
                asset_class: None,
                market,
                currency,
                price: Decimal::new(price, decimals).unwrap(),
                price_tick: Decimal::new(1, 6).unwrap(),
                lot_step: Decimal::new(step, step_decimals).unwrap(),
                size: if by_value {
                    OrderSize::Value(Money::from_minor(size * 10_007, currency))
                } else {
                    OrderSize::Lots(size)
                },
                held: None,
                estimated_cost: Money::from_minor(cost, currency),
                reason,
            }
        },
    )
}

/// A valid input and valid options.
pub(crate) fn any_input() -> impl Strategy<Value = (OrderInput, OrderOptions)> {
    let lines = (0_usize..9).prop_flat_map(|n| (0..n).map(line).collect::<Vec<_>>());
    let cash = vec((-200_000_i64..2_000_000, 0_i64..400_000), 6);
    let limit = option::of(0_u32..500);
    (lines, cash, any::<bool>(), limit, any::<bool>()).prop_map(|(lines, cash, is_dated, collar, is_day)| {
        let accounts = [None, Some("U1".to_owned()), Some("IRA 2".to_owned())];
        let pools = accounts.iter().flat_map(|account| [(account, Currency::USD), (account, Currency::JPY)]);
        let cash = pools.zip(cash).map(|((account, currency), (cash, reserve))| AccountCash {
            account: account.clone(),
            cash: Money::from_minor(cash, currency),
            reserve: Money::from_minor(reserve, currency),
        });
        let (year, month, day) = TRADE_DATE;
        let trade_date = if is_dated { NaiveDate::from_ymd_opt(year, month, day) } else { None };
        let options = OrderOptions {
            limit: collar.map_or(PriceLimit::None, |collar_bps| PriceLimit::Collar { collar_bps }),
            time_in_force: if is_day { TimeInForce::Day } else { TimeInForce::GoodTillCancelled },
        };
        (OrderInput { plan_id: "plan".to_owned(), trade_date, lines, cash: cash.collect() }, options)
    })
}

/// The list of a valid input, on a calendar with weekends.
pub(crate) fn built(input: &OrderInput, options: &OrderOptions) -> OrderList {
    OrderList::build(input, options, &|_, day| !matches!(day.format("%u").to_string().as_str(), "6" | "7")).unwrap()
}
