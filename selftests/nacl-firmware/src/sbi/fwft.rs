// SPDX-License-Identifier: GPL-2.0

//! Firmware features: bits of menvcfg and medeleg of the calling hart.

use super::Outcome;
use crate::csr;
use crate::hart::Hart;
use crate::start::envcfg;
use sbi_spec::binary::SbiRet;
use sbi_spec::fwft;
use sbi_spec::fwft::feature_type;

const FLAG_LOCK: u64 = 1;
/// Load and store address misaligned.
const MISALIGNED: u64 = 1 << 4 | 1 << 6;
/// PMM for a PMLEN of 7 and of 16.
const PMM_7: u64 = 2;
const PMM_16: u64 = 3;
const PMM: u64 = 3 << envcfg::PMM_SHIFT;

/// A bit for each feature that the supervisor has locked.
pub(crate) type Locked = u8;

pub(super) fn call(hart: &mut Hart, function: usize) -> Outcome {
    let feature = hart.x[10] as u32 as usize;
    if feature > feature_type::POINTER_MASKING_PMLEN {
        return Outcome::Return(SbiRet::denied());
    }
    Outcome::Return(match function {
        fwft::SET => set(hart, feature, hart.x[11], hart.x[12]),
        fwft::GET => get(feature).map_or(SbiRet::not_supported(), |value| {
            SbiRet::success(value as usize)
        }),
        _ => SbiRet::not_supported(),
    })
}

/// The bits of menvcfg that a feature is, but for PMLEN.
fn bit(feature: usize) -> u64 {
    match feature {
        feature_type::LANDING_PAD => envcfg::LPE,
        feature_type::SHADOW_STACK => envcfg::SSE,
        feature_type::DOUBLE_TRAP => envcfg::DTE,
        _ => envcfg::ADUE,
    }
}

fn get(feature: usize) -> Option<u64> {
    match feature {
        feature_type::MISALIGNED_EXC_DELEG => Some(u64::from(
            csr::read::<{ csr::MEDELEG }>() & MISALIGNED == MISALIGNED,
        )),
        feature_type::POINTER_MASKING_PMLEN if writable(PMM_7 << envcfg::PMM_SHIFT) => Some(
            match csr::read::<{ csr::MENVCFG }>() >> envcfg::PMM_SHIFT & 3 {
                PMM_7 => 7,
                PMM_16 => 16,
                _ => 0,
            },
        ),
        feature_type::POINTER_MASKING_PMLEN => None,
        _ if writable(bit(feature)) => Some(u64::from(
            csr::read::<{ csr::MENVCFG }>() & bit(feature) != 0,
        )),
        _ => None,
    }
}

fn set(hart: &mut Hart, feature: usize, value: u64, flags: u64) -> SbiRet {
    if get(feature).is_none() {
        return SbiRet::not_supported();
    }
    if flags & !FLAG_LOCK != 0 {
        return SbiRet::invalid_param();
    }
    if hart.locked >> feature & 1 != 0 {
        return SbiRet::denied_locked();
    }
    if feature == feature_type::POINTER_MASKING_PMLEN {
        let mode = match value {
            0 => 0,
            1..=7 => PMM_7,
            8..=16 => PMM_16,
            _ => return SbiRet::invalid_param(),
        };
        csr::write::<{ csr::MENVCFG }>(
            csr::read::<{ csr::MENVCFG }>() & !PMM | mode << envcfg::PMM_SHIFT,
        );
    } else {
        let on = match value {
            0 => false,
            1 => true,
            _ => return SbiRet::invalid_param(),
        };
        match (feature, on) {
            (feature_type::MISALIGNED_EXC_DELEG, true) => csr::set::<{ csr::MEDELEG }>(MISALIGNED),
            (feature_type::MISALIGNED_EXC_DELEG, false) => {
                csr::clear::<{ csr::MEDELEG }>(MISALIGNED)
            }
            (_, true) => csr::set::<{ csr::MENVCFG }>(bit(feature)),
            (_, false) => csr::clear::<{ csr::MENVCFG }>(bit(feature)),
        }
    }
    if flags & FLAG_LOCK != 0 {
        hart.locked |= 1 << feature;
    }
    SbiRet::success(0)
}

/// Whether this hart has these bits of menvcfg.
fn writable(bits: u64) -> bool {
    if csr::probe::<{ csr::MENVCFG }>().is_none() {
        return false;
    }
    let before = csr::read::<{ csr::MENVCFG }>();
    csr::set::<{ csr::MENVCFG }>(bits);
    let there = csr::read::<{ csr::MENVCFG }>() & bits == bits;
    csr::write::<{ csr::MENVCFG }>(before);
    there
}
