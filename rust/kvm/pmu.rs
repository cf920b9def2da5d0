// SPDX-License-Identifier: GPL-2.0

//! `struct kvm_pmu` and `struct kvm_pmc`: what KVM remembers of a vCPU's counters.
//!
//! All of it is the vCPU's own thread's, but for the bitmap of overflows, which the handler of a perf
//! event's overflow sets bits of, and for the counts of firmware events. The copy of the snapshot that
//! C allocates, `sdata`, stays NULL: there is none.

use core::marker::PhantomData;

use kernel::bindings;
use kernel::prelude::kunit_tests;

use super::once::read_once;
use super::once::write_once;
use super::perf_event::PerfEventSlot;
use super::HeldVcpu;
use super::Vcpu;
use crate::riscv;
use crate::sbi::FirmwareEventCode;
use crate::sbi::PerfEventConfig;

const MAX_COUNTERS: usize = bindings::RISCV_KVM_MAX_COUNTERS as usize;

/// No snapshot, `INVALID_GPA`.
const NO_SNAPSHOT: u64 = u64::MAX;

/// No event.
const NO_EVENT: usize = bindings::SBI_PMU_EVENT_IDX_INVALID as usize;

/// A vCPU's PMU, once it has been made.
#[derive(Clone, Copy)]
pub(crate) struct PmuContext<'a> {
    vcpu: &'a Vcpu,
}

impl HeldVcpu {
    fn pmu_ptr(&self) -> *mut bindings::kvm_pmu {
        // SAFETY: `HeldVcpu`: live; only the address is taken.
        unsafe { &raw mut (*self.as_ptr()).arch.pmu_context }
    }

    /// The vCPU's PMU, if the host can offer one.
    #[inline]
    pub(crate) fn pmu(&self) -> Option<PmuContext<'_>> {
        // SAFETY: `HeldVcpu`: written once, while the vCPU was made.
        let init_done = unsafe { (*self.pmu_ptr()).init_done };
        init_done.then_some(PmuContext { vcpu: self })
    }

    /// Makes the vCPU's PMU of so many counters, at most 64. `info` is what a guest is told of one.
    ///
    /// Only while the vCPU is being made, when everything else of it is zero.
    pub(crate) fn make_pmu(&self, hardware: usize, firmware: usize, info: impl Fn(usize) -> usize) {
        let pmu = self.pmu_ptr();
        let context = PmuContext { vcpu: self };
        // SAFETY: `HeldVcpu`: live, and nobody else's yet. CAST: Small numbers.
        unsafe { (*pmu).num_hw_ctrs = hardware as i32 };
        // SAFETY: As above. CAST: As above.
        unsafe { (*pmu).num_fw_ctrs = firmware as i32 };
        for counter in (0..hardware + firmware).filter_map(|index| context.counter(index)) {
            counter.make(info(counter.index()));
        }
        context.set_snapshot(None);
        // SAFETY: As above.
        unsafe { (*pmu).init_done = true };
    }

    /// The number of counters that the host has, without the time counter, and the number of the
    /// uppermost bit of the programmable ones. `None` if it cannot tell guests from itself when it
    /// counts, or has no programmable counter.
    pub(crate) fn host_counters(&self) -> Option<(usize, usize)> {
        const SSCOFPMF: usize = bindings::KVM_RISCV_ISA_EXT_ID_KVM_RISCV_ISA_EXT_SSCOFPMF as usize;

        // SAFETY: The function takes any number, and NULL.
        let ret = unsafe { bindings::__kvm_riscv_isa_check_host(SSCOFPMF, core::ptr::null_mut()) };
        if ret != 0 {
            return None;
        }
        let (mut width, mut count) = (0, 0);
        // SAFETY: Both are ours.
        let ret = unsafe { bindings::riscv_pmu_get_hpm_info(&raw mut width, &raw mut count) };
        // CAST: Small numbers.
        (ret >= 0 && width != 0 && count != 0).then_some((count as usize, width as usize))
    }

    /// Whether the host can count an event, as `riscv_pmu_get_event_info()`.
    pub(crate) fn host_has_event(&self, event: &PerfEventConfig) -> bool {
        // CAST: perf's own numbers.
        let perf_type = event.perf_type as u32;
        // SAFETY: The function takes any numbers, and NULL.
        let ret = unsafe {
            bindings::riscv_pmu_get_event_info(perf_type, event.config, core::ptr::null_mut())
        };
        ret > 0
    }

    /// Says in the log that a guest has read a counter that does not exist.
    #[cold]
    pub(crate) fn report_invalid_counter(&self, index: usize) {
        // SAFETY: The function may be called from anywhere. CAST: Printed as C does.
        unsafe { bindings::kvm_riscv_rs_report_invalid_counter(index as isize) };
    }

    /// Says in the log that a guest's snapshot cannot be read.
    #[cold]
    pub(crate) fn report_unreadable_snapshot(&self) {
        // SAFETY: The function may be called from anywhere.
        unsafe { bindings::kvm_riscv_rs_report_unreadable_snapshot() };
    }

    /// Says in the log that the host has more counters than a guest can have.
    #[cold]
    pub(crate) fn report_counter_limit(&self) {
        // SAFETY: The function may be called from anywhere.
        unsafe { bindings::kvm_riscv_rs_report_counter_limit() };
    }
}

