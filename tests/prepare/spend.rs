//! Tables of spend beside the channels of the data.

use crate::criteo::load;
use channelwise::error::Coded;
use channelwise::prepare::{Spend, SpendError, SpendOptions, spend};

fn read(csv: &str, channels: &[&str], json: &str) -> Result<Spend, SpendError> {
    let channels: Vec<String> = channels.iter().map(|&name| name.to_owned()).collect();
    let options: SpendOptions = serde_json::from_str(json).unwrap();
    spend(&load(csv.as_bytes()).table, &channels, &options)
}

fn costs(found: &Spend) -> Vec<(&str, &str, u32, f64)> {
    let told = found.costs.iter();
    told.map(|cost| {
        let date = cost.date.as_deref().unwrap_or("");
        (
            cost.channel.as_str(),
            date,
            cost.days.unwrap_or(0),
            cost.cost,
        )
    })
    .collect()
}

fn codes(found: &Spend) -> Vec<&str> {
    found.warnings.iter().map(|one| one.code.as_str()).collect()
}

#[test]
fn a_weekly_export_with_other_columns_and_other_spellings_is_read() {
    // Weeks from Monday on; clicks, a cost per click and a currency stand beside the spend.
    let csv = "Week,Platform,Campaign,Clicks,CPC,Spend (USD)\n\
        2026-03-02,paid_search,brand,100,0.5,$50.00\n\
        2026-03-02,Paid Search,generic,40,1.0,$40.00\n\
        2026-03-02,E-Mail,all,10,0.1,\"$1,000.50\"\n\
        2026-03-09,paid search,brand,100,0.6,$60.00\n\
        2026-03-09,Radio,spot,0,,$700.00\n\
        2026-03-09,email,all,9,,-$3.00\n\
        2026-03-16,,all,9,,$3.00\n";
    let found = read(csv, &["Paid search", "email", "Direct"], "{}").unwrap();
    assert_eq!(found.columns.channel, "Platform");
    assert_eq!(found.columns.period.as_deref(), Some("Week"));
    assert_eq!(found.columns.cost, "Spend (USD)");
    assert_eq!(found.period, Some("week"));
    assert_eq!(
        costs(&found),
        [
            ("Paid search", "2026-03-02", 7, 90.0),
            ("Paid search", "2026-03-09", 7, 60.0),
            ("email", "2026-03-02", 7, 1000.5),
        ]
    );
    let unmatched: usize = found.unmatched.iter().map(|one| one.rows).sum();
    assert_eq!((found.used, found.left_out, unmatched), (4, 2, 1));
    assert_eq!(found.rows, found.used + found.left_out + unmatched);
    assert_eq!(found.cost, 1150.5);
    assert_eq!(
        (found.unmatched[0].name.as_str(), found.unmatched[0].cost),
        ("Radio", 700.0)
    );
    assert_eq!(found.without, ["Direct"]);
    let names: Vec<&str> = found.matched.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(
        names,
        ["paid_search", "Paid Search", "E-Mail", "paid search"]
    );
    assert_eq!(
        codes(&found),
        ["spend-unmatched", "spend-missing", "spend-rows-left-out"]
    );
    let said = r#"{"channels": {"Radio": "Direct"}}"#;
    let found = read(csv, &["Paid search", "email", "Direct"], said).unwrap();
    assert_eq!((found.unmatched.len(), found.without.len()), (0, 0));
    assert_eq!(found.cost, 1850.5);
}

#[test]
fn months_quarters_and_no_dates_at_all_are_read() {
    let csv = "month,channel,cost\n2026-01,ads,31\n2026-02,ads,28\n2026-02,mail,1\n";
    let found = read(csv, &["ads", "mail"], "{}").unwrap();
    assert_eq!(found.period, Some("month"));
    assert_eq!(
        costs(&found),
        [
            ("ads", "2026-01-01", 31, 31.0),
            ("ads", "2026-02-01", 28, 28.0),
            ("mail", "2026-02-01", 28, 1.0)
        ]
    );
    let csv = "渠道,季度,花费\n微信,2026-Q1,900\n抖音,2026-Q2,100\n";
    let found = read(csv, &["微信", "抖音"], "{}").unwrap();
    assert_eq!(
        costs(&found),
        [
            ("微信", "2026-01-01", 90, 900.0),
            ("抖音", "2026-04-01", 91, 100.0)
        ]
    );
    let csv = "source,total\nads,5\nads,6\nmail,7\n";
    let found = read(csv, &["ads", "mail"], "{}").unwrap();
    assert_eq!((found.period, found.columns.period.as_ref()), (None, None));
    assert_eq!(costs(&found), [("ads", "", 0, 11.0), ("mail", "", 0, 7.0)]);
    // A day that is missing.
    let csv = "date,source,spend\n2026-01-01,ads,5\n,ads,6\n2026-01-02,mail,7\n2026-01-03,mail,7\n";
    let found = read(csv, &["ads", "mail"], "{}").unwrap();
    assert_eq!(
        (found.period, found.costs[0].date.as_ref()),
        (Some("day"), None)
    );
    assert_eq!(codes(&found), ["spend-without-date"]);
}

#[test]
fn channels_that_differ_in_writing_only_are_not_taken_for_one_another() {
    let csv = "channel,cost\nad-s,1\nAds,2\nads,4\nmail,8\n";
    let found = read(csv, &["Ads", "ads", "mail"], "{}").unwrap();
    let expected = [
        ("Ads", "", 0, 2.0),
        ("ads", "", 0, 4.0),
        ("mail", "", 0, 8.0),
    ];
    assert_eq!(costs(&found), expected);
    assert_eq!(found.unmatched[0].name, "ad-s");
}

#[test]
fn what_cannot_be_read_as_spend_is_refused_by_name() {
    let code = |csv: &str, json: &str| read(csv, &["ads", "mail"], json).unwrap_err().code();
    let fine = "channel,cost\nads,1\nmail,2\n";
    assert_eq!(code(fine, r#"{"cost": "price"}"#), "spend-unknown-column");
    assert_eq!(
        code("day,cost\n2026-01-01,1\n2026-01-02,2\n", "{}"),
        "spend-no-channel"
    );
    assert_eq!(code("channel,name\nads,x\nmail,y\n", "{}"), "spend-no-cost");
    assert_eq!(
        code("channel,cost\ntv,1\nradio,2\n", "{}"),
        "spend-nothing-matched"
    );
}
