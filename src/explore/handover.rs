//! What a schedule's process is given and what it leaves behind: a file in memory, without a name, that the exploring process makes for
//! each schedule.
//!
//! The schedule's process gets it as its standard input, maps it (`gorace_runtime::shared`), and closes it: the program under test has no
//! descriptor, no name and no disk between it and its findings. What is left there is a list of records, each with a checksum that begins
//! with a number of this schedule alone. The list counts only as far as the checksums are right, and it is whole only with its last record,
//! which is written when the run has ended by gorace's own doing. How the process ended, the supervisor writes into the file's head.

use gorace_base::finding::Finding;
use gorace_runtime::shared::Shared;
use gorace_runtime::supervisor::Verdict;
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// The kinds of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Part {
    Finding = 1,
    /// The schedule's decisions.
    Record,
    /// What is known of its partial order.
    Shape,
    /// Its choices, of the systematic strategy.
    Path,
    /// Hashes of the scheduler's questions.
    Hash,
    /// What each goroutine did.
    Census,
    /// A word of its network.
    Network,
    /// Why the program could not be started.
    NotStarted,
    /// Something had no room.
    Full,
    /// The last.
    End,
}

/// Words of the head: which file it is, the schedule's own number, bytes of input, where the records begin, the verdict and its checksum.
const HEAD: usize = 64;
const MAGIC: u64 = u64::from_le_bytes(*b"gorace>>");
const VERDICT: usize = 32;
/// Bytes in front of a record.
const RECORD: usize = 16;
/// Room for records: tried from the first to the last, where a limit on files forbids more. What is not used costs nothing.
const ROOM: [u64; 3] = [1 << 30, 1 << 26, 1 << 22];

/// A checksum that begins with a schedule's number.
fn sum(nonce: u64, kind: u32, sequence: u64, bytes: &[u8]) -> u64 {
    let mix = |a: u64, b: u64| {
        let wide = u128::from(a ^ b ^ 0x9e37_79b9_7f4a_7c15) * u128::from(b.rotate_left(32) ^ 0xd1b5_4a32_d192_ed03);
        (wide as u64) ^ (wide >> 64) as u64
    };
    let mut hash = mix(mix(nonce, u64::from(kind)), mix(sequence, bytes.len() as u64));
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hash = mix(hash, u64::from_le_bytes(word));
    }
    hash
}

/// The exploring process's side.
#[derive(Debug)]
pub struct Handover {
    file: File,
    nonce: u64,
    start: u64,
}

/// What a schedule left behind.
#[derive(Debug, Default)]
pub struct Left {
    pub findings: Vec<Finding>,
    parts: Vec<(u32, Vec<u8>)>,
    /// How the supervisor says that it ended.
    pub verdict: Option<Verdict>,
    /// All is there, up to the last record.
    pub whole: bool,
    /// A record is not what was written.
    pub damaged: bool,
}

impl Left {
    /// A part, if it was left.
    pub fn part<T: DeserializeOwned>(&self, part: Part) -> Option<T> {
        let (_, bytes) = self.parts.iter().find(|(kind, _)| *kind == part as u32)?;
        serde_json::from_slice(bytes).ok()
    }

    /// The parts of a kind that is left several times.
    pub fn parts<T: DeserializeOwned>(&self, part: Part) -> Vec<T> {
        let all = self.parts.iter().filter(|(kind, _)| *kind == part as u32);
        all.filter_map(|(_, bytes)| serde_json::from_slice(bytes).ok()).collect()
    }
}

impl Handover {
    /// A file that gives `input` to a schedule.
    ///
    /// # Errors
    /// When the system has no memory for it.
    pub fn new(input: &[u8]) -> io::Result<Handover> {
        let file = File::from(memfd_create("gorace", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?);
        let nonce = gorace_runtime::world::system_random();
        let start = (HEAD + input.len()).next_multiple_of(4096) as u64;
        let mut made = Ok(());
        for room in ROOM {
            made = ftruncate(&file, start + room);
            if made.is_ok() {
                break;
            }
        }
        made?;
        let mut head = Vec::with_capacity(HEAD + input.len());
        for word in [MAGIC, nonce, input.len() as u64, start, 0, 0, 0, 0] {
            head.extend(word.to_le_bytes());
        }
        head.extend(input);
        file.write_all_at(&head, 0)?;
        // Nobody can take away what was written by making the file shorter.
        let _ = fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL);
        Ok(Handover { file, nonce, start })
    }

