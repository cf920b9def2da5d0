// SPDX-License-Identifier: GPL-2.0

//! Performance counters: the hardware's, with overflow where there is Sscofpmf. No firmware
//! counters, no snapshot.
//!
//! A counter is free where its event is 0. QEMU takes the SBI's event numbers for events; the
//! device tree says which counters can count which.

use super::Outcome;
use crate::csr;
use crate::hart::Hart;
use crate::nacl::shmem;
use core::sync::atomic::AtomicU32;
use core::sync::atomic::Ordering::Relaxed;
use sbi_spec::binary::SbiRet;
use sbi_spec::pmu;

/// Counters by their number: cycle, time, instret, then the programmable ones.
const COUNT: usize = 32;
const CYCLE: usize = 0;
const TIME: usize = 1;
const INSTRET: usize = 2;
/// How many rows of the device tree's table are kept.
const ROWS: usize = 16;

/// Flags of COUNTER_CONFIG_MATCHING.
mod config {
    pub(super) const SKIP_MATCH: u64 = 1 << 0;
    pub(super) const CLEAR_VALUE: u64 = 1 << 1;
    pub(super) const AUTO_START: u64 = 1 << 2;
    pub(super) const SET_VUINH: u64 = 1 << 3;
    pub(super) const SET_VSINH: u64 = 1 << 4;
    pub(super) const SET_UINH: u64 = 1 << 5;
    pub(super) const SET_SINH: u64 = 1 << 6;
}

/// Bits of mhpmevent with Sscofpmf.
mod event {
    pub(super) const OF: u64 = 1 << 63;
    pub(super) const MINH: u64 = 1 << 62;
    pub(super) const SINH: u64 = 1 << 61;
    pub(super) const UINH: u64 = 1 << 60;
    pub(super) const VSINH: u64 = 1 << 59;
    pub(super) const VUINH: u64 = 1 << 58;
}

const START_SET_INIT_VALUE: u64 = 1 << 0;
const STOP_RESET: u64 = 1 << 0;
/// An output of EVENT_GET_INFO.
const EVENT_SUPPORTED: u32 = 1;
const EVENT_GET_INFO: usize = 8;
const EVENT_TYPE_FIRMWARE: u64 = 15;

/// The events that each counter of a hart counts; 0 for none.
pub(crate) struct Pmu([u64; COUNT]);

impl Pmu {
    pub(crate) const fn new() -> Self {
        Self([0; COUNT])
    }
}

/// Events from `first` to `last` can be counted by the counters of `mask`.
struct Row {
    first: AtomicU32,
    last: AtomicU32,
    mask: AtomicU32,
}

static EVENTS: [Row; ROWS] = [const {
    Row {
        first: AtomicU32::new(0),
        last: AtomicU32::new(0),
        mask: AtomicU32::new(0),
    }
}; ROWS];
/// The counters that there are.
static COUNTERS: AtomicU32 = AtomicU32::new(0);

/// A counter and its event, by number.
struct Registers {
    exists: fn() -> bool,
    get: fn() -> u64,
    set: fn(u64),
    set_event: fn(u64),
}

macro_rules! registers {
    ($($counter:literal $event:literal)*) => {
        [$(Registers {
            exists: || csr::probe::<$counter>().is_some(),
            get: csr::read::<$counter>,
            set: csr::write::<$counter>,
            set_event: csr::write::<$event>,
        },)*]
    };
}

/// The programmable ones, from number 3.
static PROGRAMMABLE: [Registers; COUNT - 3] = registers![
    0xb03 0x323 0xb04 0x324 0xb05 0x325 0xb06 0x326 0xb07 0x327 0xb08 0x328 0xb09 0x329 0xb0a 0x32a
    0xb0b 0x32b 0xb0c 0x32c 0xb0d 0x32d 0xb0e 0x32e 0xb0f 0x32f 0xb10 0x330 0xb11 0x331 0xb12 0x332
    0xb13 0x333 0xb14 0x334 0xb15 0x335 0xb16 0x336 0xb17 0x337 0xb18 0x338 0xb19 0x339 0xb1a 0x33a
    0xb1b 0x33b 0xb1c 0x33c 0xb1d 0x33d 0xb1e 0x33e 0xb1f 0x33f
];

