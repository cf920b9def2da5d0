// SPDX-License-Identifier: GPL-2.0

//! Without `CONFIG_RISCV_PMU_SBI` no vCPU has a PMU: the types of `pmu` and `perf_event`, of which
//! there is no value.

use core::marker::PhantomData;

use super::Errno;
use super::HeldVcpu;
use super::Vcpu;
use crate::sbi::pmu::lifecycle;
use crate::sbi::FirmwareEventCode;
use crate::sbi::PerfEventConfig;

/// Policy that nobody calls then, and that is compiled all the same.
const _: [fn(&HeldVcpu); 2] = [lifecycle::init, lifecycle::reset];
const _: fn(FirmwareEventCode) -> usize = FirmwareEventCode::code;

/// There is none.
#[derive(Clone, Copy)]
enum Never {}

/// A vCPU's PMU.
#[derive(Clone, Copy)]
pub(crate) struct PmuContext<'a>(Never, PhantomData<&'a Vcpu>);

/// One counter of a vCPU.
pub(crate) struct Counter<'a>(Never, PhantomData<&'a Vcpu>);

/// The place of a counter's perf event.
pub(crate) struct PerfEventSlot<'a>(Never, PhantomData<&'a Vcpu>);

/// A perf event of a counter.
pub(crate) struct PerfEvent(Never);

impl HeldVcpu {
    /// There is none.
    #[inline]
    pub(crate) fn pmu(&self) -> Option<PmuContext<'_>> {
        None
    }

    pub(crate) fn host_has_event(&self, _event: &PerfEventConfig) -> bool {
        false
    }

    pub(crate) fn host_counters(&self) -> Option<(usize, usize)> {
        None
    }

    pub(crate) fn make_pmu(&self, _: usize, _: usize, _: impl Fn(usize) -> usize) {}

    pub(crate) fn report_invalid_counter(&self, _index: usize) {}

    pub(crate) fn report_unreadable_snapshot(&self) {}

    pub(crate) fn report_counter_limit(&self) {}
}

/// Makes methods that nobody can call.
macro_rules! never {
    ($($type:ty { $($(#[$attr:meta])* fn $name:ident($($arg:ty),*) $(-> $ret:ty)?;)* })*) => {
        $(impl<'a> $type {
            $($(#[$attr])* pub(crate) fn $name(&self, $(_: $arg),*) $(-> $ret)? {
                match self.0 {}
            })*
        })*
    };
}

never! {
    PmuContext<'a> {
        fn counters() -> usize;
        fn counter(usize) -> Option<Counter<'a>>;
        fn configured() -> core::iter::Empty<Counter<'a>>;
        fn clear_values();
        fn snapshot() -> Option<u64>;
        fn set_snapshot(Option<u64>);
        fn count_firmware_event(FirmwareEventCode);
        fn firmware_event_count(FirmwareEventCode) -> u64;
        fn forget_firmware_events();
    }
    Counter<'a> {
        fn index() -> usize;
        fn info() -> usize;
        fn value() -> u64;
        fn set_value(u64);
        fn is_started() -> bool;
        fn set_started(bool);
        fn event() -> Option<usize>;
        fn set_event(Option<usize>);
        fn has_overflown() -> bool;
        fn clear_overflow();
        fn perf_event() -> PerfEventSlot<'a>;
        fn create_perf_event(usize, &PerfEventConfig, bool, bool) -> Result<PerfEvent, Errno>;
    }
    PerfEventSlot<'a> {
        fn replace(Option<PerfEvent>);
        fn set_period(u64) -> Result<(), Errno>;
        fn enable();
        fn pause() -> u64;
        fn read() -> u64;
    }
}
