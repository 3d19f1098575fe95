/* SPDX-License-Identifier: ISC */
/*
 * Compression: the place of every label that was written is kept in a chain of the places where a name of the same
 * length begins, so that looking for a suffix compares with few others.  Only names that RFC 1035 knows are compressed
 * within rdata (RFC 3597 4).
 */
#include "dns/response.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#define POINTER_MAX 0x3fff

struct mark {
	size_t   len;
	uint8_t  name_count;
	uint16_t counts[SECTIONS];
};

static void
put_u16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void
put_u32(uint8_t *p, uint32_t v)
{
	put_u16(p, (uint16_t)(v >> 16));
	put_u16(p + 2, (uint16_t)v);
}

static struct mark
mark_set(const struct response *response)
{
	struct mark mark = { .len = response->len, .name_count = response->name_count };

	memcpy(mark.counts, response->counts, sizeof mark.counts);
	return mark;
}

static bool
mark_return(struct response *response, const struct mark *mark)
{
	while (response->name_count > mark->name_count) {
		response->name_count--;
		response->heads[response->names[response->name_count].len] = response->names[response->name_count].next;
	}
	response->len = mark->len;
	memcpy(response->counts, mark->counts, sizeof mark->counts);
	return false;
}

/* Remember that a name of LEN bytes (uncompressed) begins at AT. */
static void
remember(struct response *response, size_t at, size_t len)
{
	uint8_t n = response->name_count;

	if (n == RESPONSE_NAMES || at > POINTER_MAX)
		return;
	response->names[n].at = (uint16_t)at;
	response->names[n].len = (uint8_t)len;
	response->names[n].next = response->heads[len];
	response->heads[len] = response->name_count = (uint8_t)(n + 1);
}

static bool
label_equal(const uint8_t *a, const uint8_t *b)
{
	if (*a != *b)
		return false;
	for (unsigned i = 1; i <= *a; i++)
		if (a[i] != b[i] && tolower(a[i]) != tolower(b[i]))
			return false;
	return true;
}

/* Is the name at AT, which we wrote ourselves, this one? */
static bool
written_equal(const struct response *response, size_t at, const uint8_t *name)
{
	const uint8_t *p = response->data + at;

	for (;;) {
		while ((*p & 0xc0) == 0xc0)
			p = response->data + (packet_u16(p) & POINTER_MAX);
		if (!label_equal(p, name))
			return false;
		if (*name == 0)
			return true;
		name += *name + 1;
		p += *p + 1;
	}
}

/* Where the name of LEN bytes stands already; 0: nowhere. */
static size_t
find_written(const struct response *response, const uint8_t *name, size_t len)
{
	for (uint8_t i = response->heads[len]; i != 0; i = response->names[i - 1].next)
		if (written_equal(response, response->names[i - 1].at, name))
			return response->names[i - 1].at;
	return 0;
}

static bool
put_bytes(struct response *response, const void *data, size_t len)
{
	if (response->limit < response->len || response->limit - response->len < len)
		return false;
	memcpy(response->data + response->len, data, len);
	response->len += len;
	return true;
}

static bool
put_name(struct response *response, const uint8_t *name)
{
	size_t left = name_len(name), at = 0;

	while (*name != 0 && (at = find_written(response, name, left)) == 0) {
		if (!put_bytes(response, name, (size_t)*name + 1))
			return false;
		remember(response, response->len - *name - 1, left);
		left -= (size_t)*name + 1;
		name += *name + 1;
	}
	if (at != 0) {
		uint8_t pointer[2] = { (uint8_t)(0xc0 | at >> 8), (uint8_t)at };

		return put_bytes(response, pointer, sizeof pointer);
	}
	return put_bytes(response, name, 1);
}

/* The layout of TYPE (zone/rr.c) when names in its rdata may be compressed; "" for all others. */
static const char *
compressible(uint16_t type)
{
	const struct rr_type *row = rr_type_find(type);

	return row != NULL && (row->flags & RR_COMPRESS) != 0 && row->layout != NULL ? row->layout : "";
}

/* The types of RFC 1035 have but 16-bit numbers before their names. */
static bool
put_rdata(struct response *response, const char *item, const uint8_t *rdata, size_t rdlen)
{
	size_t at = 0;

	for (; at < rdlen && (*item == '2' || *item == 'n'); item++) {
		bool   is_name = *item == 'n';
		size_t len = is_name ? name_len(rdata + at) : 2;

		if (!(is_name ? put_name(response, rdata + at) : put_bytes(response, rdata + at, len)))
			return false;
		at += len;
	}
	return at >= rdlen || put_bytes(response, rdata + at, rdlen - at);
}

/* All of a record behind its owner. */
static bool
put_body(struct response *response, const struct rr *rr, uint16_t class, const char *layout)
{
	uint8_t fixed[10];
	size_t  len_at;

	put_u16(fixed, rr->type);
	put_u16(fixed + 2, class);
	put_u32(fixed + 4, rr->ttl);
	put_u16(fixed + 8, rr->rdlen);
	if (!put_bytes(response, fixed, sizeof fixed))
		return false;
	len_at = response->len - 2;
	if (*layout == '\0')
		return put_bytes(response, rr->rdata, rr->rdlen);
	if (!put_rdata(response, layout, rr->rdata, rr->rdlen))
		return false;
	put_u16(response->data + len_at, (uint16_t)(response->len - len_at - 2));
	return true;
}

