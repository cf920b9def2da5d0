// SPDX-License-Identifier: GPL-2.0

//! Firmware events (SBI v3.0, "Performance Monitoring Unit Extension", Firmware Events).

/// The code of a firmware event.
///
/// The remote SFENCEs count as HFENCE.VVMAs, which is what C does with them (M12 of the audit).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum FirmwareEvent {
    /// A load from a misaligned address that KVM was left with.
    MisalignedLoad = 0,
    /// A store to a misaligned address that KVM was left with.
    MisalignedStore = 1,
    /// A load access fault that KVM was left with.
    AccessLoad = 2,
    /// A store access fault that KVM was left with.
    AccessStore = 3,
    /// An illegal instruction that KVM was left with.
    IllegalInstruction = 4,
    /// A set_timer call.
    SetTimer = 5,
    /// A send_ipi call.
    IpiSent = 6,
    /// An IPI from another hart.
    IpiReceived = 7,
    /// A remote FENCE.I call.
    FenceISent = 8,
    /// A remote fence call without an ASID.
    HfenceVvmaSent = 18,
    /// A remote fence call with an ASID.
    HfenceVvmaAsidSent = 20,
}