/// Keep the device tree's table: first event, last event, counters.
pub(crate) fn events(rows: impl Iterator<Item = [u32; 3]>) {
    for (row, [first, last, mask]) in EVENTS.iter().zip(rows) {
        row.first.store(first, Relaxed);
        row.last.store(last, Relaxed);
        row.mask.store(mask, Relaxed);
    }
}

/// Find out which counters there are; all harts of QEMU are alike.
pub(crate) fn find() {
    let mut there = 1 << CYCLE | 1 << INSTRET;
    for (registers, number) in PROGRAMMABLE.iter().zip(3..) {
        if (registers.exists)() {
            there |= 1 << number;
        }
    }
    COUNTERS.store(there, Relaxed);
}

/// No programmable counter counts; cycle and instret do.
pub(crate) fn reset(hart: &mut Hart) {
    csr::write::<{ csr::MCOUNTINHIBIT }>(!7);
    hart.pmu = Pmu::new();
}

pub(super) fn available() -> bool {
    EVENTS[0].mask.load(Relaxed) != 0
}

pub(super) fn call(hart: &mut Hart, function: usize) -> Outcome {
    let [a0, a1, a2, a3] = [hart.x[10], hart.x[11], hart.x[12], hart.x[13]];
    Outcome::Return(match function {
        pmu::NUM_COUNTERS => {
            SbiRet::success(u32::BITS as usize - COUNTERS.load(Relaxed).leading_zeros() as usize)
        }
        pmu::COUNTER_GET_INFO => info(a0),
        pmu::COUNTER_CONFIG_MATCHING => configure(hart, a0, a1, a2, a3),
        pmu::COUNTER_START => start(hart, a0, a1, a2, a3),
        pmu::COUNTER_STOP => stop(hart, a0, a1, a2),
        EVENT_GET_INFO => event_info(a0, a1, a2, a3),
        _ => SbiRet::not_supported(),
    })
}

/// The counters that there are.
fn there() -> u64 {
    u64::from(COUNTERS.load(Relaxed))
}

/// The counters of a base and a mask, if all of them exist.
fn set_of(base: u64, mask: u64) -> Option<u64> {
    let set = u128::from(mask) << u32::try_from(base).ok().filter(|base| *base < 64)?;
    u64::try_from(set).ok().filter(|set| set & !there() == 0)
}

fn numbers(set: u64) -> impl Iterator<Item = usize> {
    (0..COUNT).filter(move |number| set >> number & 1 != 0)
}

fn info(number: u64) -> SbiRet {
    if number >= COUNT as u64 || there() >> number & 1 == 0 {
        return SbiRet::invalid_param();
    }
    const WIDTH_MINUS_ONE: usize = 63 << 12;
    SbiRet::success((0xc00 + number as usize) | WIDTH_MINUS_ONE)
}

fn counters_for(event: u64) -> u64 {
    let of = |row: &Row| {
        let range = row.first.load(Relaxed)..=row.last.load(Relaxed);
        let here = u32::try_from(event).is_ok_and(|event| event != 0 && range.contains(&event));
        if here {
            row.mask.load(Relaxed)
        } else {
            0
        }
    };
    let mask = EVENTS.iter().map(of).fold(0, |all, mask| all | mask);
    // Those that are fixed cannot be told what not to count, nor do they overflow.
    u64::from(mask) & there() & !(1 << CYCLE | 1 << TIME | 1 << INSTRET)
}

