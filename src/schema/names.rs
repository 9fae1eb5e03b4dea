//! What a column's name says about its role.
//!
//! Names are cut into lower-case words at punctuation and at `camelCase`; Chinese names, which are not
//! cut, are searched for the words they may hold.

use super::words::*;

/// A column's name, cut into words.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Name {
    words: Vec<String>,
    /// The words without anything between.
    joined: String,
}

impl Name {
    pub(super) fn new(name: &str) -> Self {
        let mut words: Vec<String> = Vec::new();
        let mut word = String::new();
        let chars: Vec<char> = name.chars().collect();
        for (index, &char) in chars.iter().enumerate() {
            let before = index.checked_sub(1).map(|before| chars[before]);
            let after = chars.get(index + 1);
            // `userID` at the I, `HTTPStatus` at the S.
            let starts = char.is_uppercase()
                && (before.is_some_and(|before| before.is_lowercase() || before.is_numeric())
                    || (before.is_some_and(char::is_uppercase)
                        && after.is_some_and(|after| after.is_lowercase())));
            if (starts || !char.is_alphanumeric()) && !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            if char.is_alphanumeric() {
                word.extend(char.to_lowercase());
            }
        }
        if !word.is_empty() {
            words.push(word);
        }
        let joined = words.concat();
        Self { words, joined }
    }

    /// Whether one of the words, or all of them together, is in the list.
    fn has(&self, list: &[&str]) -> bool {
        list.iter().any(|&listed| {
            self.joined == listed
                || self.words.iter().any(|word| word == listed)
                || (!listed.is_ascii() && self.joined.contains(listed))
        })
    }

    /// Whether the whole name is in the list.
    fn is(&self, list: &[&str]) -> bool {
        list.contains(&self.joined.as_str())
    }

    /// How surely it names an outcome: 0 is surest.
    pub(super) fn outcome(&self) -> Option<usize> {
        if self.has(NOT_OUTCOMES) || self.has(WORTH) {
            return None;
        }
        // `y` and its like say something alone, not as one word among others.
        let alone = |list: &&[&str]| self.words.len() == 1 || !list.contains(&"y");
        let signed_up = self
            .words
            .windows(2)
            .any(|pair| pair[0] == "sign" && pair[1] == "up");
        let found = OUTCOMES
            .iter()
            .position(|list| self.has(list) && alone(list));
        found.or(signed_up.then_some(1))
    }

    /// Whether it names what someone is rather than what came of it.
    pub(super) fn is_trait(&self) -> bool {
        self.has(TRAITS)
    }

    /// How surely it names a channel: 0 is `channel` itself.
    pub(super) fn channel(&self) -> Option<usize> {
        if self.has(NOT_CHANNELS) {
            return None;
        }
        if self.is(CHANNELS[0]) {
            return Some(0);
        }
        let found = CHANNELS.iter().position(|list| self.has(list));
        found.map(|rank| rank + 1)
    }

    /// Whether whole numbers under this name can be codes of channels, and are not counts.
    pub(super) fn is_coded_channel(&self) -> bool {
        self.channel().is_some_and(|rank| rank <= 3) || (self.channel().is_some() && self.is_id())
    }

    /// Whether it names who a row is about.
    pub(super) fn is_user(&self) -> bool {
        (self.has(USERS) && (self.words.len() == 1 || self.is_id()))
            || (self.has(USERS_BY_ID) && self.is_id())
    }

    /// Whether it names what keeps the touches of one journey together.
    pub(super) fn is_journey(&self) -> bool {
        self.has(JOURNEYS) && (self.words.len() == 1 || self.is_id())
    }

    /// Whether it names a session.
    pub(super) fn is_session(&self) -> bool {
        self.has(&[
            "session",
            "sessions",
            "sessionid",
            "visit",
            "visitid",
            "会话",
        ])
    }

    /// Whether it names the kind of a touch.
    pub(super) fn is_event(&self) -> bool {
        (self.has(EVENTS) || self.joined == "type") && !self.has(NOT_EVENTS)
    }

    /// Whether numbers under this name may be times, and how many milliseconds one of them then is.
    pub(super) fn time_unit(&self) -> Option<f64> {
        if !(self.has(TIMES) || self.is(NUMBER_TIMES) || self.is(UNIX_TIMES)) || self.has(NOT_TIMES)
        {
            return None;
        }
        let has = |units: &[&str]| self.words.iter().any(|word| units.contains(&word.as_str()));
        Some(if has(&["ms", "millis", "milliseconds"]) {
            1.0
        } else if has(&["min", "mins", "minute", "minutes"]) {
            60_000.0
        } else if has(&["h", "hour", "hours"]) {
            3_600_000.0
        } else if has(&["d", "day", "days"]) {
            86_400_000.0
        } else {
            1_000.0
        })
    }

    /// Whether it names the time of a conversion.
    pub(super) fn is_conversion_time(&self) -> bool {
        let signed_up = self.words.windows(2).any(|pair| pair == ["sign", "up"]);
        (self.has(CONVERSIONS) || signed_up) && self.has(AT) && !self.has(OTHER_TIMES)
    }

    /// Whether numbers under this name put touches in order.
    pub(super) fn is_step(&self) -> bool {
        self.is(STEPS)
    }

    /// Whether it names whole paths.
    pub(super) fn is_path(&self) -> bool {
        let last = self.words.last().map_or("", String::as_str);
        self.is(PATHS)
            || (self.words.len() > 1 && ["path", "paths"].contains(&last))
            || last.ends_with("路径")
    }

    /// How surely it names a count of conversions: 0 is surest.
    pub(super) fn conversion_count(&self) -> Option<usize> {
        self.rank(CONVERSION_COUNTS)
    }

