//! A household by hand, and each input that gives no orders.

#![expect(clippy::unwrap_used, reason = "a list that cannot be made or read fails the test")]

use orders::{
    AccountCash, Decimal, LeftOutReason, LineFigure, OrderError, OrderFunding, OrderIdentifiers, OrderInput, OrderLine,
    OrderList, OrderOptions, OrderSize, OrderType, PriceLimit, SettlementError, SettlementMarket, TimeInForce, basket,
    orders_csv,
};
use portfolio_core::{Currency, Money, NaiveDate, TradeSide};

fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::USD)
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn line(asset: &str, price: &str, lots: i64) -> OrderLine {
    OrderLine {
        asset: asset.to_owned(),
        name: format!("{asset} fund"),
        identifiers: OrderIdentifiers { ticker: asset.parse().ok(), ..OrderIdentifiers::default() },
        account: None,
        sleeve: None,
        asset_class: None,
        market: SettlementMarket::UnitedStates,
        currency: Currency::USD,
        price: decimal(price),
        price_tick: decimal("0.01"),
        lot_step: Decimal::ONE,
        size: OrderSize::Lots(lots),
        held: None,
        estimated_cost: usd(100),
        reason: "drift".to_owned(),
    }
}

/// Friday, 27 November 2026.
fn input(lines: Vec<OrderLine>, cash: i64, reserve: i64) -> OrderInput {
    let cash = vec![AccountCash { account: None, cash: usd(cash), reserve: usd(reserve) }];
    OrderInput { plan_id: "plan-7".to_owned(), trade_date: NaiveDate::from_ymd_opt(2026, 11, 27), lines, cash }
}

fn build(input: &OrderInput) -> Result<OrderList, OrderError> {
    let weekday = |_, day: NaiveDate| !matches!(day.format("%u").to_string().as_str(), "6" | "7");
    OrderList::build(input, &OrderOptions::default(), &weekday)
}

#[test]
fn a_household_is_placed_sales_first_and_each_purchase_names_what_pays_for_it() {
    let bitcoin = OrderLine {
        market: SettlementMarket::Crypto,
        lot_step: decimal("0.0001"),
        size: OrderSize::Value(usd(1_364_000)),
        ..line("BTC", "90919.27", 0)
    };
    let lines = vec![
        line("BND", "73.91", 141),
        bitcoin,
        line("GLD", "381.05", -9),
        line("VXUS", "73.64", 118),
        line("VTI", "328.17", -62),
    ];
    let list = build(&input(lines, 1_500_000, 100_000)).unwrap();

    let assets: Vec<&str> = list.orders.iter().map(|order| order.asset.as_str()).collect();
    // Notionals: 20,346.54 and 3,429.45; 13,637.89 (0.15 BTC, 13,640 would be 0.15002), 10,421.31, 8,689.52.
    assert_eq!(assets, ["VTI", "GLD", "BTC", "BND", "VXUS"]);
    let minor: Vec<i64> = list.orders.iter().map(|order| order.notional.minor()).collect();
    assert_eq!(minor, [2_034_654, 342_945, 1_363_789, 1_042_131, 868_952]);

    let [vti, gld, btc, bnd, vxus] = &list.orders[..] else { panic!("five orders") };
    assert_eq!((btc.quantity.to_string().as_str(), btc.side), ("0.1500", TradeSide::Buy));
    // BTC settles today, the sales on Monday: only cash can pay, 14,000.00 of it, which leaves 361.11.
    assert_eq!((btc.funding, btc.waits_for.len()), (OrderFunding::Cash, 0));
    assert_eq!(btc.settles_on.unwrap().to_string(), "2026-11-27");
    assert_eq!((bnd.funding, &bnd.waits_for), (OrderFunding::Sales, &vec![vti.client_order_id.clone()]));
    // 20,345.54 − (10,422.31 − 361.11) are left of VTI: 10,284.34, enough for 8,690.52.
    assert_eq!((vxus.funding, &vxus.waits_for), (OrderFunding::Sales, &vec![vti.client_order_id.clone()]));
    assert_eq!((gld.funding, gld.settles_on.unwrap().to_string().as_str()), (OrderFunding::NotNeeded, "2026-11-30"));

    // 328.17 · 0.995 = 326.52915 up; 73.91 · 1.005 = 74.27955 down.
    assert_eq!(vti.limit_price, Some(decimal("326.53")));
    assert_eq!((bnd.limit_price, bnd.order_type), (Some(decimal("74.27")), OrderType::Limit));
    let cash = &list.cash[0];
    assert_eq!(cash.after.minor(), 1_500_000 + 2_034_654 + 342_945 - 1_363_789 - 1_042_131 - 868_952 - 500);
    // At the limits: 326.53 · 62 + 379.15 · 9 in, 91,373.86 · 0.15 + 74.27 · 141 + 74.00 · 118 out.
    assert_eq!(cash.after_at_limits.minor(), 1_500_000 + 2_024_486 + 341_235 - 1_370_608 - 1_047_207 - 873_200 - 500);

    let file = basket(&list.orders);
    assert_eq!(file.left_out, []);
    // A crypto-asset is no stock, and the workstation trades it at Paxos.
    let third = format!("BUY,0.1500,BTC,CRYPTO,PAXOS,USD,DAY,LMT,91373.86,{},", btc.client_order_id);
    assert_eq!(file.csv.lines().nth(3), Some(third.as_str()));
    let second = format!("SELL,62,VTI,STK,SMART,USD,DAY,LMT,326.53,{},", vti.client_order_id);
    assert_eq!(file.csv.lines().nth(1), Some(second.as_str()));
    assert!(
        orders_csv(&list.orders)
            .contains(",\"BTC\",\"BTC fund\",,,,\"BTC\",,\"CRYPTO\",\"limit\",91373.86,90919.27,13637.89,")
    );
}

