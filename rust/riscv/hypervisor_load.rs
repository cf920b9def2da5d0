// SPDX-License-Identifier: GPL-2.0

//! Hypervisor loads: reading a guest's memory as the guest would.

use core::arch::asm;

use kernel::prelude::kunit_tests;

use super::HypervisorCsrs;
use crate::exit::Trap;

/// Runs `$load` with the guest's hstatus, and with stvec at a handler of its own. The block is one
/// piece from the swap to the restore: nothing else runs or touches memory while a trap would come
/// here.
///
/// The handler notes the trap's CSRs in registers and returns with `sret` to the end of the block,
/// as every trap must end (an `sret` also ends the state that Ssdbltrp keeps). A trap leaves
/// hstatus.SPV clear, so the `sret` stays in HS-mode.
macro_rules! hypervisor_load {
    ($hstatus:expr, $address:expr, $($load:literal,)+) => {{
        let value: usize;
        let mut trap = Trap::default();
        // SAFETY: hstatus and stvec are put back, whatever happens. sepc, scause and stval are free:
        // interrupts are off, and the kernel has saved them for whom it returns to; so are
        // SPP and SPIE of sstatus, which a trap and its `sret` change. The loads
        // themselves are made with the rights of the guest.
        unsafe {
            asm!(
                ".option push",
                ".option norvc",
                "csrrw {hstatus}, hstatus, {hstatus}",
                "lla {stvec}, 7f",
                "csrrw {stvec}, stvec, {stvec}",
                $($load,)+
                "j 8f",
                // stvec has its mode in the two lowest bits.
                ".balign 4",
                "7:",
                "csrr {scause}, scause",
                "csrr {stval}, stval",
                "csrr {htval}, htval",
                "csrr {htinst}, htinst",
                "csrr {sepc}, sepc",
                "lla {temporary}, 8f",
                "csrw sepc, {temporary}",
                "sret",
                "8:",
                "csrw stvec, {stvec}",
                "csrw hstatus, {hstatus}",
                ".option pop",
                hstatus = inout(reg) $hstatus => _,
                stvec = out(reg) _,
                address = inout(reg) $address => _,
                value = out(reg) value,
                temporary = out(reg) _,
                sepc = inout(reg) trap.sepc,
                scause = inout(reg) trap.scause,
                stval = inout(reg) trap.stval,
                htval = inout(reg) trap.htval,
                htinst = inout(reg) trap.htinst,
                options(nostack),
            )
        };
        // No hypervisor load can make exception 0, a misaligned fetch.
        if trap.scause == 0 { Ok(value) } else { Err(trap) }
    }};
}

/// Reads the instruction at `address`, two bytes or four, with two HLVX.HU.
///
/// `hstatus` is the guest's: SPVP says in whose name. The first fault ends it.
pub(crate) fn hlvx_hu(
    _interrupts_off: &HypervisorCsrs,
    hstatus: usize,
    address: usize,
) -> Result<u32, Trap> {
    // The assembler may not know the hypervisor extension: .insn, R-type, as in asm/insn-def.h.
    let bits: Result<usize, Trap> = hypervisor_load!(
        hstatus,
        address,
        ".insn r 0x73, 0x4, 0x32, {value}, {address}, x3",
        "andi {temporary}, {value}, 3",
        "addi {temporary}, {temporary}, -3",
        "bnez {temporary}, 8f",
        "addi {address}, {address}, 2",
        ".insn r 0x73, 0x4, 0x32, {temporary}, {address}, x3",
        "slli {temporary}, {temporary}, 16",
        "or {value}, {value}, {temporary}",
    );
    // CAST: Two halves of 16 bits each.
    bits.map(|bits| bits as u32)
}

/// Reads the word at `address` with HLV.D.
///
/// `hstatus` is the guest's: SPVP says in whose name.
pub(crate) fn hlv_d(
    _interrupts_off: &HypervisorCsrs,
    hstatus: usize,
    address: usize,
) -> Result<usize, Trap> {
    hypervisor_load!(
        hstatus,
        address,
        ".insn r 0x73, 0x4, 0x36, {value}, {address}, x0",
    )
}

#[kunit_tests(kvm_riscv_hypervisor_load)]
mod tests {
    use kernel::bindings;

    use super::hlv_d;
    use super::hlvx_hu;
    use crate::riscv::csr;
    use crate::riscv::HypervisorCsrs;

    const HSTATUS: usize = bindings::CSR_HSTATUS as usize;
    const SSTATUS: usize = bindings::CSR_SSTATUS as usize;
    const STVEC: usize = bindings::CSR_STVEC as usize;

    /// hstatus.SPVP: in the name of the guest's supervisor.
    const SPVP: usize = 1 << 8;

    /// There is no memory, whatever translates it.
    const NOWHERE: usize = 0xFFFF_FFFF_FFFF_FFF0;

    /// Faults of a fetch and a load, each of the access, the page and the G-stage's page.
    const FAULTS: [usize; 6] = [1, 5, 12, 13, 20, 21];

    /// What a load must leave alone.
    fn csrs() -> [usize; 3] {
        // SAFETY: KVM runs with the hypervisor extension only; reading these does nothing.
        let hstatus = unsafe { csr::read::<HSTATUS>() };
        // SAFETY: As above.
        let sstatus = unsafe { csr::read::<SSTATUS>() };
        // SAFETY: As above.
        let stvec = unsafe { csr::read::<STVEC>() };
        // A trap and its `sret` change SPIE and SPP, which are free.
        [
            hstatus,
            sstatus & !(bindings::SR_SPIE | bindings::SR_SPP),
            stvec,
        ]
    }

    #[test]
    fn a_fault_comes_back_as_a_trap() {
        // SAFETY: As in `csrs()`.
        let hstatus = unsafe { csr::read::<HSTATUS>() } | SPVP;
        let interrupts_off = HypervisorCsrs::of_this_hart();
        let before = csrs();
        let load = hlv_d(&interrupts_off, hstatus, NOWHERE);
        let fetch = hlvx_hu(&interrupts_off, hstatus, NOWHERE);
        let after = csrs();
        drop(interrupts_off);

        assert!(load
            .as_ref()
            .is_err_and(|trap| FAULTS.contains(&trap.scause)));
        assert!(load.as_ref().is_err_and(|trap| trap.stval == NOWHERE));
        assert!(fetch
            .as_ref()
            .is_err_and(|trap| FAULTS.contains(&trap.scause)));
        assert!(fetch.as_ref().is_err_and(|trap| trap.stval == NOWHERE));
        assert_eq!(after, before);
    }
}
