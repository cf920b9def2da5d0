// SPDX-License-Identifier: GPL-2.0

//! What can be counted: `event_idx`, which is a type and a code, and `event_data`.

use crate::riscv;

/// The bits of `event_idx`.
pub(super) const INDEX_MASK: usize = 0xF_FFFF;

const TYPE_SHIFT: u32 = 16;
const CODE_MASK: usize = 0xFFFF;

/// Types of events.
const HARDWARE: usize = 0;
const CACHE: usize = 1;
const RAW: usize = 2;
const RAW_V2: usize = 3;
const FIRMWARE: usize = 15;

/// Codes of hardware events that have counters of their own.
const CPU_CYCLES: usize = 1;
const INSTRUCTIONS: usize = 2;

/// How many codes of hardware events there are, beginning with [`CPU_CYCLES`].
const HARDWARE_EVENTS: usize = 10;

const CACHES: usize = 7;
const CACHE_OPERATIONS: usize = 3;

/// The bits of `event_data` that a raw event has in a 64-bit mhpmevent; the others are not the
/// guest's, and are ignored as in C.
const RAW_DATA: u64 = (1 << 48) - 1;
const RAW_V2_DATA: u64 = (1 << 56) - 1;

/// How perf knows an event, `enum perf_type_id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum PerfType {
    /// `PERF_TYPE_HARDWARE`.
    Hardware = 0,
    /// `PERF_TYPE_HW_CACHE`.
    Cache = 3,
    /// `PERF_TYPE_RAW`.
    Raw = 4,
}

/// An event of the host's hardware, as perf knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PerfEventConfig {
    /// `type` of `struct perf_event_attr`.
    pub(crate) perf_type: PerfType,
    /// `config` there.
    pub(crate) config: u64,
}

/// The code of a firmware event of the specification, below [`FirmwareEventCode::COUNT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FirmwareEventCode(usize);

impl FirmwareEventCode {
    /// How many there are, `SBI_PMU_FW_MAX`.
    pub(crate) const COUNT: usize = 22;

    /// The event with this code, if the specification names it and it is not a platform's.
    pub(crate) fn new(code: usize) -> Option<Self> {
        (code < Self::COUNT).then(|| Self(riscv::index_nospec(code, Self::COUNT)))
    }

    /// The event of a firmware counter with this `event_idx`.
    pub(super) fn of_index(index: usize) -> Option<Self> {
        Self::new(index & CODE_MASK)
    }

    /// The code.
    pub(crate) fn code(self) -> usize {
        self.0
    }
}

/// An event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// One that a perf event of the host counts.
    Hardware(PerfEventConfig),
    /// One that KVM counts.
    Firmware(FirmwareEventCode),
}

impl Event {
    /// The event that `event_idx` and `event_data` name; `None` if that is none, because a number or
    /// data are reserved.
    ///
    /// `data` is 0 for events that have none.
    pub(super) fn new(index: usize, data: u64) -> Option<Self> {
        if index & !INDEX_MASK != 0 {
            return None;
        }
        let code = index & CODE_MASK;
        let (perf_type, config) = match index >> TYPE_SHIFT {
            HARDWARE if data == 0 => (PerfType::Hardware, hardware_config(code)?),
            CACHE if data == 0 => (PerfType::Cache, cache_config(code)?),
            RAW if code == 0 => (PerfType::Raw, data & RAW_DATA),
            RAW_V2 if code == 0 => (PerfType::Raw, data & RAW_V2_DATA),
            FIRMWARE if data == 0 => return FirmwareEventCode::new(code).map(Self::Firmware),
            _ => return None,
        };
        Some(Self::Hardware(PerfEventConfig { perf_type, config }))
    }

    /// The same, where data that an event does not have do not count: in `event_get_info`.
    pub(super) fn ignoring_unused_data(index: usize, data: u64) -> Option<Self> {
        match index >> TYPE_SHIFT {
            HARDWARE | CACHE | FIRMWARE => Self::new(index, 0),
            _ => Self::new(index, data),
        }
    }

    /// Whether these are CPU cycles.
    pub(super) fn is_cycles(self) -> bool {
        self.is_hardware(CPU_CYCLES)
    }

    /// Whether these are retired instructions.
    pub(super) fn is_instructions(self) -> bool {
        self.is_hardware(INSTRUCTIONS)
    }

    fn is_hardware(self, code: usize) -> bool {
        let (perf_type, config) = (PerfType::Hardware, hardware_config(code));
        config.is_some_and(|config| self == Self::Hardware(PerfEventConfig { perf_type, config }))
    }
}

/// `enum perf_hw_id` has the events in the same order without code 0, which is no event.
fn hardware_config(code: usize) -> Option<u64> {
    let config = code.checked_sub(CPU_CYCLES)?;
    // The driver has an array of them.
    // CAST: A small number.
    (config < HARDWARE_EVENTS).then(|| riscv::index_nospec(config, HARDWARE_EVENTS) as u64)
}

fn cache_config(code: usize) -> Option<u64> {
    let (cache, operation, result) = (code >> 3, (code >> 1) & 3, code & 1);
    if cache >= CACHES || operation >= CACHE_OPERATIONS {
        return None;
    }
    // The driver has an array of them.
    let cache = riscv::index_nospec(cache, CACHES);
    let operation = riscv::index_nospec(operation, CACHE_OPERATIONS);
    // CAST: Small numbers.
    Some((cache | operation << 8 | result << 16) as u64)
}
