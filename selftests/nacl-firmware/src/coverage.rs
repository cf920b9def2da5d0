// SPDX-License-Identifier: GPL-2.0

//! Which fences that were asked for on one hart have not been made yet.
//!
//! A test tells what was asked; each fence that is made takes away what it contains, of one asker
//! or several, whole or in part. What is left when a guest is entered has been lost. An HFENCE.GVMA
//! does not stand for an HFENCE.VVMA, nor the other way round.

use crate::hfence::Entry;
use crate::hfence::Type;

/// How much can be open at a time.
pub const CAPACITY: usize = 512;

/// A fence, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fence {
    /// Its type; whether it is of all addresses is in the range.
    pub kind: Type,
    /// The VMID, where the type has one.
    pub vmid: u64,
    /// The ASID, where the type has one.
    pub asid: u64,
    /// The first address.
    pub first: u64,
    /// The last address.
    pub last: u64,
}

impl Fence {
    /// A fence of a number of bytes from an address; none where there are no bytes. A type of all
    /// addresses needs no range.
    pub fn new(kind: Type, vmid: u64, asid: u64, address: u64, size: u64) -> Option<Self> {
        let (first, last) = if kind.is_all() {
            (0, u64::MAX)
        } else {
            // What goes over the end ends there.
            (address, address.saturating_add(size.checked_sub(1)?))
        };
        let vmid = if kind.has_vmid() { vmid } else { 0 };
        let asid = if kind.has_asid() { asid } else { 0 };
        Some(Self {
            kind,
            vmid,
            asid,
            first,
            last,
        })
    }

    /// What an HFENCE entry does.
    pub fn of(entry: &Entry) -> Option<Self> {
        let kind = entry.kind()?;
        let (address, size) = if kind.is_all() {
            (0, 0)
        } else {
            entry.range()?
        };
        Self::new(kind, entry.vmid(), entry.asid(), address, size)
    }

    /// Whether this one is made in every space in which the other is, addresses aside.
    fn spans(&self, other: &Self) -> bool {
        self.kind.is_gvma() == other.kind.is_gvma()
            && (!self.kind.has_vmid() || (other.kind.has_vmid() && self.vmid == other.vmid))
            && (!self.kind.has_asid() || (other.kind.has_asid() && self.asid == other.asid))
    }

    /// What this one leaves of another: what is before it, and what is behind it.
    fn leaves(&self, other: &Self) -> [Option<Self>; 2] {
        if !self.spans(other) || self.last < other.first || self.first > other.last {
            return [Some(*other), None];
        }
        let before = (self.first > other.first).then(|| Self {
            last: self.first - 1,
            ..*other
        });
        let behind = (self.last < other.last).then(|| Self {
            first: self.last + 1,
            ..*other
        });
        [before, behind]
    }
}

/// There is no room for one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// What is open on one hart.
pub struct Coverage {
    open: [Option<Fence>; CAPACITY],
    count: usize,
}

impl Coverage {
    /// Nothing was asked.
    pub const fn new() -> Self {
        Self {
            open: [None; CAPACITY],
            count: 0,
        }
    }

    /// How many are open.
    pub const fn count(&self) -> usize {
        self.count
    }

    /// A fence was asked for.
    pub fn asked(&mut self, fence: Fence) -> Result<(), Full> {
        let place = self.open.get_mut(self.count).ok_or(Full)?;
        *place = Some(fence);
        self.count += 1;
        Ok(())
    }

    /// A fence was made. Says whether there was room for the parts that it left.
    pub fn made(&mut self, fence: Fence) -> Result<(), Full> {
        let mut index = 0;
        // Parts that are added at the end are not touched by the same fence again.
        let mut end = self.count;
        let mut result = Ok(());
        while index < end {
            let Some(open) = self.open[index] else { break };
            match fence.leaves(&open) {
                [None, None] => {
                    end -= 1;
                    self.open[index] = self.open[end];
                    self.remove(end);
                    continue;
                }
                [Some(part), None] | [None, Some(part)] => self.open[index] = Some(part),
                [Some(before), Some(behind)] => {
                    self.open[index] = Some(before);
                    result = result.and(self.asked(behind));
                }
            }
            index += 1;
        }
        result
    }

