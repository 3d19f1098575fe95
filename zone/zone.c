/* SPDX-License-Identifier: ISC */
/*
 * Reading a zone from its image.
 */
#include "zone/zone.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "zone/image_layout.h"

#define NOT_FOUND UINT32_MAX

struct zone *
zone_attach(uint8_t *block, size_t size)
{
	struct zone *zone = mem_alloc(sizeof *zone);
	uint8_t     *at = block;

	zone->block = block;
	zone->size = size;
	zone->head = (const struct image_header *)(const void *)at;
	at += sizeof *zone->head;
	zone->nodes = (const struct image_node *)(const void *)at;
	at += zone->head->nodes * sizeof *zone->nodes;
	zone->rrsets = (const struct image_rrset *)(const void *)at;
	at += zone->head->rrsets * sizeof *zone->rrsets;
	zone->slots = (const uint32_t *)(const void *)at;
	zone->data = at + zone->head->slots * sizeof *zone->slots;
	return zone;
}

void
zone_free(struct zone *zone)
{
	if (zone == NULL)
		return;
	free(zone->block);
	free(zone);
}

const uint8_t *
zone_apex(const struct zone *zone)
{
	return zone->data + zone->nodes[0].name;
}

uint32_t
zone_serial(const struct zone *zone)
{
	const uint8_t *rdata;
	struct rrset   soa;
	struct node    apex;
	uint32_t       at = 0;
	uint16_t       rdlen;

	zone_node(zone, 0, &apex);
	if (!zone_node_find(zone, &apex, TYPE_SOA, &soa) || !rrset_next(&soa, &at, &rdata, &rdlen))
		return 0;
	return rdata_soa_serial(rdata, rdlen);
}

uint32_t
zone_rr_count(const struct zone *zone)
{
	return zone->head->rrs;
}

uint32_t
zone_rrset_count(const struct zone *zone)
{
	return zone->head->rrsets;
}

uint32_t
zone_node_count(const struct zone *zone)
{
	return zone->head->nodes;
}

bool
zone_node(const struct zone *zone, uint32_t index, struct node *out)
{
	const struct image_node *node;

	if (index >= zone->head->nodes)
		return false;
	node = &zone->nodes[index];
	out->name = zone->data + node->name;
	out->index = index;
	out->rrset_count = node->rrset_count;
	out->flags = node->flags;
	return true;
}

/* For the few names that found no place in the index. */
static uint32_t
search(const struct zone *zone, const uint8_t *name)
{
	uint32_t low = 0, high = zone->head->nodes;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int      order = name_compare(name, zone->data + zone->nodes[middle].name);

		if (order == 0)
			return middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NOT_FOUND;
}

/* A name equal over LEN bytes ends where NAME ends, at its root label; one that is shorter may be followed by too few bytes to compare. */
static bool
has_name(const struct zone *zone, uint32_t index, const uint8_t *name, size_t len)
{
	uint32_t offset = zone->nodes[index].name;

	return len <= zone->head->data_size - offset && memcmp(zone->data + offset, name, len) == 0;
}

/* The node called NAME, which is in lower case and LEN bytes long. */
static uint32_t
lookup(const struct zone *zone, const uint8_t *name, size_t len)
{
	uint32_t mask = zone->head->slots - 1, hash = name_hash(name);

	for (uint32_t probe = 0; probe < IMAGE_PROBE_MAX; probe++) {
		uint32_t slot = zone->slots[(hash + probe) & mask];
		uint32_t index = (slot & mask) - 1;

		if (slot == 0)
			return NOT_FOUND;
		if (((slot ^ hash) & ~mask) == 0 && has_name(zone, index, name, len))
			return index;
	}
	return zone->head->unindexed > 0 ? search(zone, name) : NOT_FOUND;
}

bool
zone_find_node(const struct zone *zone, const uint8_t *owner, struct node *out)
{
	uint8_t name[NAME_SIZE];

	name_lower(name, owner);
	return zone_node(zone, lookup(zone, name, name_len(name)), out);
}

void
zone_closest(const struct zone *zone, const uint8_t *owner, struct node *out)
{
	size_t         apex_len = name_len(zone_apex(zone)), len;
	const uint8_t *at;
	uint8_t        name[NAME_SIZE];

	name_lower(name, owner);
	len = name_len(name);
	for (at = name; len > apex_len; len -= *at + 1u, at = name_parent(at))
		if (zone_node(zone, lookup(zone, at, len), out))
			return;
	zone_node(zone, 0, out);
}

/*
 * The closest encloser tells: where it is not occluded, there is no cut above it.  Else the cut is its first ancestor that is not.
 */
bool
zone_find_cut(const struct zone *zone, const uint8_t *owner, struct node *out)
{
	zone_closest(zone, owner, out);
	while (out->flags & NODE_OCCLUDED)
		if (!zone_find_node(zone, name_parent(out->name), out))
			return false;
	return out->index != 0 && (out->flags & (NODE_DELEGATION | NODE_DNAME)) != 0;
}

