//! Which kind of channel a name speaks of, in English or Chinese.

use serde::{Deserialize, Serialize};

/// The broad kind of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// Nobody brought them: typed, bookmarked, unknown.
    Direct,
    /// Through the network.
    Online,
    /// In the world.
    Offline,
    /// The name doesn't tell.
    Other,
}

impl Group {
    /// The name in the public API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Online => "online",
            Self::Offline => "offline",
            Self::Other => "other",
        }
    }
}

/// The kind of a channel, guessed from its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChannelGroup {
    /// The broad kind.
    pub group: Group,
    /// The narrower kind: `social`, `search`, `email`, `e-commerce`, `display`, `video`, `affiliate`,
    /// `messaging`, `referral`, `audio`, `stores`, `exhibitions`, `telephone`, `print`, `broadcast`, `sales`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subgroup: Option<&'static str>,
}

/// A kind and the words that speak of it, parted by bars.
type Words = (Group, Option<&'static str>, &'static str);

/// Words that give a channel away, by kind, parted by bars. Lower case; Latin words are matched whole,
/// others anywhere.
const WORDS: [Words; 20] = [
    (
        Group::Direct,
        None,
        "typed|bookmark|walk in|直接访问|直接流量|自然到访",
    ),
    (
        Group::Online,
        Some("social"),
        "social|social media|facebook|fb|meta|instagram|ig|twitter|x com|t co|linkedin|lnkd in|\
         pinterest|reddit|snapchat|threads|quora|vk|wechat|weixin|weibo|xiaohongshu|rednote|zhihu|微信|朋友圈|\
         公众号|小程序|微博|小红书|知乎|社交|社媒|豆瓣|贴吧",
    ),
    (
        Group::Online,
        Some("search"),
        "search|organic search|paid search|seo|sem|google|adwords|google ads|bing|yahoo|\
         duckduckgo|ecosia|qwant|baidu|sogou|so com|yandex|naver|百度|搜狗|搜索|360搜索|神马",
    ),
    (
        Group::Online,
        Some("email"),
        "email|emails|e mail|direct email|direct e mail|newsletter|mailing list|mailchimp|edm|\
         邮件|邮箱",
    ),
    (
        Group::Online,
        Some("e-commerce"),
        "marketplace|ecommerce|e commerce|online store|online shop|web shop|webshop|shopify|\
         amazon|ebay|etsy|alibaba|aliexpress|taobao|tmall|jd|jd com|pinduoduo|temu|shopee|\
         lazada|shopping|google shopping|淘宝|天猫|京东|拼多多|苏宁|唯品会|电商|网店|商城|\
         有赞",
    ),
    (
        Group::Online,
        Some("display"),
        "display|banner|banners|retargeting|remarketing|programmatic|native ads|gdn|criteo|\
         taboola|outbrain|展示广告|信息流|横幅|重定向",
    ),
    (
        Group::Online,
        Some("video"),
        "video|online video|youtube|tiktok|douyin|kuaishou|bilibili|vimeo|twitch|live stream|\
         livestream|抖音|快手|哔哩哔哩|b站|视频|视频号|直播|优酷|爱奇艺",
    ),
    (
        Group::Online,
        Some("affiliate"),
        "affiliate|affiliates|partner|partners|influencer|influencers|kol|koc|联盟|分销|达人|\
         合作伙伴",
    ),
    (
        Group::Online,
        Some("messaging"),
        "sms|text message|whatsapp|telegram|messenger|line|push|push notification|chat|qq|\
         viber|短信|推送|企业微信",
    ),
    (
        Group::Online,
        Some("referral"),
        "refer a friend|word of mouth|blog|推荐|转介绍|口碑|博客",
    ),
    (
        Group::Online,
        Some("audio"),
        "audio|podcast|podcasts|spotify|音频|播客|喜马拉雅",
    ),
    (
        Group::Online,
        None,
        "online|internet|web|website|site|app|mobile app|app store|paid other|cross network|\
         ai assistant|ai assistants|chatgpt|perplexity|deepseek|digital|线上|网站|官网|网络|\
         应用商店|豆包",
    ),
    (
        Group::Offline,
        Some("stores"),
        "store|stores|shop|shops|retail|branch|showroom|outlet|in store|pos|point of sale|\
         门店|实体店|专卖店|商场|超市|展厅|店铺",
    ),
    (
        Group::Offline,
        Some("exhibitions"),
        "exhibition|exhibitions|expo|trade show|trade fair|fair|conference|event|events|\
         seminar|roadshow|展会|展览|博览会|会议|活动|沙龙|路演|地推",
    ),
    (
        Group::Offline,
        Some("telephone"),
        "phone|telephone|cellular|call|calls|call center|call centre|cold call|telemarketing|\
         hotline|电话|热线|呼叫中心|电销",
    ),
    (
        Group::Offline,
        Some("print"),
        "print|flyer|leaflet|brochure|catalog|catalogue|magazine|newspaper|direct mail|\
         postal mail|post|letter|billboard|outdoor|ooh|直邮|传单|海报|报纸|杂志|户外|印刷|画册|\
         地铁广告|电梯广告",
    ),
    (
        Group::Offline,
        Some("broadcast"),
        "tv|television|radio|cinema|电视|广播|电台|影院",
    ),
    (
        Group::Offline,
        Some("sales"),
        "sales|sales rep|field sales|dealer|dealers|agent|agents|distributor|销售|代理|经销商|\
         业务员",
    ),
    (Group::Offline, None, "offline|in person|线下"),
    (
        Group::Other,
        None,
        "unknown|missing|multichannel|unassigned|未知",
    ),
];

