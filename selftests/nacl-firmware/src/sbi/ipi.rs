// SPDX-License-Identifier: GPL-2.0

//! Software interrupts for other harts.

use super::harts;
use super::Outcome;
use crate::hart::Hart;
use crate::mailbox;
use sbi_spec::binary::SbiRet;
use sbi_spec::spi;

pub(super) fn call(hart: &mut Hart, function: usize) -> Outcome {
    Outcome::Return(match function {
        spi::SEND_IPI => match harts(hart.x[10], hart.x[11]) {
            Some(harts) => {
                harts.for_each(mailbox::interrupt);
                SbiRet::success(0)
            }
            None => SbiRet::invalid_param(),
        },
        _ => SbiRet::not_supported(),
    })
}
