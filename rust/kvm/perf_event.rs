// SPDX-License-Identifier: GPL-2.0

//! Perf events, which count for the counters of guests.

use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ptr;
use core::ptr::NonNull;

use kernel::bindings;

use super::once::read_once;
use super::once::write_once;
use super::pmu;
use super::Counter;
use super::Errno;
use super::Vcpu;
use super::VsInterrupt;
use crate::sbi::PerfEventConfig;

/// A perf event of a counter. It is released when it is dropped.
///
/// It counts for the thread that made it, while that is in the guest. What it calls at an overflow
/// holds a pointer to its counter, so it must not outlive the vCPU: it is kept only in the counter's
/// slot.
pub(crate) struct PerfEvent(NonNull<bindings::perf_event>);

impl Drop for PerfEvent {
    /// Releases it, as `kvm_pmu_release_perf_event()`; its handler does not run any more.
    ///
    /// Context: sleeps.
    fn drop(&mut self) {
        // SAFETY: Live: this is its owner.
        unsafe { bindings::perf_event_disable(self.0.as_ptr()) };
        // SAFETY: As above, and nobody has another pointer to it. The result is always 0.
        unsafe { bindings::perf_event_release_kernel(self.0.as_ptr()) };
    }
}

/// The place of a counter's perf event, `pmc->perf_event`, which owns it.
///
/// An event comes in and goes out through [`replace()`](Self::replace) only, and no pointer to it
/// leaves this type: none can be lost, released twice, or used after that. The place is memory that C
/// frees without a `Drop`: `kvm_riscv_vcpu_pmu_deinit()`, which `kvm_arch_vcpu_destroy()` calls,
/// empties the slots of all counters.
pub(crate) struct PerfEventSlot<'a> {
    slot: *mut *mut bindings::perf_event,
    vcpu: PhantomData<&'a Vcpu>,
}

impl PerfEventSlot<'_> {
    /// The slot of a counter.
    ///
    /// # Safety
    ///
    /// `pmc` lives for as long as the slot, and its slot is this thread's.
    pub(super) unsafe fn new(pmc: *mut bindings::kvm_pmc) -> Self {
        Self {
            // SAFETY: By the caller; only the address is taken.
            slot: unsafe { &raw mut (*pmc).perf_event },
            vcpu: PhantomData,
        }
    }

    /// The event, or NULL.
    fn event(&self) -> *mut bindings::perf_event {
        // SAFETY: `new()`.
        unsafe { *self.slot }
    }

    /// Puts `event` in, or nothing, and releases what was there.
    ///
    /// Context: sleeps if something was there.
    pub(crate) fn replace(&self, event: Option<PerfEvent>) {
        let new = event.map_or(ptr::null_mut(), |event| ManuallyDrop::new(event).0.as_ptr());
        // SAFETY: `new()`.
        let old = unsafe { self.slot.replace(new) };
        // Who takes an event out of the slot owns it.
        drop(NonNull::new(old).map(PerfEvent));
    }

    /// Makes the next overflow come after so many events; ENOENT if there is no event.
    ///
    /// Context: sleeps.
    pub(crate) fn set_period(&self, period: u64) -> Result<(), Errno> {
        let event = self.event();
        if event.is_null() {
            return Err(Errno::ENOENT);
        }
        // SAFETY: Live: it is in the slot.
        Errno::check(unsafe { bindings::perf_event_period(event, period) })
    }

    /// Lets it count.
    ///
    /// Context: sleeps.
    pub(crate) fn enable(&self) {
        let event = self.event();
        if !event.is_null() {
            // SAFETY: Live: it is in the slot.
            unsafe { bindings::perf_event_enable(event) };
        }
    }

    /// Stops it. Returns what it has counted, and sets that to 0.
    ///
    /// Context: sleeps.
    pub(crate) fn pause(&self) -> u64 {
        let event = self.event();
        if event.is_null() {
            return 0;
        }
        // SAFETY: Live: it is in the slot.
        unsafe { bindings::perf_event_pause(event, true) }
    }

    /// What it has counted.
    ///
    /// Context: sleeps.
    pub(crate) fn read(&self) -> u64 {
        let event = self.event();
        if event.is_null() {
            return 0;
        }
        let (mut enabled, mut running) = (0, 0);
        // SAFETY: Live: it is in the slot; both times are ours.
        unsafe { bindings::perf_event_read_value(event, &raw mut enabled, &raw mut running) }
    }
}

