/* SPDX-License-Identifier: ISC */
#include "zone/writer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "zone/image_layout.h"
#include "zone/name.h"
#include "zone/rr.h"
#include "zone/zone.h"

struct zone_writer {
	struct image_node  *nodes;
	struct image_rrset *rrsets;
	size_t              node_count, node_cap, rrset_count, rrset_cap;
	struct buf          data;
	uint32_t            rrs;
	unsigned            apex_labels;
	unsigned            depth;                      /* nodes on the path */
	uint32_t            path[NAME_LABELS_MAX];      /* from the apex down to the node being written */
};

static struct image_node *
current(struct zone_writer *writer)
{
	return &writer->nodes[writer->path[writer->depth - 1]];
}

static void
push_node(struct zone_writer *writer, const uint8_t *name)
{
	struct image_node node = { .name = (uint32_t)writer->data.len, .rrset = (uint32_t)writer->rrset_count, .flags = NODE_EMPTY };
	uint8_t           small[NAME_SIZE];

	name_lower(small, name);
	if (name_is_wildcard(small))
		node.flags |= NODE_WILDCARD;
	if (writer->depth > 0) {
		struct image_node *parent = current(writer);

		if (parent->flags & (NODE_DELEGATION | NODE_DNAME | NODE_OCCLUDED))
			node.flags |= NODE_OCCLUDED;
		if (node.flags & NODE_WILDCARD)
			parent->flags |= NODE_HAS_WILDCARD;
	}
	buf_put(&writer->data, small, name_len(small));
	mem_grow(&writer->nodes, &writer->node_cap, writer->node_count + 1, sizeof node);
	writer->path[writer->depth++] = (uint32_t)writer->node_count;
	writer->nodes[writer->node_count++] = node;
}

struct zone_writer *
zone_writer_new(const uint8_t *apex)
{
	struct zone_writer *writer = mem_alloc(sizeof *writer);

	writer->apex_labels = name_labels(apex);
	push_node(writer, apex);
	return writer;
}

void
zone_writer_free(struct zone_writer *writer)
{
	if (writer == NULL)
		return;
	free(writer->nodes);
	free(writer->rrsets);
	buf_done(&writer->data);
	free(writer);
}

void
zone_writer_node(struct zone_writer *writer, const uint8_t *name)
{
	unsigned labels = name_labels(name) - writer->apex_labels;

	while (writer->depth > 1 && !name_below(name, writer->data.data + current(writer)->name))
		writer->depth--;
	/* A node at depth D has D labels below the apex, so the path says which ancestors are still missing. */
	while (writer->depth <= labels)
		push_node(writer, name_suffix(name, writer->apex_labels + writer->depth));
}

void
zone_writer_rrset(struct zone_writer *writer, uint16_t type, uint32_t ttl)
{
	struct image_node *node = current(writer);
	struct image_rrset rrset = { .type = type, .ttl = ttl, .data = (uint32_t)writer->data.len };

	node->flags &= (uint16_t)~NODE_EMPTY;
	if (type == TYPE_NS && writer->depth > 1)
		node->flags |= NODE_DELEGATION;
	if (type == TYPE_DNAME)
		node->flags |= NODE_DNAME;
	node->rrset_count++;
	mem_grow(&writer->rrsets, &writer->rrset_cap, writer->rrset_count + 1, sizeof rrset);
	writer->rrsets[writer->rrset_count++] = rrset;
}

void
zone_writer_rdata(struct zone_writer *writer, const uint8_t *rdata, uint16_t rdlen)
{
	struct image_rrset *rrset = &writer->rrsets[writer->rrset_count - 1];

	assert(rrset->count < UINT16_MAX);
	buf_put_u16(&writer->data, rdlen);
	buf_put(&writer->data, rdata, rdlen);
	rrset->count++;
	rrset->size = (uint32_t)(writer->data.len - rrset->data);
	writer->rrs++;
}

static uint32_t
slots_for(size_t nodes)
{
	uint32_t slots = 2;

	while (slots < 2 * nodes)
		slots *= 2;
	return slots;
}

struct zone *
zone_writer_finish(struct zone_writer *writer)
{
	struct image_header head = { .magic = IMAGE_MAGIC, .nodes = (uint32_t)writer->node_count, .rrsets = (uint32_t)writer->rrset_count,
		.rrs = writer->rrs, .slots = slots_for(writer->node_count), .data_size = (uint32_t)writer->data.len };
	uint64_t            size = image_size(&head);
	uint8_t            *block, *at;
	uint32_t           *slots;

	/* Offsets have 32 bits: 4 GiB of names and records do not come from any file that is read into memory here. */
	assert(writer->data.len <= UINT32_MAX && size <= SIZE_MAX);
	block = mem_alloc((size_t)size);
	at = block + sizeof head;
	memcpy(at, writer->nodes, writer->node_count * sizeof *writer->nodes);
	at += writer->node_count * sizeof *writer->nodes;
	if (writer->rrset_count > 0)
		memcpy(at, writer->rrsets, writer->rrset_count * sizeof *writer->rrsets);
	at += writer->rrset_count * sizeof *writer->rrsets;
	slots = (uint32_t *)(void *)at;
	memcpy(at + (size_t)head.slots * sizeof *slots, writer->data.data, writer->data.len);
	head.unindexed = image_index(slots, &head, writer->nodes, writer->data.data);
	memcpy(block, &head, sizeof head);
	zone_writer_free(writer);
	return zone_attach(block, (size_t)size);
}