#[test]
fn a_basket_finds_an_asset_by_its_name_where_that_is_a_ticker_and_no_other_identifier() {
    // The ISIN, the CUSIP and the FIGI of Apple, IBM and Apple have the letters of a ticker too.
    let assets = ["BRK.B", "US0378331005", "037833100", "BBG000B9XRY4", "Total market"];
    let lines = assets.map(|asset| OrderLine { identifiers: OrderIdentifiers::default(), ..line(asset, "100.00", -5) });
    let list = build(&input(lines.to_vec(), 0, 0)).unwrap();
    let file = basket(&list.orders);
    assert_eq!(file.csv.lines().count(), 2, "{}", file.csv);
    assert!(file.csv.contains("SELL,5,BRK.B,STK,SMART,USD,"), "{}", file.csv);
    assert_eq!(file.left_out.iter().map(|left| left.reason).collect::<Vec<_>>(), [LeftOutReason::NoTicker; 4]);
}

#[test]
fn a_purchase_that_settles_before_its_sale_says_from_when_it_is_funded() {
    let london = OrderLine { market: SettlementMarket::UnitedKingdom, ..line("LON", "100.00", -50) };
    let list = build(&input(vec![line("VTI", "100.00", 40), london], 0, 0)).unwrap();
    let purchase = &list.orders[1];
    assert_eq!(purchase.settles_on.unwrap().to_string(), "2026-11-30");
    assert_eq!(purchase.funding, OrderFunding::AfterSettlement);
    assert_eq!(purchase.funded_from.unwrap().to_string(), "2026-12-01");
    assert_eq!(purchase.waits_for, [list.orders[0].client_order_id.clone()]);
}

#[test]
fn cash_of_another_account_or_currency_pays_for_nothing() {
    let other_account = OrderLine { account: Some("IRA".to_owned()), ..line("BND", "10.00", 5) };
    let euro = OrderLine {
        currency: Currency::EUR,
        estimated_cost: Money::from_minor(0, Currency::EUR),
        ..line("EUN", "10", 1)
    };
    let list = build(&input(vec![line("VTI", "100.00", -50), other_account, euro], 1_000_000, 0)).unwrap();
    let missing: Vec<_> = list.orders.iter().map(|order| order.shortfall.map(|money| money.to_string())).collect();
    assert_eq!(missing, [None, Some("10.00 EUR".to_owned()), Some("51.00 USD".to_owned())]);
    assert!(list.orders[1..].iter().all(|order| order.funding == OrderFunding::Short && order.waits_for.is_empty()));
    assert_eq!(list.cash.len(), 3);
}

#[test]
fn what_is_less_than_a_lot_is_named_and_what_is_nothing_is_not() {
    let small = OrderLine { size: OrderSize::Value(usd(-9_999)), ..line("GLD", "100.00", 0) };
    let list = build(&input(vec![small, line("VTI", "100.00", 0)], 0, 0)).unwrap();
    assert!(list.orders.is_empty());
    assert_eq!(list.below_one_lot.iter().map(|one| one.asset.as_str()).collect::<Vec<_>>(), ["GLD"]);
}

