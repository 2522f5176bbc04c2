//! `plan`: what a run reads, and how it is divided.

use chrono::{DateTime, Utc};
use controls::ControlPolicy;
use parquet::file::reader::{FileReader, SerializedFileReader};

use crate::documents::{AccountFile, FORMAT, InputFile, PLAN, RunPlan};
use crate::engine::Engine;
use crate::error::BatchError;
use crate::hash::sha256_hex;
use crate::reference::{Reference, TABLES};
use crate::storage::Storage;

/// Most accounts of a shard: what one process holds and repeats after a failure.
pub const SHARD_ACCOUNTS_MAX: u64 = 1_000_000;

/// Reads an input folder and writes the plan of a run.
///
/// The accounts are in `accounts/part-<shard>-of-<shards>….parquet`, any number of files for each shard; every account is in the shard that
/// [`shard_of`](crate::shard_of) gives it, which `run` checks for each row.
///
/// # Errors
/// [`BatchError::Input`] for a folder that does not fit the schema, and for a run that has another plan.
pub async fn plan(
    input: &Storage,
    input_url: &str,
    run: &Storage,
    controls: ControlPolicy,
    planned_at: DateTime<Utc>,
) -> Result<RunPlan, BatchError> {
    if let Some(fault) = controls.faults().first() {
        return Err(BatchError::input(format!("the control policy does not fit: {fault:?}")));
    }
    let (mut files, mut shards) = (Vec::new(), None);
    for (name, _) in input.list("accounts").await? {
        let Some((shard, of)) = part_of(&name) else {
            return Err(BatchError::input(format!("{name} is not named part-<shard>-of-<shards>….parquet")));
        };
        if *shards.get_or_insert(of) != of || shard >= of {
            return Err(BatchError::input(format!("{name} does not fit a run of {} shards", shards.unwrap_or(of))));
        }
        let bytes = input.read(&name).await?;
        let file = read_file(&name, &bytes);
        let reader = SerializedFileReader::new(bytes::Bytes::from(bytes))?;
        let accounts = u64::try_from(reader.metadata().file_metadata().num_rows()).unwrap_or_default();
        files.push(AccountFile { file, shard, accounts });
    }
    let Some(shards) = shards else {
        return Err(BatchError::input(format!("there is no file in {}", input.url_of("accounts"))));
    };
    let mut reference = Vec::new();
    for (name, is_needed) in TABLES {
        match input.get(name).await? {
            Some(bytes) => reference.push(read_file(name, &bytes)),
            None if is_needed => return Err(BatchError::input(format!("there is no {}", input.url_of(name)))),
            None => {}
        }
    }
    // Faults of the tables are found now and not in every shard.
    Reference::read(input, &Engine::new()?).await?;
    let mut plan = RunPlan {
        format: FORMAT,
        run_id: String::new(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        planned_at,
        input: input_url.to_owned(),
        shards,
        accounts: files.iter().map(|file| file.accounts).sum(),
        files,
        reference,
        controls,
    };
    for shard in 0..shards {
        let accounts = plan.accounts_of(shard);
        if accounts > SHARD_ACCOUNTS_MAX {
            let text =
                format!("shard {shard} has {accounts} accounts, more than {SHARD_ACCOUNTS_MAX}: use more shards");
            return Err(BatchError::input(text));
        }
    }
    plan.run_id = plan.identity();
    if !run.create_document(PLAN, &plan).await? {
        let own = read_plan(run).await?;
        if own.run_id != plan.run_id {
            let text = format!("{} has another plan: a run has one", run.url_of(PLAN));
            return Err(BatchError::input(text));
        }
    }
    Ok(plan)
}

/// Reads the plan of a run.
///
/// # Errors
/// [`BatchError::Input`] if there is none, or one of another version, or one that was edited.
pub async fn read_plan(run: &Storage) -> Result<RunPlan, BatchError> {
    let plan: Option<RunPlan> = run.document(PLAN).await?;
    let plan = plan.ok_or_else(|| BatchError::input(format!("there is no {}: plan first", run.url_of(PLAN))))?;
    if plan.format != FORMAT || plan.version != env!("CARGO_PKG_VERSION") {
        let text = format!(
            "the plan is of version {}, format {}: finish a run with the version that began it",
            plan.version, plan.format
        );
        return Err(BatchError::input(text));
    }
    if plan.identity() != plan.run_id {
        return Err(BatchError::input(format!("{} was changed after it was written", run.url_of(PLAN))));
    }
    Ok(plan)
}

/// Length and hash of a file.
pub(crate) fn read_file(name: &str, bytes: &[u8]) -> InputFile {
    InputFile { name: name.to_owned(), bytes: bytes.len() as u64, sha256: sha256_hex(bytes) }
}

/// Shard and number of shards in the name of a file.
fn part_of(name: &str) -> Option<(u32, u32)> {
    let name = name.rsplit('/').next()?.strip_prefix("part-")?.strip_suffix(".parquet")?;
    let (shard, rest) = name.split_once("-of-")?;
    let of = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    Some((shard.parse().ok()?, of.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::part_of;

    #[test]
    fn the_name_of_a_file_names_its_shard() {
        assert_eq!(part_of("accounts/part-00003-of-00016.parquet"), Some((3, 16)));
        assert_eq!(part_of("accounts/part-3-of-16-b.parquet"), Some((3, 16)));
        assert_eq!(part_of("accounts/part-3.parquet"), None);
        assert_eq!(part_of("accounts/data.parquet"), None);
    }
}