    /// The file, to be a process's standard input.
    ///
    /// # Errors
    /// When there are too many descriptors.
    pub fn stdin(&self) -> io::Result<std::process::Stdio> {
        Ok(self.file.try_clone()?.into())
    }

    /// What was left in it.
    pub fn left(&self) -> Left {
        let mut left = Left { verdict: self.verdict(), ..Left::default() };
        let mut at = self.start;
        for sequence in 0.. {
            let Some([first, check]) = words(&self.file, at) else { break };
            let (kind, len) = ((first >> 32) as u32, (first & u64::from(u32::MAX)) as usize);
            if kind == 0 {
                break;
            }
            let mut bytes = vec![0; len];
            let is_there = self.file.read_exact_at(&mut bytes, at + RECORD as u64).is_ok();
            if !is_there || sum(self.nonce, kind, sequence, &bytes) != check {
                left.damaged = true;
                break;
            }
            at += RECORD as u64 + len.next_multiple_of(8) as u64;
            match kind {
                k if k == Part::End as u32 => {
                    left.whole = !left.damaged;
                    break;
                }
                k if k == Part::Full as u32 => left.damaged = true,
                k if k == Part::Finding as u32 => match serde_json::from_slice(&bytes) {
                    Ok(finding) => left.findings.push(finding),
                    Err(_) => left.damaged = true,
                },
                _ => left.parts.push((kind, bytes)),
            }
        }
        left
    }

    fn verdict(&self) -> Option<Verdict> {
        let [word, check] = words(&self.file, VERDICT as u64)?;
        if sum(self.nonce, 0, 0, &word.to_le_bytes()) != check {
            return None;
        }
        let value = word as u32 as i32;
        Some(match word >> 32 {
            1 => Verdict::Exited(value),
            2 => Verdict::Signal(value),
            3 => Verdict::TimedOut,
            4 => Verdict::OutOfMemory,
            _ => Verdict::Stopped,
        })
    }
}

fn words<const N: usize>(file: &File, at: u64) -> Option<[u64; N]> {
    let mut out = [0; N];
    for (i, word) in out.iter_mut().enumerate() {
        let mut bytes = [0; 8];
        file.read_exact_at(&mut bytes, at + 8 * i as u64).ok()?;
        *word = u64::from_le_bytes(bytes);
    }
    Some(out)
}

/// The schedule's side.
#[derive(Debug)]
pub struct Given {
    shared: Shared,
    nonce: u64,
    at: usize,
    end: usize,
    sequence: u64,
    pub input: Vec<u8>,
}

impl Given {
    /// Takes what standard input is, and puts nothing in its place.
    ///
    /// # Errors
    /// When it is no such file.
    pub fn take() -> io::Result<Given> {
        let file = File::from(rustix::io::dup(rustix::stdio::stdin())?);
        let null = File::open("/dev/null")?;
        rustix::stdio::dup2_stdin(&null)?;
        let Some([MAGIC, nonce, len, start]) = words(&file, 0) else {
            return Err(io::Error::other("a schedule is started by gorace, with a file to leave its findings in"));
        };
        let end = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
        let mut input = vec![0; usize::try_from(len).unwrap_or(0).min(end)];
        file.read_exact_at(&mut input, HEAD as u64)?;
        let shared = Shared::map(&file, end)?;
        Ok(Given { shared, nonce, at: start as usize, end, sequence: 0, input })
    }

    fn append(&mut self, part: Part, bytes: &[u8]) {
        // Room is kept for the record that says that there was none, and the last one.
        let reserve = if matches!(part, Part::Full | Part::End) { 0 } else { 4 * RECORD };
        let size = RECORD + bytes.len().next_multiple_of(8);
        if self.at + size + reserve > self.end || u32::try_from(bytes.len()).is_err() {
            if reserve > 0 {
                self.append(Part::Full, &[]);
            }
            return;
        }
        let kind = part as u32;
        let first = u64::from(kind) << 32 | bytes.len() as u64;
        let mut record = Vec::with_capacity(size);
        record.extend(first.to_le_bytes());
        record.extend(sum(self.nonce, kind, self.sequence, bytes).to_le_bytes());
        record.extend(bytes);
        // What cannot be written is missed by the reader, as the last record then does not fit its number.
        self.shared.write(self.at, &record);
        self.at += size;
        self.sequence += 1;
    }

