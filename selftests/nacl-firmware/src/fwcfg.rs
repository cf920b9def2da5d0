// SPDX-License-Identifier: GPL-2.0

//! A file of `-fw_cfg name=opt/nacl,string=...`, read a byte at a time from QEMU's fw_cfg device.

use crate::platform;

const DATA: usize = platform::FW_CFG;
const SELECTOR: usize = platform::FW_CFG + 8;
const FILE_DIRECTORY: u16 = 0x19;
const NAME_SIZE: usize = 56;

fn select(key: u16) {
    platform::write16(SELECTOR, key.to_be());
}

fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    bytes.fill_with(|| platform::read8(DATA));
    bytes
}

/// Read the file of this name into `buffer`: its bytes, none where there is no such file, an error
/// where it is larger than the buffer.
pub(crate) fn file<'a>(name: &str, buffer: &'a mut [u8]) -> Result<Option<&'a [u8]>, u32> {
    select(FILE_DIRECTORY);
    let count = u32::from_be_bytes(bytes());
    let mut found = None;
    for _ in 0..count {
        let size = u32::from_be_bytes(bytes());
        let key = u16::from_be_bytes(bytes());
        let _: [u8; 2] = bytes();
        let its_name: [u8; NAME_SIZE] = bytes();
        if its_name.split(|byte| *byte == 0).next() == Some(name.as_bytes()) {
            found = Some((size, key));
        }
    }
    let Some((size, key)) = found else {
        return Ok(None);
    };
    let Some(place) = buffer.get_mut(..size as usize) else {
        return Err(size);
    };
    select(key);
    place.fill_with(|| platform::read8(DATA));
    Ok(Some(place))
}
