// SPDX-License-Identifier: GPL-2.0

//! The counts of the firmware events of the SBI PMU extension.

#[cfg(CONFIG_RISCV_PMU_SBI)]
use kernel::prelude::kunit_tests;

use super::Vcpu;
use crate::sbi::FirmwareEvent;
use crate::sbi::FirmwareEventCode;

impl Vcpu {
    /// Counts a firmware event if the guest has ever asked for it, as
    /// `kvm_riscv_vcpu_pmu_incr_fw()`; nothing without `CONFIG_RISCV_PMU_SBI`.
    ///
    /// Context: any, for any vCPU: none is lost.
    #[inline]
    pub(crate) fn count_firmware_event(&self, event: FirmwareEvent) {
        self.count(event as usize);
    }

    /// The same for an event that C counts.
    #[cfg(CONFIG_RISCV_PMU_SBI)]
    pub(crate) fn count_firmware_event_code(&self, event: FirmwareEventCode) {
        self.count(event.code());
    }

    #[inline]
    #[cfg(CONFIG_RISCV_PMU_SBI)]
    fn count(&self, code: usize) {
        use super::once::read_once;
        use crate::riscv;

        let event = self.firmware_event(code);
        // SAFETY: `event` points into the live vCPU; a flag that is written in one access.
        if unsafe { read_once(&raw const (*event).started) } {
            // SAFETY: As above; a word that is changed only here.
            unsafe { riscv::amoadd_d(&raw mut (*event).value, 1) };
        }
    }

    /// Where the count of the event with a code below [`FirmwareEventCode::COUNT`] is.
    #[inline]
    #[cfg(CONFIG_RISCV_PMU_SBI)]
    pub(super) fn firmware_event(&self, code: usize) -> *mut kernel::bindings::kvm_fw_event {
        // SAFETY: `Vcpu`: live; only the address is taken.
        let events = unsafe { &raw mut (*self.as_ptr()).arch.pmu_context.fw_event };
        // SAFETY: The array has more elements (asserted below).
        unsafe { events.cast::<kernel::bindings::kvm_fw_event>().add(code) }
    }

    #[inline]
    #[cfg(not(CONFIG_RISCV_PMU_SBI))]
    fn count(&self, _code: usize) {}
}

const _: () = {
    use kernel::bindings;
    same! {
        FirmwareEventCode::COUNT => sbi_pmu_fw_generic_events_t_SBI_PMU_FW_MAX,
    }
    assert!((FirmwareEvent::HfenceVvmaAsidSent as usize) < FirmwareEventCode::COUNT);
    #[cfg(CONFIG_RISCV_PMU_SBI)]
    assert!(FirmwareEventCode::COUNT <= bindings::RISCV_KVM_MAX_FW_CTRS as usize);
};

#[cfg(CONFIG_RISCV_PMU_SBI)]
#[kunit_tests(kvm_riscv_firmware_event)]
mod tests {
    use kernel::prelude::Result;

    use crate::kvm::blank::BlankVcpu;
    use crate::sbi::FirmwareEvent;

    #[test]
    fn only_what_the_guest_asked_for_is_counted() -> Result {
        let blank = BlankVcpu::new()?;
        let vcpu = blank.vcpu();
        let event = |event: FirmwareEvent| vcpu.firmware_event(event as usize);
        vcpu.count_firmware_event(FirmwareEvent::IpiSent);
        // SAFETY: The vCPU is this function's.
        unsafe { (*event(FirmwareEvent::IpiSent)).started = true };
        for _ in 0..3 {
            vcpu.count_firmware_event(FirmwareEvent::IpiSent);
            vcpu.count_firmware_event(FirmwareEvent::IpiReceived);
        }
        // SAFETY: As above.
        assert_eq!(unsafe { (*event(FirmwareEvent::IpiSent)).value }, 3);
        // SAFETY: As above.
        assert_eq!(unsafe { (*event(FirmwareEvent::IpiReceived)).value }, 0);
        Ok(())
    }
}