#[test]
fn a_market_order_has_no_limit_and_an_open_date_no_settlement() {
    let open = OrderInput { trade_date: None, ..input(vec![line("VTI", "100.00", 1)], 100_000, 0) };
    let options = OrderOptions { limit: PriceLimit::None, time_in_force: TimeInForce::GoodTillCancelled };
    let list = OrderList::build(&open, &options, &|_, _| false).unwrap();
    let order = serde_json::to_value(&list.orders[0]).unwrap();
    for (name, want) in [
        ("side", "\"Buy\""),
        ("quantity", "\"1\""),
        ("order_type", "\"market\""),
        ("limit_price", "null"),
        ("reference_price", "\"100.00\""),
        ("notional", "100.0"),
        ("time_in_force", "\"good_till_cancelled\""),
        ("settles_on", "null"),
        ("funding", "\"cash\""),
        ("waits_for", "[]"),
        ("identifiers", "{\"ticker\":\"VTI\"}"),
    ] {
        assert_eq!(order[name].to_string(), want, "{name}");
    }
    assert!(basket(&list.orders).csv.contains(",GTC,MKT,,"));
}

/// The error of an input whose first line was changed.
fn refused(change: impl FnOnce(&mut OrderLine)) -> OrderError {
    let mut changed = line("VTI", "100.00", -5);
    change(&mut changed);
    build(&input(vec![changed, line("BND", "10.00", 1)], 0, 0)).unwrap_err()
}

#[test]
fn an_input_that_gives_no_orders_is_refused_with_its_line_and_figure() {
    let zero = |figure| OrderError::Zero { line: 0, figure };
    assert_eq!(refused(|line| line.price = decimal("0.00")), zero(LineFigure::Price));
    assert_eq!(refused(|line| line.price_tick = decimal("0")), zero(LineFigure::PriceTick));
    assert_eq!(refused(|line| line.lot_step = decimal("0")), zero(LineFigure::LotStep));
    let out_of_range = |figure| OrderError::OutOfRange { line: 0, figure };
    assert_eq!(refused(|line| line.size = OrderSize::Lots(i64::MIN)), out_of_range(LineFigure::Notional));
    assert_eq!(refused(|line| line.size = OrderSize::Value(usd(i64::MIN))), out_of_range(LineFigure::Value));
    assert_eq!(refused(|line| line.estimated_cost = usd(i64::MAX)), out_of_range(LineFigure::EstimatedCost));
    assert_eq!(refused(|line| line.price = decimal("18446744073709551615")), out_of_range(LineFigure::LimitPrice));
    let negative = OrderError::Negative { line: 0, figure: LineFigure::EstimatedCost };
    assert_eq!(refused(|line| line.estimated_cost = usd(-1)), negative);
    assert!(matches!(refused(|line| line.currency = Currency::EUR), OrderError::Mixed { line: 0, .. }));
    let held = OrderError::MoreThanHeld { line: 0, sold: decimal("5"), held: decimal("4.99") };
    assert_eq!(refused(|line| line.held = Some(decimal("4.99"))), held);
    assert_eq!(refused(|line| line.asset = "BND".to_owned()), OrderError::Repeated { line: 1, earlier: 0 });

    let coarse = input(vec![line("PNY", "0.004", 1)], 0, 0);
    assert_eq!(build(&coarse), Err(OrderError::TickTooCoarse { line: 0, price_tick: decimal("0.01") }));
    let nameless = OrderInput { plan_id: String::new(), ..input(Vec::new(), 0, 0) };
    assert_eq!(build(&nameless), Err(OrderError::NoPlanId));
    assert_eq!(build(&input(Vec::new(), 0, -1)), Err(OrderError::Reserve { entry: 0 }));
    let mut twice = input(Vec::new(), 0, 0);
    twice.cash.extend(twice.cash.clone());
    assert_eq!(build(&twice), Err(OrderError::RepeatedCash { entry: 1, earlier: 0 }));
    let early =
        OrderInput { trade_date: NaiveDate::from_ymd_opt(1999, 1, 4), ..input(vec![line("VTI", "1", 1)], 0, 0) };
    let error = build(&early).unwrap_err();
    assert!(matches!(error, OrderError::Settlement { line: 0, source: SettlementError::NoCycle { .. } }));
    let wide = OrderOptions { limit: PriceLimit::Collar { collar_bps: 10_000 }, ..OrderOptions::default() };
    let collar = OrderList::build(&input(Vec::new(), 0, 0), &wide, &|_, _| true);
    assert_eq!(collar, Err(OrderError::Collar { collar_bps: 10_000 }));
}
