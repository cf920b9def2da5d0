// SPDX-License-Identifier: GPL-2.0

//! The devices of QEMU virt that belong to M-mode. Their addresses do not change: QEMU calls them
//! the machine's memory map.

use crate::hart::MAX_HARTS;

/// Where RAM begins, and this firmware.
pub(crate) const RAM: u64 = 0x8000_0000;
/// How much of it this firmware has.
pub(crate) const FIRMWARE_SIZE: u64 = 2 << 20;
/// The serial port.
pub(crate) const UART: usize = 0x1000_0000;
/// The device that hands out `-fw_cfg` files.
pub(crate) const FW_CFG: usize = 0x1010_0000;
const TEST: usize = 0x10_0000;
const CLINT: usize = 0x200_0000;
const MTIMECMP: usize = CLINT + 0x4000;

/// How the sifive_test device is told to end the machine.
#[derive(Clone, Copy)]
#[repr(u32)]
pub(crate) enum End {
    PowerOff = 0x5555,
    Reset = 0x7777,
    /// QEMU exits with status 1.
    Fail = 1 << 16 | 0x3333,
}

pub(crate) fn read8(address: usize) -> u8 {
    // SAFETY: the callers give addresses of devices.
    unsafe { (address as *const u8).read_volatile() }
}

pub(crate) fn write8(address: usize, value: u8) {
    // SAFETY: the callers give addresses of devices.
    unsafe { (address as *mut u8).write_volatile(value) };
}

pub(crate) fn write16(address: usize, value: u16) {
    // SAFETY: the callers give addresses of devices.
    unsafe { (address as *mut u16).write_volatile(value) };
}

pub(crate) fn write32(address: usize, value: u32) {
    // SAFETY: the callers give addresses of devices.
    unsafe { (address as *mut u32).write_volatile(value) };
}

fn write64(address: usize, value: u64) {
    // SAFETY: the callers give addresses of devices.
    unsafe { (address as *mut u64).write_volatile(value) };
}

/// Raise or clear the M-level software interrupt of a hart.
pub(crate) fn software_interrupt(hart: usize, raised: bool) {
    assert!(hart < MAX_HARTS);
    write32(CLINT + 4 * hart, u32::from(raised));
}

/// When the M-level timer interrupt of a hart comes.
pub(crate) fn timer(hart: usize, at: u64) {
    assert!(hart < MAX_HARTS);
    write64(MTIMECMP + 8 * hart, at);
}

/// End the machine.
pub(crate) fn end(how: End) -> ! {
    write32(TEST, how as u32);
    loop {
        core::hint::spin_loop();
    }
}

/// End the machine with a status of QEMU that is not 0.
pub(crate) fn fail() -> ! {
    end(End::Fail)
}

/// The APLIC of M-mode, which has all wired interrupts at reset.
pub(crate) mod aplic {
    use super::write32;

    const DOMAINCFG: usize = 0x0000;
    const SOURCECFG: usize = 0x0004;
    const MMSIADDRCFG: usize = 0x1bc0;
    const MMSIADDRCFGH: usize = 0x1bc4;
    const SMSIADDRCFG: usize = 0x1bc8;
    const SMSIADDRCFGH: usize = 0x1bcc;
    const DELEGATED: u32 = 1 << 10;

    /// Give all sources to the first child, that of S-mode.
    pub(crate) fn delegate(base: usize, sources: usize) {
        write32(base + DOMAINCFG, 0);
        for source in 0..sources {
            write32(base + SOURCECFG + 4 * source, DELEGATED);
        }
    }

    /// Tell where the interrupt files are; those of S-mode have guest files between them.
    pub(crate) fn set_msi_addresses(
        base: usize,
        machine: u64,
        supervisor: u64,
        guest_bits: u32,
        hart_bits: u32,
    ) {
        let high = |page: u64| (page >> 32) as u32 & 0xfff;
        write32(base + MMSIADDRCFG, (machine >> 12) as u32);
        write32(base + MMSIADDRCFGH, hart_bits << 12 | high(machine >> 12));
        write32(base + SMSIADDRCFG, (supervisor >> 12) as u32);
        write32(
            base + SMSIADDRCFGH,
            guest_bits << 20 | high(supervisor >> 12),
        );
    }
}