/// Words that say how a channel is paid for or counted, not what it is. They speak where no other word
/// does: `youtube / organic` is video, `organic` alone is search.
const WEAK: [Words; 6] = [
    (Group::Direct, None, "direct|none|直接"),
    (
        Group::Online,
        Some("search"),
        "organic|ppc|cpc|自然|自然流量",
    ),
    (Group::Online, Some("display"), "cpm"),
    (
        Group::Online,
        Some("referral"),
        "referral|referrals|referrer",
    ),
    (Group::Online, None, "paid|ads|付费"),
    (Group::Other, None, "other|others|其他"),
];

/// Media that settle the kind whatever the source is, in names written as `source / medium` (Google
/// Analytics 4's default channel groups: "Email" is any source by that medium, "Display" too).
const MEDIA: [&str; 13] = [
    "email",
    "e mail",
    "affiliate",
    "affiliates",
    "display",
    "banner",
    "sms",
    "push",
    "social",
    "social media",
    "video",
    "audio",
    "shopping",
];

/// The kind of channel that a name speaks of: that of the longest word of the list found in it, the
/// earlier of the list where two are equally long; a narrower kind before the broad one that it belongs to.
/// Where no such word is found, the longest of those that say little speaks; [`Group::Other`] where there
/// is none of them either.
pub fn group_of(name: &str) -> ChannelGroup {
    if let Some((_, medium)) = name.rsplit_once(" / ")
        && MEDIA.contains(&words(medium, false).trim())
        && let Some(kind) = found_in(medium, &WORDS)
    {
        return kind;
    }
    found_in(name, &WORDS)
        .or_else(|| found_in(name, &WEAK))
        .unwrap_or(ChannelGroup {
            group: Group::Other,
            subgroup: None,
        })
}

fn found_in(name: &str, list: &[Words]) -> Option<ChannelGroup> {
    // Once as it is written (`YouTube`) and once parted at capital letters (`PaidSocial`).
    let forms = [words(name, false), words(name, true)];
    let mut found: Vec<(usize, ChannelGroup)> = Vec::new();
    for &(group, subgroup, list) in list {
        for word in list.split('|') {
            let latin = word.is_ascii();
            // A Chinese character says as much as three letters or so.
            let length = word.chars().count() * if latin { 1 } else { 3 };
            let holds = forms.iter().any(|form| {
                if latin {
                    holds_word(form, word)
                } else {
                    holds_characters(form, word)
                }
            });
            if holds {
                found.push((length, ChannelGroup { group, subgroup }));
            }
        }
    }
    // The first of the longest.
    let longest = |wanted: &dyn Fn(&ChannelGroup) -> bool| {
        let those = found.iter().rev().filter(|(_, kind)| wanted(kind));
        those
            .max_by_key(|(length, _)| *length)
            .map(|(_, kind)| *kind)
    };
    let best = longest(&|_| true)?;
    let narrower = longest(&|kind| kind.group == best.group && kind.subgroup.is_some());
    Some(if best.subgroup.is_none() {
        narrower.unwrap_or(best)
    } else {
        best
    })
}

