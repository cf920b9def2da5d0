// SPDX-License-Identifier: GPL-2.0

//! The knobs: what the firmware offers and how it misbehaves, from one string or set as it runs.

use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;

/// A knob; its number is that of the test extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Knob {
    /// No NACL extension at all.
    Off,
    /// The features: bit 0 SYNC_CSR, 1 SYNC_HFENCE, 2 SYNC_SRET, 3 AUTOSWAP_CSR.
    Features,
    /// The call of a feature that is not offered answers NOT_SUPPORTED, instead of working.
    Refused,
    /// Poison, and assertions on what the supervisor writes.
    Strict,
    /// Pending of HFENCE entries is never cleared; they are processed each time.
    NeverClear,
    /// Only half of the HFENCE entries that wait are processed by a sync.
    HalfHfence,
    /// SET_SHMEM fails on the hart of this number.
    RefuseShmem,
    /// SET_SHMEM fails where it is to disable.
    RefuseDisable,
    /// SYNC_SRET fails once, this many calls from now, all harts together; counts down to 0, which
    /// is never.
    SretFailAt,
    /// SYNC_SRET fails at each call whose number is a multiple of this; 0 for none.
    SretFailEvery,
    /// The error with which it does.
    SretError,
    /// SYNC_CSR fails with this error; 0 for none.
    CsrError,
    /// SYNC_HFENCE fails with this error; 0 for none.
    HfenceError,
    /// PROBE_FEATURE fails with this error; 0 for none.
    ProbeError,
    /// The HTINST word is zero after each exit.
    NoHtinst,
    /// Direct uses of the hypervisor extension by the supervisor trap and are counted; at boot only.
    CountCsrs,
}

/// How the value of a knob is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Value {
    /// The word alone is 1.
    Flag,
    /// `word=NUMBER`, decimal or 0x.
    Number,
    /// `word=NAME`, the name of an SBI error or its number.
    Error,
}

/// Word, knob, how its value is written, and what it is when nothing is said.
const KNOBS: [(&str, Knob, Value, u64); COUNT] = [
    ("off", Knob::Off, Value::Flag, 0),
    ("features", Knob::Features, Value::Number, 0xf),
    ("refused", Knob::Refused, Value::Flag, 0),
    ("strict", Knob::Strict, Value::Flag, 0),
    ("never-clear", Knob::NeverClear, Value::Flag, 0),
    ("half-hfence", Knob::HalfHfence, Value::Flag, 0),
    ("refuse-shmem", Knob::RefuseShmem, Value::Number, NONE),
    ("refuse-disable", Knob::RefuseDisable, Value::Flag, 0),
    ("sret-fail-at", Knob::SretFailAt, Value::Number, 0),
    ("sret-fail-every", Knob::SretFailEvery, Value::Number, 0),
    ("sret-error", Knob::SretError, Value::Error, -1i64 as u64),
    ("csr-error", Knob::CsrError, Value::Error, 0),
    ("hfence-error", Knob::HfenceError, Value::Error, 0),
    ("probe-error", Knob::ProbeError, Value::Error, 0),
    ("no-htinst", Knob::NoHtinst, Value::Flag, 0),
    ("count-csrs", Knob::CountCsrs, Value::Flag, 0),
];

/// How many knobs there are.
pub const COUNT: usize = Knob::CountCsrs as usize + 1;

/// The number of no hart.
pub const NONE: u64 = u64::MAX;

/// The errors of the SBI specification.
const ERRORS: [(&str, i64); 14] = [
    ("FAILED", -1),
    ("NOT_SUPPORTED", -2),
    ("INVALID_PARAM", -3),
    ("DENIED", -4),
    ("INVALID_ADDRESS", -5),
    ("ALREADY_AVAILABLE", -6),
    ("ALREADY_STARTED", -7),
    ("ALREADY_STOPPED", -8),
    ("NO_SHMEM", -9),
    ("INVALID_STATE", -10),
    ("BAD_RANGE", -11),
    ("TIMEOUT", -12),
    ("IO", -13),
    ("DENIED_LOCKED", -14),
];

