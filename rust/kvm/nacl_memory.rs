// SPDX-License-Identifier: GPL-2.0

//! The memory that harts share with the hypervisor beneath, `struct kvm_riscv_nacl`.

use core::ffi::c_void;
use core::ptr;

use kernel::bindings;
use kernel::ffi::c_int;
use kernel::prelude::kunit_tests;

use super::once::read_once;
use super::once::write_once;
use super::Errno;
use crate::nacl::csr_index;
use crate::nacl::csr_offset;
use crate::nacl::SIZE;

/// In the physical address, which is that of a page: the hypervisor has the memory.
///
/// C's inline functions do not look at the physical address.
const SHARED: u64 = 1;

/// The memory of one hart. Its owner is the per-CPU variable of C: it is allocated and freed once, by
/// [`nacl::init()`](crate::nacl::init) and [`nacl::exit()`](crate::nacl::exit).
pub(crate) struct NaclMemory(*mut bindings::kvm_riscv_nacl);

impl NaclMemory {
    /// That of the hart that the task is on and stays on.
    pub(crate) fn of_this_hart() -> Self {
        // SAFETY: The per-CPU variable lives as long as the module.
        Self(unsafe { bindings::kvm_riscv_rs_nacl_of_this_cpu() })
    }

    /// Those of all harts that there can be.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        core::iter::successors(Self::next_cpu(-1), |&cpu| Self::next_cpu(cpu))
            // SAFETY: A CPU that there can be; the per-CPU variable lives as long as the module.
            .map(|cpu| Self(unsafe { bindings::kvm_riscv_rs_nacl_of_cpu(cpu) }))
    }

    /// The next CPU that there can be, after this one or from the first.
    fn next_cpu(cpu: c_int) -> Option<c_int> {
        // SAFETY: The number of a CPU, or -1.
        let next = unsafe { bindings::kvm_riscv_rs_next_possible_cpu(cpu) };
        (next < Self::cpus()).then_some(next)
    }

    /// One more than the highest number that a CPU can have.
    fn cpus() -> c_int {
        // SAFETY: Written when the kernel boots.
        let cpus = unsafe { bindings::kvm_riscv_rs_cpus() };
        // CAST: A small number.
        cpus as c_int
    }

    /// Where it is, for this kernel. Null if it is not allocated.
    fn memory(&self) -> *mut c_void {
        // SAFETY: `NaclMemory`: live, an aligned word.
        unsafe { read_once(&raw const (*self.0).shmem) }
    }

    /// Where it is, for the hypervisor, and [`SHARED`].
    fn physical(&self) -> *mut u64 {
        // SAFETY: `NaclMemory`: live; only the address is taken.
        unsafe { &raw mut (*self.0).shmem_phys }
    }

    /// Allocates it, zeroed.
    ///
    /// Context: process context; sleeps.
    pub(crate) fn allocate(&self) -> Result<(), Errno> {
        // SAFETY: May be called in process context.
        let memory = unsafe { bindings::kvm_riscv_rs_nacl_alloc() };
        if memory.is_null() {
            return Err(Errno::ENOMEM);
        }
        // SAFETY: `memory` is of the kernel's linear mapping.
        let physical = unsafe { bindings::kvm_riscv_rs_phys(memory) };
        // SAFETY: `NaclMemory`: live, and nobody else uses it yet.
        unsafe { write_once(self.physical(), physical) };
        // SAFETY: As above.
        unsafe { write_once(&raw mut (*self.0).shmem, memory) };
        Ok(())
    }

    /// Frees it, if it is allocated.
    ///
    /// Context: process context; the hypervisor does not have it.
    pub(crate) fn free(&self) {
        let memory = self.memory();
        self.forget();
        // SAFETY: Allocated by `allocate()`, or null; not used any more.
        unsafe { bindings::kvm_riscv_rs_nacl_free(memory) };
    }

    fn forget(&self) {
        // SAFETY: `NaclMemory`: live; the module is about to end or does not use it.
        unsafe { write_once(&raw mut (*self.0).shmem, ptr::null_mut()) };
        // SAFETY: As above.
        unsafe { write_once(self.physical(), 0) };
    }

    /// Makes all of it zero.
    ///
    /// Context: on its hart; the memory is allocated.
    pub(crate) fn zero(&self) {
        // SAFETY: Allocated with this size. The hypervisor does not write it while the hart is here.
        unsafe { ptr::write_bytes(self.memory().cast::<u8>(), 0, SIZE) };
    }

    /// Writes the word of a CSR, as if the hypervisor had; [`csr_index()`] is below 1024.
    ///
    /// Context: as [`zero()`](Self::zero).
    pub(crate) fn set_csr(&self, csr: usize, value: usize) {
        let word = self.memory().wrapping_byte_add(csr_offset(csr_index(csr)));
        // SAFETY: In the memory, which has a word for each CSR of a hypervisor.
        unsafe { write_once(word.cast::<usize>(), value.to_le()) };
    }

    /// Its physical address.
    pub(crate) fn address(&self) -> usize {
        // SAFETY: `physical()`.
        let physical = unsafe { read_once(self.physical()) };
        // CAST: Both are 64 bits.
        (physical & !SHARED) as usize
    }

    /// Whether the hypervisor has it and may write it.
    pub(crate) fn is_shared(&self) -> bool {
        // SAFETY: `physical()`.
        unsafe { read_once(self.physical()) & SHARED != 0 }
    }

    /// Notes whether the hypervisor has it.
    pub(crate) fn set_shared(&self, shared: bool) {
        // SAFETY: `physical()`; only its own hart changes it.
        let physical = unsafe { read_once(self.physical()) } & !SHARED;
        // SAFETY: As above.
        unsafe { write_once(self.physical(), physical | u64::from(shared)) };
    }

    /// Says in the log that it is lost, because the hypervisor does not let go of it.
    pub(crate) fn report_lost(&self) {
        self.forget();
        // SAFETY: The function may be called from anywhere.
        unsafe { bindings::kvm_riscv_rs_report_nacl_lost() };
    }

    /// Says in the log that nested acceleration is not used, for what it offers is not enough.
    pub(crate) fn report_too_few_features() {
        // SAFETY: The function may be called from anywhere.
        unsafe { bindings::kvm_riscv_rs_report_nacl_features() };
    }

    /// Says in the log that nested acceleration is not used, for the hypervisor has refused it on a
    /// hart.
    pub(crate) fn report_refusal() {
        // SAFETY: The function may be called from anywhere.
        unsafe { bindings::kvm_riscv_rs_report_nacl_refusal() };
    }

    /// Runs `f` on every hart that is online, with interrupts off; whether it is true on all.
    ///
    /// Context: process context.
    pub(crate) fn on_each_hart<F: Fn() -> bool + Sync>(f: &F) -> bool {
        struct Vote<'a, F> {
            f: &'a F,
            no: bool,
        }
        /// What one hart says.
        ///
        /// # Safety
        ///
        /// `vote` is the `Vote` of a caller that waits.
        unsafe extern "C" fn vote<F: Fn() -> bool>(vote: *mut c_void) {
            let vote = vote.cast::<Vote<'_, F>>();
            // SAFETY: `on_each_hart()` waits for all, and nobody changes `f`.
            if !unsafe { ((*vote).f)() } {
                // SAFETY: As above. Whoever writes it writes the same.
                unsafe { write_once(&raw mut (*vote).no, true) };
            }
        }
        let mut all = Vote { f, no: false };
        // SAFETY: `vote()` does not sleep; it is done when this returns, and `all` lives until then.
        unsafe { bindings::kvm_riscv_rs_on_each_cpu(Some(vote::<F>), (&raw mut all).cast()) };
        // SAFETY: As above.
        !unsafe { read_once(&raw const all.no) }
    }

    /// Makes this hart one that has been away: the next vCPU that is loaded on it loads all of its CSRs,
    /// and nothing is translated as it was.
    ///
    /// In the C a vCPU that has slept while its CPU went offline and came back is taken for one whose
    /// CSRs are still there (N7 of docs/differences.md); and when VMIDs begin anew, only the harts
    /// that are online drop what they know of the old ones.
    ///
    /// Context: the task cannot leave the hart.
    pub(crate) fn forget_past() {
        // SAFETY: By the context.
        unsafe { bindings::kvm_riscv_rs_forget_former_vcpu() };
        // SAFETY: Drops translations of this hart, no more.
        unsafe { bindings::kvm_riscv_local_hfence_gvma_all() };
    }
}

