// SPDX-License-Identifier: GPL-2.0

//! The world switch: into the guest and back, `vcpu_switch.S`.
//!
//! Both functions are called by `kvm_riscv_vcpu_enter_exit()` of vcpu.c, which is noinstr: preemption
//! and interrupts are off and RCU is not watching. They know nothing but `struct kvm_vcpu_arch`, and
//! sscratch holds its address while the guest runs. Of the registers that a C function must keep, and
//! gp and tp, the host's are saved; the others their caller does not rely on.

use core::arch::global_asm;
use core::mem::offset_of;

use kernel::bindings;
use kernel::bindings::kvm_cpu_context;
use kernel::bindings::kvm_vcpu_arch;

/// The registers x0 to x31 come first in a context, and in this order.
const _: () = {
    assert!(offset_of!(kvm_cpu_context, zero) == 0);
    assert!(offset_of!(kvm_cpu_context, ra) == 8);
    assert!(offset_of!(kvm_cpu_context, a0) == 8 * 10);
    assert!(offset_of!(kvm_cpu_context, s11) == 8 * 27);
    assert!(offset_of!(kvm_cpu_context, t6) == 8 * 31);
};

/// The places are offsets of load and store instructions.
const _: () = {
    // Of a context only the beginning is accessed: x0 to x31, sepc, sstatus.
    assert!(offset_of!(kvm_vcpu_arch, host_context.sstatus) < 2048);
    assert!(offset_of!(kvm_vcpu_arch, guest_context.sstatus) < 2048);
    assert!(offset_of!(kvm_vcpu_arch, host_stvec) < 2048);
    assert!(offset_of!(kvm_vcpu_arch, host_sscratch) < 2048);
};

