// SPDX-License-Identifier: GPL-2.0

//! The timer extension: stimecmp where there is Sstc, else the CLINT.

use super::Outcome;
use crate::csr;
use crate::csr::ip;
use crate::hart::Hart;
use crate::platform;
use crate::start::envcfg;
use sbi_spec::binary::SbiRet;
use sbi_spec::time;

pub(super) fn call(hart: &mut Hart, function: usize) -> Outcome {
    Outcome::Return(match function {
        time::SET_TIMER => {
            set(hart, hart.x[10]);
            SbiRet::success(0)
        }
        _ => SbiRet::not_supported(),
    })
}

fn set(hart: &Hart, at: u64) {
    if crate::start::envcfg() & envcfg::STCE != 0 {
        csr::write::<{ csr::STIMECMP }>(at);
    } else {
        platform::timer(hart.id, at);
        csr::clear::<{ csr::MIP }>(ip::STIP);
        csr::set::<{ csr::MIE }>(ip::MTIP);
    }
}
