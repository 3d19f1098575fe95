/* SPDX-License-Identifier: ISC */
/*
 * Inside zone/: how the image lies in memory.  All parts are arrays of fixed size, one behind the other:
 *
 *     header | nodes, canonical order | RRsets, in the order of their nodes, by type | slots of the hash | data
 *
 * The data holds, node after node, its name (whole, lower case) and the records of its RRsets; offsets count from its start.  Numbers are the
 * machine's own, because an image never leaves it.  An image is fully determined by its records: equal zones have equal bytes, but for
 * the case of names inside rdata.
 */
#ifndef ZONE_IMAGE_LAYOUT_H
#define ZONE_IMAGE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMAGE_MAGIC     0x31656e6f7a68737au     /* also tells the byte order */
#define IMAGE_PROBE_MAX 64                      /* slots looked at for a name at most */

struct image_header {
	uint64_t magic;
	uint32_t nodes, rrsets, rrs;
	uint32_t slots;                 /* a power of two, at least twice the nodes */
	uint32_t data_size;
	uint32_t unindexed;             /* nodes that found no slot within IMAGE_PROBE_MAX: names made to collide */
};

struct image_node {
	uint32_t name;                  /* offset in the data */
	uint32_t rrset;                 /* index of its first */
	uint16_t rrset_count;
	uint16_t flags;                 /* enum zone_node_flag */
};

struct image_rrset {
	uint16_t type, count;
	uint32_t ttl;
	uint32_t data, size;            /* of the records: offset, bytes */
};

/*
 * A slot is 0 when free, else the index of a node plus one in the bits that count slots, and the top of the name's hash in the bits above:
 * nearly every slot of another name is passed over without looking at that name.
 */
struct zone {
	uint8_t                  *block;        /* malloc'd: the image */
	size_t                    size;
	const struct image_header *head;        /* the parts of it */
	const struct image_node   *nodes;
	const struct image_rrset  *rrsets;
	const uint32_t            *slots;
	const uint8_t             *data;
};

/* Bytes of an image with these counts. */
uint64_t image_size(const struct image_header *head);

/* The zone whose image is BLOCK, which must be valid; takes the block. */
struct zone *zone_attach(uint8_t *block, size_t size);

/* Fill SLOTS (HEAD->slots zeroes) with the names of NODES; the number of those that found no place. */
uint32_t image_index(uint32_t *slots, const struct image_header *head, const struct image_node *nodes, const uint8_t *data);

#endif
