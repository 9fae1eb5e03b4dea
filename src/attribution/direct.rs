//! Which channels mean that nobody sent the user.

/// How direct visits are called, in small letters and without white space.
const NAMES: [&str; 15] = [
    "direct",
    "(direct)",
    "(direct)/(none)",
    "(direct)/none",
    "direct/(none)",
    "direct/none",
    "(none)",
    "directtraffic",
    "directvisit",
    "typed/bookmarked",
    "直接",
    "直接访问",
    "直接流量",
    "直接进入",
    "直接输入",
];

/// Whether a channel of this name is a direct visit: `Direct`, `(direct) / (none)`, `直接访问`, ….
/// `Direct mail` is not.
pub fn is_direct(name: &str) -> bool {
    let bare: String = name.chars().filter(|mark| !mark.is_whitespace()).collect();
    NAMES.contains(&bare.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::is_direct;

    #[test]
    fn direct_visits_and_others() {
        for name in [
            "Direct",
            " (direct) / (none)",
            "(none)",
            "直接访问",
            "Direct Traffic",
            "direct / none",
        ] {
            assert!(is_direct(name), "{name}");
        }
        for name in [
            "Direct mail",
            "Directory",
            "none",
            "",
            "直接邮件",
            "Organic Search",
            "direct > direct",
        ] {
            assert!(!is_direct(name), "{name}");
        }
    }
}
