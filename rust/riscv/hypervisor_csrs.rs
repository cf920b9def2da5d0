// SPDX-License-Identifier: GPL-2.0

//! The CSRs of the hypervisor extension, wherever they are.

use core::ptr;

use kernel::bindings;
use kernel::prelude::kunit_tests;

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
                usize::from_le(unsafe { ptr::read_volatile(word) })
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
                unsafe { ptr::write_volatile(word, value.to_le()) };
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

    /// Runs `f`, which makes hgatp something else for a moment and puts back what it was.
    ///
    /// A hypervisor beneath may note either in shared memory, over a value that has not reached the CSR
    /// yet: what is there stays what the guest is entered with.
    pub(super) fn while_hgatp_is_used(&self, f: impl FnOnce()) {
        let hgatp = self.read::<{ csr::HGATP }>();
        f();
        self.write::<{ csr::HGATP }>(hgatp);
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

#[kunit_tests(kvm_riscv_hypervisor_csrs)]
mod tests {
    use kernel::bindings;

    use super::HypervisorCsrs;
    use crate::riscv::csr;

    /// sstatus.SUM, which a guest has and which does nothing while none runs.
    const SUM: usize = 1 << 18;

    // Interrupts are off while the CSRs are held, so nothing is asserted before they are dropped.

    #[test]
    fn what_is_written_is_read() {
        let csrs = HypervisorCsrs::of_this_hart();
        let before = (
            csrs.read::<{ csr::VSEPC }>(),
            csrs.read::<{ csr::VSCAUSE }>(),
            csrs.read::<{ csr::VSTVAL }>(),
        );
        csrs.set_vsepc(0x1234_5678);
        csrs.set_vscause(13);
        csrs.set_vstval(0x8765_4321);
        let after = (
            csrs.read::<{ csr::VSEPC }>(),
            csrs.read::<{ csr::VSCAUSE }>(),
            csrs.read::<{ csr::VSTVAL }>(),
        );
        csrs.set_vsepc(before.0);
        csrs.set_vscause(before.1);
        csrs.set_vstval(before.2);
        drop(csrs);
        assert_eq!(after, (0x1234_5678, 13, 0x8765_4321));
    }

    #[test]
    fn a_bit_of_vsstatus_is_set_and_cleared() {
        let csrs = HypervisorCsrs::of_this_hart();
        let before = csrs.vsstatus();
        csrs.set_vsstatus(before | SUM);
        let set = csrs.vsstatus();
        csrs.set_vsstatus(before & !SUM);
        let cleared = csrs.vsstatus();
        csrs.set_vsstatus(before);
        let after = csrs.vsstatus();
        drop(csrs);
        assert_eq!(set, before | SUM);
        assert_eq!(cleared, before & !SUM);
        assert_eq!(after, before);
    }

    #[test]
    fn asking_what_henvcfg_can_be_leaves_it_alone() {
        let csrs = HypervisorCsrs::of_this_hart();
        let before = csrs.read_back::<{ csr::HENVCFG }>();
        // FIOM, which every hart with the extension has, and a reserved bit.
        let fiom = csrs.henvcfg_can_be(1, 1);
        let reserved = csrs.henvcfg_can_be(2, 2);
        let after = csrs.read_back::<{ csr::HENVCFG }>();
        drop(csrs);
        assert!(before.is_some());
        assert_eq!(after, before);
        assert!(fiom);
        assert!(!reserved);
    }

    #[test]
    fn interrupts_are_off_meanwhile() {
        const SSTATUS: usize = bindings::CSR_SSTATUS as usize;
        let csrs = HypervisorCsrs::of_this_hart();
        // SAFETY: Every hart has it, and reading it does nothing.
        let meanwhile = unsafe { csr::read::<SSTATUS>() };
        drop(csrs);
        // SAFETY: As above.
        let after = unsafe { csr::read::<SSTATUS>() };
        assert_eq!(meanwhile & bindings::SR_SIE, 0);
        assert_eq!(after & bindings::SR_SIE, bindings::SR_SIE);
    }
}
