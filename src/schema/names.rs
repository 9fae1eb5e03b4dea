//! What a column's name says about its role.
//!
//! Names are cut into lower-case words at punctuation and at `camelCase`; Chinese names, which are not
//! cut, are searched for the words they may hold.

/// A column's name, cut into words.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Name {
    words: Vec<String>,
    /// The words without anything between.
    joined: String,
}

/// Names of outcomes, the surest first.
const OUTCOMES: [&[&str]; 4] = [
    &[
        "converted",
        "conversion",
        "convert",
        "converts",
        "转化",
        "成交",
        "下单",
        "购买",
    ],
    &[
        "purchase",
        "purchased",
        "order",
        "ordered",
        "bought",
        "buy",
        "buyer",
        "sale",
        "sold",
        "revenue",
        "transaction",
        "deposit",
        "subscribed",
        "subscribe",
        "subscription",
        "signup",
        "registered",
        "churn",
        "churned",
        "response",
        "responded",
        "respond",
        "won",
        "付费",
        "订阅",
        "注册",
        "流失",
        "响应",
    ],
    &[
        "label", "target", "outcome", "y", "class", "success", "goal", "标签", "结果",
    ],
    &[
        "visit", "visited", "click", "clicked", "open", "opened", "点击", "访问", "打开",
    ],
];
/// Words that make an outcome's name one of something else: `previous_purchase`.
const NOT_OUTCOMES: &[&str] = &[
    "previous", "prev", "prior", "past", "last", "first", "id", "date", "time", "rate", "count",
    "num", "number", "days", "type", "channel", "source", "历史", "上次",
];
/// Two-valued columns that are never taken for the outcome for want of a better one.
const TRAITS: &[&str] = &[
    "gender",
    "sex",
    "weekend",
    "holiday",
    "mobile",
    "device",
    "member",
    "new",
    "newbie",
    "returning",
    "treatment",
    "group",
    "性别",
    "周末",
    "会员",
];
/// Names of channels, the surest first; of each group the last word says so.
const CHANNELS: [&[&str]; 5] = [
    &["channel", "channels", "channelgrouping", "渠道"],
    &[
        "source",
        "utmsource",
        "traffictype",
        "trafficsource",
        "来源",
    ],
    &["medium", "utmmedium", "媒介"],
    &[
        "referrer",
        "referer",
        "referral",
        "origin",
        "contact",
        "acquisition",
    ],
    &["campaign", "utmcampaign", "活动"],
];
const NOT_CHANNELS: &[&str] = &[
    "cost", "spend", "count", "number", "num", "n", "date", "time", "days", "duration", "rate",
    "value", "amount", "size", "phone", "email", "name", "花费", "次数", "时间", "日期",
];
const USERS: &[&str] = &[
    "user",
    "customer",
    "client",
    "visitor",
    "member",
    "cookie",
    "uid",
    "userid",
    "customerid",
    "clientid",
    "visitorid",
    "fullvisitorid",
    "memberid",
    "subscriber",
    "shopper",
    "person",
    "用户",
    "客户",
    "会员",
];
const IDS: &[&str] = &[
    "id",
    "ids",
    "no",
    "nr",
    "key",
    "hash",
    "uuid",
    "guid",
    "index",
    "idx",
    "row",
    "uid",
    "userid",
    "customerid",
    "clientid",
    "visitorid",
    "fullvisitorid",
    "memberid",
    "编号",
    "序号",
    "号",
    "ID",
];
const VALUES: &[&str] = &[
    "revenue",
    "value",
    "amount",
    "spend",
    "spent",
    "sales",
    "gmv",
    "turnover",
    "金额",
    "收入",
    "销售额",
];
const COSTS: &[&str] = &[
    "cost", "costs", "spend", "cpc", "expense", "花费", "成本", "费用", "消耗",
];
const WEIGHTS: &[&str] = &["weight", "weights", "sampleweight", "rowweight", "权重"];
const TIMES: &[&str] = &[
    "timestamp",
    "time",
    "datetime",
    "date",
    "day",
    "start",
    "started",
    "created",
    "visited",
    "时间",
    "日期",
];
const UNIX_TIMES: &[&str] = &[
    "timestamp",
    "ts",
    "unixtime",
    "unixtimestamp",
    "epoch",
    "eventtime",
];
/// Known only once the outcome is, or made from it.
const LEAKS: &[&str] = &[
    "duration",
    "callduration",
    "orderid",
    "ordernumber",
    "orderno",
    "transactionid",
    "invoiceid",
    "invoicenumber",
    "refund",
    "refunded",
    "pagevalue",
    "pagevalues",
    "订单号",
    "通话时长",
];
/// Whole numbers that count or measure, and so are no codes.
const QUANTITIES: &[&str] = &[
    "count",
    "counts",
    "num",
    "number",
    "n",
    "nr",
    "qty",
    "quantity",
    "pages",
    "visits",
    "views",
    "clicks",
    "days",
    "months",
    "years",
    "weeks",
    "hours",
    "minutes",
    "seconds",
    "age",
    "recency",
    "frequency",
    "duration",
    "score",
    "rating",
    "rank",
    "amount",
    "times",
    "previous",
    "total",
    "size",
    "length",
    "items",
    "orders",
    "purchases",
    "sessions",
    "children",
    "price",
    "tenure",
    "次数",
    "数量",
    "天数",
    "年龄",
];

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
        if self.has(NOT_OUTCOMES) {
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
        self.has(USERS) && (self.words.len() == 1 || self.is_id())
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

    pub(super) fn is_weight(&self) -> bool {
        self.is(WEIGHTS)
    }

    pub(super) fn is_time(&self) -> bool {
        self.has(TIMES)
    }

    pub(super) fn is_unix_time(&self) -> bool {
        self.is(UNIX_TIMES)
    }

    pub(super) fn is_leak(&self) -> bool {
        self.is(LEAKS)
    }

    pub(super) fn is_quantity(&self) -> bool {
        self.has(QUANTITIES)
    }
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
        assert!(name("duration").is_leak() && !name("Administrative_Duration").is_leak());
    }
}
