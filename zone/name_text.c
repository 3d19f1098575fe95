/* SPDX-License-Identifier: ISC */
/*
 * Domain names between text and wire: as zone files write them (RFC 1035 5.1), and as people type them.
 */
#include <assert.h>
#include <idn2.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "zone/name.h"

#define LABEL_MAX  63
#define SHOWN_MAX  80           /* of a bad name in an error message */

static const uint8_t root[1] = { 0 };

/* One character of a label, escapes resolved; moves *TEXT behind it.  False: a broken escape. */
static bool
unescape(uint8_t *out, const char **text)
{
	const unsigned char *at = (const unsigned char *)*text;
	unsigned             value;

	if (at[0] != '\\') {
		*out = at[0];
		*text += 1;
		return true;
	}
	if (at[1] == '\0')
		return false;
	if (at[1] < '0' || at[1] > '9') {
		*out = at[1];
		*text += 2;
		return true;
	}
	for (int i = 2; i <= 3; i++)
		if (at[i] < '0' || at[i] > '9')
			return false;
	value = (at[1] - '0') * 100u + (at[2] - '0') * 10u + (at[3] - '0');
	*out = (uint8_t)value;
	*text += 4;
	return value <= 255;
}

static bool
bad_name(struct err *err, const char *text, const char *why)
{
	return err_set(err, ERR_SYNTAX, "\"%.*s%s\" is not a domain name: %s", SHOWN_MAX, text,
	    strlen(text) > SHOWN_MAX ? "..." : "", why);
}

/* The labels of TEXT into OUT without the root label; *END tells whether it ended in a dot. Returns their length, or -1 with *WHY. */
static int
labels_parse(uint8_t out[static NAME_SIZE], const char *text, bool *absolute, const char **why)
{
	size_t pos = 1, label = 0;      /* OUT[LABEL] is the length of the label being read */

	for (*absolute = false; *text != '\0'; *absolute = false) {
		if (*text == '.') {
			if (pos == label + 1)
				return *why = "it has an empty label", -1;
			out[label] = (uint8_t)(pos - label - 1);
			label = pos++;
			text++;
			*absolute = true;
			if (*text == '\0')
				break;
		} else if ((unsigned char)*text <= ' ' || *text == 0x7f) {
			return *why = "it holds a blank or control character", -1;
		} else if (pos - label > LABEL_MAX) {
			return *why = "a label is longer than 63 bytes", -1;
		} else if (pos >= NAME_MAX_WIRE) {
			return *why = "it is longer than 255 bytes", -1;
		} else if (!unescape(&out[pos++], &text)) {
			return *why = "a backslash needs a character or three digits up to 255 behind it", -1;
		}
		if (pos > NAME_MAX_WIRE)
			return *why = "it is longer than 255 bytes", -1;
	}
	if (!*absolute) {
		out[label] = (uint8_t)(pos - label - 1);
		label = pos;
	}
	return (int)label;
}

bool
name_parse(uint8_t out[static NAME_SIZE], const char *text, const uint8_t *origin, struct err *err)
{
	const char *why = NULL;
	uint8_t     labels[NAME_SIZE];
	bool        absolute;
	int         len;

	if (origin == NULL)
		origin = root;
	if (text[0] == '\0')
		return err_set(err, ERR_SYNTAX, "a domain name is missing");
	if (strcmp(text, "@") == 0) {
		memmove(out, origin, name_len(origin));
		return true;
	}
	if (strcmp(text, ".") == 0) {
		out[0] = 0;
		return true;
	}
	len = labels_parse(labels, text, &absolute, &why);
	if (len < 0)
		return bad_name(err, text, why);
	labels[len] = 0;
	if (len + 1 > NAME_MAX_WIRE || !name_join(out, labels, absolute ? root : origin))
		return bad_name(err, text, "it is longer than 255 bytes");
	return true;
}

/* Append LABEL, as its A-label when it is not ASCII. */
static bool
label_to_ascii(struct buf *out, const char *label, size_t len, struct err *err)
{
	char  plain[NAME_TEXT_MAX], *ascii = NULL;
	bool  foreign = false;
	int   rc;

	for (size_t i = 0; i < len; i++)
		foreign = foreign || (unsigned char)label[i] >= 0x80;
	if (!foreign) {
		buf_put(out, label, len);
		return true;
	}
	memcpy(plain, label, len);
	plain[len] = '\0';
	rc = idn2_to_ascii_8z(plain, &ascii, IDN2_NONTRANSITIONAL);
	if (rc != IDN2_OK)
		return err_set(err, ERR_SYNTAX, "\"%.*s\" is not an internationalised label: %s", SHOWN_MAX, plain, idn2_strerror(rc));
	buf_puts(out, ascii);
	idn2_free(ascii);
	return true;
}

