//! From bytes in some encoding to valid UTF-8, as a stream.
//!
//! Where neither a byte order mark nor an option says what the encoding is, ASCII is passed on as it
//! is, and the first byte that is not ASCII starts a window of bytes that decides: so a long ASCII
//! beginning never hides what comes after it. Valid UTF-8 is passed on without a copy.

use super::error::IngestError;
use super::format::check_bytes;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// How many bytes are gathered before anything is decided.
const HEAD_BYTES: usize = 4 << 10;
/// How many bytes, from the first that is not ASCII, the encoding is guessed from.
const WINDOW_BYTES: usize = 256 << 10;
/// How many bytes are looked at together.
const BLOCK_BYTES: usize = 4 << 10;
/// How many sound multi-byte characters outweigh one broken one when UTF-8 is in question.
const SOUND_PER_BROKEN: usize = 10;
const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

/// Where decoded text goes.
pub(super) type Sink<'a> = dyn FnMut(&[u8]) -> Result<(), IngestError> + 'a;

enum Stage {
    /// Gathering the first bytes.
    Head(Vec<u8>),
    /// Nothing but ASCII so far; any ASCII-compatible encoding is still possible.
    Ascii,
    /// Gathering bytes to guess from.
    Window(Vec<u8>),
    /// UTF-8, with the beginning of a character that the last chunk cut.
    Utf8(Vec<u8>),
    /// Any other encoding.
    Other(Box<encoding_rs::Decoder>),
}

/// A streaming decoder. What comes out does not depend on how the input is cut.
pub(super) struct Decoder {
    stage: Stage,
    wanted: Option<&'static Encoding>,
    encoding: &'static Encoding,
    replaced: usize,
}

impl Decoder {
    /// A decoder for the encoding that was asked for, or for what the bytes look like.
    pub(super) fn new(wanted: Option<&'static Encoding>) -> Self {
        Self {
            stage: Stage::Head(Vec::new()),
            wanted,
            encoding: UTF_8,
            replaced: 0,
        }
    }

    /// The encoding's name in the WHATWG standard; ASCII is UTF-8.
    pub(super) fn encoding(&self) -> &'static str {
        self.encoding.name()
    }

    /// How many places could not be decoded and were replaced by U+FFFD.
    pub(super) fn replaced(&self) -> usize {
        self.replaced
    }

    /// Takes the next bytes; `last` says that none follow.
    ///
    /// # Errors
    /// Those of [`check_bytes`] and of the sink.
    pub(super) fn feed(
        &mut self,
        bytes: &[u8],
        last: bool,
        sink: &mut Sink<'_>,
    ) -> Result<(), IngestError> {
        match &mut self.stage {
            Stage::Head(head) => {
                let taken = bytes.len().min(HEAD_BYTES - head.len());
                head.extend_from_slice(&bytes[..taken]);
                if head.len() < HEAD_BYTES && !last {
                    return Ok(());
                }
                let head = std::mem::take(head);
                check_bytes(&head)?;
                let skipped = self.choose_from_head(&head);
                self.feed(&head[skipped..], false, sink)?;
                self.feed(&bytes[taken..], last, sink)
            }
            Stage::Ascii => {
                let plain = ascii_up_to(bytes);
                if plain > 0 {
                    sink(&bytes[..plain])?;
                }
                if plain == bytes.len() {
                    return Ok(());
                }
                self.stage = Stage::Window(Vec::new());
                self.feed(&bytes[plain..], last, sink)
            }
            Stage::Window(window) => {
                let taken = bytes.len().min(WINDOW_BYTES - window.len());
                window.extend_from_slice(&bytes[..taken]);
                if window.len() < WINDOW_BYTES && !last {
                    return Ok(());
                }
                let window = std::mem::take(window);
                self.choose(guess(&window));
                self.feed(&window, false, sink)?;
                self.feed(&bytes[taken..], last, sink)
            }
            Stage::Utf8(cut) => decode_utf8(cut, bytes, last, &mut self.replaced, sink),
            Stage::Other(decoder) => decode_other(decoder, bytes, last, &mut self.replaced, sink),
        }
    }

    /// Decides what can be decided from the first bytes; returns how many of them are marks.
    fn choose_from_head(&mut self, head: &[u8]) -> usize {
        if let Some((encoding, mut skipped)) = Encoding::for_bom(head) {
            self.choose(encoding);
            // Tools that append to a file, or add a mark twice, leave two.
            let mark = head[..skipped].to_vec();
            while head[skipped..].starts_with(&mark) {
                skipped += mark.len();
            }
            return skipped;
        }
        match self.wanted.or_else(|| utf16_without_mark(head)) {
            Some(encoding) => self.choose(encoding),
            None => self.stage = Stage::Ascii,
        }
        0
    }

    fn choose(&mut self, encoding: &'static Encoding) {
        self.encoding = encoding;
        self.stage = if encoding == UTF_8 {
            Stage::Utf8(Vec::new())
        } else {
            Stage::Other(Box::new(encoding.new_decoder_without_bom_handling()))
        };
    }
}