    /// A guest is entered: what is open was lost. Says how many, and one of them; then nothing is
    /// open.
    pub fn entered(&mut self) -> Option<(usize, Fence)> {
        let lost = self.open[0].map(|first| (self.count, first));
        if lost.is_some() {
            self.open[..self.count].fill(None);
            self.count = 0;
        }
        lost
    }

    /// The one at `index` is not there any more: the last takes its place.
    fn remove(&mut self, index: usize) {
        self.count -= 1;
        self.open[index] = self.open[self.count];
        self.open[self.count] = None;
    }
}

impl Default for Coverage {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::Coverage;
    use super::Fence;
    use super::Full;
    use super::CAPACITY;
    use crate::hfence::Type;

    fn fence(kind: Type, vmid: u64, asid: u64, address: u64, size: u64) -> Fence {
        Fence::new(kind, vmid, asid, address, size).unwrap()
    }

    fn open(asked: &[Fence], made: &[Fence]) -> usize {
        let mut coverage = Coverage::new();
        for fence in asked {
            coverage.asked(*fence).unwrap();
        }
        for fence in made {
            coverage.made(*fence).unwrap();
        }
        let count = coverage.count();
        assert_eq!(coverage.entered().map_or(0, |lost| lost.0), count);
        assert_eq!(coverage.entered(), None);
        count
    }

    #[test]
    fn which_type_stands_for_which() {
        // Each row: what is made, and of what it takes the place, with the same VMID, ASID and
        // range.
        let rows: [(Type, &[Type]); 8] = [
            (Type::Gvma, &[Type::Gvma, Type::GvmaVmid]),
            (
                Type::GvmaAll,
                &[Type::Gvma, Type::GvmaAll, Type::GvmaVmid, Type::GvmaVmidAll],
            ),
            (Type::GvmaVmid, &[Type::GvmaVmid]),
            (Type::GvmaVmidAll, &[Type::GvmaVmid, Type::GvmaVmidAll]),
            (Type::Vvma, &[Type::Vvma, Type::VvmaAsid]),
            (
                Type::VvmaAll,
                &[Type::Vvma, Type::VvmaAll, Type::VvmaAsid, Type::VvmaAsidAll],
            ),
            (Type::VvmaAsid, &[Type::VvmaAsid]),
            (Type::VvmaAsidAll, &[Type::VvmaAsid, Type::VvmaAsidAll]),
        ];
        for (made, all) in rows {
            for asked in Type::ALL {
                let left = open(
                    &[fence(asked, 1, 2, 0x1000, 0x1000)],
                    &[fence(made, 1, 2, 0x1000, 0x1000)],
                );
                assert_eq!(left == 0, all.contains(&asked), "{made:?} for {asked:?}");
            }
        }
    }

    #[test]
    fn another_vmid_or_asid_is_not_it() {
        let asked = fence(Type::VvmaAsid, 1, 2, 0x1000, 0x1000);
        assert_eq!(
            open(&[asked], &[fence(Type::VvmaAsid, 1, 3, 0x1000, 0x1000)]),
            1
        );
        assert_eq!(open(&[asked], &[fence(Type::VvmaAll, 2, 0, 0, 0)]), 1);
        assert_eq!(open(&[asked], &[fence(Type::VvmaAll, 1, 0, 0, 0)]), 0);
    }

    #[test]
    fn parts() {
        let asked = fence(Type::GvmaVmid, 1, 0, 0x1000, 0x4000);
        let made = |address, size| fence(Type::GvmaVmid, 1, 0, address, size);
        assert_eq!(
            open(&[asked], &[made(0x1000, 0x2000), made(0x3000, 0x2000)]),
            0
        );
        assert_eq!(open(&[asked], &[made(0x2000, 0x1000)]), 2);
        assert_eq!(
            open(&[asked], &[made(0x2000, 0x1000), made(0x1000, 0x1000)]),
            1
        );
        assert_eq!(open(&[asked], &[made(0x2000, 0x1000), made(0, 0x10000)]), 0);
        assert_eq!(open(&[asked], &[made(0x5000, 0x1000), made(0, 0x1000)]), 1);
        assert_eq!(open(&[asked], &[made(0x1000, 0x3fff)]), 1);
        assert_eq!(open(&[asked], &[made(0x1001, 0x4000)]), 1);
    }

