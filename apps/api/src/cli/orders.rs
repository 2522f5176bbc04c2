//! Plans a request file and prints its orders in the form a broker takes: checked against the control policy and the
//! halts, as the service does.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use engine::control::ReleasedOrders;
use engine::control::file::{FileControls, policy_of};
use engine::telling::order_files::{FixParties, fix_messages, left_out_of};
use governance::Digest;
use orders::{OrderList, basket, orders_csv};
use pipeline::VerdictDecision;

use super::output::{fail, print, say};
use super::plan::{COMMAND_LINE, made, read, refuse};
use super::records::{TenantArgs, with_store_if_any};
use super::table::verdict_line;
use crate::http::caller::Caller;
use crate::http::problem::{Problem, ProblemKind};

#[derive(Debug, Args)]
pub(super) struct OrdersArgs {
    /// File with a rebalance request, `-` for standard input
    file: PathBuf,
    /// How to write the orders
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    /// Id of the plan, from which the ids of its orders follow [default: the first 16 digits of the SHA-256 of the file]
    #[arg(long)]
    plan_id: Option<String>,
    /// Write the orders of a plan whose verdict is REJECTED
    #[arg(long)]
    despite_verdict: bool,
    /// File with a control policy [default: that of the records, or the default one where there are none]
    #[arg(long)]
    policy: Option<PathBuf>,
    #[command(flatten)]
    records: TenantArgs,
    /// FIX: who sends the messages
    #[arg(long, default_value = "REBALANCER")]
    sender: String,
    /// FIX: who receives them
    #[arg(long, default_value = "BROKER")]
    target: String,
    /// FIX: number of the first message
    #[arg(long, default_value_t = 1)]
    first_number: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The orders with the cash they leave
    Json,
    /// A table for a spreadsheet
    Csv,
    /// A basket for Interactive Brokers Trader Workstation
    Basket,
    /// FIX 4.4 NewOrderSingle messages
    Fix,
}

pub(super) fn orders(args: &OrdersArgs) -> ExitCode {
    let bytes = match read(&args.file) {
        Ok(bytes) => bytes,
        Err(error) => return fail(2, &format!("cannot read {}: {error}", args.file.display())),
    };
    let caller = Caller::local(COMMAND_LINE, "/api/rebalance");
    let planned = match made(&bytes) {
        Ok(planned) => planned,
        Err(kind) => return refuse(&Problem::new(&caller, kind)),
    };
    let verdict = &planned.plan.verdict;
    if verdict.decision == VerdictDecision::Rejected && !args.despite_verdict {
        say(&format!(
            "{} No order is written; --despite-verdict writes those that the control policy lets pass.",
            verdict_line(verdict)
        ));
        return ExitCode::FAILURE;
    }
    let refused = |refusal| refuse(&Problem::new(&caller, ProblemKind::from(refusal)));
    let policy = match args.policy.as_deref().map(read).transpose() {
        Ok(bytes) => match bytes.as_deref().map(policy_of).transpose() {
            Ok(policy) => policy,
            Err(refusal) => return refused(refusal),
        },
        Err(error) => return fail(2, &format!("cannot read the policy: {error}")),
    };
    let plan_id = args.plan_id.clone().unwrap_or_else(|| Digest::of_bytes(&bytes).to_string()[..16].to_owned());
    with_store_if_any(&args.records.settings(), async |store| {
        let reference = planned.case.echo.client_reference.as_deref();
        let controls = match FileControls::read(store, policy, reference, caller.context.received_at).await {
            Ok(controls) => controls,
            Err(refusal) => return refused(refusal),
        };
        let released = match controls.release(&planned, &plan_id, &caller.actor, &caller.context) {
            Ok(released) => released,
            Err(refusal) => return refused(refusal),
        };
        say(&verdict_line(verdict));
        match write(args, &released, &caller) {
            Ok(text) => print(&text),
            Err(error) => fail(1, &format!("the orders cannot be written: {error}")),
        }
    })
}

fn write(
    args: &OrdersArgs,
    released: &ReleasedOrders,
    caller: &Caller,
) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let list = released.list();
    Ok(match args.format {
        Format::Json => serde_json::to_string_pretty(list)? + "\n",
        Format::Csv => orders_csv(&list.orders),
        Format::Basket => of_basket(list),
        Format::Fix => {
            let parties = FixParties { sender: args.sender.clone(), target: args.target.clone() };
            fix_messages(released, &parties, args.first_number, &caller.context)?
        }
    })
}

/// The basket; what it cannot hold is named on standard error.
fn of_basket(list: &OrderList) -> String {
    let basket = basket(&list.orders);
    for (asset, why) in left_out_of(&basket, list) {
        // If standard error is closed, the basket is still complete in itself.
        let _ = writeln!(io::stderr(), "left out of the basket: {asset}, because {why}");
    }
    basket.csv
}
