// SPDX-License-Identifier: GPL-2.0

//! The firmware event counters of the SBI PMU extension.

use super::Vcpu;
use crate::sbi::FirmwareEvent;

impl Vcpu {
    /// Adds one to the firmware event counter `event` if the guest has started it, as
    /// `kvm_riscv_vcpu_pmu_incr_fw()`; nothing without `CONFIG_RISCV_PMU_SBI`.
    ///
    /// Context: any; on another vCPU's counter two increments at once may count as one, as in C.
    #[inline]
    pub(crate) fn count_firmware_event(&self, event: FirmwareEvent) {
        #[cfg(CONFIG_RISCV_PMU_SBI)]
        {
            use super::once::read_once;
            use super::once::write_once;

            let vcpu = self.as_ptr();
            // SAFETY: `Vcpu`: the structure is live; `FirmwareEvent` is below the array's 32
            // elements (asserted in `sbi_constants`).
            let counter = unsafe {
                (&raw mut (*vcpu).arch.pmu_context.fw_event)
                    .cast::<kernel::bindings::kvm_fw_event>()
                    .add(event as usize)
            };
            // SAFETY: `counter` points into the live vCPU; C writes the flag in one access.
            if unsafe { read_once(&raw const (*counter).started) } {
                // SAFETY: As above, a word.
                let value = unsafe { read_once(&raw const (*counter).value) };
                // SAFETY: As above.
                unsafe { write_once(&raw mut (*counter).value, value.wrapping_add(1)) };
            }
        }
        #[cfg(not(CONFIG_RISCV_PMU_SBI))]
        let _ = event;
    }
}