/// The kind that a name of the public API stands for: a broad one (`online`) or a narrower one (`social`).
pub fn group_named(name: &str) -> Option<ChannelGroup> {
    let broad = [Group::Direct, Group::Online, Group::Offline, Group::Other];
    let kinds = WORDS
        .iter()
        .map(|&(group, subgroup, _)| ChannelGroup { group, subgroup });
    kinds
        .filter(|kind| kind.subgroup == Some(name))
        .chain(
            broad
                .into_iter()
                .filter(|group| group.name() == name)
                .map(|group| ChannelGroup {
                    group,
                    subgroup: None,
                }),
        )
        .next()
}

/// Lower-case words with one space between and around them; a change between Latin and other letters
/// also parts words, as does one from small to capital letter where `at_capitals`.
fn words(name: &str, at_capitals: bool) -> String {
    let mut out = String::from(" ");
    let mut last: Option<char> = None;
    for character in name.chars() {
        if !character.is_alphanumeric() {
            if !out.ends_with(' ') {
                out.push(' ');
            }
            last = None;
            continue;
        }
        let parts = last.is_some_and(|last| {
            (at_capitals && last.is_lowercase() && character.is_uppercase())
                || last.is_ascii() != character.is_ascii()
        });
        if parts {
            out.push(' ');
        }
        out.extend(character.to_lowercase());
        last = Some(character);
    }
    out.push(' ');
    out
}

fn holds_word(spaced: &str, word: &str) -> bool {
    spaced.match_indices(word).any(|(start, found)| {
        spaced[..start].ends_with(' ') && spaced[start + found.len()..].starts_with(' ')
    })
}

