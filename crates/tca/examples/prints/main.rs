//! VWAP, implementation shortfall and impact on real prints of a futures market.
//!
//! `cargo run --release -p tca --example prints -- tick_data.csv > prints.txt`, and `recompute.py tick_data.csv prints.txt` beside this file
//! computes each figure again by other means.
//!
//! The file has the columns `DateTime,Price,Volume`, a print in each line: `mlfinpy/dataset/data/tick_data.csv` of the package mlfinpy 0.1.2
//! (MIT licence) holds 500,000 prints of the E-mini S&P 500, 2013-09-01 17:00 to 2013-09-03 13:51. It is not in this repository (17 MB).
//! Prices are index points, and amounts index points times contracts: the contract's multiplier is left out.
//!
//! The prints do not say who traded. The order that is measured buys every hundredth print of the last day as if it had been its own, which
//! moves no price. Impact is that of the market: prints in groups of 500, signed by the tick rule, net signed volume against return.

#![expect(clippy::print_stdout, reason = "an example prints what it finds")]

use std::error::Error;
use std::{env, fs};

use orders::Decimal;
use portfolio_core::{Currency, Money, TradeSide};
use tca::{ExecutedOrder, Execution, RealisedCost, refit};

/// Of the prints of the last day, one in so many is bought.
const EVERY: usize = 100;
/// Prints of one group.
const GROUP: usize = 500;

/// One print of the tape.
struct Print {
    day: String,
    price: Decimal,
    value: f64,
    volume: u64,
}

fn read(path: &str) -> Result<Vec<Print>, Box<dyn Error>> {
    let mut prints = Vec::new();
    for line in fs::read_to_string(path)?.lines().skip(1) {
        let mut cells = line.split(',');
        let (Some(time), Some(price), Some(volume)) = (cells.next(), cells.next(), cells.next()) else {
            return Err(format!("`{line}` is no print").into());
        };
        let day = time.chars().take(10).collect();
        prints.push(Print { day, price: price.parse()?, value: price.parse()?, volume: volume.trim().parse()? });
    }
    Ok(prints)
}

/// Volume-weighted average price to eight decimals.
fn vwap(prints: &[Print]) -> Result<Decimal, Box<dyn Error>> {
    let volume: u64 = prints.iter().map(|print| print.volume).sum();
    let value: f64 = prints.iter().map(|print| print.value * print.volume as f64).sum();
    Ok(format!("{:.8}", value / volume as f64).parse()?)
}

/// What groups of prints cost whoever pushed: returns in the direction of the net signed volume.
fn pushes(prints: &[Print]) -> Vec<RealisedCost> {
    let (mut sign, mut last) = (0.0, None::<f64>);
    let mut groups = Vec::new();
    for group in prints.chunks_exact(GROUP) {
        let (mut net, mut volume) = (0.0, 0.0);
        for print in group {
            if let Some(before) = last.filter(|before| *before != print.value) {
                sign = if print.value > before { 1.0 } else { -1.0 };
            }
            last = Some(print.value);
            net += sign * print.volume as f64;
            volume += print.volume as f64;
        }
        let change = group[GROUP - 1].value / group[0].value - 1.0;
        groups.push((net, volume, change));
    }
    let squares: f64 = groups.iter().map(|(_, _, change)| change * change).sum();
    let volatility = (squares / groups.len() as f64).sqrt();
    let pushed = groups.into_iter().filter(|(net, ..)| *net != 0.0);
    pushed
        .map(|(net, volume, change)| RealisedCost {
            cost: net.signum() * change,
            volatility,
            participation: net.abs() / volume,
        })
        .collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let Some(path) = env::args().nth(1) else {
        println!("usage: prints FILE, with the columns DateTime,Price,Volume");
        return Ok(());
    };
    let prints = read(&path)?;
    let last = prints.last().ok_or("the file has no print")?.day.clone();
    println!("prints {}", prints.len());
    let today = prints.partition_point(|print| print.day < last);
    let day = &prints[today..];
    println!("day {last}");
    println!("volume {}", day.iter().map(|print| print.volume).sum::<u64>());
    let vwap = vwap(day)?;
    println!("vwap {vwap}");

    let bought: Vec<&Print> = day.iter().step_by(EVERY).collect();
    let quantity = |print: &Print| Decimal::new(print.volume, 0).unwrap_or(Decimal::ONE);
    let order = ExecutedOrder {
        side: TradeSide::Buy,
        quantity: Decimal::new(bought.iter().map(|print| print.volume).sum(), 0).unwrap_or(Decimal::ONE),
        decision_price: prints[today.saturating_sub(1)].price,
        arrival_price: day[0].price,
        end_price: None,
        fees: Money::from_minor(0, Currency::USD),
        vwap: Some(vwap),
        half_spread: Some("0.125".parse()?),
        estimated_cost: None,
        fills: bought.iter().map(|print| Execution { quantity: quantity(print), price: print.price }).collect(),
    };
    let cost = order.shortfall()?;
    let minor = |money: Result<Money, tca::NoCost>| money.map_or("none".to_owned(), |money| money.minor().to_string());
    println!("shortfall {}", minor(cost.shortfall));
    println!("delay {}", cost.delay.minor());
    println!("trading {}", cost.trading.minor());
    println!("against_vwap {}", minor(cost.against_vwap));

    let pushes = pushes(&prints);
    println!("groups {}", pushes.len());
    match refit(&pushes) {
        Ok(fit) => {
            for (name, estimate) in [("base", fit.half_spread), ("impact", fit.impact), ("exponent", fit.exponent)] {
                println!("{name} {:.9} {:.9}", estimate.value, estimate.standard_error);
            }
            println!("residual_sd {:.9}", fit.residual_sd);
        }
        Err(error) => println!("refit {error}"),
    }
    Ok(())
}
