// SPDX-License-Identifier: GPL-2.0

//! `struct kvm`: a virtual machine.

use kernel::bindings;
use kernel::types::Opaque;

use super::once::read_once;
use super::Vcpu;
use crate::riscv;
use crate::sbi::PAGE_SHIFT;

/// A virtual machine that somebody keeps alive.
#[repr(transparent)]
pub(crate) struct Vm(Opaque<bindings::kvm>);

impl Vm {
    /// Wraps a VM pointer from C.
    ///
    /// # Safety
    ///
    /// `ptr` points to a VM that lives for `'a`.
    pub(super) unsafe fn from_raw<'a>(ptr: *mut bindings::kvm) -> &'a Self {
        // SAFETY: By the caller; `Opaque` lets others write the structure meanwhile.
        unsafe { &*ptr.cast::<Self>() }
    }

    /// The pointer that C knows the VM by.
    #[inline]
    pub(super) fn as_ptr(&self) -> *mut bindings::kvm {
        self.0.get()
    }

    /// The VMID that the VM has now.
    #[inline]
    pub(super) fn vmid(&self) -> usize {
        // SAFETY: Live; an aligned word that `vmid.c` writes in one store.
        unsafe { read_once(&raw const (*self.as_ptr()).arch.vmid.vmid) }
    }

    /// How many vCPUs there are; their indices are those below it. It only ever grows.
    #[inline]
    pub(crate) fn online_vcpus(&self) -> usize {
        // SAFETY: Live; C changes the counter atomically.
        let count = unsafe { read_once(&raw const (*self.as_ptr()).online_vcpus.counter) };
        // CAST: A count from 0 to `KVM_MAX_VCPUS`.
        count as usize
    }

    /// The vCPU with index `index` (the order of creation, not the id), as `kvm_get_vcpu()`.
    ///
    /// `index` may come from a guest.
    #[inline]
    pub(crate) fn vcpu(&self, index: usize) -> Option<&Vcpu> {
        let online = self.online_vcpus();
        if index >= online {
            return None;
        }
        let index = riscv::index_nospec(index, online);
        // Pairs with the smp_wmb() of `kvm_vm_ioctl_create_vcpu()`: who sees the count sees the
        // array's element.
        riscv::smp_rmb();
        // SAFETY: Live; the array is initialised with the VM and read under RCU inside.
        let vcpu = unsafe { bindings::xa_load(&raw mut (*self.as_ptr()).vcpu_array, index) };
        if vcpu.is_null() {
            return None;
        }
        // SAFETY: The array holds initialised vCPUs, which live as long as the VM.
        Some(unsafe { Vcpu::from_raw(vcpu.cast()) })
    }

    /// All vCPUs in the order of their indices, as `kvm_for_each_vcpu()`.
    pub(crate) fn vcpus(&self) -> impl Iterator<Item = &Vcpu> {
        (0..self.online_vcpus()).filter_map(|index| self.vcpu(index))
    }

    /// The vCPU with the id `id`, any register of a guest, as `kvm_get_vcpu_by_id()`.
    pub(crate) fn vcpu_by_id(&self, id: usize) -> Option<&Vcpu> {
        let has_id = |vcpu: &&Vcpu| vcpu.id() == id;
        self.vcpu(id)
            .filter(has_id)
            .or_else(|| self.vcpus().find(has_id))
    }

    /// Whether a memory slot backs the guest's physical address, as `kvm_is_visible_gfn()`.
    ///
    /// Context: the SRCU read lock is held, as with every loaded vCPU.
    pub(crate) fn has_memory_at(&self, address: usize) -> bool {
        // CAST: No bits are lost.
        let gfn = (address >> PAGE_SHIFT) as u64;
        // SAFETY: Live; the function takes any frame number.
        unsafe { bindings::kvm_is_visible_gfn(self.as_ptr(), gfn) }
    }

    /// Makes every vCPU leave its guest and sleep for as long as it is stopped: `KVM_REQ_SLEEP`
    /// through `kvm_make_all_cpus_request()`.
    ///
    /// Returns when none runs guest code any more.
    ///
    /// Context: process context; waits for other CPUs.
    pub(crate) fn request_sleep(&self) {
        // SAFETY: Live.
        unsafe { bindings::kvm_riscv_rs_request_sleep(self.as_ptr()) };
    }
}
