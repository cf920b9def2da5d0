// SPDX-License-Identifier: GPL-2.0

//! Accesses that user space is performing, kept in the fields of `struct kvm_vcpu_arch` that C has
//! for them. Nothing else reads these fields; a vCPU is made with zeroes there.

use core::ffi::c_int;

use kernel::bindings;
use kernel::prelude::kunit_tests;

use super::HeldVcpu;
use crate::exit::Destination;
use crate::exit::PendingCsrAccess;
use crate::exit::PendingMmio;
use crate::isa::Extend;
use crate::isa::Register;
use crate::isa::Width;

/// `len` of a load, to which the logarithm of its width is added; that of a store is 0.
const LOAD: c_int = 4;

/// In `shift`, above the number of rd: the load extends the sign.
const SIGN: c_int = 1 << 5;

/// In the low bit of `insn` of the CSR access: there is one. A pc is even.
const PENDING: usize = 1;

impl HeldVcpu {
    fn mmio_decode(&self) -> *mut bindings::kvm_mmio_decode {
        // SAFETY: `HeldVcpu`: live; only the address is taken.
        unsafe { &raw mut (*self.as_ptr()).arch.mmio_decode }
    }

    fn csr_decode(&self) -> *mut bindings::kvm_csr_decode {
        // SAFETY: `HeldVcpu`: live; only the address is taken.
        unsafe { &raw mut (*self.as_ptr()).arch.csr_decode }
    }

    /// Remembers an access that user space is to perform.
    pub(crate) fn set_pending_mmio(&self, pending: PendingMmio) {
        let (len, shift) = match pending.destination {
            // CAST: Numbers of at most 31.
            Some(load) => (
                LOAD + load.width.log2() as c_int,
                load.register.number() as c_int
                    | match load.extend {
                        Extend::Sign => SIGN,
                        Extend::Zero => 0,
                    },
            ),
            None => (0, 0),
        };
        // SAFETY: The fields are this thread's.
        unsafe {
            *self.mmio_decode() = bindings::kvm_mmio_decode {
                insn: pending.pc,
                insn_len: pending.length as c_int,
                len,
                shift,
                return_handled: 0,
            }
        };
    }

    /// The access that user space was to perform, once.
    pub(crate) fn take_pending_mmio(&self) -> Option<PendingMmio> {
        let decode = self.mmio_decode();
        // SAFETY: The fields are this thread's.
        let taken = unsafe { *decode };
        if taken.return_handled != 0 || taken.insn_len == 0 {
            return None;
        }
        // SAFETY: As above.
        unsafe { (*decode).return_handled = 1 };

        Some(PendingMmio {
            pc: taken.insn,
            // CAST: Set above, 2 or 4.
            length: taken.insn_len as usize,
            // CAST: Set above, both not negative.
            destination: (taken.len >= LOAD).then(|| Destination {
                register: Register::new(taken.shift as u32),
                width: Width::from_log2((taken.len - LOAD) as u32),
                extend: if taken.shift & SIGN != 0 {
                    Extend::Sign
                } else {
                    Extend::Zero
                },
            }),
        })
    }

    /// Remembers a CSR access that user space is to perform.
    pub(crate) fn set_pending_csr_access(&self, pending: PendingCsrAccess) {
        let decode = self.csr_decode();
        // SAFETY: The field is this thread's.
        unsafe { (*decode).insn = pending.pc | PENDING };
        // The other field has room for the register, above the flag that C has there.
        // SAFETY: As above. CAST: At most 31.
        unsafe { (*decode).return_handled = pending.rd.number() as c_int };
    }

    /// The CSR access that user space was to perform, once.
    pub(crate) fn take_pending_csr_access(&self) -> Option<PendingCsrAccess> {
        let decode = self.csr_decode();
        // SAFETY: The fields are this thread's.
        let taken = unsafe { *decode };
        // SAFETY: As above.
        unsafe { (*decode).insn = 0 };
        (taken.insn & PENDING != 0).then(|| PendingCsrAccess {
            pc: taken.insn & !PENDING,
            // CAST: Set above, at most 31.
            rd: Register::new(taken.return_handled as u32),
        })
    }
}

#[kunit_tests(kvm_riscv_pending)]
mod tests {
    use kernel::prelude::Result;

    use crate::exit::Destination;
    use crate::exit::PendingCsrAccess;
    use crate::exit::PendingMmio;
    use crate::isa::Extend;
    use crate::isa::Register;
    use crate::isa::Width;
    use crate::kvm::blank::BlankVcpu;

    #[test]
    fn each_load_is_what_it_was_and_once() -> Result {
        let blank = BlankVcpu::new()?;
        let vcpu = blank.vcpu();
        assert!(vcpu.take_pending_mmio().is_none());
        for (log2, extend) in (0..4).flat_map(|log2| [(log2, Extend::Sign), (log2, Extend::Zero)]) {
            for number in [0, 10, 31] {
                let pending = PendingMmio {
                    pc: 0x8000_0002,
                    length: 2,
                    destination: Some(Destination {
                        register: Register::new(number),
                        width: Width::from_log2(log2),
                        extend,
                    }),
                };
                vcpu.set_pending_mmio(pending);
                assert!(vcpu.take_pending_mmio() == Some(pending));
                assert!(vcpu.take_pending_mmio().is_none());
            }
        }
        Ok(())
    }

    #[test]
    fn a_store_has_no_destination() -> Result {
        let blank = BlankVcpu::new()?;
        let pending = PendingMmio {
            pc: 4,
            length: 4,
            destination: None,
        };
        blank.vcpu().set_pending_mmio(pending);
        assert!(blank.vcpu().take_pending_mmio() == Some(pending));
        Ok(())
    }

    #[test]
    fn a_csr_access_is_what_it_was_and_once() -> Result {
        let blank = BlankVcpu::new()?;
        let vcpu = blank.vcpu();
        assert!(vcpu.take_pending_csr_access().is_none());
        // Also at the address 0, and into x0.
        for (pc, number) in [(0, 0), (0x8000_0002, 31)] {
            let pending = PendingCsrAccess {
                pc,
                rd: Register::new(number),
            };
            vcpu.set_pending_csr_access(pending);
            assert!(vcpu.take_pending_csr_access() == Some(pending));
            assert!(vcpu.take_pending_csr_access().is_none());
        }
        Ok(())
    }
}