    #[test]
    fn many() {
        let page = |number: u64| fence(Type::VvmaAsid, 1, 2, number << 12, 0x1000);
        let asked: Vec<_> = (0..CAPACITY as u64).map(page).collect();
        assert_eq!(
            open(
                &asked,
                &[fence(Type::Vvma, 1, 0, 0, (CAPACITY as u64) << 12)]
            ),
            0
        );
        assert_eq!(
            open(
                &asked,
                &[fence(Type::Vvma, 1, 0, 0x1000, (CAPACITY as u64) << 12)]
            ),
            1
        );
        let odd: Vec<_> = (0..CAPACITY as u64 / 2)
            .map(|half| page(half * 2 + 1))
            .collect();
        assert_eq!(open(&asked, &odd), CAPACITY / 2);
        let mut coverage = Coverage::new();
        for fence in &asked {
            coverage.asked(*fence).unwrap();
        }
        assert_eq!(coverage.asked(asked[0]), Err(Full));
    }

    #[test]
    fn the_ends_of_the_addresses() {
        let all = fence(Type::VvmaAll, 1, 0, 0, 0);
        assert_eq!((all.first, all.last), (0, u64::MAX));
        assert_eq!(open(&[all], &[fence(Type::Vvma, 1, 0, 0, u64::MAX)]), 1);
        assert_eq!(
            open(
                &[all],
                &[
                    fence(Type::Vvma, 1, 0, 0, u64::MAX),
                    fence(Type::Vvma, 1, 0, u64::MAX, 1)
                ]
            ),
            0
        );
        assert_eq!(Fence::new(Type::Vvma, 1, 0, 0x1000, 0), None);
        assert_eq!(fence(Type::Vvma, 1, 0, u64::MAX - 1, 100).last, u64::MAX);
    }

    /// The same by brute force: sets of pages of all spaces.
    #[test]
    fn as_sets_of_pages() {
        const VMIDS: u64 = 2;
        const ASIDS: u64 = 2;
        const PAGES: u64 = 6;
        let pages = |fence: &Fence| {
            let mut set = Vec::new();
            for vmid in 0..VMIDS {
                for asid in 0..ASIDS {
                    for page in 0..PAGES {
                        let inside =
                            fence.first <= page << 12 && fence.last >= (page << 12 | 0xfff);
                        if inside
                            && (!fence.kind.has_vmid() || fence.vmid == vmid)
                            && (!fence.kind.has_asid() || fence.asid == asid)
                        {
                            set.push((fence.kind.is_gvma(), vmid, asid, page));
                        }
                    }
                }
            }
            set
        };
        let mut seed = 1u64;
        let mut random = |below: u64| {
            seed = seed
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (seed >> 33) % below
        };
        let mut any = || {
            let kind = Type::ALL[random(8) as usize];
            let page = random(PAGES);
            let count = 1 + random(PAGES - page);
            fence(kind, random(VMIDS), random(ASIDS), page << 12, count << 12)
        };
        for _ in 0..20_000 {
            let mut coverage = Coverage::new();
            // One asked at a time: a set cannot tell two that overlap.
            let asked = any();
            coverage.asked(asked).unwrap();
            let mut left = pages(&asked);
            for _ in 0..4 {
                let made = any();
                coverage.made(made).unwrap();
                // A fence of one VMID, or ASID, does not take anything from one of all.
                if made.spans(&asked) {
                    let done = pages(&made);
                    left.retain(|page| !done.contains(page));
                }
                let model: Vec<_> = coverage.open[..coverage.count]
                    .iter()
                    .flatten()
                    .flat_map(&pages)
                    .collect();
                assert!(
                    left.iter().all(|page| model.contains(page)),
                    "{asked:x?} {made:x?}"
                );
                assert!(
                    model.iter().all(|page| left.contains(page)),
                    "{asked:x?} {made:x?}"
                );
            }
        }
    }
}
