// SPDX-License-Identifier: GPL-2.0

//! The HFENCE entries that one hart processed last.

use crate::hfence::Entry;

/// How many are kept.
pub const LENGTH: usize = 256;

/// The last entries, and how many there were in all.
pub struct Record {
    entries: [Entry; LENGTH],
    count: u64,
}

impl Record {
    /// Empty.
    pub const fn new() -> Self {
        let none = Entry {
            config: 0,
            page_number: 0,
            reserved: 0,
            page_count: 0,
        };
        Self {
            entries: [none; LENGTH],
            count: 0,
        }
    }

    /// How many there were in all.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// One more was processed.
    pub fn add(&mut self, entry: Entry) {
        self.entries[(self.count % LENGTH as u64) as usize] = entry;
        self.count += 1;
    }

    /// The entry of a number, counted from 0, if it is still there.
    pub fn get(&self, number: u64) -> Option<Entry> {
        let kept = number < self.count && number.checked_add(LENGTH as u64)? >= self.count;
        kept.then(|| self.entries[(number % LENGTH as u64) as usize])
    }
}

impl Default for Record {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::Record;
    use super::LENGTH;
    use crate::hfence::Entry;

    #[test]
    fn the_last_ones_are_kept() {
        let mut record = Record::new();
        assert_eq!(record.get(0), None);
        for number in 0..1000 {
            record.add(Entry {
                config: number,
                page_number: 0,
                reserved: 0,
                page_count: 0,
            });
        }
        assert_eq!(record.count(), 1000);
        assert_eq!(record.get(1000), None);
        assert_eq!(record.get(1000 - LENGTH as u64 - 1), None);
        for number in 1000 - LENGTH as u64..1000 {
            assert_eq!(record.get(number).map(|entry| entry.config), Some(number));
        }
        assert_eq!(record.get(u64::MAX), None);
    }
}
