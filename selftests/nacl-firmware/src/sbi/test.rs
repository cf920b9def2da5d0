// SPDX-License-Identifier: GPL-2.0

//! For tests in the supervisor: counters, knobs, the record of HFENCE entries, and the judge of
//! fences.
//!
//! A firmware-specific extension; README.md has its functions. The numbers of counters and knobs
//! are those of `nacl::counting` and `nacl::knobs`.

use super::Outcome;
use crate::counters;
use crate::hart::Hart;
use crate::hart::MAX_HARTS;
use crate::nacl::csrs;
use crate::nacl::judge;
use crate::nacl::shmem;
use crate::nacl::KNOBS;
use nacl::counting::NAMES;
use sbi_spec::binary::SbiRet;

/// In the range of firmware-specific extensions: "NAC" in its lower bytes.
pub(super) const EID: usize = 0x0a4e_4143;

const READ_COUNTER: usize = 0;
const RESET_COUNTERS: usize = 1;
const COUNTER_NAME: usize = 2;
const GET_KNOB: usize = 3;
const SET_KNOB: usize = 4;
const FENCE_ASKED: usize = 5;
const FENCE_MADE: usize = 6;
const FENCES_OPEN: usize = 7;
const READ_RECORD: usize = 8;
const PRINT_TABLE: usize = 9;

pub(super) fn call(hart: &mut Hart, function: usize) -> Outcome {
    let [a0, a1, a2] = [hart.x[10], hart.x[11], hart.x[12]];
    Outcome::Return(match function {
        READ_COUNTER => value(counters::of(a0 as usize).and_then(|all| all.get(a1 as usize))),
        RESET_COUNTERS => {
            (0..MAX_HARTS)
                .filter_map(counters::of)
                .for_each(|all| all.reset());
            csrs::reset_used_directly();
            SbiRet::success(0)
        }
        COUNTER_NAME => match NAMES.get(a0 as usize) {
            Some(name) => give(name.bytes(), a1, a2),
            None => SbiRet::invalid_param(),
        },
        GET_KNOB => value(KNOBS.get_number(a0 as usize)),
        SET_KNOB => value(KNOBS.set_number(a0 as usize, a1)),
        FENCE_ASKED => judge::asked(hart),
        FENCE_MADE => judge::made(hart),
        FENCES_OPEN => SbiRet::success(judge::open(hart)),
        READ_RECORD => judge::read_record(hart, a0, a1),
        PRINT_TABLE => {
            counters::table();
            SbiRet::success(0)
        }
        _ => SbiRet::not_supported(),
    })
}

fn value(value: Option<u64>) -> SbiRet {
    value.map_or(SbiRet::invalid_param(), |value| {
        SbiRet::success(value as usize)
    })
}

/// Write as much of the bytes as there is room for, and say how many there are.
fn give(bytes: impl ExactSizeIterator<Item = u8>, address: u64, room: u64) -> SbiRet {
    if !shmem::is_memory(address, room) {
        return SbiRet::invalid_address();
    }
    let count = bytes.len();
    for (byte, address) in bytes.zip(address..address + room) {
        // SAFETY: it is memory of the supervisor.
        unsafe { (address as *mut u8).write_volatile(byte) };
    }
    SbiRet::success(count)
}
