/* SPDX-License-Identifier: ISC */
/*
 * The types whose text only ldns knows: EUI48, EUI64, HIP, IPSECKEY, NID, L64, NSAP, NXT.  It is not trusted to read back what it printed: that is tried out, and where it
 * does not hold, the caller falls back to the generic form.
 */
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "zone/rdata.h"
#include "zone/rr.h"

#define HEADER_LEN 11           /* of a record in wire form at the root: owner, type, class, TTL, length */

/* ldns ends a line at ';' and joins lines at parentheses; outside quotes they are no data of any of these types. */
static bool
has_syntax(const char *text)
{
	bool quoted = false;

	for (; *text != '\0'; text++) {
		if (*text == '\\' && text[1] != '\0')
			text++;
		else if (*text == '"')
			quoted = !quoted;
		else if (!quoted && strchr(";()", *text) != NULL)
			return true;
	}
	return quoted;
}

/* Append the rdata of RR in wire form; false when it is longer than rdata can be. */
static bool
put_rdata(struct buf *out, const ldns_rr *rr)
{
	size_t start = out->len;

	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *rdf = ldns_rr_rdf(rr, i);

		buf_put(out, ldns_rdf_data(rdf), ldns_rdf_size(rdf));
	}
	return out->len - start <= RDATA_MAX;
}

bool
rdata_ldns_parse(struct buf *out, uint16_t type, const char *text, struct err *err)
{
	char         name[16];
	struct buf   line = { 0 };
	ldns_rr     *rr = NULL;
	ldns_status  status = LDNS_STATUS_SYNTAX_RDATA_ERR;
	size_t       start = out->len;
	bool         ok = !has_syntax(text);

	buf_putf(&line, ". 0 IN %s %s", rr_type_print(name, type), text);
	if (ok)
		status = ldns_rr_new_frm_str(&rr, buf_str(&line), 0, NULL, NULL);
	ok = status == LDNS_STATUS_OK && put_rdata(out, rr) && rdata_fits(type, out->data + start, out->len - start);
	if (!ok) {
		out->len = start;
		err_set(err, ERR_SYNTAX, "\"%.80s\" is no data for type %s: %s", text, name, ldns_get_errorstr_by_id(status));
	}
	ldns_rr_free(rr);
	buf_done(&line);
	return ok;
}

/* RDATA as an ldns record at the root, or NULL.  ldns follows compression pointers: compare what it makes of them with what there was. */
static ldns_rr *
rr_decode(uint16_t type, const uint8_t *rdata, size_t rdlen)
{
	struct buf wire = { 0 }, again = { 0 };
	ldns_rr   *rr = NULL;
	size_t     pos = 0;

	buf_put_u8(&wire, 0);
	buf_put_u16(&wire, type);
	buf_put_u16(&wire, CLASS_IN);
	buf_put_u32(&wire, 0);
	buf_put_u16(&wire, (uint16_t)rdlen);
	buf_put(&wire, rdata, rdlen);
	if (ldns_wire2rr(&rr, wire.data, wire.len, &pos, LDNS_SECTION_ANSWER) != LDNS_STATUS_OK)
		rr = NULL;
	if (rr != NULL && (pos != wire.len || !put_rdata(&again, rr) || again.len != rdlen || memcmp(again.data, rdata, rdlen) != 0)) {
		ldns_rr_free(rr);
		rr = NULL;
	}
	buf_done(&wire);
	buf_done(&again);
	return rr;
}

bool
rdata_ldns_check(uint16_t type, const uint8_t *rdata, size_t rdlen)
{
	ldns_rr *rr;

	if (rdlen == 0)
		return rdata_fits(type, rdata, rdlen);
	rr = rr_decode(type, rdata, rdlen);
	ldns_rr_free(rr);
	return rr != NULL;
}

/* Append TEXT with single blanks, as far as they stand outside quotes, and none at the ends. */
static void
put_trimmed(struct buf *out, const char *text)
{
	bool   quoted = false, blank = false;
	size_t start = out->len;

	for (; *text != '\0'; text++) {
		if (!quoted && strchr(" \t\n", *text) != NULL) {
			blank = true;
			continue;
		}
		if (blank && out->len > start)
			buf_putc(out, ' ');
		blank = false;
		quoted ^= *text == '"';
		buf_putc(out, *text);
		if (*text == '\\' && text[1] != '\0')
			buf_putc(out, *++text);
	}
}

static bool
reads_back(uint16_t type, const char *text, const uint8_t *rdata, size_t rdlen)
{
	struct buf again = { 0 };
	bool       same = rdata_ldns_parse(&again, type, text, NULL) && again.len == rdlen && memcmp(again.data, rdata, rdlen) == 0;

	buf_done(&again);
	return same;
}

bool
rdata_ldns_print(struct buf *out, uint16_t type, const uint8_t *rdata, size_t rdlen)
{
	struct buf text = { 0 };
	ldns_rr   *rr = rdlen == 0 ? NULL : rr_decode(type, rdata, rdlen);
	bool       ok = rr != NULL;

	for (size_t i = 0; ok && i < ldns_rr_rd_count(rr); i++) {
		char *field = ldns_rdf2str(ldns_rr_rdf(rr, i));

		buf_putf(&text, " %s", field == NULL ? "" : field);
		ok = field != NULL;
		free(field);
	}
	if (ok) {
		size_t start = out->len;

		put_trimmed(out, buf_str(&text));
		ok = out->len > start && reads_back(type, buf_str(out) + start, rdata, rdlen);
	}
	ldns_rr_free(rr);
	buf_done(&text);
	return ok;
}