impl<'a> PmuContext<'a> {
    fn as_ptr(&self) -> *mut bindings::kvm_pmu {
        // SAFETY: `Vcpu`: live; only the address is taken.
        unsafe { &raw mut (*self.vcpu.as_ptr()).arch.pmu_context }
    }

    /// How many counters there are; their indices are those below it.
    pub(crate) fn counters(&self) -> usize {
        let pmu = self.as_ptr();
        // SAFETY: Written once, while the vCPU was made. CAST: At most 64.
        unsafe { ((*pmu).num_hw_ctrs + (*pmu).num_fw_ctrs) as usize }
    }

    /// The counter with this index, any number of a guest.
    #[inline]
    pub(crate) fn counter(&self, index: usize) -> Option<Counter<'a>> {
        if index >= self.counters() {
            return None;
        }
        let index = riscv::index_nospec(index, MAX_COUNTERS);
        // SAFETY: Live; only the address is taken.
        let counters = unsafe { &raw mut (*self.as_ptr()).pmc };
        Some(Counter {
            // SAFETY: The index is below the array's length.
            pmc: unsafe { counters.cast::<bindings::kvm_pmc>().add(index) },
            pmu: *self,
            index,
            vcpu: PhantomData,
        })
    }

    /// The counters that are configured now.
    pub(crate) fn configured(&self) -> impl Iterator<Item = Counter<'a>> {
        let pmu = *self;
        // SAFETY: This thread's: a bitmap of 64 bits is a word.
        let mut rest: u64 = unsafe { *(&raw const (*self.as_ptr()).pmc_in_use).cast() };
        core::iter::from_fn(move || {
            let index = rest.trailing_zeros();
            rest &= rest.checked_sub(1)?;
            Some(index)
        })
        // CAST: A number of a bit.
        .filter_map(move |index| pmu.counter(index as usize))
    }

    /// Sets the values of all counters to 0.
    pub(crate) fn clear_values(&self) {
        // SAFETY: Live; only the address is taken.
        let first: *mut bindings::kvm_pmc = unsafe { &raw mut (*self.as_ptr()).pmc }.cast();
        for index in 0..self.counters() {
            // SAFETY: This thread's; below the array's length.
            unsafe { (*first.add(index)).counter_val = 0 };
        }
    }

    /// The guest physical address of the snapshot.
    pub(crate) fn snapshot(&self) -> Option<u64> {
        // SAFETY: This thread's.
        let address = unsafe { (*self.as_ptr()).snapshot_addr };
        (address != NO_SNAPSHOT).then_some(address)
    }

    /// Sets the guest physical address of the snapshot.
    pub(crate) fn set_snapshot(&self, address: Option<u64>) {
        // SAFETY: This thread's.
        unsafe { (*self.as_ptr()).snapshot_addr = address.unwrap_or(NO_SNAPSHOT) };
    }

    /// From now on a firmware event is counted, until they are all forgotten.
    pub(crate) fn count_firmware_event(&self, event: FirmwareEventCode) {
        let event = self.vcpu.firmware_event(event.code());
        // SAFETY: Points into the live vCPU.
        unsafe { write_once(&raw mut (*event).started, true) };
    }

    /// How often a firmware event has come while it was counted. It is never set back.
    pub(crate) fn firmware_event_count(&self, event: FirmwareEventCode) -> u64 {
        let event = self.vcpu.firmware_event(event.code());
        // SAFETY: Points into the live vCPU; a word that others change atomically.
        unsafe { read_once(&raw const (*event).value) }
    }

    /// No firmware event is counted any more.
    pub(crate) fn forget_firmware_events(&self) {
        for code in 0..FirmwareEventCode::COUNT {
            let event = self.vcpu.firmware_event(code);
            // SAFETY: Points into the live vCPU.
            unsafe { write_once(&raw mut (*event).started, false) };
        }
    }
}

