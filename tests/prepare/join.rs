//! Two tables side by side.

use crate::criteo::load;
use channelwise::error::Coded;
use channelwise::prepare::{JoinOptions, join};
use channelwise::schema::cell_text;

fn options(json: &str) -> JoinOptions {
    serde_json::from_str(json).unwrap()
}

#[test]
fn users_are_joined_to_touches() {
    // A made-up touch table whose users are numbers, and a user table where they are words.
    let touches = load(b"user_id,channel,age\n7,mail,1\n8,ads,2\n7,ads,3\n,ads,4\n9,mail,5\n");
    let users = load(b"id,age,plan\n 7,31,gold\n8,,\nx,55,silver\n");
    let keys = options(r#"{"leftKey": "user_id", "rightKey": "id"}"#);
    let (table, joined) = join(&touches.table, &users.table, &keys).unwrap();
    assert_eq!((joined.matched, joined.unmatched, joined.unused), (3, 2, 1));
    assert_eq!(joined.columns, ["age_2", "plan"]);
    assert_eq!(table.rows, 5);
    let told = |name: &str| -> Vec<String> {
        let data = &table.column(name).unwrap().data;
        (0..5)
            .map(|row| cell_text(data, row).unwrap_or_default())
            .collect()
    };
    assert_eq!(told("age_2"), ["31", "", "31", "", ""]);
    assert_eq!(told("plan"), ["gold", "", "gold", "", ""]);
    assert_eq!(told("age"), ["1", "2", "3", "4", "5"]);
}

#[test]
fn what_cannot_be_joined_is_refused_by_name() {
    let left = load(b"lead,channel\n1,mail\n2,ads\n");
    let code = |csv: &[u8], json: &str| {
        join(&left.table, &load(csv).table, &options(json))
            .unwrap_err()
            .code()
    };
    assert_eq!(code(b"lead,won\n1,1\n1,0\n", "{}"), "join-repeated-key");
    assert_eq!(code(b"who,won\n1,1\n2,0\n", "{}"), "join-no-key");
    assert_eq!(code(b"lead,channel\n1,1\n2,0\n", "{}"), "join-no-key");
    assert_eq!(
        code(b"who,won\n1,1\n2,0\n", r#"{"on": "who"}"#),
        "join-unknown-key"
    );
    assert_eq!(code(b"lead,won\n5,1\n6,0\n", "{}"), "join-nothing-matched");
    let found = join(
        &left.table,
        &load(b"lead,won\n2,1\n3,0\n").table,
        &options("{}"),
    )
    .unwrap();
    assert_eq!(found.1.columns, ["won"]);
}

#[test]
fn rows_of_one_key_are_the_first_the_last_or_made_one() {
    let left = load(b"lead,channel\n1,mail\n2,ads\n3,ads\n");
    // Orders of leads: the second has three, one of them without an amount.
    let orders = load(
        b"lead,amount,paid,plan\n2,5,no,\n1,7,no,basic\n2,,yes,pro\n2,11,,gold\n9,1,no,basic\n9,1,no,basic\n",
    );
    let told = |how: &str| {
        let keys = options(&format!(r#"{{"duplicates": "{how}"}}"#));
        let (table, joined) = join(&left.table, &orders.table, &keys).unwrap();
        assert_eq!((joined.matched, joined.repeated, joined.unused), (2, 3, 2));
        let cell = |name: &str| cell_text(&table.column(name).unwrap().data, 1);
        [cell("amount"), cell("paid"), cell("plan")]
    };
    let some = |cells: [&str; 3]| cells.map(|cell| (!cell.is_empty()).then(|| cell.to_owned()));
    assert_eq!(told("first"), some(["5", "false", ""]));
    assert_eq!(told("last"), some(["11", "", "gold"]));
    assert_eq!(told("sum"), some(["16", "true", "pro"]));
    let refused = join(&left.table, &orders.table, &options("{}")).unwrap_err();
    assert_eq!(refused.code(), "join-repeated-key");
}
