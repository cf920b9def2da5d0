// SPDX-License-Identifier: GPL-2.0

//! Power-off and reboot, by QEMU's test device, after the table of counters.

use super::Outcome;
use crate::counters;
use crate::hart::Hart;
use crate::platform;
use crate::platform::End;
use sbi_spec::binary::SbiRet;
use sbi_spec::srst;

pub(super) fn call(hart: &mut Hart, function: usize) -> Outcome {
    if function != srst::SYSTEM_RESET {
        return Outcome::Return(SbiRet::not_supported());
    }
    let (kind, reason) = (hart.x[10] as u32, hart.x[11] as u32);
    let end = match kind {
        srst::RESET_TYPE_SHUTDOWN => End::PowerOff,
        srst::RESET_TYPE_COLD_REBOOT | srst::RESET_TYPE_WARM_REBOOT => End::Reset,
        _ => return Outcome::Return(SbiRet::invalid_param()),
    };
    if reason > srst::RESET_REASON_SYSTEM_FAILURE {
        return Outcome::Return(SbiRet::invalid_param());
    }
    counters::table();
    platform::end(end)
}
