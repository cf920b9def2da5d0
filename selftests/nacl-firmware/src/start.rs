// SPDX-License-Identifier: GPL-2.0

//! From reset to S-mode: what the first hart does for all, and what each does for itself.

use crate::console::say;
use crate::console::stop;
use crate::csr;
use crate::csr::ip;
use crate::csr::status;
use crate::devicetree;
use crate::entry;
use crate::fwcfg;
use crate::hart;
use crate::hart::Hart;
use crate::nacl;
use crate::nacl::csrs;
use crate::nacl::KNOBS;
use crate::platform;
use crate::sbi::hsm;
use crate::sbi::pmu;
use ::nacl::knobs::Wrong;
use core::sync::atomic::AtomicBool;
use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Acquire;
use core::sync::atomic::Ordering::Relaxed;
use core::sync::atomic::Ordering::Release;

/// `struct fw_dynamic_info`, which QEMU leaves in a2.
#[repr(C)]
pub(crate) struct DynamicInfo {
    magic: u64,
    version: u64,
    next_address: u64,
    next_mode: u64,
    options: u64,
    boot_hart: u64,
}

const DYNAMIC_MAGIC: u64 = 0x4942_534f;
const NEXT_MODE_S: u64 = 1;

/// Set once the first hart has done what is for all.
static READY: AtomicBool = AtomicBool::new(false);
/// menvcfg, which the device tree's list of extensions decides.
static ENVCFG: AtomicU64 = AtomicU64::new(0);

/// menvcfg: what S-mode may use.
pub(crate) mod envcfg {
    pub(crate) const LPE: u64 = 1 << 2;
    pub(crate) const SSE: u64 = 1 << 3;
    pub(crate) const CBIE_INVALIDATE: u64 = 3 << 4;
    pub(crate) const CBCFE: u64 = 1 << 6;
    pub(crate) const CBZE: u64 = 1 << 7;
    pub(crate) const PMM_SHIFT: u32 = 32;
    pub(crate) const DTE: u64 = 1 << 59;
    pub(crate) const CDE: u64 = 1 << 60;
    pub(crate) const ADUE: u64 = 1 << 61;
    pub(crate) const PBMTE: u64 = 1 << 62;
    pub(crate) const STCE: u64 = 1 << 63;
}

/// Exceptions that are S-mode's: all that the supervisor and its guests can raise, except a fetch
/// access fault (the bounce), and calls from S-mode.
const DELEGATED: u64 = 1 << 0
    | 1 << 2
    | 1 << 3
    | 1 << 4
    | 1 << 5
    | 1 << 6
    | 1 << 7
    | 1 << 8
    | 1 << 10
    | 1 << 12
    | 1 << 13
    | 1 << 15
    | 1 << 16
    | 1 << 18
    | 1 << 20
    | 1 << 21
    | 1 << 22
    | 1 << 23;

/// mseccfg: S-mode may read `seed`.
const SSEED: u64 = 1 << 9;

/// Called by `entry` on each hart, with what QEMU's reset code gave it.
pub(crate) extern "C" fn start(
    id: usize,
    tree: *mut u8,
    info: *const DynamicInfo,
    first: usize,
) -> ! {
    if let Some(_there) = csr::probe::<{ csr::MNSTATUS }>() {
        // Smrnmi: no trap works before NMIE is set.
        csr::set::<{ csr::MNSTATUS }>(1 << 3);
    }
    // SAFETY: `entry` calls this once on each hart, with its own number.
    let hart = unsafe { hart::adopt(id) };
    csr::write::<{ csr::MTVEC }>(entry::trap_entry as *const () as u64);
    if first != 0 {
        first_hart(tree);
    }
    while !READY.load(Acquire) {
        core::hint::spin_loop();
    }
    registers();
    pmu::reset(hart);
    if first != 0 {
        csrs::find();
        pmu::find();
        // SAFETY: QEMU leaves the structure in its reset code.
        let info = unsafe { &*info };
        if info.magic != DYNAMIC_MAGIC || info.version < 2 || info.next_mode != NEXT_MODE_S {
            stop!("no kernel: QEMU gave no information on one, is there a -kernel?");
        }
        hsm::first(id);
        enter(hart, info.next_address, tree as u64);
    } else {
        hsm::wait(hart);
    }
    nacl::direct::end(hart);
    // SAFETY: the frame and the registers of the return are set.
    unsafe { entry::leave(hart.x.as_mut_ptr()) }
}

