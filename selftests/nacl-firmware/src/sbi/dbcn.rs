// SPDX-License-Identifier: GPL-2.0

//! The debug console.

use super::Outcome;
use crate::console;
use crate::hart::Hart;
use crate::nacl::shmem;
use sbi_spec::binary::SbiRet;
use sbi_spec::dbcn;

pub(super) fn call(hart: &mut Hart, function: usize) -> Outcome {
    let (count, low, high) = (hart.x[10], hart.x[11], hart.x[12]);
    Outcome::Return(match function {
        dbcn::CONSOLE_WRITE | dbcn::CONSOLE_READ if high != 0 || !shmem::is_memory(low, count) => {
            SbiRet::invalid_param()
        }
        dbcn::CONSOLE_WRITE => {
            for address in low..low + count {
                // SAFETY: it is memory of the supervisor.
                console::put(unsafe { (address as *const u8).read_volatile() });
            }
            SbiRet::success(count as usize)
        }
        dbcn::CONSOLE_READ => {
            let mut done = 0;
            while done < count {
                let Some(byte) = console::get() else { break };
                // SAFETY: it is memory of the supervisor.
                unsafe { ((low + done) as *mut u8).write_volatile(byte) };
                done += 1;
            }
            SbiRet::success(done as usize)
        }
        dbcn::CONSOLE_WRITE_BYTE => {
            console::put(count as u8);
            SbiRet::success(0)
        }
        _ => SbiRet::not_supported(),
    })
}
