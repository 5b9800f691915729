/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lets Criterion run under the thread sanitizer.
 *
 * Criterion shares memory with its workers at random addresses that mincore()
 * calls free. The sanitizer has reserved nearly all of them (Criterion issue
 * 274). Here they are moved to where the sanitizer allows a program to have
 * memory and has none itself: from 0x5600'0000'0000 up to 0x5680'0000'0000 on
 * x86-64. tests/launch turns off the randomisation that could put the program
 * there.
 */
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FREE_BASE 0x560000000000ULL
#define FREE_MASK 0x7fffff0000ULL /* of the 512 GiB there */

#define EXPORTED __attribute__((visibility("default")))

static void *moved(void *address)
{
	return (void *)(FREE_BASE | ((uintptr_t)address & FREE_MASK));
}

EXPORTED int mincore(void *address, size_t size, unsigned char *ret)
{
	return (int)syscall(SYS_mincore, moved(address), size, ret);
}

/* The sanitizer's own, which this one hides. */
void *__interceptor_mmap64(void *address, size_t size, int protection,
			   int flags, int fd, off_t offset);

EXPORTED void *mmap64(void *address, size_t size, int protection, int flags,
		      int fd, off_t offset)
{
	if (fd >= 0 && flags == (MAP_FIXED | MAP_SHARED))
		address = moved(address);
	return __interceptor_mmap64(address, size, protection, flags, fd,
				    offset);
}
