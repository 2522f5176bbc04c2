//! A plan from files of positions and targets is the plan of the request that has the same book.

use serde_json::{Value, json};

use crate::cli::{File, run, stdout};
use crate::support::client::timeless;
use crate::support::post;

const POSITIONS: &str = "Symbol,Quantity,Price,Value\nVTI,212,287.31,60909.72\nVXUS,340,64.02,21766.80\nBND,500,73.44,36720.00\n\
    GLD,40,243.18,9727.20\nBTC,0.15,67500.00,10125.00\nCash,,,8431.22\n";
const TARGETS: &str = "Symbol,Target\nVTI,45%\nVXUS,20%\nBND,25%\nGLD,5%\nBTC,5%\n";

fn household() -> Value {
    let asset = |name: &str, quantity: f64, price: f64, target: f64| {
        let mut asset = json!({"asset": name, "quantity": quantity, "price": price, "target_weight": target});
        if quantity.fract() == 0.0 {
            asset["lot_size"] = json!(1);
        }
        asset
    };
    json!({
        "currency": "USD",
        "cash": 8431.22,
        "assets": [
            asset("VTI", 212.0, 287.31, 0.45), asset("VXUS", 340.0, 64.02, 0.2), asset("BND", 500.0, 73.44, 0.25),
            asset("GLD", 40.0, 243.18, 0.05), asset("BTC", 0.15, 67_500.0, 0.05),
        ],
    })
}

#[test]
fn files_of_positions_and_targets_are_the_request_with_the_same_book() {
    let (positions, targets) = (File::new("positions.csv", POSITIONS), File::new("targets.csv", TARGETS));
    let band = File::new("band.json", r#"{"band": {"relative": 0.25, "cap": 0.05}}"#);
    let files =
        ["plan", "--positions", positions.path(), "--targets", targets.path(), "--currency", "USD", "--whole-shares"];
    let mut body = household();
    let served = |body: &Value| post("/api/rebalance", body).timeless();
    let output = run(&files, "");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(timeless(&stdout(&output)), served(&body));
    let investing = [&files[..], &["--intent", "invest_cash", "--amount", "5000", "--with", band.path()]].concat();
    body["intent"] = json!({"kind": "invest_cash", "amount": 5_000.0});
    body["band"] = json!({"relative": 0.25, "cap": 0.05});
    assert_eq!(timeless(&stdout(&run(&investing, ""))), served(&body));
}

#[test]
fn what_the_files_leave_open_is_asked_and_nothing_is_planned() {
    let positions = File::new("open-positions.csv", POSITIONS);
    let targets = File::new("open-targets.csv", "Symbol,Target\nVTI,45%\nVXUS,20%\nBND,25%\nGLD,5%\nTIP,5%\n");
    let asked = |arguments: &[&str]| {
        let output = run(&[&["plan", "--positions", positions.path()], arguments].concat(), "");
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(output.stdout.is_empty());
        String::from_utf8(output.stderr).unwrap()
    };
    let text = asked(&["--targets", targets.path()]);
    assert!(text.contains("currency of this cash") && text.contains("--currency"), "{text}");
    let text = asked(&["--currency", "USD"]);
    assert!(text.contains("no target weights") && text.contains("--targets"), "{text}");
    let text = asked(&["--targets", targets.path(), "--currency", "USD"]);
    assert!(text.contains("BTC: it has no target") && text.contains("--others-zero"), "{text}");
    assert!(text.contains("TIP: what is its price?"), "{text}");
}

#[test]
fn a_file_that_is_not_there_and_a_wrong_option_are_exit_code_two() {
    let positions = File::new("wrong-positions.csv", POSITIONS);
    for arguments in [
        &["plan", "--positions", "/no/such/file.csv"][..],
        &["plan", "--positions", positions.path(), "request.json"],
        &["plan", "--positions", positions.path(), "--column", "Price=cost"],
        &["plan", "--positions", positions.path(), "--column", "Model=target_weight"],
        &["plan", "--targets", positions.path()],
    ] {
        assert_eq!(run(arguments, "").status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn cash_under_the_price_is_planned_with_and_what_was_set_aside_is_said() {
    let rows = "VTI,212,287.31\nVXUS,340,64.02\nBND,500,73.44\nGLD,40,243.18\nBTC,0.15,67500\nCash,,8431.22\n";
    let positions = File::new("note-positions.csv", &format!("Symbol,Quantity,Price\n{rows}Sold in May: all of TIP\n"));
    let targets = File::new("note-targets.csv", TARGETS);
    let files = ["plan", "--positions", positions.path(), "--targets", targets.path(), "--currency", "USD"];
    let output = run(&files, "");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let plan: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&plan["portfolio_value"], &plan["cash"]["value_before"]), (&json!(147_679.94), &json!(8_431.22)));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("row 7: 8431.22 under \"Price\""), "{said}");
    assert!(said.contains("row 8: set aside: note, not an asset: Sold in May"), "{said}");

    let above = File::new("note-above.csv", "Symbol,Target\nVTI,90%\nVXUS,80%\nBND,0%\nGLD,0%\nBTC,0%\n");
    let files = ["plan", "--positions", positions.path(), "--targets", above.path(), "--currency", "USD"];
    for answer in [&[][..], &["--cash-target", "0"]] {
        let output = run(&[&files[..], answer].concat(), "");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("170 %, more than the whole") && !said.contains("the rest cash"), "{said}");
    }
}