bool
response_rr(struct response *response, enum packet_section section, const struct rr *rr, uint16_t class)
{
	struct mark mark = mark_set(response);

	if (response->counts[section] == UINT16_MAX || !put_name(response, rr->owner) ||
	    !put_body(response, rr, class, compressible(rr->type)))
		return mark_return(response, &mark);
	response->counts[section]++;
	return true;
}

/* The owner of the second and later records of an RRset whose first owner stands at AT: a pointer to it, or the pointer that it is. */
static bool
put_owner_again(struct response *response, size_t at, const uint8_t *owner)
{
	uint8_t pointer[2] = { (uint8_t)(0xc0 | at >> 8), (uint8_t)at };

	if ((response->data[at] & 0xc0) == 0xc0)
		memcpy(pointer, response->data + at, sizeof pointer);
	else if (at > POINTER_MAX || *owner == 0)
		return put_name(response, owner);
	return put_bytes(response, pointer, sizeof pointer);
}

bool
response_rrset(struct response *response, enum packet_section section, const uint8_t *owner, uint16_t class, const struct rrset *rrset, uint32_t ttl)
{
	struct mark mark = mark_set(response);
	const char *layout = compressible(rrset->type);
	struct rr   rr = { .owner = owner, .type = rrset->type, .ttl = ttl };
	uint32_t    at = 0;

	if (response->counts[section] > UINT16_MAX - rrset->count)
		return false;
	for (bool first = true; rrset_next(rrset, &at, &rr.rdata, &rr.rdlen); first = false)
		if (!(first ? put_name(response, owner) : put_owner_again(response, mark.len, owner)) ||
		    !put_body(response, &rr, class, layout))
			return mark_return(response, &mark);
	response->counts[section] = (uint16_t)(response->counts[section] + rrset->count);
	return true;
}

/* Names of the question: what nearly every owner is compressed against. */
static void
put_question(struct response *response, const struct packet *query)
{
	size_t len = name_len(query->qname), at = PACKET_HEADER;

	memcpy(response->data + PACKET_HEADER, query->qname, len + 4);
	response->len += len + 4;
	response->counts[SECTION_QUESTION] = 1;
	for (size_t left = len; left > 1; left -= (size_t)response->data[at] + 1, at += (size_t)response->data[at] + 1)
		remember(response, at, left);
}

void
response_begin(struct response *response, uint8_t *out, size_t cap, const struct packet *query)
{
	assert(cap >= PACKET_UDP_MIN && cap <= PACKET_MAX);
	response->data = out;
	response->limit = response->cap = cap;
	put_u16(out, query->id);
	put_u16(out + 2, (uint16_t)(FLAG_QR | (query->flags & (FLAG_OPCODE | FLAG_RD))));
	response_clear(response, query);
}

void
response_clear(struct response *response, const struct packet *query)
{
	response->len = PACKET_HEADER;
	response->name_count = 0;
	memset(response->heads, 0, sizeof response->heads);
	memset(response->counts, 0, sizeof response->counts);
	if (query->qname != NULL)
		put_question(response, query);
}

void
response_reserve(struct response *response, size_t bytes)
{
	assert(response->limit >= response->len + bytes);
	response->limit -= bytes;
}

/* Bytes that are counted as one record of the additional section: OPT. */
static void
put_raw(struct response *response, const uint8_t *data, size_t len)
{
	assert(response->cap - response->len >= len);
	memcpy(response->data + response->len, data, len);
	response->len += len;
	response->counts[SECTION_ADDITIONAL]++;
}

size_t
response_opt_len(const char *nsid)
{
	return 11 + (nsid != NULL ? 4 + strlen(nsid) : 0) + 6;
}

void
response_opt(struct response *response, const struct edns *edns, unsigned rcode, const char *nsid, int ede)
{
	uint8_t opt[512] = { 0 };
	size_t  n = 11, nsid_len = nsid != NULL ? strlen(nsid) : 0;

	assert(nsid_len <= sizeof opt - 11 - 4 - 6);
	put_u16(opt + 1, TYPE_OPT);
	put_u16(opt + 3, PACKET_UDP_MAX);
	opt[5] = (uint8_t)(rcode >> 4);
	opt[7] = edns->dnssec_ok ? 0x80 : 0;
	if (nsid != NULL) {
		put_u16(opt + n, EDNS_NSID);
		put_u16(opt + n + 2, (uint16_t)nsid_len);
		memcpy(opt + n + 4, nsid, nsid_len);
		n += 4 + nsid_len;
	}
	if (ede >= 0) {
		put_u16(opt + n, EDNS_EDE);
		put_u16(opt + n + 2, 2);
		put_u16(opt + n + 4, (uint16_t)ede);
		n += 6;
	}
	put_u16(opt + 9, (uint16_t)(n - 11));
	put_raw(response, opt, n);
}

size_t
response_end(struct response *response, uint16_t flags, unsigned rcode)
{
	uint8_t *p = response->data;

	put_u16(p + 2, (uint16_t)((packet_u16(p + 2) & ~(FLAG_AA | FLAG_TC | FLAG_RCODE)) | flags | (rcode & FLAG_RCODE)));
	for (unsigned i = 0; i < SECTIONS; i++)
		put_u16(p + 4 + 2 * i, response->counts[i]);
	return response->len;
}
