// SPDX-License-Identifier: GPL-2.0
/*
 * Files of the kernel's that take a text in one write.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "write_file.h"

bool write_file(const char *path, int flags, const char *text)
{
	int fd = open(path, O_WRONLY | flags);
	int error;
	ssize_t ret;

	if (fd < 0)
		return false;
	ret = write(fd, text, strlen(text));
	error = errno;
	close(fd);
	errno = error;
	return ret == (ssize_t)strlen(text);
}