global_asm!(
    ".pushsection .text",
    ".option push",
    ".option norelax",
    ".option norvc",

    // What the host has to find again. a0 is the address of the vCPU's struct kvm_vcpu_arch.
    ".macro kvm_riscv_rs_save_host",
    ".irp n, 1, 2, 3, 4, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27",
    "sd x\\n, ({host} + 8 * \\n)(a0)",
    ".endr",
    ".endm",

    ".macro kvm_riscv_rs_restore_host",
    ".irp n, 1, 2, 3, 4, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27",
    "ld x\\n, ({host} + 8 * \\n)(a0)",
    ".endr",
    ".endm",

    // From here on a trap comes back to \return.
    ".macro kvm_riscv_rs_swap_in_guest_csrs return",
    "ld t0, ({guest_sstatus})(a0)",
    "lla t1, \\return",
    "ld t2, ({guest_sepc})(a0)",
    "csrrw t0, sstatus, t0",
    "csrrw t1, stvec, t1",
    "csrw sepc, t2",
    "csrrw t3, sscratch, a0",
    "sd t0, ({host_sstatus})(a0)",
    "sd t1, ({host_stvec})(a0)",
    "sd t3, ({host_sscratch})(a0)",
    ".endm",

    // a0 last: it is the address of the others.
    ".macro kvm_riscv_rs_load_guest",
    ".irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 10",
    "ld x\\n, ({guest} + 8 * \\n)(a0)",
    ".endr",
    ".endm",

    // The guest's a0 waits in sscratch.
    ".macro kvm_riscv_rs_save_guest",
    "csrrw a0, sscratch, a0",
    ".irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31",
    "sd x\\n, ({guest} + 8 * \\n)(a0)",
    ".endr",
    ".endm",

    ".macro kvm_riscv_rs_swap_out_guest_csrs",
    "ld t0, ({host_stvec})(a0)",
    "ld t1, ({host_sscratch})(a0)",
    "ld t2, ({host_sstatus})(a0)",
    "csrrw t1, sscratch, t1",
    "csrr t3, sepc",
    "csrw stvec, t0",
    "csrrw t2, sstatus, t2",
    "sd t1, ({guest} + 8 * 10)(a0)",
    "sd t2, ({guest_sstatus})(a0)",
    "sd t3, ({guest_sepc})(a0)",
    ".endm",

    // void __kvm_riscv_switch_to(struct kvm_vcpu_arch *)
    ".globl __kvm_riscv_switch_to",
    ".balign 4",
    ".type __kvm_riscv_switch_to, @function",
    "__kvm_riscv_switch_to:",
    "kvm_riscv_rs_save_host",
    "kvm_riscv_rs_swap_in_guest_csrs .Lkvm_riscv_rs_return",
    "kvm_riscv_rs_load_guest",
    "sret",
    // stvec has its mode in the two lowest bits.
    ".balign 4",
    ".Lkvm_riscv_rs_return:",
    "kvm_riscv_rs_save_guest",
    "kvm_riscv_rs_swap_out_guest_csrs",
    "kvm_riscv_rs_restore_host",
    "ret",
    ".size __kvm_riscv_switch_to, . - __kvm_riscv_switch_to",

    // long __kvm_riscv_nacl_switch_to(struct kvm_vcpu_arch *, unsigned long sbi_ext_id,
    //                                 unsigned long sbi_func_id)
    //
    // The call loads the guest's registers from shared memory and enters the guest. 0 if the guest has
    // run. If the call comes back, its error: the guest has not run, and what is in the registers is
    // the host's, so nothing of it is stored for the guest (in the C the host's registers become the
    // guest's: N3 of docs/differences.md).
    ".globl __kvm_riscv_nacl_switch_to",
    ".balign 4",
    ".type __kvm_riscv_nacl_switch_to, @function",
    "__kvm_riscv_nacl_switch_to:",
    "kvm_riscv_rs_save_host",
    "kvm_riscv_rs_swap_in_guest_csrs .Lkvm_riscv_rs_nacl_return",
    "mv a6, a2",
    "mv a7, a1",
    "ecall",
    "mv a1, a0",
    "csrr a0, sscratch",
    "ld t0, ({host_stvec})(a0)",
    "ld t1, ({host_sscratch})(a0)",
    "ld t2, ({host_sstatus})(a0)",
    "csrw sscratch, t1",
    "csrw stvec, t0",
    "csrw sstatus, t2",
    "kvm_riscv_rs_restore_host",
    "mv a0, a1",
    // A call that comes back has failed, whatever it says; the SBI's errors are below 0.
    "bltz a0, 1f",
    "li a0, {failed}",
    "1:",
    "ret",
    ".balign 4",
    ".Lkvm_riscv_rs_nacl_return:",
    "kvm_riscv_rs_save_guest",
    "kvm_riscv_rs_swap_out_guest_csrs",
    "kvm_riscv_rs_restore_host",
    "li a0, 0",
    "ret",
    ".size __kvm_riscv_nacl_switch_to, . - __kvm_riscv_nacl_switch_to",

    ".purgem kvm_riscv_rs_save_host",
    ".purgem kvm_riscv_rs_restore_host",
    ".purgem kvm_riscv_rs_swap_in_guest_csrs",
    ".purgem kvm_riscv_rs_load_guest",
    ".purgem kvm_riscv_rs_save_guest",
    ".purgem kvm_riscv_rs_swap_out_guest_csrs",
    ".option pop",
    ".popsection",
    host = const offset_of!(kvm_vcpu_arch, host_context),
    host_sstatus = const offset_of!(kvm_vcpu_arch, host_context.sstatus),
    host_stvec = const offset_of!(kvm_vcpu_arch, host_stvec),
    host_sscratch = const offset_of!(kvm_vcpu_arch, host_sscratch),
    guest = const offset_of!(kvm_vcpu_arch, guest_context),
    guest_sepc = const offset_of!(kvm_vcpu_arch, guest_context.sepc),
    guest_sstatus = const offset_of!(kvm_vcpu_arch, guest_context.sstatus),
    failed = const bindings::SBI_ERR_FAILURE,
);
