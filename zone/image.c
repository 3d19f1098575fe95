/* SPDX-License-Identifier: ISC */
/*
 * The image's index, and taking in an image that another process made.
 */
#include "zone/image.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "zone/image_layout.h"
#include "zone/rdata.h"
#include "zone/writer.h"
#include "zone/zone.h"

uint64_t
image_size(const struct image_header *head)
{
	return sizeof *head + (uint64_t)head->nodes * sizeof(struct image_node) + (uint64_t)head->rrsets * sizeof(struct image_rrset) +
	    (uint64_t)head->slots * sizeof(uint32_t) + head->data_size;
}

uint32_t
image_index(uint32_t *slots, const struct image_header *head, const struct image_node *nodes, const uint8_t *data)
{
	uint32_t mask = head->slots - 1, left_out = 0;

	for (uint32_t i = 0; i < head->nodes; i++) {
		uint32_t hash = name_hash(data + nodes[i].name), probe = 0;

		while (probe < IMAGE_PROBE_MAX && slots[(hash + probe) & mask] != 0)
			probe++;
		if (probe < IMAGE_PROBE_MAX)
			slots[(hash + probe) & mask] = (hash & ~mask) | (i + 1);
		else
			left_out++;
	}
	return left_out;
}

const void *
image_data(const struct zone *zone, size_t *size)
{
	*size = zone->size;
	return zone->block;
}

/* Do the counts make sense, and sum up to SIZE? */
static bool
valid_header(const void *data, size_t size)
{
	struct image_header head;

	if (size < sizeof head)
		return false;
	memcpy(&head, data, sizeof head);
	return head.magic == IMAGE_MAGIC && head.nodes > 0 && head.slots >= 2 && (head.slots & (head.slots - 1)) == 0 &&
	    head.nodes <= head.slots / 2 && image_size(&head) == size;
}

/* A lower-case name that follows PREVIOUS (NULL: it is the apex) in the zone. */
static bool
valid_name(const struct zone *zone, uint32_t offset, const uint8_t *previous)
{
	const uint8_t *name = zone->data + offset;
	uint8_t        small[NAME_SIZE];
	size_t         len;

	if (offset >= zone->head->data_size || (len = name_check(name, zone->head->data_size - offset)) == 0)
		return false;
	name_lower(small, name);
	if (memcmp(small, name, len) != 0)
		return false;
	return previous == NULL || (name_compare(previous, name) < 0 && name_below(name, zone_apex(zone)));
}

/* Write the records of RRSET again; false when they are not what such an RRset can hold. */
static bool
replay_records(struct zone_writer *writer, const struct rrset *rrset)
{
	const uint8_t *last = NULL;
	uint16_t       last_len = 0;
	size_t         pos = 0;
	uint32_t       count = 0;

	for (; rrset->size - pos >= 2; count++) {
		uint16_t       len = (uint16_t)(rrset->data[pos] << 8 | rrset->data[pos + 1]);
		const uint8_t *rdata = rrset->data + pos + 2;

		if (count == RRSET_MAX || len > rrset->size - pos - 2 || !rdata_fits(rrset->type, rdata, len))
			return false;
		if (last != NULL && rdata_compare(rrset->type, last, last_len, rdata, len) >= 0)
			return false;
		zone_writer_rdata(writer, rdata, len);
		last = rdata;
		last_len = len;
		pos += 2u + len;
	}
	return pos == rrset->size && count == rrset->count && count > 0;
}

static bool
replay_rrset(struct zone_writer *writer, const struct zone *zone, const struct image_rrset *rrset)
{
	struct rrset view = { .type = rrset->type, .count = rrset->count, .ttl = rrset->ttl, .size = rrset->size };

	if (rrset->data > zone->head->data_size || rrset->size > zone->head->data_size - rrset->data || rrset->ttl > TTL_MAX)
		return false;
	view.data = zone->data + rrset->data;
	zone_writer_rrset(writer, rrset->type, rrset->ttl);
	return replay_records(writer, &view);
}

/* Empty nodes are not written: the writer makes those that belong there. */
static bool
replay_node(struct zone_writer *writer, const struct zone *zone, const struct image_node *node, uint32_t first)
{
	uint16_t type = 0;

	if (node->rrset != first || node->rrset_count > zone->head->rrsets - first)
		return false;
	if (node->rrset_count > 0)
		zone_writer_node(writer, zone->data + node->name);
	for (uint32_t i = first; i < first + node->rrset_count; i++) {
		if (zone->rrsets[i].type <= type || !replay_rrset(writer, zone, &zone->rrsets[i]))
			return false;
		type = zone->rrsets[i].type;
	}
	return true;
}

static bool
replay(struct zone_writer *writer, const struct zone *zone)
{
	const uint8_t *previous = zone_apex(zone);
	uint32_t       rrset = 0;

	for (uint32_t i = 0; i < zone->head->nodes; i++) {
		const struct image_node *node = &zone->nodes[i];

		if ((i > 0 && !valid_name(zone, node->name, previous)) || !replay_node(writer, zone, node, rrset))
			return false;
		previous = zone->data + node->name;
		rrset += node->rrset_count;
	}
	return rrset == zone->head->rrsets;
}

/*
 * An image is valid if and only if writing its records again gives the same bytes: that proves flags, empty non-terminals, offsets and index all
 * at once.  What is looked at before is what the writer relies on.
 */
static bool
writes_again(const struct zone *zone)
{
	struct zone_writer *writer;
	struct zone        *again;
	bool                same;

	if (!valid_name(zone, zone->nodes[0].name, NULL))
		return false;
	writer = zone_writer_new(zone_apex(zone));
	if (!replay(writer, zone)) {
		zone_writer_free(writer);
		return false;
	}
	again = zone_writer_finish(writer);
	same = again->size == zone->size && memcmp(again->block, zone->block, zone->size) == 0;
	zone_free(again);
	return same;
}

struct zone *
image_open(const void *data, size_t size, struct err *err)
{
	uint8_t     *block;
	struct zone *zone;

	if (!valid_header(data, size)) {
		err_set(err, ERR_SYNTAX, "this is not the image of a zone");
		return NULL;
	}
	block = mem_alloc(size);
	memcpy(block, data, size);
	zone = zone_attach(block, size);
	if (!writes_again(zone)) {
		zone_free(zone);
		err_set(err, ERR_SYNTAX, "the image of a zone is damaged");
		return NULL;
	}
	return zone;
}
