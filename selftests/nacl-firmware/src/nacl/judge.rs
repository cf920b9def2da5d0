// SPDX-License-Identifier: GPL-2.0

//! Whether every fence that the supervisor's tests say was asked for is made before a guest is
//! entered.

use super::shmem;
use crate::console::say;
use crate::counters;
use crate::hart::Hart;
use nacl::counting::Counter;
use nacl::coverage::Coverage;
use nacl::coverage::Fence;
use nacl::hfence::Entry;
use nacl::hfence::Type;
use nacl::record::Record;
use sbi_spec::binary::SbiRet;

/// What the judge knows of one hart.
pub(crate) struct Judge {
    coverage: Coverage,
    record: Record,
}

impl Judge {
    pub(crate) const fn new() -> Self {
        Self {
            coverage: Coverage::new(),
            record: Record::new(),
        }
    }
}

/// The fence that a call names: type, VMID, ASID, address, size. No bytes are no fence.
fn fence(hart: &Hart) -> Result<Option<Fence>, SbiRet> {
    let kind = *Type::ALL
        .get(hart.x[10] as usize)
        .ok_or(SbiRet::invalid_param())?;
    Ok(Fence::new(
        kind, hart.x[11], hart.x[12], hart.x[13], hart.x[14],
    ))
}

/// A test says that a fence was asked for on this hart.
pub(crate) fn asked(hart: &mut Hart) -> SbiRet {
    counters::count(hart.id, Counter::FenceAsked);
    match fence(hart) {
        Ok(Some(fence)) if hart.nacl.judge.coverage.asked(fence).is_err() => SbiRet::failed(),
        Ok(_) => SbiRet::success(0),
        Err(error) => error,
    }
}

/// A test says that a fence was made on this hart, by the instruction.
pub(crate) fn made(hart: &mut Hart) -> SbiRet {
    counters::count(hart.id, Counter::FenceDirect);
    match fence(hart) {
        Ok(Some(fence)) if hart.nacl.judge.coverage.made(fence).is_err() => SbiRet::failed(),
        Ok(_) => SbiRet::success(0),
        Err(error) => error,
    }
}

/// How many fences are open on this hart.
pub(crate) fn open(hart: &Hart) -> usize {
    hart.nacl.judge.coverage.count()
}

/// An HFENCE entry has been processed.
pub(super) fn processed(hart: &mut Hart, entry: &Entry) {
    let judge = &mut hart.nacl.judge;
    judge.record.add(*entry);
    if let Some(fence) = Fence::of(entry) {
        if judge.coverage.made(fence).is_err() {
            say!(
                "hart {}: too many fences are open, one is forgotten",
                hart.id
            );
        }
    }
}

/// A guest is entered.
pub(super) fn entered(hart: &mut Hart) {
    let Some((count, first)) = hart.nacl.judge.coverage.entered() else {
        return;
    };
    for _ in 1..count {
        counters::count(hart.id, Counter::FenceMissed);
    }
    if counters::violation(hart.id, Counter::FenceMissed) {
        say!(
            "VIOLATION: hart {}: entered with {count} fences not made, one of them \
             {} VMID {:#x} ASID {:#x} {:#x} to {:#x}",
            hart.id,
            first.kind.name(),
            first.vmid,
            first.asid,
            first.first,
            first.last,
        );
    }
}

/// Give the four words of the entry of a number, and say how many entries there were in all.
pub(crate) fn read_record(hart: &Hart, number: u64, address: u64) -> SbiRet {
    let record = &hart.nacl.judge.record;
    let count = record.count() as usize;
    if number == u64::MAX {
        return SbiRet::success(count);
    }
    let Some(entry) = record.get(number) else {
        return SbiRet::invalid_param();
    };
    if address % 8 != 0 || !shmem::is_memory(address, 32) {
        return SbiRet::invalid_address();
    }
    let words = [
        entry.config,
        entry.page_number,
        entry.reserved,
        entry.page_count,
    ];
    for (word, index) in words.into_iter().zip(0..) {
        // SAFETY: it is memory of the supervisor.
        unsafe { (address as *mut u64).add(index).write_volatile(word) };
    }
    SbiRet::success(count)
}
