// SPDX-License-Identifier: GPL-2.0

//! What the hypervisor beneath offers of the extension.

/// A feature, with the number that `sbi_nacl_probe_feature` knows it by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Feature {
    /// CSRs in shared memory are taken over by a call.
    SyncCsr = 0,
    /// So are fences.
    SyncHfence = 1,
    /// One call takes over CSRs and fences and enters the guest.
    SyncSret = 2,
    /// It changes hstatus on the way in and out, too.
    AutoswapCsr = 3,
}

impl Feature {
    /// All of them, in the order of their numbers.
    pub(crate) const ALL: [Self; 4] = [
        Self::SyncCsr,
        Self::SyncHfence,
        Self::SyncSret,
        Self::AutoswapCsr,
    ];

    /// The feature's number.
    pub(crate) const fn number(self) -> usize {
        // CAST: From 0 to 3.
        self as usize
    }
}

/// A set of features.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Features(usize);

impl Features {
    /// The features for which `is_offered` holds.
    #[inline]
    pub(crate) fn which(is_offered: impl Fn(Feature) -> bool) -> Self {
        let mut features = 0;
        for feature in &Feature::ALL {
            if is_offered(*feature) {
                features |= 1 << feature.number();
            }
        }
        Self(features)
    }

    /// Whether the set has this feature.
    #[inline]
    pub(crate) fn have(self, feature: Feature) -> bool {
        self.0 & (1 << feature.number()) != 0
    }

    /// Whether KVM can use them.
    ///
    /// CSRs that only SYNC_CSR would take over wait in shared memory for an entry that does: without
    /// SYNC_SRET none would. Without SYNC_CSR each write of a CSR is one that the hypervisor traps,
    /// and shared memory is right only if it notes each, which is what the extension is to spare it.
    /// The others are a matter of speed.
    pub(crate) fn are_enough(self) -> bool {
        self.have(Feature::SyncCsr) && self.have(Feature::SyncSret)
    }
}
