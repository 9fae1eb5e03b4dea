//! Gzip, pushed in as it comes (RFC 1952): any number of members one after the other.

use super::error::IngestError;
use flate2::{Crc, Decompress, FlushDecompress, Status};

/// Bytes inflated at a time.
const OUTPUT_BYTES: usize = 64 << 10;
/// A header longer than this is none.
const MAX_HEADER: usize = 64 << 10;
/// Bits of the header's flags: a header checksum, extra fields, a name, a remark.
const HAS_CRC: u8 = 2;
const HAS_EXTRA: u8 = 4;
const HAS_NAME: u8 = 8;
const HAS_COMMENT: u8 = 16;

enum Stage {
    /// Gathering a member's header.
    Header(Vec<u8>),
    /// Inside a member.
    Body,
    /// Gathering the checksum and length behind a member.
    Trailer(Vec<u8>),
    /// What follows the last member is none, and is not looked at.
    Done,
}

/// A streaming reader of gzip. What comes out does not depend on how the input is cut.
pub(super) struct Gunzip {
    stage: Stage,
    inflater: Decompress,
    crc: Crc,
    output: Vec<u8>,
    inflated: u64,
    /// How many bytes may come out.
    limit: u64,
    members: usize,
}

impl Gunzip {
    /// A reader of at most so many bytes.
    pub(super) fn new(limit: u64) -> Self {
        Self {
            stage: Stage::Header(Vec::new()),
            inflater: Decompress::new(false),
            crc: Crc::new(),
            output: vec![0; OUTPUT_BYTES],
            inflated: 0,
            limit,
            members: 0,
        }
    }

    /// Takes the next bytes and hands over what they inflate to, a little at a time.
    ///
    /// # Errors
    /// `broken-archive`, `inflated-too-large`, and those of `each`.
    pub(super) fn feed(
        &mut self,
        mut bytes: &[u8],
        mut each: impl FnMut(&[u8]) -> Result<(), IngestError>,
    ) -> Result<(), IngestError> {
        while !bytes.is_empty() {
            match &mut self.stage {
                Stage::Header(header) => {
                    // Byte by byte: a header is short, and its end is known only when it is reached.
                    header.push(bytes[0]);
                    bytes = &bytes[1..];
                    match header_end(header) {
                        Header::Open if header.len() < MAX_HEADER => {}
                        Header::Complete => self.stage = Stage::Body,
                        Header::Open | Header::Wrong if self.members == 0 => {
                            return Err(IngestError::BrokenArchive);
                        }
                        Header::Open | Header::Wrong => self.stage = Stage::Done,
                    }
                }
                Stage::Body => bytes = self.inflate(bytes, &mut each)?,
                Stage::Trailer(trailer) => {
                    let taken = bytes.len().min(8 - trailer.len());
                    trailer.extend_from_slice(&bytes[..taken]);
                    bytes = &bytes[taken..];
                    if trailer.len() == 8 {
                        let sound = trailer[..4] == self.crc.sum().to_le_bytes()
                            && trailer[4..] == self.crc.amount().to_le_bytes();
                        if !sound {
                            return Err(IngestError::BrokenArchive);
                        }
                        self.members += 1;
                        self.inflater.reset(false);
                        self.crc.reset();
                        self.stage = Stage::Header(Vec::new());
                    }
                }
                Stage::Done => return Ok(()),
            }
        }
        Ok(())
    }

    /// Inflates until the input or the member ends; returns what is left of the input.
    fn inflate<'a>(
        &mut self,
        mut bytes: &'a [u8],
        each: &mut impl FnMut(&[u8]) -> Result<(), IngestError>,
    ) -> Result<&'a [u8], IngestError> {
        loop {
            let (read, written) = (self.inflater.total_in(), self.inflater.total_out());
            let status = self
                .inflater
                .decompress(bytes, &mut self.output, FlushDecompress::None)
                .map_err(|_| IngestError::BrokenArchive)?;
            let read = (self.inflater.total_in() - read) as usize;
            let written = (self.inflater.total_out() - written) as usize;
            bytes = &bytes[read..];
            self.inflated += written as u64;
            if self.inflated > self.limit {
                return Err(IngestError::InflatedTooLarge);
            }
            self.crc.update(&self.output[..written]);
            if written > 0 {
                each(&self.output[..written])?;
            }
            match status {
                Status::StreamEnd => {
                    self.stage = Stage::Trailer(Vec::with_capacity(8));
                    return Ok(bytes);
                }
                _ if read == 0 && written == 0 && bytes.is_empty() => return Ok(bytes),
                _ if read == 0 && written == 0 => return Err(IngestError::BrokenArchive),
                _ => {}
            }
        }
    }

    /// Says that no bytes follow.
    ///
    /// # Errors
    /// `broken-archive` in the middle of a member.
    pub(super) fn end(&self) -> Result<(), IngestError> {
        let between = match &self.stage {
            // Padding and other rests behind a member are let be.
            Stage::Header(_) => self.members > 0,
            Stage::Done => true,
            Stage::Body | Stage::Trailer(_) => false,
        };
        if between {
            Ok(())
        } else {
            Err(IngestError::BrokenArchive)
        }
    }
}

