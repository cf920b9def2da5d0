// SPDX-License-Identifier: GPL-2.0

//! Calls of the supervisor: which extension they are for. One file an extension.

pub(crate) mod base;
pub(crate) mod dbcn;
pub(crate) mod fwft;
pub(crate) mod hsm;
pub(crate) mod ipi;
pub(crate) mod legacy;
pub(crate) mod pmu;
pub(crate) mod rfence;
pub(crate) mod srst;
pub(crate) mod test;
pub(crate) mod time;

use crate::counters;
use crate::csr;
use crate::hart::Hart;
use crate::hart::MAX_HARTS;
use crate::nacl;
use ::nacl::counting::Counter;
use core::sync::atomic::Ordering::Relaxed;
use sbi_spec::binary::SbiRet;

/// How a call ends.
pub(crate) enum Outcome {
    /// The caller goes on, with an error and a value.
    Return(SbiRet),
    /// The caller goes on, with a0 of a legacy call.
    Legacy(u64),
    /// The frame and the return address are set: something else goes on.
    Elsewhere,
}

/// An extension: its number, what its calls are counted as, whether it is there, and its calls.
struct Extension {
    number: usize,
    counter: Counter,
    available: fn() -> bool,
    call: fn(&mut Hart, function: usize) -> Outcome,
}

const EXTENSIONS: &[Extension] = &[
    extension(nacl::EID, Counter::OtherCall, nacl::available, nacl::call),
    extension(sbi_spec::spi::EID_SPI, Counter::Ipi, always, ipi::call),
    extension(
        sbi_spec::rfnc::EID_RFNC,
        Counter::Rfence,
        always,
        rfence::call,
    ),
    extension(sbi_spec::time::EID_TIME, Counter::Time, always, time::call),
    extension(sbi_spec::base::EID_BASE, Counter::Base, always, base::call),
    extension(sbi_spec::hsm::EID_HSM, Counter::Hsm, always, hsm::call),
    extension(
        sbi_spec::srst::EID_SRST,
        Counter::OtherCall,
        always,
        srst::call,
    ),
    extension(
        sbi_spec::dbcn::EID_DBCN,
        Counter::Console,
        always,
        dbcn::call,
    ),
    extension(
        sbi_spec::pmu::EID_PMU,
        Counter::Pmu,
        pmu::available,
        pmu::call,
    ),
    extension(sbi_spec::fwft::EID_FWFT, Counter::Fwft, always, fwft::call),
    extension(test::EID, Counter::Test, always, test::call),
    extension(legacy::PUTCHAR, Counter::Console, always, legacy::put),
    extension(legacy::GETCHAR, Counter::Console, always, legacy::get),
];

const fn extension(
    number: usize,
    counter: Counter,
    available: fn() -> bool,
    call: fn(&mut Hart, usize) -> Outcome,
) -> Extension {
    Extension {
        number,
        counter,
        available,
        call,
    }
}

fn always() -> bool {
    true
}

fn find(number: usize) -> Option<&'static Extension> {
    EXTENSIONS
        .iter()
        .find(|extension| extension.number == number && (extension.available)())
}

/// Handle an ecall from S-mode.
pub(crate) fn call(hart: &mut Hart) {
    let outcome = match find(hart.x[17] as usize) {
        Some(extension) => {
            // NACL counts its functions apart.
            if extension.number != nacl::EID {
                counters::count(hart.id, extension.counter);
            }
            (extension.call)(hart, hart.x[16] as usize)
        }
        None => {
            counters::count(hart.id, Counter::OtherCall);
            Outcome::Return(SbiRet::not_supported())
        }
    };
    match outcome {
        Outcome::Return(result) => {
            hart.x[10] = result.error as u64;
            hart.x[11] = result.value as u64;
        }
        Outcome::Legacy(value) => hart.x[10] = value,
        Outcome::Elsewhere => return,
    }
    csr::write::<{ csr::MEPC }>(csr::read::<{ csr::MEPC }>() + 4);
}

/// The harts of a mask and its base, if all of them exist.
fn harts(mask: u64, base: u64) -> Option<impl Iterator<Item = usize> + Clone> {
    let count = counters::HARTS.load(Relaxed);
    let all: u64 = (1 << count) - 1;
    let set = if base == u64::MAX {
        all
    } else if mask == 0 {
        0
    } else {
        let shift = u32::try_from(base).ok().filter(|base| *base < 64)?;
        let set = u128::from(mask) << shift;
        if set & !u128::from(all) != 0 {
            return None;
        }
        set as u64
    };
    Some((0..MAX_HARTS).filter(move |hart| set >> hart & 1 != 0))
}