/// What is done once for the machine.
fn first_hart(tree: *mut u8) {
    let mut buffer = [0; 1024];
    let options = match fwcfg::file("opt/nacl", &mut buffer) {
        Ok(bytes) => core::str::from_utf8(bytes.unwrap_or(b"")),
        Err(size) => stop!("the options are {size} bytes, more than 1024"),
    };
    let Ok(options) = options else {
        stop!("the options are not text")
    };
    match KNOBS.parse(options) {
        Ok(()) => {}
        Err(Wrong::Unknown(word)) => stop!("there is no option '{word}'"),
        Err(Wrong::Value(word)) => stop!("'{word}' is not a value of that option"),
    }
    let machine = match devicetree::adapt(tree) {
        Ok(machine) => machine,
        Err(failure) => stop!("device tree: {failure}"),
    };
    ENVCFG.store(machine.envcfg, Relaxed);
    say!("{} harts, options '{options}'", machine.harts);
    READY.store(true, Release);
}

/// The registers of this hart, as S-mode is to find them; also after it was stopped.
pub(crate) fn registers() {
    csr::write::<{ csr::MSTATUS }>(0);
    csr::write::<{ csr::SATP }>(0);
    // Nobody may touch the firmware, everything else is S-mode's: two regions, by powers of two.
    csr::write::<{ csr::PMPADDR0 }>((platform::RAM | (platform::FIRMWARE_SIZE / 2 - 1)) >> 2);
    csr::write::<{ csr::PMPADDR1 }>(u64::MAX >> 10);
    csr::write::<{ csr::PMPCFG0 }>(0x1f << 8 | 0x18);
    csr::write::<{ csr::MEDELEG }>(DELEGATED);
    csr::write::<{ csr::MIDELEG }>(ip::SSIP | ip::STIP | ip::SEIP | ip::LCOFIP);
    csr::write::<{ csr::MCOUNTEREN }>(u64::MAX);
    csr::write::<{ csr::SCOUNTEREN }>(7);
    if csr::probe::<{ csr::MENVCFG }>().is_some() {
        csr::write::<{ csr::MENVCFG }>(envcfg());
    }
    if csr::probe::<{ csr::MSTATEEN0 }>().is_some() {
        csr::write::<{ csr::MSTATEEN0 }>(u64::MAX);
    }
    if csr::probe::<{ csr::MSECCFG }>().is_some() {
        // The entropy source (Zkr) for S-mode.
        csr::set::<{ csr::MSECCFG }>(SSEED);
    }
    if csr::read::<{ csr::MISA }>() >> (b'h' - b'a') & 1 == 0 {
        stop!("this hart has no H extension");
    }
    nacl::direct::prepare();
    csr::write::<{ csr::MIE }>(ip::MSIP);
}

/// menvcfg as S-mode is to find it at its start.
pub(crate) fn envcfg() -> u64 {
    ENVCFG.load(Relaxed)
}

/// Let a hart begin in S-mode.
pub(crate) fn enter(hart: &mut Hart, address: u64, opaque: u64) {
    hart.x[10] = hart.id as u64;
    hart.x[11] = opaque;
    csr::write::<{ csr::SATP }>(0);
    csr::clear::<{ csr::SSTATUS }>(status::SIE);
    csr::write::<{ csr::MEPC }>(address);
    let mstatus = csr::read::<{ csr::MSTATUS }>() & !(status::MPP | status::MPV | status::MPELP);
    csr::write::<{ csr::MSTATUS }>(mstatus | status::MPP_S | status::MPIE);
}
