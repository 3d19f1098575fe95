/* SPDX-License-Identifier: ISC */
/*
 * The image: the layout of a zone in one block, with offsets instead of pointers, so that it can be sent
 * from store to dns in a sealed memfd and used where it is mapped.  zone.h reads it; only zone/zone.c and
 * zone/image.c know the layout.
 */
#ifndef ZONE_IMAGE_H
#define ZONE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct zone;

/* The block of ZONE, valid as long as it; *SIZE bytes. */
const void *image_data(const struct zone *zone, size_t *size);

/* Validate SIZE bytes at DATA that came from another process and copy them into a zone of their own, or NULL with ERR_SYNTAX. Every offset, count, name and order is
 * checked: reading the result can not leave the block. Cost: one pass. */
struct zone *image_open(const void *data, size_t size, struct err *err);

#endif
