// SPDX-License-Identifier: GPL-2.0

//! Setting nested acceleration up, and undoing it.

use super::Feature;
use super::Features;
use crate::kvm::Errno;
use crate::kvm::NaclMemory;
use crate::riscv::Nested;

/// hstatus, which is the host's as well as the guest's.
const HSTATUS: usize = 0x600;

/// Finds out whether nested acceleration can be used and makes everything ready for it, as
/// `kvm_riscv_nacl_init()`: ENODEV if it cannot be, ENOMEM if there is no memory. After an error
/// nothing is left of it.
///
/// Every hart that is online is tried. One that refuses, or features that are not enough, rule it out
/// for all: the log says so in a line.
///
/// Context: process context, before KVM has been enabled on any hart.
pub(crate) fn init() -> Result<(), Errno> {
    if !Nested::is_offered() {
        return Err(Errno::ENODEV);
    }
    let features = Features::which(Nested::offers);
    if !features.are_enough() {
        NaclMemory::report_too_few_features();
        return Err(Errno::ENODEV);
    }
    if let Err(errno) = NaclMemory::all().try_for_each(|memory| memory.allocate()) {
        free();
        return Err(errno);
    }
    let all = NaclMemory::on_each_hart(&|| {
        let attached = attach_with(features);
        detach_here();
        attached.is_ok()
    });
    if !all {
        free();
        NaclMemory::report_refusal();
        return Err(Errno::ENODEV);
    }
    Nested::enable(features);
    Ok(())
}

/// Makes this hart one that has been away, with nested acceleration or without, and gives the
/// hypervisor its shared memory, as `kvm_riscv_nacl_enable()`.
///
/// Context: the task cannot leave the hart; maybe with interrupts off.
pub(crate) fn attach() -> Result<(), Errno> {
    NaclMemory::forget_past();
    match Nested::features() {
        None => Ok(()),
        Some(features) => attach_with(features),
    }
}

/// Makes the hypervisor forget the shared memory of this hart, as `kvm_riscv_nacl_disable()`.
///
/// Context: as [`attach()`]; also from the interrupt that stops a hart.
pub(crate) fn detach() {
    if let Some(features) = Nested::features() {
        if features.have(Feature::SyncHfence) {
            // Those that wait are for vCPUs that may come back to this hart. If the hypervisor refuses,
            // there is what a hart drops that comes online.
            Nested::sync_fences().unwrap_or(());
        }
        detach_here();
    }
}

/// Undoes [`init()`], as `kvm_riscv_nacl_exit()`.
///
/// Context: process context, after KVM has been disabled on every hart.
pub(crate) fn exit() {
    if Nested::features().is_some() {
        Nested::disable();
        free();
    }
}

/// Gives the hypervisor this hart's memory, and sees that it takes CSRs and fences from there.
///
/// What is in new memory the specification leaves open, and after the hart has been away the memory
/// has what it had then: so it is zeroed, and the hypervisor is made to write all CSRs.
fn attach_with(features: Features) -> Result<(), Errno> {
    let memory = NaclMemory::of_this_hart();
    memory.zero();
    // What vcpu.c puts back, should the hypervisor refuse this and then to enter a guest.
    memory.set_csr(HSTATUS, Nested::hstatus());
    let shared = Nested::set_shared_memory(memory.address());
    // A hypervisor that refuses may have it all the same.
    memory.set_shared(true);
    let synced = shared.and_then(|()| Nested::sync_csrs()).and_then(|()| {
        if features.have(Feature::SyncHfence) {
            Nested::sync_fences()
        } else {
            Ok(())
        }
    });
    if synced.is_err() {
        detach_here();
    }
    synced
}

/// Takes this hart's memory back. If the hypervisor does not let go of it, it stays shared.
fn detach_here() {
    let memory = NaclMemory::of_this_hart();
    if memory.is_shared() && Nested::forget_shared_memory().is_ok() {
        memory.set_shared(false);
    }
}

/// Frees the memory of all harts. What a hypervisor may still write is no one else's to use: it is
/// lost, and the log says so.
fn free() {
    for memory in NaclMemory::all() {
        if memory.is_shared() {
            memory.report_lost();
        } else {
            memory.free();
        }
    }
}
