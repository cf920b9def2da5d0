// SPDX-License-Identifier: GPL-2.0

//! The base extension.

use super::find;
use super::Outcome;
use crate::csr;
use crate::hart::Hart;
use sbi_spec::base;
use sbi_spec::binary::SbiRet;

const SPECIFICATION_3_0: usize = 3 << 24;
/// A number that the specification has given to nobody: "nacl".
const IMPLEMENTATION: usize = 0x6e61_636c;
const VERSION: usize = 1;

pub(super) fn call(hart: &mut Hart, function: usize) -> Outcome {
    Outcome::Return(SbiRet::success(match function {
        base::GET_SBI_SPEC_VERSION => SPECIFICATION_3_0,
        base::GET_SBI_IMPL_ID => IMPLEMENTATION,
        base::GET_SBI_IMPL_VERSION => VERSION,
        base::PROBE_EXTENSION => usize::from(find(hart.x[10] as usize).is_some()),
        base::GET_MVENDORID => csr::read::<{ csr::MVENDORID }>() as usize,
        base::GET_MARCHID => csr::read::<{ csr::MARCHID }>() as usize,
        base::GET_MIMPID => csr::read::<{ csr::MIMPID }>() as usize,
        _ => return Outcome::Return(SbiRet::not_supported()),
    }))
}