/// What was wrong with the string of options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong<'a> {
    /// There is no such word.
    Unknown(&'a str),
    /// The word needs a value that this is not.
    Value(&'a str),
}

/// The value of each knob.
pub struct Knobs([AtomicU64; COUNT]);

impl Knobs {
    /// All features, no misbehaviour.
    pub const fn new() -> Self {
        let mut values = [const { AtomicU64::new(0) }; COUNT];
        let mut next = 0;
        while next < COUNT {
            values[next] = AtomicU64::new(KNOBS[next].3);
            next += 1;
        }
        Self(values)
    }

    /// The value of a knob.
    pub fn get(&self, knob: Knob) -> u64 {
        self.0[knob as usize].load(Relaxed)
    }

    /// Whether a knob is not zero.
    pub fn is(&self, knob: Knob) -> bool {
        self.get(knob) != 0
    }

    /// Count a knob down to 0. Says whether it got there now.
    pub fn count_down(&self, knob: Knob) -> bool {
        let value = &self.0[knob as usize];
        value.fetch_update(Relaxed, Relaxed, |value| value.checked_sub(1)) == Ok(1)
    }

    /// The value of the knob of a number.
    pub fn get_number(&self, number: usize) -> Option<u64> {
        self.0.get(number).map(|value| value.load(Relaxed))
    }

    /// Set the knob of a number, which is an error where it does not exist.
    pub fn set_number(&self, number: usize, value: u64) -> Option<u64> {
        self.0.get(number).map(|knob| knob.swap(value, Relaxed))
    }

    /// Set knobs from words that blanks or commas separate.
    pub fn parse<'a>(&self, text: &'a str) -> Result<(), Wrong<'a>> {
        let separate = |letter: char| letter == ',' || letter.is_ascii_whitespace();
        for word in text.split(separate).filter(|word| !word.is_empty()) {
            // The opposite of `refused`, and what is so without it.
            if word == "hidden" {
                self.0[Knob::Refused as usize].store(0, Relaxed);
                continue;
            }
            let (name, value) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (word, None),
            };
            let Some(&(_, knob, kind, _)) = KNOBS.iter().find(|knob| knob.0 == name) else {
                return Err(Wrong::Unknown(word));
            };
            let number = match (kind, value) {
                (Value::Flag, None) => Some(1),
                (Value::Number, Some(value)) => parse_number(value),
                (Value::Error, Some(value)) => parse_error(value),
                _ => None,
            };
            match number {
                Some(number) if knob != Knob::Features || number < 16 => {
                    self.0[knob as usize].store(number, Relaxed);
                }
                _ => return Err(Wrong::Value(word)),
            }
        }
        Ok(())
    }
}

impl Default for Knobs {
    fn default() -> Self {
        Self::new()
    }
}

fn parse_number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

fn parse_error(text: &str) -> Option<u64> {
    let by_name = ERRORS
        .iter()
        .find(|error| error.0 == text)
        .map(|error| error.1);
    by_name
        .or_else(|| text.parse().ok())
        .map(|error| error as u64)
}

#[cfg(test)]
mod tests {
    use super::Knob;
    use super::Knobs;
    use super::Wrong;
    use super::COUNT;
    use super::KNOBS;
    use super::NONE;

    #[test]
    fn the_table_is_in_the_order_of_the_numbers() {
        for (number, knob) in KNOBS.iter().enumerate() {
            assert_eq!(knob.1 as usize, number, "{}", knob.0);
        }
    }

    #[test]
    fn nothing_said() {
        let knobs = Knobs::new();
        assert_eq!(knobs.parse(""), Ok(()));
        assert_eq!(knobs.get(Knob::Features), 0xf);
        assert!(!knobs.is(Knob::Refused));
        assert_eq!(knobs.get(Knob::RefuseShmem), NONE);
    }

    #[test]
    fn words() {
        let knobs = Knobs::new();
        assert_eq!(
            knobs.parse(
                " features=0x7,refused  strict, refuse-shmem=1 sret-fail-at=12 \
                 csr-error=NO_SHMEM sret-error=-7"
            ),
            Ok(())
        );
        assert_eq!(knobs.get(Knob::Features), 7);
        assert!(knobs.is(Knob::Refused) && knobs.is(Knob::Strict));
        assert_eq!(knobs.get(Knob::RefuseShmem), 1);
        assert_eq!(knobs.get(Knob::SretFailAt), 12);
        assert_eq!(knobs.get(Knob::CsrError) as i64, -9);
        assert_eq!(knobs.get(Knob::SretError) as i64, -7);
        assert_eq!(knobs.parse("hidden"), Ok(()));
        assert!(!knobs.is(Knob::Refused));
    }

    #[test]
    fn wrong_words() {
        for word in ["feature=1", "Strict", "=", "x"] {
            assert_eq!(Knobs::new().parse(word), Err(Wrong::Unknown(word)));
        }
        for word in [
            "features",
            "features=",
            "features=16",
            "features=z",
            "strict=1",
            "csr-error=WHAT",
            "refuse-shmem",
        ] {
            assert_eq!(Knobs::new().parse(word), Err(Wrong::Value(word)));
        }
    }

    #[test]
    fn counting_down_ends_once() {
        let knobs = Knobs::new();
        assert!(!knobs.count_down(Knob::SretFailAt));
        assert_eq!(knobs.parse("sret-fail-at=3"), Ok(()));
        let ends: Vec<_> = (0..5).map(|_| knobs.count_down(Knob::SretFailAt)).collect();
        assert_eq!(ends, [false, false, true, false, false]);
    }

    #[test]
    fn by_number() {
        let knobs = Knobs::new();
        assert_eq!(knobs.set_number(Knob::Features as usize, 3), Some(0xf));
        assert_eq!(knobs.get_number(Knob::Features as usize), Some(3));
        assert_eq!(knobs.set_number(COUNT, 3), None);
        assert_eq!(knobs.get_number(COUNT), None);
    }
}
