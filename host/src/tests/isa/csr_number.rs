// SPDX-License-Identifier: GPL-2.0

//! The numbers of CSRs.

use crate::isa::CsrNumber;
use crate::isa::Register;

/// The manual's "CSR Address Mapping Conventions": bits 9:8, as hexadecimal ranges.
#[test]
fn lowest_privilege_is_that_of_the_manual() {
    let name = |number| match CsrNumber::new(number).lowest_privilege() {
        0 => 'U',
        1 => 'S',
        2 => 'H',
        3 => 'M',
        other => panic!("{other}"),
    };
    for (csrs, expected) in [
        // fflags, seed, cycle, hpmcounter31
        (&[0x001, 0x015, 0xC00, 0xC1F][..], 'U'),
        // sstatus, sireg, stopei, satp, scountovf
        (&[0x100, 0x151, 0x15C, 0x180, 0xDA0][..], 'S'),
        // vsstatus, hstatus, hgatp, hgeip
        (&[0x200, 0x600, 0x680, 0xE12][..], 'H'),
        // mstatus, pmpcfg0, tselect, dcsr, mhartid
        (&[0x300, 0x3A0, 0x7A0, 0x7B0, 0xF14][..], 'M'),
    ] {
        for &number in csrs {
            assert_eq!(name(number), expected, "{number:#05x}");
        }
    }
}

#[test]
fn numbers_are_cut_to_their_fields() {
    for number in 0..0x1000 {
        assert_eq!(CsrNumber::new(number).number(), number as usize);
        assert_eq!(
            CsrNumber::new(number | 0xFFFF_F000).number(),
            number as usize
        );
    }
    for number in 0..32 {
        assert_eq!(Register::new(number).number(), number as usize);
        assert_eq!(
            Register::new(number | 0xFFFF_FFE0).number(),
            number as usize
        );
    }
    assert_eq!(Register::ZERO.number(), 0);
    assert_eq!(Register::SP.number(), 2);
}