impl Counter<'_> {
    /// Makes a perf event for this counter, which does not count yet, as
    /// `kvm_pmu_create_perf_event()`.
    ///
    /// It counts in the guest only, and there not where it is to be inhibited. `index` is the
    /// `event_idx`, for the log.
    ///
    /// Context: sleeps, on the thread that runs the vCPU.
    pub(crate) fn create_perf_event(
        &self,
        index: usize,
        event: &PerfEventConfig,
        inhibit_user: bool,
        inhibit_supervisor: bool,
    ) -> Result<PerfEvent, Errno> {
        let mut attr = bindings::perf_event_attr {
            // CAST: perf's own numbers.
            type_: event.perf_type as u32,
            // CAST: A small number.
            size: size_of::<bindings::perf_event_attr>() as u32,
            config: event.config,
            ..Default::default()
        };
        attr.set_pinned(1);
        attr.set_disabled(1);
        attr.set_exclude_host(1);
        attr.set_exclude_hv(1);
        attr.set_exclude_user(inhibit_user.into());
        attr.set_exclude_kernel(inhibit_supervisor.into());
        attr.__bindgen_anon_3.config1 = bindings::RISCV_PMU_CONFIG1_GUEST_EVENTS.into();
        // Any that is valid: it is set when the counter is started.
        // CAST: Positive.
        attr.__bindgen_anon_1.sample_period = i64::MAX as u64;

        // SAFETY: `attr` is ours, the current task lives, and the counter outlives the event (see
        // `PerfEventSlot`).
        let event = unsafe {
            bindings::perf_event_create_kernel_counter(
                &raw mut attr,
                -1,
                bindings::get_current(),
                Some(handle_overflow),
                self.as_context(),
            )
        };
        match kernel::error::from_err_ptr(event) {
            Ok(event) => NonNull::new(event).map(PerfEvent).ok_or(Errno::EINVAL),
            Err(error) => {
                let errno = error.to_errno();
                // SAFETY: The function may be called from anywhere. CAST: No bits are lost.
                unsafe { bindings::kvm_riscv_rs_report_no_perf_event(index, errno as isize) };
                Err(Errno::EINVAL)
            }
        }
    }
}

/// Tells a guest that a counter has overflown, as `kvm_riscv_pmu_overflow()`.
///
/// The hardware counter would go on when this returns, and come back after the same period again,
/// whether or not the guest has seen the overflow. So it is given the longest period there is.
///
/// Context: hard interrupt; must not sleep.
///
/// # Safety
///
/// Called by perf for an event of [`Counter::create_perf_event()`], whose counter lives.
unsafe extern "C" fn handle_overflow(
    event: *mut bindings::perf_event,
    _data: *mut bindings::perf_sample_data,
    _regs: *mut bindings::pt_regs,
) {
    // SAFETY: By the caller; written before the event could count.
    let pmc: *mut bindings::kvm_pmc = unsafe { (*event).overflow_handler_context.cast() };
    // SAFETY: The counter lives; written once, while the vCPU was made.
    let vcpu = unsafe { Vcpu::from_raw((*pmc).vcpu) };
    // SAFETY: The event is one of the RISC-V PMU's, which lives.
    let (stop, start) = unsafe { ((*(*event).pmu).stop, (*(*event).pmu).start) };

    // It stops here and now: later it would have counted the way there.
    if let Some(stop) = stop {
        // SAFETY: perf calls the handler with the event on this CPU, where it may be stopped.
        unsafe { stop(event, bindings::PERF_EF_UPDATE as i32) };
    }

    // SAFETY: The event lives; a word that others change atomically.
    let count = unsafe { read_once((&raw const (*event).count).cast::<u64>()) };
    let period = count.wrapping_neg();
    // SAFETY: As above.
    let hw = unsafe { &raw mut (*event).hw };
    // SAFETY: As above; the member of the union for counters.
    let period_left = unsafe { &raw mut (*hw).__bindgen_anon_2.__bindgen_anon_1.period_left };
    // SAFETY: As above.
    unsafe { write_once(period_left.cast::<u64>(), 0) };
    // SAFETY: As above; while the event is stopped nobody uses it but this CPU.
    unsafe { (*event).attr.__bindgen_anon_1.sample_period = period };
    // SAFETY: As above.
    unsafe { (*hw).sample_period = period };

    // SAFETY: A counter of this vCPU.
    unsafe { pmu::set_overflown(vcpu, pmc) };
    // There is such an interrupt, so there is no error.
    let _ = vcpu.set_interrupt(VsInterrupt::CounterOverflow);

    if let Some(start) = start {
        // SAFETY: As with `stop`.
        unsafe { start(event, bindings::PERF_EF_RELOAD as i32) };
    }
}
