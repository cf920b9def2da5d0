// SPDX-License-Identifier: GPL-2.0

//! Traps that the guest's own supervisor handles.

use super::status::SIE;
use super::status::SPIE;
use super::status::SPP;
use super::Exception;
use super::Trap;
use crate::kvm::LoadedVcpu;

/// vstvec.MODE: for interrupts only, exceptions always go to BASE.
const TVEC_MODE: usize = 3;

/// vsstatus after a trap, as the hart makes it.
fn status_after_trap(vsstatus: usize, from_supervisor: bool) -> usize {
    let previous_interrupt_enable = if vsstatus & SIE != 0 { SPIE } else { 0 };
    let previous_privilege = if from_supervisor { SPP } else { 0 };

    (vsstatus & !(SPP | SPIE | SIE)) | previous_privilege | previous_interrupt_enable
}

/// Raises `trap` in the guest, as the hart does with a delegated one and
/// `kvm_riscv_vcpu_trap_redirect()` in the C.
///
/// The guest goes on in VS-mode at its trap handler.
///
/// Context: as [`LoadedVcpu`].
#[inline(never)]
pub(crate) fn redirect(vcpu: &LoadedVcpu, trap: &Trap) {
    let from_supervisor = vcpu.is_in_supervisor_mode();
    // On one hart and in one piece: under NACL the CSRs are in memory of this CPU.
    let csrs = vcpu.vs_csrs();

    csrs.set_vsstatus(status_after_trap(csrs.vsstatus(), from_supervisor));
    csrs.set_vscause(trap.scause);
    csrs.set_vstval(trap.stval);
    csrs.set_vsepc(trap.sepc);
    vcpu.set_pc(csrs.vstvec() & !TVEC_MODE);
    vcpu.enter_supervisor_mode();
}

/// Raises `exception` in the guest at the instruction that trapped.
pub(super) fn raise(vcpu: &LoadedVcpu, exception: Exception, stval: usize) {
    redirect(vcpu, &Trap::raise(exception, vcpu.pc(), stval));
}
