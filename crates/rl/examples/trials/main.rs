//! Learners held against what is known: CartPole and Pendulum, and two problems of trading whose optimum has a closed form.
//!
//! ```sh
//! cargo run -p rl --example trials
//! cargo run --release -p rl --example trials -- full
//! ```
//!
//! `full` gives the table of the crate's README and takes minutes, and a name after it (`cart_pole`, `pendulum`, `quadratic`,
//! `proportional`) that part alone; without arguments each training is cut to a fraction, which shows that the programs run and no
//! more.
#![expect(clippy::print_stdout, reason = "an example prints its results")]

mod control;
mod proportional;
mod quadratic;

use std::error::Error;

use cpu_time::ThreadTime;

/// Steps are divided by this in the short form.
const SHORT: usize = 40;

/// How far the trials go.
pub(crate) struct Extent {
    is_full: bool,
}

impl Extent {
    pub(crate) fn steps(&self, full: usize) -> usize {
        if self.is_full { full } else { full / SHORT }
    }

    pub(crate) fn seeds(&self, full: u64) -> std::ops::RangeInclusive<u64> {
        1..=if self.is_full { full } else { 1 }
    }
}

/// A line of the table: what was tried, with which seed, what came out, and the seconds of one thread.
pub(crate) fn line(name: &str, seed: u64, found: &str, began: &ThreadTime) {
    println!("| {name} | {seed} | {found} | {:.0} |", began.elapsed().as_secs_f64());
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let extent = Extent { is_full: arguments.iter().any(|argument| argument == "full") };
    let chosen = arguments.iter().find(|argument| *argument != "full");
    let is_chosen = |name: &str| chosen.is_none_or(|chosen| chosen == name);
    println!("| trial | seed | result | CPU seconds |\n| --- | ---: | --- | ---: |");
    if is_chosen("cart_pole") {
        control::cart_pole(&extent)?;
    }
    if is_chosen("pendulum") {
        control::pendulum(&extent)?;
    }
    if is_chosen("quadratic") {
        quadratic::trials(&extent)?;
    }
    if is_chosen("proportional") {
        proportional::trials(&extent)?;
    }
    Ok(())
}
