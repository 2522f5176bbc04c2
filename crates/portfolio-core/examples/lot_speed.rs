//! How long whole lots take, and how near their bound they end: `fit_lots` on random books, one by one, and a general solver for
//! mixed-integer programs beside it, on the same books with a limit of time, and on books whose lots are coarse enough for it without one.
//!
//! `cargo run --release -p portfolio-core --example lot_speed [BOOKS] [COARSE] [NAMES] [LIMIT]`: 200 books of up to 20 names, 20 coarse ones of
//! up to 10, and 20 milliseconds for each of the first without arguments. Up to 12 names the search proves the best plan; above, it ends
//! within half a basis point of NAV, as that of a plan does. Times are of the processor, in milliseconds, so that a busy machine changes them
//! little; of `fit_lots` the shortest of three runs of the same work. The limit is of the clock.
#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use std::error::Error;
use std::time::Duration;

use cpu_time::ProcessTime;
use lot_books::{LotBook, milp};
use portfolio_core::{LotOptions, LotPlan, fit_lots};

#[path = "../tests/lot_books/mod.rs"]
mod lot_books;

/// Most names of a book whose best plan is searched for.
const EXACT: usize = 12;
/// Names of the books of one line.
const RANGES: [(usize, usize); 4] = [(1, 6), (7, 12), (13, 16), (17, 20)];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let books: u64 = arguments.next().map_or(Ok(200), |books| books.parse())?;
    let coarse: u64 = arguments.next().map_or(Ok(20), |books| books.parse())?;
    let most: usize = arguments.next().map_or(Ok(10), |names| names.parse())?;
    let limit = Duration::from_millis(arguments.next().map_or(Ok(20), |limit| limit.parse())?);

    println!("{books} random books, lots of 1 to 100 shares; ms of fit_lots; widest gap to the bound in bp of NAV");
    println!(
        "{:<8}{:>7}{:>9}{:>9}{:>9}{:>9}{:>8}{:>9}",
        "names", "books", "median", "99 %", "most", "≤ 1 ms", "exact", "gap"
    );
    let mut peers = Vec::new();
    for (first, last) in RANGES {
        let mut times = Vec::new();
        let (mut exact, mut gap, mut peer) = (0, 0.0_f64, Peer::default());
        for seed in (0..books).filter(|seed| (first..=last).contains(&names(*seed, 20))) {
            let book = LotBook::random(seed, names(seed, 20));
            let (time, plan) = shortest(&book);
            let plan = plan?;
            exact += u32::from(plan.is_exact);
            gap = gap.max(1e4 * (plan.deviation - plan.bound) / book.nav);
            times.push(time);
            peer.solve(&book, &plan, limit);
        }
        let short = times.iter().filter(|time| **time <= Duration::from_millis(1)).count();
        let range = format!("{first}–{last}");
        println!("{range:<8}{:>7}{}{short:>9}{exact:>8}{gap:>9.4}", times.len(), told(&mut times));
        peers.push((range, peer));
    }

    println!(
        "\nmicrolp on the same books, {} ms each; differences of its plans from those of fit_lots in bp of NAV",
        limit.as_millis()
    );
    println!(
        "{:<8}{:>7}{:>9}{:>9}{:>9}{:>9}{:>9}{:>10}{:>10}",
        "names", "books", "median", "99 %", "most", "proven", "no plan", "least", "most"
    );
    for (range, mut peer) in peers {
        let (books, times) = (peer.times.len(), told(&mut peer.times));
        let Peer { proven, without, least, most, .. } = peer;
        println!("{range:<8}{books:>7}{times}{proven:>9}{without:>9}{least:>10.4}{most:>10.4}");
    }

    println!("\n{coarse} random books, lots of at least 2 % of NAV; ms; largest difference of the two in bp of NAV");
    println!("{:<8}{:<10}{:>7}{:>9}{:>9}{:>9}{:>12}", "names", "", "books", "median", "99 %", "most", "difference");
    for (first, last) in RANGES.into_iter().filter(|(first, _)| *first <= most) {
        let (mut ours, mut general, mut apart) = (Vec::new(), Vec::new(), 0.0_f64);
        for seed in (0..coarse).filter(|seed| (first..=last).contains(&names(*seed, most))) {
            let book = LotBook::random_coarse(seed, names(seed, most));
            let (time, plan) = shortest(&book);
            ours.push(time);
            let (time, least) = timed(|| milp::least_deviation(&book));
            general.push(time);
            let least = least.ok_or("the general solver found no optimum")?;
            apart = apart.max(1e4 * (plan?.deviation - least).abs() / book.nav);
        }
        let range = format!("{first}–{last}");
        println!("{range:<8}{:<10}{:>7}{}{apart:>12.4}", "fit_lots", ours.len(), told(&mut ours));
        println!("{range:<8}{:<10}{:>7}{}", "microlp", general.len(), told(&mut general));
    }
    Ok(())
}

/// The general solver on some books.
struct Peer {
    times: Vec<Duration>,
    /// Books whose optimum it proves.
    proven: usize,
    /// Books of which it has no plan at its limit.
    without: usize,
    /// Deviation of its plan less that of `fit_lots`, basis points of NAV: the least and the most.
    least: f64,
    most: f64,
}

impl Default for Peer {
    fn default() -> Self {
        Self { times: Vec::new(), proven: 0, without: 0, least: f64::INFINITY, most: f64::NEG_INFINITY }
    }
}

impl Peer {
    fn solve(&mut self, book: &LotBook, plan: &LotPlan, limit: Duration) {
        let (time, found) = timed(|| milp::solve(book, Some(limit)));
        self.times.push(time);
        let Some(found) = found else {
            self.without += 1;
            return;
        };
        self.proven += usize::from(found.is_proven);
        let difference = 1e4 * (found.deviation - plan.deviation) / book.nav;
        (self.least, self.most) = (self.least.min(difference), self.most.max(difference));
    }
}

fn fit(book: &LotBook) -> Result<LotPlan, portfolio_core::LotError> {
    let gap = if book.assets.len() <= EXACT { 0.0 } else { 0.5e-4 * book.nav };
    book.with_problem(|problem| fit_lots(problem, &LotOptions { gap, ..LotOptions::default() }))
}

/// Names of a book: 1 to `most` in turn.
fn names(seed: u64, most: usize) -> usize {
    1 + seed as usize % most
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = ProcessTime::now();
    let result = work();
    (start.elapsed(), result)
}

/// The plan of a book, and the shortest of three times.
fn shortest(book: &LotBook) -> (Duration, Result<LotPlan, portfolio_core::LotError>) {
    let (first, plan) = timed(|| fit(book));
    let again = (0..2).map(|_| timed(|| fit(book)).0);
    (again.fold(first, Duration::min), plan)
}

/// Median, 99th percentile and largest, milliseconds.
fn told(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let at = |share: f64| times.get(((times.len() as f64 * share).ceil() as usize).max(1) - 1);
    [0.5, 0.99, 1.0]
        .map(|share| format!("{:>9.3}", at(share).map_or(f64::NAN, |time| 1e3 * time.as_secs_f64())))
        .concat()
}