/// How many bytes at the beginning are ASCII.
fn ascii_up_to(bytes: &[u8]) -> usize {
    // A block is looked at as a whole, without a way out, since this is done many bytes at a time.
    let beyond = |block: &[u8]| block.iter().fold(0, |all, byte| all | byte) >= 0x80;
    let blocks = bytes.chunks(BLOCK_BYTES).take_while(|block| !beyond(block));
    let plain = bytes.len().min(blocks.count() * BLOCK_BYTES);
    plain + Encoding::ascii_valid_up_to(&bytes[plain..bytes.len().min(plain + BLOCK_BYTES)])
}

/// UTF-16 whose mark was left out: in mostly ASCII text every other byte is zero.
fn utf16_without_mark(head: &[u8]) -> Option<&'static Encoding> {
    let pairs = head.as_chunks::<2>().0;
    let share = |zero: usize, filled: usize| {
        let fits = |pair: &&[u8; 2]| pair[zero] == 0 && pair[filled] != 0;
        pairs.iter().filter(fits).count() * 10 >= pairs.len() * 8
    };
    if pairs.len() < 2 {
        None
    } else if share(1, 0) {
        Some(UTF_16LE)
    } else if share(0, 1) {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// The encoding of a window that starts with a byte beyond ASCII.
///
/// One broken character in a UTF-8 file must not turn every other into mojibake, hence the count
/// before the detector, which gives UTF-8 up at the first error.
fn guess(window: &[u8]) -> &'static Encoding {
    let (mut sound, mut broken) = (0, 0);
    let mut rest = window;
    while !rest.is_empty() {
        let (valid, skipped) = match std::str::from_utf8(rest) {
            Ok(_) => (rest.len(), 0),
            Err(error) => {
                broken += usize::from(error.error_len().is_some());
                let cut = rest.len() - error.valid_up_to();
                (error.valid_up_to(), error.error_len().unwrap_or(cut))
            }
        };
        // Bytes 0xC0 and above begin a multi-byte character.
        sound += rest[..valid].iter().filter(|&&byte| byte >= 0xc0).count();
        rest = &rest[valid + skipped..];
    }
    if broken * SOUND_PER_BROKEN <= sound && sound > 0 {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(window, true);
    detector.guess(None, Utf8Detection::Deny)
}

fn decode_utf8(
    cut: &mut Vec<u8>,
    mut bytes: &[u8],
    last: bool,
    replaced: &mut usize,
    sink: &mut Sink<'_>,
) -> Result<(), IngestError> {
    // A character cut by the end of a chunk is completed byte by byte: at most three times.
    while !cut.is_empty() {
        let Some((&next, rest)) = bytes.split_first() else {
            break;
        };
        cut.push(next);
        bytes = rest;
        match std::str::from_utf8(cut) {
            Ok(_) => {
                sink(cut)?;
                cut.clear();
            }
            Err(error) => {
                if let Some(length) = error.error_len() {
                    sink(REPLACEMENT)?;
                    *replaced += 1;
                    cut.drain(..length);
                    // What is left is the byte that broke the character: look at it afresh.
                    if std::str::from_utf8(cut).is_ok() {
                        sink(cut)?;
                        cut.clear();
                    }
                }
            }
        }
    }
    while !bytes.is_empty() {
        match std::str::from_utf8(bytes) {
            Ok(_) => {
                sink(bytes)?;
                break;
            }
            Err(error) => {
                let (valid, rest) = bytes.split_at(error.valid_up_to());
                if !valid.is_empty() {
                    sink(valid)?;
                }
                let Some(length) = error.error_len() else {
                    cut.extend_from_slice(rest);
                    break;
                };
                sink(REPLACEMENT)?;
                *replaced += 1;
                bytes = &rest[length..];
            }
        }
    }
    if last && !cut.is_empty() {
        cut.clear();
        *replaced += 1;
        sink(REPLACEMENT)?;
    }
    Ok(())
}

fn decode_other(
    decoder: &mut encoding_rs::Decoder,
    mut bytes: &[u8],
    last: bool,
    replaced: &mut usize,
    sink: &mut Sink<'_>,
) -> Result<(), IngestError> {
    let mut text = vec![0; 64 << 10];
    loop {
        let (result, read, written) =
            decoder.decode_to_utf8_without_replacement(bytes, &mut text, last);
        bytes = &bytes[read..];
        if written > 0 {
            sink(&text[..written])?;
        }
        match result {
            DecoderResult::InputEmpty => return Ok(()),
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => {
                *replaced += 1;
                sink(REPLACEMENT)?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(
        chunks: &[&[u8]],
        wanted: Option<&'static Encoding>,
    ) -> (String, &'static str, usize) {
        let mut decoder = Decoder::new(wanted);
        let mut text = Vec::new();
        let mut sink = |bytes: &[u8]| {
            text.extend_from_slice(bytes);
            Ok(())
        };
        for chunk in chunks {
            decoder.feed(chunk, false, &mut sink).unwrap();
        }
        decoder.feed(&[], true, &mut sink).unwrap();
        let text = String::from_utf8(text).unwrap();
        (text, decoder.encoding(), decoder.replaced())
    }

    #[test]
    fn marks_are_obeyed_and_dropped() {
        let utf16 = |text: &str, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
            text.encode_utf16().flat_map(order).collect()
        };
        let text = "a,渠道\n1,搜索\n";
        let marked = format!("\u{feff}{text}");
        for (bytes, name) in [
            (marked.clone().into_bytes(), "UTF-8"),
            (format!("\u{feff}{marked}").into_bytes(), "UTF-8"),
            (utf16(&marked, u16::to_le_bytes), "UTF-16LE"),
            (utf16(&marked, u16::to_be_bytes), "UTF-16BE"),
        ] {
            let (decoded, encoding, replaced) = decode(&[&bytes], None);
            assert_eq!((decoded.as_str(), encoding, replaced), (text, name, 0));
        }
        let plain = utf16("channel,visits\nsearch,3\n", u16::to_le_bytes);
        assert_eq!(decode(&[&plain], None).1, "UTF-16LE");
    }

    #[test]
    fn a_late_byte_beyond_ascii_still_decides() {
        let mut bytes = b"name,city\n".repeat(200_000);
        let text = "Müller,Köln\nGrün,Straße für Mädchen\n";
        bytes.extend_from_slice(&encoding_rs::WINDOWS_1252.encode(text).0);
        let (decoded, encoding, replaced) = decode(&[&bytes], None);
        assert!(decoded.ends_with(text));
        assert_eq!((encoding, replaced), ("windows-1252", 0));
    }

    #[test]
    fn chinese_exports_are_told() {
        let text = "渠道,来源,是否下单\n搜索引擎,百度推广,是\n短信营销,会员中心,否\n".repeat(5);
        let (bytes, ..) = encoding_rs::GBK.encode(&text);
        let (decoded, encoding, _) = decode(&[&bytes], None);
        assert_eq!((decoded, encoding), (text, "GBK"));
    }

    #[test]
    fn one_broken_character_does_not_spoil_a_utf8_file() {
        let mut bytes = "Zürich,Genève,Köln,Malmö\n".repeat(20).into_bytes();
        bytes.extend_from_slice(b"cut \xc3,end\n");
        let (decoded, encoding, replaced) = decode(&[&bytes], None);
        assert!(decoded.starts_with("Zürich") && decoded.ends_with("cut \u{fffd},end\n"));
        assert_eq!((encoding, replaced), ("UTF-8", 1));
    }

    proptest! {
        #[test]
        fn cuts_change_nothing(
            bytes in prop::collection::vec(prop_oneof![Just(b'a'), Just(0xc3), Just(0xa9), any::<u8>()], 0..200),
            cuts in prop::collection::vec(0..200usize, 0..6),
            label in prop::sample::select(vec![None, Some("utf-8"), Some("gbk"), Some("utf-16le"), Some("shift_jis")]),
        ) {
            prop_assume!(check_bytes(&bytes).is_ok());
            let wanted = label.and_then(|label| Encoding::for_label(label.as_bytes()));
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let chunks: Vec<_> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
            prop_assert_eq!(decode(&chunks, wanted), decode(&[&bytes], wanted));
        }

        #[test]
        fn utf8_is_replaced_as_the_standard_library_does(
            bytes in prop::collection::vec(prop_oneof![Just(b'a'), Just(0xe2), Just(0x82), Just(0xac), any::<u8>()], 0..60),
            size in 1..7usize,
        ) {
            prop_assume!(check_bytes(&bytes).is_ok() && Encoding::for_bom(&bytes).is_none());
            let chunks: Vec<_> = bytes.chunks(size).collect();
            let (decoded, ..) = decode(&chunks, Some(UTF_8));
            prop_assert_eq!(decoded, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
}