    /// Leaves a part behind.
    pub fn leave(&mut self, part: Part, value: &impl Serialize) {
        match serde_json::to_vec(value) {
            Ok(bytes) => self.append(part, &bytes),
            Err(_) => self.append(Part::Full, &[]),
        }
    }

    /// Says that nothing more comes.
    pub fn end(&mut self) {
        self.append(Part::End, &[]);
    }

    /// Says how the process ended.
    pub fn verdict(&self, verdict: Verdict) {
        let (kind, value) = match verdict {
            Verdict::Exited(status) => (1, status),
            Verdict::Signal(signal) => (2, signal),
            Verdict::TimedOut => (3, 0),
            Verdict::OutOfMemory => (4, 0),
            Verdict::Stopped => (5, 0),
        };
        let word = u64::to_le_bytes(kind << 32 | u64::from(value as u32));
        let check = sum(self.nonce, 0, 0, &word).to_le_bytes();
        self.shared.write(VERDICT, &[word, check].concat());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(handover: &Handover) -> Given {
        let [_, nonce, _, start] = words::<4>(&handover.file, 0).unwrap();
        let end = handover.file.metadata().unwrap().len() as usize;
        let shared = Shared::map(&handover.file, end).unwrap();
        Given { shared, nonce, at: start as usize, end, sequence: 0, input: Vec::new() }
    }

    fn finding(n: u64) -> Finding {
        Finding::new("data-race", format!("number {n}"), Vec::new(), n)
    }

    #[test]
    fn what_is_left_is_read_up_to_the_last_record() {
        let handover = Handover::new(b"input").unwrap();
        let mut given = given(&handover);
        for n in 0..3 {
            given.leave(Part::Finding, &finding(n));
        }
        let left = handover.left();
        assert_eq!((left.findings.len(), left.whole, left.damaged, left.verdict), (3, false, false, None));
        given.leave(Part::Shape, &[1, 2, 3]);
        given.end();
        given.verdict(Verdict::Exited(-3));
        let left = handover.left();
        assert_eq!(left.part::<Vec<i32>>(Part::Shape), Some(vec![1, 2, 3]));
        assert_eq!(left.part::<Vec<i32>>(Part::Path), None);
        assert_eq!((left.findings.len(), left.whole, left.damaged), (3, true, false));
        assert_eq!(left.verdict, Some(Verdict::Exited(-3)));
    }

    #[test]
    fn what_was_changed_does_not_count() {
        let handover = Handover::new(b"").unwrap();
        let mut given = given(&handover);
        given.leave(Part::Finding, &finding(0));
        let second = given.at as u64;
        given.leave(Part::Finding, &finding(1));
        given.end();
        let whole = handover.left();
        assert!(whole.whole && whole.findings.len() == 2);
        for at in [second, second + 8, second + 16, second + 40] {
            let mut byte = [0];
            handover.file.read_exact_at(&mut byte, at).unwrap();
            handover.file.write_all_at(&[byte[0] ^ 1], at).unwrap();
            let left = handover.left();
            assert!(!left.whole && left.damaged && left.findings.len() == 1, "{at}");
            handover.file.write_all_at(&byte, at).unwrap();
        }
        // A record in front of its time, or none.
        handover.file.write_all_at(&[0; 16], second).unwrap();
        assert!(!handover.left().whole);
    }

    #[test]
    fn what_has_no_room_is_missed() {
        let handover = Handover::new(b"").unwrap();
        let mut given = given(&handover);
        given.end = given.at + 4096;
        given.leave(Part::Finding, &finding(0));
        given.leave(Part::Record, &vec![0; 4096]);
        given.end();
        let left = handover.left();
        assert!(left.damaged && !left.whole && left.findings.len() == 1);
    }

    #[test]
    fn the_file_keeps_its_length() {
        let handover = Handover::new(b"").unwrap();
        assert!(handover.file.set_len(10).is_err());
    }
}
