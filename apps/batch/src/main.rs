//! The command line: `rebalancer-batch plan | run | status | finish | verify | halt | resume | generate`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use chrono::{DateTime, Utc};
use clap::{Args, Parser, Subcommand};
use controls::ControlPolicy;
use rebalancer_batch::{BatchError, Committed, Halt, Recipe, Storage, Worker};
use serde::Serialize;

/// Plans a million accounts from Parquet files, in shards, each committed exactly once. `docs/batch.md` describes the files.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Read the input and write the plan of a run.
    Plan(PlanArgs),
    /// Plan the accounts of one shard, or of all that are not committed.
    Run(RunArgs),
    /// Print how far a run is, and the time left.
    Status(RunFolder),
    /// Verify a run, write the totals of the house, and release its orders.
    Finish(RunFolder),
    /// Count everything again from the files.
    Verify(RunFolder),
    /// Plan every account on one thread, write nothing, and print where the time goes.
    Measure(RunFolder),
    /// Stop planning and export.
    Halt(HaltArgs),
    /// End a halt.
    Resume(RunFolder),
    /// Write an input folder for trials, from the prices in `data/`.
    Generate(GenerateArgs),
}

#[derive(Debug, Args)]
struct RunFolder {
    /// Folder of the run: a path, file:///… or s3://bucket/…
    #[arg(long)]
    run: String,
}

#[derive(Debug, Args)]
struct PlanArgs {
    /// Folder of the input: a path, file:///… or s3://bucket/…
    #[arg(long)]
    input: String,
    #[command(flatten)]
    folder: RunFolder,
    /// Control policy as JSON, as the service reads it; without one the default of the service.
    #[arg(long)]
    controls: Option<PathBuf>,
    /// Time of the run, RFC 3339; now, if absent.
    #[arg(long)]
    now: Option<DateTime<Utc>>,
}

#[derive(Debug, Args)]
struct RunArgs {
    #[command(flatten)]
    folder: RunFolder,
    /// The shard; all, if absent and if JOB_COMPLETION_INDEX is not set.
    #[arg(long)]
    shard: Option<u32>,
    /// Folder of the input, where it is not the one that was planned.
    #[arg(long)]
    input: Option<String>,
    /// Threads; each plans a shard of its own.
    #[arg(long, default_value_t = 1)]
    threads: u32,
    /// Name of this attempt; made up, if absent.
    #[arg(long)]
    attempt: Option<String>,
}

#[derive(Debug, Args)]
struct HaltArgs {
    #[command(flatten)]
    folder: RunFolder,
    /// Who halts.
    #[arg(long)]
    who: String,
    /// Why.
    #[arg(long)]
    why: String,
}

