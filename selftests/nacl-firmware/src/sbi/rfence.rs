// SPDX-License-Identifier: GPL-2.0

//! Remote fences. Each is made whole: of all addresses and, but for VVMA, all address spaces.

use super::harts;
use super::Outcome;
use crate::csr;
use crate::hart::Hart;
use crate::mailbox;
use core::arch::asm;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::Acquire;
use core::sync::atomic::Ordering::Release;
use sbi_spec::binary::SbiRet;
use sbi_spec::rfnc;

/// A fence that harts are asked to make.
#[derive(Clone, Copy)]
#[repr(usize)]
pub(crate) enum Fence {
    Instruction,
    Sfence,
    Gvma,
    Vvma,
}

/// The fence that is on its way; `mailbox` sees to it that there is only one.
pub(crate) struct Request(AtomicUsize);

impl Request {
    pub(crate) const fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    pub(crate) fn set(&self, fence: Fence) {
        self.0.store(fence as usize, Release);
    }

    /// Make it on this hart.
    pub(crate) fn perform(&self) {
        match self.0.load(Acquire) {
            fence if fence == Fence::Instruction as usize => fence_i(),
            fence if fence == Fence::Sfence as usize => sfence(),
            fence if fence == Fence::Gvma as usize => hfence_gvma(),
            _ => hfence_vvma(),
        }
    }
}

pub(super) fn call(hart: &mut Hart, function: usize) -> Outcome {
    let fence = match function {
        rfnc::REMOTE_FENCE_I => Fence::Instruction,
        rfnc::REMOTE_SFENCE_VMA | rfnc::REMOTE_SFENCE_VMA_ASID => Fence::Sfence,
        rfnc::REMOTE_HFENCE_GVMA_VMID | rfnc::REMOTE_HFENCE_GVMA => Fence::Gvma,
        rfnc::REMOTE_HFENCE_VVMA_ASID | rfnc::REMOTE_HFENCE_VVMA => Fence::Vvma,
        _ => return Outcome::Return(SbiRet::not_supported()),
    };
    Outcome::Return(match harts(hart.x[10], hart.x[11]) {
        Some(harts) => {
            mailbox::fence(hart.id, harts, fence);
            SbiRet::success(0)
        }
        None => SbiRet::invalid_param(),
    })
}

fn fence_i() {
    // SAFETY: a fence.
    unsafe { asm!("fence.i") };
}

fn sfence() {
    // SAFETY: a fence.
    unsafe { asm!("sfence.vma") };
}

/// hfence.gvma of everything. Assemblers want the H extension for its name.
pub(crate) fn hfence_gvma() {
    // SAFETY: a fence.
    unsafe { asm!(".insn r 0x73, 0, 0x31, x0, x0, x0") };
}

/// hfence.vvma of everything, for the VMID that hgatp has.
pub(crate) fn hfence_vvma() {
    // SAFETY: a fence.
    unsafe { asm!(".insn r 0x73, 0, 0x11, x0, x0, x0") };
}

/// hfence.vvma of everything, for a VMID.
pub(crate) fn hfence_vvma_of(vmid: u64) {
    const VMID: u64 = 0x3fff << 44;
    let hgatp = csr::read::<{ csr::HGATP }>();
    csr::write::<{ csr::HGATP }>(hgatp & !VMID | vmid << 44);
    hfence_vvma();
    csr::write::<{ csr::HGATP }>(hgatp);
}
