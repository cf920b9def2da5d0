// SPDX-License-Identifier: GPL-2.0

//! Strict: CSRs of the guest that the supervisor is to reach through its words are poisoned while
//! it runs. If one is no longer so at the next entry, it was written directly; who reads one
//! directly gets junk.

use crate::console::say;
use crate::counters;
use crate::csr;
use crate::hart::Hart;
use nacl::counting::Counter;

const JUNK: u64 = 0x0bad_0bad_0bad_0bac;

/// The true values, and what reads back of the junk.
pub(crate) struct Poison {
    laid: bool,
    truth: [u64; CSRS.len()],
    junk: [u64; CSRS.len()],
}

struct Csr {
    name: &'static str,
    read: fn() -> u64,
    write: fn(u64),
}

/// Not htimedelta, a spurious timer interrupt; nor vsatp, hgatp and vsstatus, which HLV needs.
static CSRS: [Csr; 5] = [
    Csr {
        name: "vstvec",
        read: csr::read::<{ csr::VSTVEC }>,
        write: csr::write::<{ csr::VSTVEC }>,
    },
    Csr {
        name: "vsscratch",
        read: csr::read::<{ csr::VSSCRATCH }>,
        write: csr::write::<{ csr::VSSCRATCH }>,
    },
    Csr {
        name: "vsepc",
        read: csr::read::<{ csr::VSEPC }>,
        write: csr::write::<{ csr::VSEPC }>,
    },
    Csr {
        name: "vscause",
        read: csr::read::<{ csr::VSCAUSE }>,
        write: csr::write::<{ csr::VSCAUSE }>,
    },
    Csr {
        name: "vstval",
        read: csr::read::<{ csr::VSTVAL }>,
        write: csr::write::<{ csr::VSTVAL }>,
    },
];

impl Poison {
    pub(crate) const fn new() -> Self {
        Self {
            laid: false,
            truth: [0; 5],
            junk: [0; 5],
        }
    }
}

/// Poison them.
pub(crate) fn lay(hart: &mut Hart) {
    let poison = &mut hart.nacl.poison;
    for (index, csr) in CSRS.iter().enumerate() {
        poison.truth[index] = (csr.read)();
        (csr.write)(JUNK);
        poison.junk[index] = (csr.read)();
    }
    poison.laid = true;
}

/// Make them what they were, but for those that the supervisor has written. Says whether they were
/// poisoned.
pub(crate) fn lift(hart: &mut Hart) -> bool {
    let poison = &mut hart.nacl.poison;
    if !poison.laid {
        return false;
    }
    poison.laid = false;
    for (index, csr) in CSRS.iter().enumerate() {
        let now = (csr.read)();
        if now == poison.junk[index] {
            (csr.write)(poison.truth[index]);
        } else if counters::violation(hart.id, Counter::PoisonHit) {
            say!(
                "VIOLATION: hart {}: {} was written directly: {now:#x}",
                hart.id,
                csr.name
            );
        }
    }
    true
}