#[derive(Debug, Args)]
struct GenerateArgs {
    /// Folder to write.
    #[arg(long)]
    to: String,
    /// Folder of the shipped prices.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Accounts.
    #[arg(long, default_value_t = 100_000)]
    accounts: u64,
    /// Assets of a model.
    #[arg(long, default_value_t = 20)]
    assets: usize,
    /// Shards.
    #[arg(long, default_value_t = 8)]
    shards: u32,
    /// Seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Give the accounts the optimal policy.
    #[arg(long)]
    optimal: bool,
    /// Most iterations of one run of the solver.
    #[arg(long, default_value_t = 60)]
    max_iterations: u32,
    /// Trading days since an account was last at its targets, at most.
    #[arg(long, default_value_t = 63)]
    days: usize,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&BatchError::Io(error)),
    };
    match runtime.block_on(command(cli.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

#[expect(clippy::print_stderr, reason = "the process ends with it")]
fn failed(error: &BatchError) -> ExitCode {
    eprintln!("rebalancer-batch: {error}");
    ExitCode::from(error.exit_code())
}

async fn command(command: Command) -> Result<(), BatchError> {
    match command {
        Command::Plan(args) => {
            let controls = match &args.controls {
                Some(path) => {
                    let bytes = std::fs::read(path)?;
                    serde_json::from_slice(&bytes)
                        .map_err(|source| BatchError::Document { path: path.display().to_string(), source })?
                }
                None => ControlPolicy::default(),
            };
            let (input, run) = (Storage::open(&args.input)?, Storage::open(&args.folder.run)?);
            let now = args.now.unwrap_or_else(Utc::now);
            let plan = rebalancer_batch::plan(&input, &input.url_of(""), &run, controls, now).await?;
            print(&serde_json::json!({"run_id": plan.run_id, "shards": plan.shards, "accounts": plan.accounts}))
        }
        Command::Run(args) => run(args).await,
        Command::Status(folder) => print(&rebalancer_batch::status(&Storage::open(&folder.run)?).await?),
        Command::Finish(folder) => {
            let run = Storage::open(&folder.run)?;
            let report = rebalancer_batch::finish(&run).await?;
            let timing = rebalancer_batch::timing(&run).await?;
            run.put("house/timing.json", serde_json::to_vec_pretty(&timing).unwrap_or_default()).await?;
            print(&report)
        }
        Command::Verify(folder) => print(&rebalancer_batch::verify(&Storage::open(&folder.run)?).await?),
        Command::Measure(folder) => {
            let worker = Worker::open(&Storage::open(&folder.run)?, None).await?;
            print(&rebalancer_batch::measure(&worker).await?)
        }
        Command::Halt(args) => {
            let halt = Halt { who: args.who, why: args.why };
            if halt.who.trim().is_empty() || halt.why.trim().is_empty() {
                return Err(BatchError::Input("a halt has a name and a reason".to_owned()));
            }
            let run = Storage::open(&args.folder.run)?;
            run.put("halt.json", serde_json::to_vec_pretty(&halt).unwrap_or_default()).await
        }
        Command::Resume(folder) => Storage::open(&folder.run)?.delete("halt.json").await,
        Command::Generate(args) => {
            let recipe = Recipe {
                accounts: args.accounts,
                assets: args.assets,
                shards: args.shards,
                seed: args.seed,
                optimal: args.optimal,
                max_iterations: args.max_iterations,
                days: args.days,
            };
            rebalancer_batch::generate(&recipe, &args.data, &Storage::open(&args.to)?).await
        }
    }
}

/// The shard that Kubernetes gave to this pod of an Indexed Job.
fn index_of_job() -> Result<Option<u32>, BatchError> {
    match std::env::var("JOB_COMPLETION_INDEX") {
        Ok(text) => {
            let index = text.parse();
            index.map(Some).map_err(|_| BatchError::Input(format!("JOB_COMPLETION_INDEX is {text}, not a shard")))
        }
        Err(_) => Ok(None),
    }
}

async fn run(args: RunArgs) -> Result<(), BatchError> {
    let storage = Storage::open(&args.folder.run)?;
    let worker = Worker::open(&storage, args.input.as_deref()).await?;
    let shards = match args.shard.map_or_else(index_of_job, |shard| Ok(Some(shard)))? {
        Some(shard) => shard..shard + 1,
        None => 0..worker.plan().shards,
    };
    let attempt = args.attempt.unwrap_or_else(made_up_attempt);
    let (next, begun) = (AtomicU32::new(shards.start), Instant::now());
    let ends = std::thread::scope(|scope| {
        let thread = || -> Result<(), BatchError> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            loop {
                let shard = next.fetch_add(1, Ordering::Relaxed);
                if shard >= shards.end {
                    return Ok(());
                }
                match runtime.block_on(worker.shard(shard, &attempt))? {
                    Committed::Before => print(&serde_json::json!({"shard": shard, "committed": "before"}))?,
                    Committed::Now(manifest) => print(&serde_json::json!({
                        "shard": shard,
                        "committed": "now",
                        "accounts": manifest.accounts,
                        "orders": manifest.orders,
                        "refusals": manifest.refusals,
                        "seconds": begun.elapsed().as_secs_f64(),
                    }))?,
                }
            }
        };
        let threads: Vec<_> = (0..args.threads.max(1)).map(|_| scope.spawn(thread)).collect();
        threads.into_iter().map(|thread| thread.join()).collect::<Vec<_>>()
    });
    for end in ends {
        end.map_err(|_| BatchError::Gate("a thread did not come to its end".to_owned()))??;
    }
    Ok(())
}

/// A name that no other attempt has: the time and the process, spread by the random keys that the standard library draws.
fn made_up_attempt() -> String {
    use std::hash::{BuildHasher, RandomState};
    let mark = |salt: u8| RandomState::new().hash_one((salt, std::process::id(), Utc::now()));
    format!("attempt-{:016x}{:016x}", mark(0), mark(1))
}

#[expect(clippy::print_stdout, reason = "the answer of a command")]
fn print(answer: &impl Serialize) -> Result<(), BatchError> {
    let text = serde_json::to_string(answer);
    println!("{}", text.map_err(|source| BatchError::Document { path: "the answer".to_owned(), source })?);
    Ok(())
}