#[kunit_tests(kvm_riscv_nacl_memory)]
mod tests {
    use kernel::bindings;
    use kernel::prelude::Result;

    use super::NaclMemory;
    use crate::kvm::blank::Blank;
    use crate::nacl::csr_index;
    use crate::nacl::csr_offset;
    use crate::nacl::SIZE;

    #[test]
    fn it_is_shared_or_not_at_one_address() -> Result {
        let blank = Blank::<bindings::kvm_riscv_nacl>::new()?;
        let memory = NaclMemory(blank.as_ptr());
        if memory.allocate().is_err() {
            return Err(kernel::error::code::ENOMEM);
        }
        let address = memory.address();
        let before = memory.is_shared();
        memory.set_shared(true);
        let shared = (memory.is_shared(), memory.address());
        memory.set_shared(false);
        let after = (memory.is_shared(), memory.address());
        memory.free();
        assert!(address != 0 && address % 4096 == 0);
        assert!(!before);
        assert_eq!(shared, (true, address));
        assert_eq!(after, (false, address));
        // Nothing of it is left, and there is nothing to be freed again.
        assert!(memory.memory().is_null());
        assert_eq!(memory.address(), 0);
        memory.free();
        Ok(())
    }

    #[test]
    fn all_of_it_is_zeroed_and_a_csr_has_its_word() -> Result {
        const HGATP: usize = 0x680;
        let blank = Blank::<bindings::kvm_riscv_nacl>::new()?;
        let memory = NaclMemory(blank.as_ptr());
        if memory.allocate().is_err() {
            return Err(kernel::error::code::ENOMEM);
        }
        let start = memory.memory().cast::<usize>();
        let words = SIZE / size_of::<usize>();
        // SAFETY: It has so many bytes, and is this function's.
        unsafe { start.cast::<u8>().write_bytes(0xFF, SIZE) };
        memory.zero();
        // SAFETY: As above.
        let zero = (0..words).all(|index| unsafe { *start.add(index) } == 0);
        memory.set_csr(HGATP, 0x1234);
        let word = csr_offset(csr_index(HGATP)) / size_of::<usize>();
        // SAFETY: As above.
        let alone = (0..words)
            .all(|index| unsafe { *start.add(index) } == if index == word { 0x1234 } else { 0 });
        memory.free();
        assert!(zero);
        assert!(alone);
        Ok(())
    }
}