    /// How surely it names what the conversions of a path were worth: 0 is surest.
    pub(super) fn path_value(&self) -> Option<usize> {
        self.rank(PATH_VALUES)
    }

    /// How surely it names a count of journeys without a conversion: 0 is surest.
    pub(super) fn nulls(&self) -> Option<usize> {
        self.rank(NULLS)
    }

    /// How surely a kind of touch of this name is a conversion: 0 is surest.
    pub(super) fn conversion_event(&self) -> Option<usize> {
        if self.has(NOT_CONVERSION_EVENTS) {
            return None;
        }
        CONVERSION_EVENTS.iter().position(|list| self.has(list))
    }

    fn rank(&self, list: &[&str]) -> Option<usize> {
        list.iter().position(|&listed| listed == self.joined)
    }

    /// Whether it names an identifier of something.
    pub(super) fn is_id(&self) -> bool {
        self.has(IDS)
    }

    pub(super) fn is_value(&self) -> bool {
        self.has(VALUES) && !self.has(NOT_OUTCOMES)
    }

    pub(super) fn is_cost(&self) -> bool {
        self.has(COSTS)
    }

    /// Whether it names a cost of one thing: a click, a thousand views, a customer.
    pub(super) fn is_rate_of_cost(&self) -> bool {
        self.has(&[
            "cpc", "cpm", "cpa", "cac", "cpl", "per", "avg", "average", "mean", "share",
        ])
    }

    /// Whether it names a day, week, month or quarter.
    pub(super) fn is_period(&self) -> bool {
        self.is_time()
            || self.has(&[
                "week", "month", "quarter", "period", "周", "月", "季度", "月份",
            ])
    }

    pub(super) fn is_weight(&self) -> bool {
        self.is(WEIGHTS)
    }

    pub(super) fn is_time(&self) -> bool {
        self.has(TIMES)
    }

    pub(super) fn is_unix_time(&self) -> bool {
        self.is(UNIX_TIMES)
    }

    /// Whether it names something that is known only with the outcome.
    pub(super) fn is_leak(&self) -> bool {
        let follow = |listed: &&[&str]| {
            self.words
                .windows(listed.len())
                .any(|words| words == *listed)
                || listed
                    .iter()
                    .any(|word| !word.is_ascii() && self.joined.contains(word))
        };
        let alone = match self.words.as_slice() {
            [word] => Some(word),
            [word, unit] if TIME_UNITS.contains(&unit.as_str()) => Some(word),
            _ => None,
        };
        LEAKS.iter().any(follow) || alone.is_some_and(|word| LEAKS_ALONE.contains(&word.as_str()))
    }

    /// Whether it names the age of a person.
    pub(super) fn is_age(&self) -> bool {
        self.is(&["age", "userage", "customerage", "ageyears", "年龄"])
    }

    pub(super) fn is_quantity(&self) -> bool {
        self.has(QUANTITIES)
    }
}

/// Whether a column of this name is known only with the outcome.
pub(crate) fn leaks_by_name(column: &str) -> bool {
    Name::new(column).is_leak()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_into_words() {
        for (name, words) in [
            ("TrafficType", vec!["traffic", "type"]),
            ("userID", vec!["user", "id"]),
            ("utm_source", vec!["utm", "source"]),
            ("cons.price.idx", vec!["cons", "price", "idx"]),
            ("HTTPStatus", vec!["http", "status"]),
            ("是否购买", vec!["是否购买"]),
            ("", vec![]),
        ] {
            assert_eq!(Name::new(name).words, words, "{name}");
        }
    }

    #[test]
    fn names_speak_of_roles() {
        let name = Name::new;
        assert_eq!(name("is_converted").outcome(), Some(0));
        assert_eq!(name("是否下单").outcome(), Some(0));
        assert_eq!(name("Revenue").outcome(), Some(1));
        assert_eq!(name("sign-up").outcome(), Some(1));
        assert_eq!(name("y").outcome(), Some(2));
        assert_eq!(name("axis_y").outcome(), None);
        assert_eq!(name("visit").outcome(), Some(3));
        assert_eq!(name("previous_purchase").outcome(), None);
        assert_eq!(name("poutcome").outcome(), None);
        assert_eq!(name("channel").channel(), Some(0));
        assert_eq!(name("marketingChannel").channel(), Some(1));
        assert_eq!(name("TrafficType").channel(), Some(2));
        assert_eq!(name("contact").channel(), Some(4));
        assert_eq!(name("channel_cost").channel(), None);
        assert!(!name("campaign").is_coded_channel() && name("campaign_id").is_coded_channel());
        assert!(name("customer_id").is_user() && name("VisitorID").is_user());
        assert!(!name("VisitorType").is_user() && !name("user_age").is_user());
        for time in [
            "converted_at",
            "purchaseDate",
            "sign_up_time",
            "order_ts",
            "转化时间",
        ] {
            assert!(name(time).is_conversion_time(), "{time}");
        }
        for other in [
            "last_purchase_date",
            "converted",
            "created_at",
            "time",
            "首次下单时间",
        ] {
            assert!(!name(other).is_conversion_time(), "{other}");
        }
        for leak in [
            "duration",
            "duration_s",
            "call_duration_s",
            "LastCallDuration",
            "OrderID",
            "crm order number",
            "PageValues",
            "refunded",
            "客户订单号",
        ] {
            assert!(name(leak).is_leak(), "{leak}");
        }
        for harmless in [
            "Administrative_Duration",
            "duration_of_visit",
            "preorder",
            "id",
            "call_centre",
            "order_of_touch",
        ] {
            assert!(!name(harmless).is_leak(), "{harmless}");
        }
    }
}