fn configure(hart: &mut Hart, base: u64, mask: u64, flags: u64, event: u64) -> SbiRet {
    let Some(set) = set_of(base, mask) else {
        return SbiRet::invalid_param();
    };
    let number = if flags & config::SKIP_MATCH != 0 {
        match numbers(set).next() {
            Some(number) if hart.pmu.0[number] != 0 => number,
            _ => return SbiRet::invalid_param(),
        }
    } else {
        if event >> 16 > EVENT_TYPE_FIRMWARE {
            return SbiRet::invalid_param();
        }
        let free = |number: &usize| hart.pmu.0[*number] == 0;
        match numbers(set & counters_for(event)).find(free) {
            Some(number) => number,
            None => return SbiRet::not_supported(),
        }
    };
    if flags & config::SKIP_MATCH == 0 {
        hart.pmu.0[number] = event;
        if let Some(registers) = programmable(number) {
            let mut bits = event::MINH;
            for (flag, bit) in [
                (config::SET_VUINH, event::VUINH),
                (config::SET_VSINH, event::VSINH),
                (config::SET_UINH, event::UINH),
                (config::SET_SINH, event::SINH),
            ] {
                if flags & flag != 0 {
                    bits |= bit;
                }
            }
            // Stopped, it keeps quiet: it cannot overflow.
            (registers.set_event)(event | bits | event::OF);
            hart.pmu.0[number] = event | bits;
        }
    }
    if flags & config::CLEAR_VALUE != 0 {
        set_value(number, 0);
    }
    if flags & config::AUTO_START != 0 {
        run(hart, number);
    }
    SbiRet::success(number)
}

fn programmable(number: usize) -> Option<&'static Registers> {
    PROGRAMMABLE.get(number.checked_sub(3)?)
}

fn set_value(number: usize, value: u64) {
    match programmable(number) {
        Some(registers) => (registers.set)(value),
        None if number == CYCLE => csr::write::<{ csr::MCYCLE }>(value),
        None => csr::write::<{ csr::MINSTRET }>(value),
    }
}

fn runs(number: usize) -> bool {
    csr::read::<{ csr::MCOUNTINHIBIT }>() >> number & 1 == 0
}

fn run(hart: &Hart, number: usize) {
    if let Some(registers) = programmable(number) {
        // Without OF, the next overflow interrupts.
        (registers.set_event)(hart.pmu.0[number]);
        let _ = (registers.get)();
    }
    csr::clear::<{ csr::MCOUNTINHIBIT }>(1 << number);
}

fn start(hart: &Hart, base: u64, mask: u64, flags: u64, value: u64) -> SbiRet {
    if flags & !START_SET_INIT_VALUE != 0 {
        // The snapshot is not there.
        return SbiRet::no_shmem();
    }
    let Some(set) = set_of(base, mask) else {
        return SbiRet::invalid_param();
    };
    let mut result = SbiRet::success(0);
    for number in numbers(set) {
        if runs(number) {
            result = SbiRet::already_started();
            continue;
        }
        if flags & START_SET_INIT_VALUE != 0 {
            set_value(number, value);
        }
        run(hart, number);
    }
    result
}

fn stop(hart: &mut Hart, base: u64, mask: u64, flags: u64) -> SbiRet {
    if flags & !STOP_RESET != 0 {
        return SbiRet::no_shmem();
    }
    let Some(set) = set_of(base, mask) else {
        return SbiRet::invalid_param();
    };
    let mut result = SbiRet::success(0);
    for number in numbers(set) {
        if runs(number) {
            csr::set::<{ csr::MCOUNTINHIBIT }>(1 << number);
        } else {
            result = SbiRet::already_stopped();
        }
        if flags & STOP_RESET != 0 {
            hart.pmu.0[number] = 0;
            if let Some(registers) = programmable(number) {
                (registers.set_event)(0);
            }
        }
    }
    result
}

/// Say of each event of an array whether it can be counted: its number, an output, and data that
/// only raw events use.
fn event_info(low: u64, high: u64, count: u64, flags: u64) -> SbiRet {
    const SIZE: u64 = 16;
    if flags != 0 || low % SIZE != 0 || count == 0 {
        return SbiRet::invalid_param();
    }
    let fits = count
        .checked_mul(SIZE)
        .is_some_and(|size| shmem::is_memory(low, size));
    if high != 0 || !fits {
        return SbiRet::invalid_address();
    }
    for index in 0..count {
        let entry = (low + index * SIZE) as *mut u32;
        // SAFETY: it is memory of the supervisor.
        unsafe {
            let event = entry.read_volatile();
            let supported = counters_for(u64::from(event)) != 0;
            entry
                .add(1)
                .write_volatile(if supported { EVENT_SUPPORTED } else { 0 });
        }
    }
    SbiRet::success(0)
}