/* TEXT with each U-label as A-label (RFC 5891).  Label by label, because "_dmarc" and "*" are no business of IDNA. */
static bool
text_to_ascii(struct buf *out, const char *text, struct err *err)
{
	if (strlen(text) >= NAME_TEXT_MAX)
		return bad_name(err, text, "it is too long");
	for (;;) {
		size_t len = strcspn(text, ".");

		if (!label_to_ascii(out, text, len, err))
			return false;
		if (text[len] == '\0')
			return true;
		buf_putc(out, '.');
		text += len + 1;
	}
}

static bool
parse_typed(uint8_t out[static NAME_SIZE], const char *text, const uint8_t *origin, struct err *err)
{
	uint8_t    whole[NAME_SIZE];
	struct err ignored = { 0 };

	if (origin != NULL && strcmp(text, "@") != 0 && name_parse(whole, text, NULL, &ignored) && name_below(whole, origin)) {
		memcpy(out, whole, name_len(whole));
		return true;
	}
	return name_parse(out, text, origin, err);
}

bool
name_parse_user(uint8_t out[static NAME_SIZE], const char *text, const uint8_t *origin, struct err *err)
{
	struct buf ascii = { 0 };
	bool       ok = text_to_ascii(&ascii, text, err) && parse_typed(out, buf_str(&ascii), origin, err);

	buf_done(&ascii);
	return ok;
}

bool
name_parse_zone(uint8_t out[static NAME_SIZE], const char *text, struct err *err)
{
	uint8_t name[NAME_SIZE];

	if (strcmp(text, "@") == 0)
		return err_set(err, ERR_SYNTAX, "\"@\" is no zone: a zone is given by its name, as in example.org");
	if (!name_parse_user(name, text, NULL, err))
		return false;
	if (memchr(name, '/', name_len(name)) != NULL)
		return bad_name(err, text, "a zone is kept in a file of its name, which can hold no \"/\"");
	if (memchr(name, '\0', name_len(name) - 1) != NULL)
		return bad_name(err, text, "a zone is kept in a file of its name, which can hold no NUL");
	name_lower(out, name);
	return true;
}

/* Append one byte of a label to OUT so that it reads back, and return how many characters that took. */
static size_t
escape(char *out, uint8_t c)
{
	if (c <= ' ' || c >= 0x7f) {
		out[0] = '\\';
		out[1] = (char)('0' + c / 100);
		out[2] = (char)('0' + c / 10 % 10);
		out[3] = (char)('0' + c % 10);
		return 4;
	}
	if (strchr(".\\\"();@$", c) != NULL) {
		out[0] = '\\';
		out[1] = (char)c;
		return 2;
	}
	out[0] = (char)c;
	return 1;
}

/* The labels of NAME up to END with dots between them. */
static size_t
labels_print(char *out, const uint8_t *name, const uint8_t *end)
{
	size_t pos = 0;

	while (name < end) {
		for (unsigned i = 1; i <= *name; i++)
			pos += escape(out + pos, name[i]);
		name += *name + 1;
		if (name < end)
			out[pos++] = '.';
	}
	out[pos] = '\0';
	return pos;
}

size_t
name_print(char out[static NAME_TEXT_MAX], const uint8_t *name)
{
	size_t len = labels_print(out, name, name + name_len(name) - 1);

	out[len++] = '.';
	out[len] = '\0';
	return len;
}

size_t
name_print_zone(char out[static NAME_TEXT_MAX], const uint8_t *name)
{
	uint8_t small[NAME_SIZE];

	if (*name == 0)
		return name_print(out, name);
	name_lower(small, name);
	return labels_print(out, small, small + name_len(small) - 1);
}

size_t
name_print_rel(char out[static NAME_TEXT_MAX], const uint8_t *name, const uint8_t *origin)
{
	size_t len = name_len(name), back = name_len(origin);

	if (*origin == 0 || !name_below(name, origin))
		return name_print(out, name);
	if (len == back) {
		memcpy(out, "@", 2);
		return 1;
	}
	return labels_print(out, name, name + len - back);
}
