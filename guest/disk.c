// SPDX-License-Identifier: GPL-2.0
/*
 * The virtio disk: filled from one CPU, read back on the other past the page cache, summed with the
 * checksum of POSIX cksum(1), so that the machine that keeps the disk can sum it too.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/ioctl.h>
#include <linux/fs.h>
#include <unistd.h>

#include "guest.h"

/* The disk is worked on in pieces of so many bytes. */
#define BLOCK 65536

static uint32_t sum_byte(uint32_t sum, unsigned char byte)
{
	int bit;

	sum ^= (uint32_t)byte << 24;
	for (bit = 0; bit < 8; bit++)
		sum = sum << 1 ^ (sum & 0x80000000 ? 0x04c11db7 : 0);
	return sum;
}

static uint32_t sum_block(uint32_t sum, const unsigned char *block)
{
	static uint32_t table[256];
	int i;

	if (!table[1]) {
		for (i = 0; i < 256; i++)
			table[i] = sum_byte(0, (unsigned char)i);
	}
	for (i = 0; i < BLOCK; i++)
		sum = sum << 8 ^ table[sum >> 24 ^ block[i]];
	return sum;
}

/* cksum(1) ends with the length, lowest byte first, and inverts. */
static uint32_t sum_end(uint32_t sum, uint64_t length)
{
	for (; length; length >>= 8)
		sum = sum_byte(sum, (unsigned char)length);
	return ~sum;
}

/* xorshift64*: the same on every run, and no two blocks alike. */
static void fill_block(unsigned char *block, uint64_t *state)
{
	int i;

	for (i = 0; i < BLOCK; i += 8) {
		uint64_t word;

		*state ^= *state >> 12;
		*state ^= *state << 25;
		*state ^= *state >> 27;
		word = *state * 0x2545f4914f6cdd1d;
		memcpy(block + i, &word, sizeof(word));
	}
}

void disk_keeps_data(void)
{
	int fd = open("/dev/vda", O_RDWR | O_DIRECT);
	uint64_t size, at, state = 88172645463325252;
	uint32_t written = 0, found = 0;
	unsigned char *block;

	if (fd < 0)
		fail_errno("/dev/vda");
	if (ioctl(fd, BLKGETSIZE64, &size))
		fail_errno("BLKGETSIZE64");
	if (!size || size % BLOCK)
		fail("the disk has %llu bytes, which is not a multiple of %d",
		     (unsigned long long)size, BLOCK);
	if (posix_memalign((void **)&block, 4096, BLOCK))
		fail("no memory for a block of the disk");

	pin(0);
	for (at = 0; at < size; at += BLOCK) {
		fill_block(block, &state);
		written = sum_block(written, block);
		if (pwrite(fd, block, BLOCK, (off_t)at) != BLOCK)
			fail_errno("write to /dev/vda");
	}
	if (fsync(fd))
		fail_errno("fsync of /dev/vda");

	pin(1);
	for (at = 0; at < size; at += BLOCK) {
		if (pread(fd, block, BLOCK, (off_t)at) != BLOCK)
			fail_errno("read from /dev/vda");
		found = sum_block(found, block);
	}
	close(fd);
	written = sum_end(written, size);
	found = sum_end(found, size);
	say("disk sum written %u read %u bytes %llu", written, found, (unsigned long long)size);
	if (written != found)
		fail("the disk did not keep what was written");
}
