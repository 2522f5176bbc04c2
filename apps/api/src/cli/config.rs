//! Prints the configuration the service would run with: each variable, its value, the source of the value, and its
//! meaning; and finds variables that look like settings and are none.

use std::collections::BTreeSet;
use std::process::ExitCode;

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

use super::output::{fail, print};

/// The name of this command.
pub(super) const CONFIG: &str = "config";

/// Prints the table of the arguments that `config` shares with `serve`, as `matches` found them.
pub(super) fn config(cli: &mut Command, matches: &ArgMatches) -> ExitCode {
    cli.build();
    match (cli.find_subcommand(CONFIG), matches.subcommand_matches(CONFIG)) {
        (Some(command), Some(matches)) => {
            let unknown = unknown_variables(cli, names_in_the_environment());
            let unknown = unknown.into_iter().map(|name| format!("{name}  is set, and no setting of this service\n"));
            print(&format!("{}{}", table(command, matches), unknown.collect::<String>()))
        }
        _ => fail(1, "the command has no arguments"),
    }
}

/// The names of the environment.
pub(super) fn names_in_the_environment() -> impl Iterator<Item = String> {
    std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())
}

/// Names that begin as those of settings do and set nothing: a mistyped one would otherwise be passed over. Those that Kubernetes adds for a
/// service called `rebalancer` are left out.
pub(super) fn unknown_variables(cli: &Command, names: impl Iterator<Item = String>) -> Vec<String> {
    let commands = || std::iter::once(cli).chain(cli.get_subcommands());
    let nested = commands().flat_map(Command::get_subcommands);
    let known: BTreeSet<String> = commands()
        .chain(nested)
        .flat_map(Command::get_arguments)
        .filter_map(|argument| Some(argument.get_env()?.to_string_lossy().into_owned()))
        .collect();
    let is_of_a_cluster = |name: &str| name.starts_with("REBALANCER_SERVICE_") || name.starts_with("REBALANCER_PORT");
    let mut unknown: Vec<String> =
        names.filter(|name| name.starts_with(PREFIX) && !known.contains(name) && !is_of_a_cluster(name)).collect();
    unknown.sort_unstable();
    unknown
}

/// How the variables of settings begin, apart from those that other programs know.
const PREFIX: &str = "REBALANCER_";

fn table(command: &Command, matches: &ArgMatches) -> String {
    let rows: Vec<[String; 4]> = command.get_arguments().filter_map(|argument| row(argument, matches)).collect();
    let head = ["variable", "value", "from", "meaning"].map(str::to_owned);
    let width = |column: usize| rows.iter().chain([&head]).map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (first, second, third) = (width(0), width(1), width(2));
    [&head]
        .into_iter()
        .chain(&rows)
        .map(|[variable, value, from, meaning]| {
            format!("{variable:first$}  {value:second$}  {from:third$}  {meaning}\n")
        })
        .collect()
}

/// An argument that a variable sets; `None` for one that has none, such as `--help`.
fn row(argument: &Arg, matches: &ArgMatches) -> Option<[String; 4]> {
    let variable = argument.get_env()?.to_string_lossy().into_owned();
    let id = argument.get_id().as_str();
    let values: Vec<String> =
        matches.get_raw(id).into_iter().flatten().map(|value| value.to_string_lossy().into_owned()).collect();
    let value = match values.as_slice() {
        [] => "-".to_owned(),
        _ if argument.is_hide_env_values_set() => "(set, not shown)".to_owned(),
        values => values.join(","),
    };
    let from = match matches.value_source(id) {
        Some(ValueSource::CommandLine) => "command line",
        Some(ValueSource::EnvVariable) => "environment",
        _ => "default",
    };
    let meaning = argument.get_help().map(ToString::to_string).unwrap_or_default();
    Some([variable, value, from.to_owned(), meaning])
}
