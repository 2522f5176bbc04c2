//! What anyone tries first compiles and says what it should.

use std::error::Error;

use pipeline::{MarketData, VerdictDecision, plan};
use portfolio_core::{
    Action, Book, Covariance, Currency, Money, NaiveDate, Position, ReturnPanel, Rounding, Seed, TradeSide, Universe,
};
use risk::{LedoitWolf, RiskFigure, RiskOptions, measure, summarise};

use crate::case::{book, extended, panel};

#[test]
fn money_and_currencies_are_written_as_one_writes_them() -> Result<(), Box<dyn Error>> {
    assert_eq!("JPY".parse::<Currency>()?, Currency::JPY);
    assert_eq!(Money::parse("1234.5", Currency::USD)?.to_string(), "1234.50 USD");
    assert_eq!(Money::from_major(0.125, Currency::USD, Rounding::HalfEven)?.minor(), 12);
    Ok(())
}

#[test]
fn figures_are_found_by_name_and_iterated() -> Result<(), Box<dyn Error>> {
    let panel = panel();
    let returns = panel.series(0).ok_or("no stocks")?;
    let summary = summarise(returns, None, &RiskOptions::default())?;
    assert_eq!(summary[RiskFigure::Volatility], summary.volatility);
    for (figure, value) in &summary {
        println!("{figure}: {value:?}");
    }
    let report = measure(returns, None, None, &RiskOptions::default())?;
    for (name, value) in &report.metrics {
        println!("{name}: {value}");
    }
    assert_eq!(report.metrics["var95_inverted_cdf"].number(), summary.var_95);
    Ok(())
}

#[test]
fn matrices_are_arrays_vectors_or_slices() -> Result<(), Box<dyn Error>> {
    let of = || Universe::new(["A", "B"]);
    let arrays = Covariance::from_rows(of()?, &[[0.04, 0.01], [0.01, 0.02]], 1.0)?;
    let vectors = Covariance::from_rows(of()?, &[vec![0.04, 0.01], vec![0.01, 0.02]], 1.0)?;
    let slices = Covariance::from_rows(of()?, &[&[0.04, 0.01][..], &[0.01, 0.02]], 1.0)?;
    assert_eq!((&arrays, &vectors), (&vectors, &slices));
    assert_eq!(of()?.position("B"), Some(1));
    assert_eq!(&of()?[1], "B");
    Ok(())
}

#[test]
fn seeds_are_one_type_and_dates_are_dates() -> Result<(), Box<dyn Error>> {
    let seeds: [Seed; 3] = [stress::Seed(7), risk::Seed::from(7), pipeline::Seed(7)];
    assert!(seeds.iter().all(|seed| seed.to_string() == "7"));
    let days: Option<Vec<NaiveDate>> = (1..=2).map(|day| NaiveDate::from_ymd_opt(2026, 1, day)).collect();
    let panel = ReturnPanel::new(Universe::new(["A"])?, vec![vec![0.01, -0.01]])?;
    assert_eq!(panel.with_dates(days.ok_or("no such day")?)?.dates().map(<[_]>::len), Some(2));
    Ok(())
}

#[test]
fn plans_and_models_print() -> Result<(), Box<dyn Error>> {
    let plan = plan(&book(), MarketData::new(&panel()), &extended())?;
    assert_eq!(plan.trades.rows[0].action.to_string(), "sell");
    assert_eq!((Action::Hold.to_string(), TradeSide::Buy.to_string()), ("hold".to_owned(), "buy".to_owned()));
    assert_eq!(VerdictDecision::ReviewRequired.to_string(), "review required");
    let models: Vec<String> = extended().models().iter().map(ToString::to_string).collect();
    assert_eq!(models[2], "student 3 (degrees_of_freedom = 5)");
    Ok(())
}

#[test]
fn every_model_of_a_neighbour_fits() -> Result<(), Box<dyn Error>> {
    let config = extended().with_covariance(LedoitWolf::default());
    let positions = vec![Position::of_value(900.0, 1.0, Currency::EUR), Position::of_value(100.0, 1.0, Currency::EUR)];
    let book = Book::new(panel().universe().clone(), positions, Money::from_minor(0, Currency::EUR))?;
    assert_eq!(plan(&book, MarketData::new(&panel()), &config)?.trades.total_cost.currency(), Currency::EUR);
    Ok(())
}
