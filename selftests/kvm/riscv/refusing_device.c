// SPDX-License-Identifier: GPL-2.0
/*
 * Finds a PCI device's MSI-X table.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "refusing_device.h"
#include "sbi_case.h"

#define DEVICES			"/sys/bus/pci/devices/*/config"
#define PAGE			4096

/* In the configuration space of a device. */
#define CAPABILITIES		0x34
#define CAPABILITY_MSIX		0x11
#define MSIX_TABLE		4
#define MSIX_TABLE_BAR		7

static unsigned int config(int fd, unsigned int offset, unsigned int size)
{
	unsigned int value = 0;

	if (pread(fd, &value, size, offset) != (ssize_t)size)
		return 0;
	return value;
}

/* Where the table is: its BAR in the lowest three bits; 0 stands for none. */
static unsigned int msix_table(int fd)
{
	unsigned int at = config(fd, CAPABILITIES, 1), count;

	/* No chain is longer than the 192 bytes that it lies in. */
	for (count = 0; at && count < 48; count++) {
		if (config(fd, at, 1) == CAPABILITY_MSIX)
			/* An offset of 0 in BAR 0 is possible, and not looked for. */
			return config(fd, at + MSIX_TABLE, 4);
		at = config(fd, at + 1, 1);
	}
	return 0;
}

static void *map(const char *config_path, unsigned int table)
{
	void *page = MAP_FAILED;
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%.*s/resource%u",
		 (int)(strrchr(config_path, '/') - config_path), config_path,
		 table & MSIX_TABLE_BAR);
	fd = open(path, O_RDWR | O_SYNC);
	if (fd < 0)
		return page;
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, table & ~(PAGE - 1));
	close(fd);
	return page;
}

void *refusing_device_or_skip(void)
{
	void *page = MAP_FAILED;
	unsigned int table;
	glob_t found;
	size_t i;
	int fd;

	if (glob(DEVICES, 0, NULL, &found))
		sbi_skip("no PCI device on this host");

	for (i = 0; i < found.gl_pathc && page == MAP_FAILED; i++) {
		fd = open(found.gl_pathv[i], O_RDONLY);
		if (fd < 0)
			continue;
		table = msix_table(fd);
		close(fd);
		if (table)
			page = map(found.gl_pathv[i], table);
	}
	globfree(&found);

	if (page == MAP_FAILED)
		sbi_skip("no PCI device on this host has an MSI-X table that can be mapped");
	return page;
}