enum Header {
    Open,
    Complete,
    Wrong,
}

/// Whether the bytes are a whole header, the beginning of one, or neither.
fn header_end(header: &[u8]) -> Header {
    let magic = [0x1f, 0x8b, 8];
    let sound = header
        .iter()
        .zip(magic)
        .all(|(byte, wanted)| *byte == wanted);
    if !sound {
        return Header::Wrong;
    }
    let Some(&flags) = header.get(3) else {
        return Header::Open;
    };
    if flags >= 32 {
        return Header::Wrong;
    }
    let mut end = 10;
    if flags & HAS_EXTRA != 0 {
        let Some(&[low, high]) = header.get(end..end + 2) else {
            return Header::Open;
        };
        end += 2 + usize::from(u16::from_le_bytes([low, high]));
    }
    for flag in [HAS_NAME, HAS_COMMENT] {
        if flags & flag != 0 {
            let rest = header.get(end..).unwrap_or_default();
            let Some(length) = rest.iter().position(|&byte| byte == 0) else {
                return Header::Open;
            };
            end += length + 1;
        }
    }
    if flags & HAS_CRC != 0 {
        end += 2;
    }
    if header.len() < end {
        Header::Open
    } else {
        Header::Complete
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Coded;
    use flate2::{Compression, GzBuilder, write::GzEncoder};
    use proptest::prelude::*;
    use std::io::Write;

    fn gunzip(chunks: &[&[u8]]) -> Result<Vec<u8>, &'static str> {
        let mut out = Vec::new();
        let mut gunzip = Gunzip::new(u64::MAX);
        for chunk in chunks {
            let result = gunzip.feed(chunk, |bytes| {
                out.extend_from_slice(bytes);
                Ok(())
            });
            result.map_err(|error| error.code())?;
        }
        gunzip.end().map_err(|error| error.code())?;
        Ok(out)
    }

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked_however_it_is_cut(
            parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..4),
            size in 1..200usize,
        ) {
            let bytes: Vec<u8> = parts.iter().flat_map(|part| packed(part)).collect();
            let chunks: Vec<_> = bytes.chunks(size).collect();
            prop_assert_eq!(gunzip(&chunks), Ok(parts.concat()));
            prop_assert_eq!(gunzip(&[&bytes[..bytes.len() - 1]]), Err("broken-archive"));
        }

        #[test]
        fn any_bytes_are_unpacked_or_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0..60usize) {
            let _ = gunzip(&[&bytes]);
            bytes.splice(..0, [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0]);
            let _ = gunzip(&[&bytes]);
            let mut spoiled = packed(b"a,b\n1,2\n1,2\n1,2\n");
            let at = at % spoiled.len();
            spoiled[at] ^= 0x55;
            let _ = gunzip(&[&spoiled]);
        }
    }

    #[test]
    fn headers_with_everything_and_rests_behind() {
        let builder = GzBuilder::new().filename("a.csv").comment("x").extra("abc");
        let mut encoder = builder.write(Vec::new(), Compression::best());
        encoder.write_all(b"a,b\n1,2\n").unwrap();
        let mut bytes = encoder.finish().unwrap();
        bytes.extend_from_slice(&[0; 600]);
        let chunks: Vec<_> = bytes.chunks(1).collect();
        assert_eq!(gunzip(&chunks), Ok(b"a,b\n1,2\n".to_vec()));
        let at = bytes.len() - 600 - 6;
        bytes[at] ^= 1;
        assert_eq!(gunzip(&[&bytes]), Err("broken-archive"), "checksum");
        assert_eq!(gunzip(&[b"\x1f\x8b\x08\0\0\0\0\0"]), Err("broken-archive"));
        assert_eq!(gunzip(&[b""]), Err("broken-archive"));
    }

    #[test]
    fn a_bomb_is_stopped() {
        let bomb = packed(&vec![b'\n'; 8 << 20]);
        assert!(bomb.len() < 16 << 10);
        let mut gunzip = Gunzip::new(4 << 20);
        let mut most = 0;
        let result = gunzip.feed(&bomb, |bytes| {
            most = most.max(bytes.len());
            Ok(())
        });
        assert!(most <= OUTPUT_BYTES);
        assert_eq!(
            result.map_err(|error| error.code()),
            Err("inflated-too-large")
        );
    }
}