/// One counter of a vCPU.
pub(crate) struct Counter<'a> {
    pmc: *mut bindings::kvm_pmc,
    pmu: PmuContext<'a>,
    index: usize,
    vcpu: PhantomData<&'a Vcpu>,
}

impl<'a> Counter<'a> {
    /// Its index.
    pub(crate) fn index(&self) -> usize {
        self.index
    }

    /// Fills in what never changes.
    fn make(&self, info: usize) {
        // SAFETY: Live, and nobody else's yet: the vCPU is being made. CAST: Below 64.
        unsafe { (*self.pmc).idx = self.index as u8 };
        // SAFETY: As above.
        unsafe { (*self.pmc).vcpu = self.pmu.vcpu.as_ptr() };
        // SAFETY: As above.
        unsafe { (*self.pmc).cinfo.value = info };
        self.set_event(None);
    }

    /// What a guest is told of it.
    pub(crate) fn info(&self) -> usize {
        // SAFETY: Written once, while the vCPU was made.
        unsafe { (*self.pmc).cinfo.value }
    }

    /// `counter_val`: see [`crate::sbi::pmu`] for what it means.
    pub(crate) fn value(&self) -> u64 {
        // SAFETY: This thread's.
        unsafe { (*self.pmc).counter_val }
    }

    /// Sets `counter_val`.
    pub(crate) fn set_value(&self, value: u64) {
        // SAFETY: This thread's.
        unsafe { (*self.pmc).counter_val = value };
    }

    /// Whether it counts.
    pub(crate) fn is_started(&self) -> bool {
        // SAFETY: This thread's.
        unsafe { (*self.pmc).started }
    }

    /// Notes whether it counts.
    pub(crate) fn set_started(&self, started: bool) {
        // SAFETY: This thread's.
        unsafe { (*self.pmc).started = started };
    }

    /// The bit of this counter in the bitmaps.
    fn bit(&self) -> u64 {
        1 << self.index
    }

    /// The bitmap of the counters that are configured.
    fn in_use(&self) -> *mut u64 {
        // SAFETY: Live; only the address is taken: a bitmap of 64 bits is a word.
        unsafe { (&raw mut (*self.pmu.as_ptr()).pmc_in_use).cast() }
    }

    /// The bitmap of the counters that have overflown.
    fn overflown(&self) -> *mut u64 {
        // SAFETY: As in `in_use()`.
        unsafe { (&raw mut (*self.pmu.as_ptr()).pmc_overflown).cast() }
    }

    /// The `event_idx` that it is configured for.
    #[inline]
    pub(crate) fn event(&self) -> Option<usize> {
        // SAFETY: This thread's.
        let in_use = unsafe { *self.in_use() } & self.bit() != 0;
        // SAFETY: As above.
        in_use.then(|| unsafe { (*self.pmc).event_idx })
    }

    /// Notes the `event_idx` that it is configured for.
    pub(crate) fn set_event(&self, event: Option<usize>) {
        let in_use = self.in_use();
        let bit = if event.is_some() { self.bit() } else { 0 };
        // SAFETY: This thread's.
        unsafe { *in_use = *in_use & !self.bit() | bit };
        // SAFETY: As above.
        unsafe { (*self.pmc).event_idx = event.unwrap_or(NO_EVENT) };
    }

    /// Whether it has overflown since it was started.
    pub(crate) fn has_overflown(&self) -> bool {
        // SAFETY: Live; a word that others change atomically.
        unsafe { read_once(self.overflown()) & self.bit() != 0 }
    }

    /// Notes that it has not overflown.
    pub(crate) fn clear_overflow(&self) {
        // SAFETY: As in `has_overflown()`.
        unsafe { riscv::amoand_d(self.overflown(), !self.bit()) };
    }

    /// What its perf event's handler is given.
    pub(super) fn as_context(&self) -> *mut core::ffi::c_void {
        self.pmc.cast()
    }

    /// The place of its perf event.
    pub(crate) fn perf_event(&self) -> PerfEventSlot<'a> {
        // SAFETY: Live for `'a`, and this thread's.
        unsafe { PerfEventSlot::new(self.pmc) }
    }
}

/// Notes that a counter has overflown.
///
/// Context: any.
///
/// # Safety
///
/// `pmc` is a counter of `vcpu`, which lives.
pub(super) unsafe fn set_overflown(vcpu: &Vcpu, pmc: *const bindings::kvm_pmc) {
    // SAFETY: By the caller; written once, while the vCPU was made.
    let index = unsafe { (*pmc).idx };
    // SAFETY: By the caller; only the address is taken: a bitmap of 64 bits is a word.
    let bitmap = unsafe { (&raw mut (*vcpu.as_ptr()).arch.pmu_context.pmc_overflown).cast() };
    // SAFETY: As above; others change it atomically.
    unsafe { riscv::amoor_d(bitmap, 1 << index) };
}

