// SPDX-License-Identifier: GPL-2.0

//! The CSRs of the hypervisor extension, wherever they are.

use core::ptr;

use kernel::bindings;

use super::csr;
use super::nacl;
use super::InterruptsOff;
use crate::nacl::csr_index;
use crate::nacl::csr_offset;
use crate::nacl::dirty_bit;

/// hgatp.VMID, 14 bits.
const HGATP_VMID_SHIFT: usize = bindings::HGATP_VMID_SHIFT as usize;
const HGATP_VMID: usize = 0x3FFF;

/// The hypervisor and VS CSRs of this hart: the hart's own or, under a hypervisor that offers nested
/// acceleration, words of shared memory, as with C's macros `ncsr_read()` and `ncsr_write()`.
///
/// While the value lives interrupts are off, so that all accesses are to the same hart's.
pub(crate) struct HypervisorCsrs {
    /// This hart's shared memory, if CSRs are read there.
    shared_memory: Option<*mut u8>,
    interrupts: InterruptsOff,
}

impl HypervisorCsrs {
    /// Those of the hart that the task is on, and stays on.
    ///
    /// Context: any.
    #[inline(always)]
    pub(crate) fn of_this_hart() -> Self {
        let interrupts = InterruptsOff::new();
        let shared_memory = nacl::is_available().then(|| nacl::shared_memory(&interrupts));
        Self {
            shared_memory,
            interrupts,
        }
    }

    /// Makes what hypervisor loads see that which the CSRs say. False if it cannot be.
    pub(crate) fn sync(&self) -> bool {
        self.shared_memory.is_none() || nacl::sync(&self.interrupts)
    }

    #[inline(always)]
    fn read<const CSR: usize>(&self) -> usize {
        match self.shared_memory {
            None => {
                // SAFETY: KVM runs with the hypervisor extension only.
                unsafe { csr::read::<CSR>() }
            }
            Some(memory) => {
                let offset = const { csr_offset(csr_index(CSR)) };
                // SAFETY: The memory is 4096 + 8192 bytes, aligned to a page, and this hart's.
                let word = unsafe { memory.add(offset) }.cast::<usize>();
                // SAFETY: As above. The hypervisor beneath does not write it while this hart runs.
                unsafe { ptr::read_volatile(word) }
            }
        }
    }

    #[inline(always)]
    fn write<const CSR: usize>(&self, value: usize) {
        match self.shared_memory {
            Some(memory) if nacl::has_sync_csr() => {
                let index = const { csr_index(CSR) };
                let (byte, bit) = const { dirty_bit(csr_index(CSR)) };
                // SAFETY: As in `read()`.
                let word = unsafe { memory.add(csr_offset(index)) }.cast::<usize>();
                // SAFETY: As in `read()`.
                unsafe { ptr::write_volatile(word, value) };
                // SAFETY: As in `read()`.
                let dirty = unsafe { memory.add(byte) };
                // SAFETY: As in `read()`. The word is there before its bit.
                unsafe { ptr::write_volatile(dirty, ptr::read_volatile(dirty) | bit) };
            }
            _ => {
                // SAFETY: KVM runs with the hypervisor extension only; a VS CSR has no effect on
                // the host.
                unsafe { csr::write::<CSR>(value) }
            }
        }
    }

    /// The VMID in hgatp: under which the hart caches the guest's translations.
    pub(crate) fn hgatp_vmid(&self) -> usize {
        (self.read::<{ csr::HGATP }>() >> HGATP_VMID_SHIFT) & HGATP_VMID
    }

    /// What a CSR is that was written with [`write()`](Self::write), which need not be the value
    /// that was written. `None` if the hypervisor beneath refuses to say.
    fn read_back<const CSR: usize>(&self) -> Option<usize> {
        if self.shared_memory.is_some() && nacl::has_sync_csr() {
            nacl::sync_csr(CSR, &self.interrupts).then(|| self.read::<CSR>())
        } else {
            // SAFETY: KVM runs with the hypervisor extension only.
            Some(unsafe { csr::read::<CSR>() })
        }
    }

    /// Sets hedeleg: the guest's exceptions that it handles itself.
    pub(crate) fn set_hedeleg(&self, value: usize) {
        self.write::<{ csr::HEDELEG }>(value);
    }

    /// Sets henvcfg: what the guest's environment has.
    pub(crate) fn set_henvcfg(&self, value: u64) {
        // CAST: No bits are lost.
        self.write::<{ csr::HENVCFG }>(value as usize);
    }

    /// Whether henvcfg can have `bits` in its field `field`, as C's `try_to_set_pmm()`. It is put
    /// back as it was.
    pub(crate) fn henvcfg_can_be(&self, field: u64, bits: u64) -> bool {
        // CAST: No bits are lost.
        let (field, bits) = (field as usize, bits as usize);
        let Some(before) = self.read_back::<{ csr::HENVCFG }>() else {
            return false;
        };
        self.write::<{ csr::HENVCFG }>((before & !field) | bits);
        let after = self.read_back::<{ csr::HENVCFG }>();
        self.write::<{ csr::HENVCFG }>(before);
        after.is_some_and(|after| after & field == bits)
    }

    /// vsstatus: the guest's sstatus.
    #[inline(always)]
    pub(crate) fn vsstatus(&self) -> usize {
        self.read::<{ csr::VSSTATUS }>()
    }

    /// Sets vsstatus.
    #[inline(always)]
    pub(crate) fn set_vsstatus(&self, value: usize) {
        self.write::<{ csr::VSSTATUS }>(value);
    }

    /// Sets vscause: why the guest is in its trap handler.
    #[inline(always)]
    pub(crate) fn set_vscause(&self, value: usize) {
        self.write::<{ csr::VSCAUSE }>(value);
    }

    /// Sets vstval.
    #[inline(always)]
    pub(crate) fn set_vstval(&self, value: usize) {
        self.write::<{ csr::VSTVAL }>(value);
    }

    /// Sets vsepc: where the guest's handler returns to.
    #[inline(always)]
    pub(crate) fn set_vsepc(&self, value: usize) {
        self.write::<{ csr::VSEPC }>(value);
    }

    /// vstvec: where the guest's trap handler is, with its mode in the two lowest bits.
    #[inline(always)]
    pub(crate) fn vstvec(&self) -> usize {
        self.read::<{ csr::VSTVEC }>()
    }
}