/// Whether the characters follow one another, spaces aside: Chinese is not written with any.
fn holds_characters(spaced: &str, word: &str) -> bool {
    spaced.contains(word) || spaced.replace(' ', "").contains(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_into_their_groups() {
        use Group::{Direct, Offline, Online, Other};
        let cases = [
            ("Direct", Direct, None),
            ("(direct) / (none)", Direct, None),
            ("直接访问", Direct, None),
            ("Facebook", Online, Some("social")),
            ("facebook_ads", Online, Some("social")),
            ("INSTAGRAM", Online, Some("social")),
            ("PaidSocial", Online, Some("social")),
            ("微信朋友圈广告", Online, Some("social")),
            ("小红书", Online, Some("social")),
            ("Organic search", Online, Some("search")),
            ("google / cpc", Online, Some("search")),
            ("百度SEM", Online, Some("search")),
            ("E-mail", Online, Some("email")),
            ("Womens E-Mail", Online, Some("email")),
            ("newsletter", Online, Some("email")),
            ("Amazon", Online, Some("e-commerce")),
            ("Online store", Online, Some("e-commerce")),
            ("淘宝", Online, Some("e-commerce")),
            ("京东旗舰店", Online, Some("e-commerce")),
            ("Google Shopping", Online, Some("e-commerce")),
            ("Display - retargeting", Online, Some("display")),
            ("YouTube", Online, Some("video")),
            ("抖音直播", Online, Some("video")),
            ("B站", Online, Some("video")),
            ("微信视频号", Online, Some("video")),
            ("Affiliate", Online, Some("affiliate")),
            ("WhatsApp", Online, Some("messaging")),
            ("企业微信", Online, Some("messaging")),
            ("Referral", Online, Some("referral")),
            ("Web", Online, None),
            ("线上", Online, None),
            ("Store", Offline, Some("stores")),
            ("门店", Offline, Some("stores")),
            ("Exhibition", Offline, Some("exhibitions")),
            ("2024上海展会", Offline, Some("exhibitions")),
            ("telephone", Offline, Some("telephone")),
            ("Call-Center", Offline, Some("telephone")),
            ("Direct mail", Offline, Some("print")),
            ("TV", Offline, Some("broadcast")),
            ("Field sales", Offline, Some("sales")),
            ("线下", Offline, None),
            ("Multichannel", Other, None),
            ("(missing)", Other, None),
            ("13", Other, None),
            ("", Other, None),
            // Words inside words are no words.
            ("Storey & Sons", Other, None),
            ("Bigshopping", Other, None),
        ];
        for (name, group, subgroup) in cases {
            assert_eq!(group_of(name), ChannelGroup { group, subgroup }, "{name}");
        }
    }

    /// Google Analytics 4: all default channel groups (support.google.com/analytics/answer/9756891), and
    /// pairs of source and medium as its reports write them.
    #[test]
    fn names_of_google_analytics_fall_into_their_groups() {
        use Group::{Direct, Offline, Online, Other};
        let cases = [
            ("Direct", Direct, None),
            ("Cross-network", Online, None),
            ("Paid Shopping", Online, Some("e-commerce")),
            ("Paid Search", Online, Some("search")),
            ("Paid Social", Online, Some("social")),
            ("Paid Video", Online, Some("video")),
            ("Display", Online, Some("display")),
            ("Paid Other", Online, None),
            ("Organic Shopping", Online, Some("e-commerce")),
            ("Organic Social", Online, Some("social")),
            ("Organic Video", Online, Some("video")),
            ("Organic Search", Online, Some("search")),
            ("Email", Online, Some("email")),
            ("Affiliates", Online, Some("affiliate")),
            ("Referral", Online, Some("referral")),
            ("Audio", Online, Some("audio")),
            ("SMS", Online, Some("messaging")),
            ("Mobile Push Notifications", Online, Some("messaging")),
            ("Unassigned", Other, None),
            ("(not set)", Other, None),
            ("(Other)", Other, None),
            ("(direct) / (none)", Direct, None),
            ("google / organic", Online, Some("search")),
            ("google / cpc", Online, Some("search")),
            ("google / display", Online, Some("display")),
            ("google / email", Online, Some("email")),
            ("bing / organic", Online, Some("search")),
            ("baidu / organic", Online, Some("search")),
            ("(not set) / cpc", Online, Some("search")),
            ("adroll / cpm", Online, Some("display")),
            ("hubspot / email", Online, Some("email")),
            ("newsletter / email", Online, Some("email")),
            ("facebook / cpc", Online, Some("social")),
            ("facebook / display", Online, Some("display")),
            ("facebook.com / referral", Online, Some("social")),
            ("m.facebook.com / referral", Online, Some("social")),
            ("l.instagram.com / referral", Online, Some("social")),
            ("t.co / referral", Online, Some("social")),
            ("reddit / organic", Online, Some("social")),
            ("linkedin.com / referral", Online, Some("social")),
            ("tiktok / organic", Online, Some("video")),
            ("tiktok / paid", Online, Some("video")),
            ("youtube / organic", Online, Some("video")),
            ("youtube.com / referral", Online, Some("video")),
            ("chatgpt.com / referral", Online, None),
            ("example.org / referral", Online, Some("referral")),
            ("impact / affiliate", Online, Some("affiliate")),
            ("微信 / social", Online, Some("social")),
            ("百度 / cpc", Online, Some("search")),
            ("organic", Online, Some("search")),
            ("paid", Online, None),
            ("自然搜索", Online, Some("search")),
            ("自然流量", Online, Some("search")),
            ("抖音自然流量", Online, Some("video")),
            ("付费社交", Online, Some("social")),
            ("抖音", Online, Some("video")),
            ("小红书", Online, Some("social")),
            ("微信", Online, Some("social")),
            ("京东", Online, Some("e-commerce")),
            ("淘宝", Online, Some("e-commerce")),
            ("门店", Offline, Some("stores")),
            ("展会", Offline, Some("exhibitions")),
            ("Direct sales", Offline, Some("sales")),
            ("直接销售", Offline, Some("sales")),
            ("直接", Direct, None),
            ("TV ads", Offline, Some("broadcast")),
            ("Online chat", Online, Some("messaging")),
            ("Online event", Online, None),
        ];
        for (name, group, subgroup) in cases {
            assert_eq!(group_of(name), ChannelGroup { group, subgroup }, "{name}");
        }
    }

    #[test]
    fn every_word_is_found_in_itself_and_none_is_listed_twice() {
        let mut all: Vec<&str> = Vec::new();
        for (group, subgroup, list) in WORDS.into_iter().chain(WEAK) {
            for word in list.split('|') {
                assert_eq!(group_of(word), ChannelGroup { group, subgroup }, "{word}");
                all.push(word);
            }
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