#[kunit_tests(kvm_riscv_pmu)]
mod tests {
    use kernel::prelude::Result;

    use super::set_overflown;
    use crate::kvm::blank::BlankVcpu;

    #[test]
    fn there_is_none_before_it_is_made() -> Result {
        let blank = BlankVcpu::new()?;
        assert!(blank.vcpu().pmu().is_none());
        blank.vcpu().make_pmu(3, 2, |index| 0x100 + index);
        assert!(blank.vcpu().pmu().is_some());
        Ok(())
    }

    #[test]
    fn counters_are_those_that_were_made() -> Result {
        let blank = BlankVcpu::new()?;
        blank.vcpu().make_pmu(32, 32, |index| 0x100 + index);
        let Some(pmu) = blank.vcpu().pmu() else {
            return Err(kernel::error::code::ENODEV);
        };
        assert_eq!(pmu.counters(), 64);
        assert!(pmu.snapshot().is_none());
        assert!(pmu.counter(64).is_none() && pmu.counter(usize::MAX).is_none());
        for index in 0..64 {
            let info = pmu
                .counter(index)
                .map(|counter| (counter.index(), counter.info()));
            assert!(info == Some((index, 0x100 + index)));
        }
        assert_eq!(pmu.configured().count(), 0);
        Ok(())
    }

    #[test]
    fn a_counter_is_configured_by_itself() -> Result {
        let blank = BlankVcpu::new()?;
        blank.vcpu().make_pmu(32, 32, |_| 0);
        let Some(pmu) = blank.vcpu().pmu() else {
            return Err(kernel::error::code::ENODEV);
        };
        for (index, event) in [(0, 1), (31, 2), (63, 0xF_0005)] {
            if let Some(counter) = pmu.counter(index) {
                counter.set_event(Some(event));
            }
        }
        assert!(pmu
            .configured()
            .map(|counter| counter.index())
            .eq([0, 31, 63]));
        assert!(pmu
            .counter(31)
            .is_some_and(|counter| counter.event() == Some(2)));
        assert!(pmu
            .counter(30)
            .is_some_and(|counter| counter.event().is_none()));
        if let Some(counter) = pmu.counter(31) {
            counter.set_event(None);
        }
        assert!(pmu.configured().map(|counter| counter.index()).eq([0, 63]));
        Ok(())
    }

    #[test]
    fn an_overflow_is_of_one_counter() -> Result {
        let blank = BlankVcpu::new()?;
        blank.vcpu().make_pmu(3, 61, |_| 0);
        let Some(pmu) = blank.vcpu().pmu() else {
            return Err(kernel::error::code::ENODEV);
        };
        let overflown = |index| {
            pmu.counter(index)
                .is_some_and(|counter| counter.has_overflown())
        };
        for index in [2, 63] {
            // SAFETY: The vCPU is this function's; the pointer is only read through.
            let pmc = unsafe { &raw const (*blank.as_ptr()).arch.pmu_context.pmc };
            // SAFETY: A counter of it.
            unsafe {
                set_overflown(
                    blank.vcpu(),
                    pmc.cast::<kernel::bindings::kvm_pmc>().add(index),
                )
            };
        }
        assert!((0..64).filter(|&index| overflown(index)).eq([2, 63]));
        if let Some(counter) = pmu.counter(63) {
            counter.clear_overflow();
        }
        assert!((0..64).filter(|&index| overflown(index)).eq([2]));
        Ok(())
    }

    #[test]
    fn values_and_the_snapshot_are_kept() -> Result {
        let blank = BlankVcpu::new()?;
        blank.vcpu().make_pmu(3, 2, |_| 0);
        let Some(pmu) = blank.vcpu().pmu() else {
            return Err(kernel::error::code::ENODEV);
        };
        for index in 0..5 {
            if let Some(counter) = pmu.counter(index) {
                counter.set_value(index as u64 + 1);
                counter.set_started(index == 4);
            }
        }
        assert!(pmu
            .counter(4)
            .is_some_and(|counter| counter.value() == 5 && counter.is_started()));
        assert!(pmu
            .counter(3)
            .is_some_and(|counter| counter.value() == 4 && !counter.is_started()));
        pmu.clear_values();
        assert!((0..5).all(|index| pmu
            .counter(index)
            .is_some_and(|counter| counter.value() == 0)));
        pmu.set_snapshot(Some(0));
        assert!(pmu.snapshot() == Some(0));
        pmu.set_snapshot(None);
        assert!(pmu.snapshot().is_none());
        Ok(())
    }
}
