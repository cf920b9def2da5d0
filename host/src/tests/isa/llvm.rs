// SPDX-License-Identifier: GPL-2.0

//! LLVM's disassembler as an oracle for compressed instructions.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::Command;
use std::process::Stdio;
use std::thread;

use super::load;
use super::store;
use crate::isa::Extend;
use crate::isa::Instruction;
use crate::isa::Width;

/// The text of each of these encodings that is an instruction.
///
/// Runs the `llvm-mc` on PATH, which is there wherever the kernel can be built with LLVM=1.
pub(super) fn disassemble(encodings: &[u16]) -> BTreeMap<u16, String> {
    let mut llvm_mc = Command::new("llvm-mc")
        .args(["--disassemble", "--triple=riscv64", "--mattr=+c,+zcb"])
        .args(["-M", "no-aliases", "-M", "numeric", "--show-encoding"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("no llvm-mc: run this by `make host-tests`, or put LLVM's programs on PATH");

    // One line each, so that what is not an instruction does not shift the others.
    let input: String = encodings
        .iter()
        .map(|bits| format!("0x{:02x} 0x{:02x}\n", bits & 0xFF, bits >> 8))
        .collect();
    let mut stdin = llvm_mc.stdin.take().unwrap();
    let writer = thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = llvm_mc.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();

    let complaints = String::from_utf8(output.stderr).unwrap();
    assert!(
        !complaints.contains("is not a recognized feature"),
        "this llvm-mc does not know Zcb, LLVM 17 does: run this by `make host-tests`"
    );
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| line.split_once("# encoding: "))
        .map(|(text, encoding)| (parse_encoding(encoding), text.trim().to_owned()))
        .collect()
}

/// `[0x82,0x40]` as the number 0x4082.
fn parse_encoding(encoding: &str) -> u16 {
    let bytes = encoding.trim_matches(['[', ']']).split(',');
    let byte = |text: &str| u8::from_str_radix(text.trim_start_matches("0x"), 16).unwrap();
    let bytes: Vec<u8> = bytes.map(byte).collect();
    u16::from_le_bytes(bytes.try_into().unwrap())
}

/// The load or store that a text describes, such as `c.lw x8, 4(x9)`; `None` for anything else.
pub(super) fn parse(text: &str) -> Option<Instruction> {
    let (mnemonic, operands) = text.split_once(char::is_whitespace)?;
    let access = match mnemonic {
        "c.lw" | "c.lwsp" => Ok((Width::Word, Extend::Sign)),
        "c.ld" | "c.ldsp" => Ok((Width::Double, Extend::Sign)),
        "c.lh" => Ok((Width::Half, Extend::Sign)),
        "c.lhu" => Ok((Width::Half, Extend::Zero)),
        "c.lbu" => Ok((Width::Byte, Extend::Zero)),
        "c.sb" => Err(Width::Byte),
        "c.sh" => Err(Width::Half),
        "c.sw" | "c.swsp" => Err(Width::Word),
        "c.sd" | "c.sdsp" => Err(Width::Double),
        _ => return None,
    };
    let (data, address) = operands.trim().split_once(", ").unwrap();
    let (offset, base) = address.trim_end_matches(')').split_once('(').unwrap();
    let register = |name: &str| name.strip_prefix('x').unwrap().parse().unwrap();
    let (data, base, offset) = (register(data), register(base), offset.parse().unwrap());
    Some(match access {
        Ok((width, extend)) => load(width, extend, data, base, offset),
        Err(width) => store(width, data, base, offset),
    })
}