static void
view_rrset(const struct zone *zone, uint32_t index, struct rrset *out)
{
	const struct image_rrset *rrset = &zone->rrsets[index];

	out->type = rrset->type;
	out->count = rrset->count;
	out->ttl = rrset->ttl;
	out->size = rrset->size;
	out->data = zone->data + rrset->data;
}

bool
zone_node_rrset(const struct zone *zone, const struct node *node, uint32_t i, struct rrset *out)
{
	if (i >= node->rrset_count)
		return false;
	view_rrset(zone, zone->nodes[node->index].rrset + i, out);
	return true;
}

bool
zone_node_find(const struct zone *zone, const struct node *node, uint16_t type, struct rrset *out)
{
	uint32_t first = zone->nodes[node->index].rrset;

	for (uint32_t i = first; i < first + node->rrset_count && zone->rrsets[i].type <= type; i++)
		if (zone->rrsets[i].type == type) {
			view_rrset(zone, i, out);
			return true;
		}
	return false;
}

bool
zone_find(const struct zone *zone, const uint8_t *owner, uint16_t type, struct rrset *out)
{
	struct node node;

	return zone_find_node(zone, owner, &node) && zone_node_find(zone, &node, type, out);
}

bool
rrset_next(const struct rrset *rrset, uint32_t *at, const uint8_t **rdata, uint16_t *rdlen)
{
	const uint8_t *record = rrset->data + *at;

	if (*at >= rrset->size)
		return false;
	*rdlen = (uint16_t)(record[0] << 8 | record[1]);
	*rdata = record + 2;
	*at += 2u + *rdlen;
	return true;
}

bool
rrset_has(const struct rrset *rrset, const uint8_t *rdata, size_t rdlen)
{
	const uint8_t *have;
	uint16_t       len;

	for (uint32_t at = 0; rrset_next(rrset, &at, &have, &len);)
		if (rdata_equal(rrset->type, have, len, rdata, rdlen))
			return true;
	return false;
}

bool
rrset_equal(const struct rrset *a, const struct rrset *b)
{
	const uint8_t *x, *y;
	uint32_t       ax = 0, ay = 0;
	uint16_t       xlen, ylen;

	if (a->type != b->type || a->ttl != b->ttl || a->count != b->count || a->size != b->size)
		return false;
	if (memcmp(a->data, b->data, a->size) == 0)
		return true;
	while (rrset_next(a, &ax, &x, &xlen) && rrset_next(b, &ay, &y, &ylen))
		if (!rdata_equal(a->type, x, xlen, y, ylen))
			return false;
	return true;
}

bool
zone_walk(const struct zone *zone, struct zone_walk *walk, struct rr *out)
{
	while (zone_node(zone, walk->node, &walk->n)) {
		walk->open = walk->open || zone_node_rrset(zone, &walk->n, walk->rrset, &walk->set);
		if (walk->open && rrset_next(&walk->set, &walk->at, &out->rdata, &out->rdlen)) {
			out->owner = walk->n.name;
			out->type = walk->set.type;
			out->ttl = walk->set.ttl;
			return true;
		}
		if (walk->open)
			walk->rrset++;
		else
			walk->node++, walk->rrset = 0;
		walk->open = false;
		walk->at = 0;
	}
	return false;
}

struct zone *
zone_with_serial(const struct zone *zone, uint32_t serial)
{
	uint8_t       *block = mem_alloc(zone->size);
	const uint8_t *rdata;
	struct rrset   soa;
	uint32_t       at = 0;
	uint16_t       rdlen;

	memcpy(block, zone->block, zone->size);
	if (zone_find(zone, zone_apex(zone), TYPE_SOA, &soa))
		while (rrset_next(&soa, &at, &rdata, &rdlen))
			rdata_soa_set_serial(block + (rdata - zone->block), rdlen, serial);
	return zone_attach(block, zone->size);
}

/* Equal zones have equal images but for the case of names in rdata. */
bool
zone_equal(const struct zone *a, const struct zone *b)
{
	struct rrset x, y;

	if (a->size != b->size || memcmp(a->head, b->head, sizeof *a->head) != 0 || memcmp(a->nodes, b->nodes, a->head->nodes * sizeof *a->nodes) != 0)
		return false;
	if (memcmp(a->block, b->block, a->size) == 0)
		return true;
	for (uint32_t i = 0; i < a->head->nodes; i++)
		if (!name_equal(a->data + a->nodes[i].name, b->data + b->nodes[i].name))
			return false;
	for (uint32_t i = 0; i < a->head->rrsets; i++) {
		view_rrset(a, i, &x);
		view_rrset(b, i, &y);
		if (!rrset_equal(&x, &y))
			return false;
	}
	return true;
}
