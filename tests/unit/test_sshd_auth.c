/* SPDX-License-Identifier: ISC */
/* Public keys of clients: which are accepted, and what their blobs say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/crypt.h"
#include "base/str.h"
#include "sshd/auth.h"

/* Made by ssh-keygen, as are the fingerprints. */
#define ED25519 \
	"AAAAC3NzaC1lZDI1NTE5AAAAINLFL2yi2qsa4f2MFa9RgR102gHTU7dIOKoy13/hVbQ0"
#define ECDSA \
	"AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBJB3blMQmZ77+ZV3US5GEXvvp6wlLl6cad/TijAPfa0d3V1b" \
	"NkAxb/rTpHYtgg5u6wB4RCh7oTGqf1+G+zBQ/+Y="
#define ED25519_SK \
	"AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIN51TqARSeK/bk7BvwR+itD6T/STXwNu8VCYtQpt/eE3AAAABHNzaDo="
#define ECDSA_SK \
	"AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTZAb3BlbnNzaC5jb20AAAAIbmlzdHAyNTYAAABBBAFvhEDm2ooevb9MtkSZd1j9VHzV" \
	"Tceh4cSBYvkAHo2PJsE5XCN3cQlxVxQ4TY9046WV3cLLgtkHwGNAQvE0BIoAAAAEc3NoOg=="

static void
real_keys(void **state)
{
	static const struct { const char *type, *base64, *fingerprint, *proof; bool sk; } cases[] = {
		{ "ssh-ed25519", ED25519, "SHA256:eX970aiSHTRob0r/bcfSjLDxPxVSufmSStI55ZFi57U", "ed25519", false },
		{ "ecdsa-sha2-nistp256", ECDSA, "SHA256:ZS08HGDXqC8uUAqA7VwVfbERaHeDeTP9zC/eZKowB4Y", "ecdsa", false },
		{ "sk-ssh-ed25519@openssh.com", ED25519_SK, "SHA256:uO2taUceBy/r2jU9xPtA1UKao19/eqj804GOM3KE2mc", "ed25519-sk, touch", true },
		{ "sk-ecdsa-sha2-nistp256@openssh.com", ECDSA_SK, "SHA256:hW4SnAmumlY6lPDclkACBxWHJCDI5GAdM+o0uC/fEnQ", "ecdsa-sk, touch", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct auth_key key;
		struct err      err = { 0 };

		assert_true(auth_key_parse(&key, cases[i].type, cases[i].base64, &err));
		assert_string_equal(key.fingerprint, cases[i].fingerprint);
		assert_string_equal(key.type->proof, cases[i].proof);
		assert_int_equal(key.type->sk, cases[i].sk);
		assert_string_equal(key.application, cases[i].sk ? "ssh:" : "");
	}
}

static void
refused(void **state)
{
	static const struct { const char *type, *base64; enum err_code want; } cases[] = {
		{ "ssh-dss", ED25519, ERR_DENIED },
		{ "ssh-ed25519-cert-v01@openssh.com", ED25519, ERR_DENIED },
		{ "", ED25519, ERR_DENIED },
		{ "ssh-ed25519", ECDSA, ERR_SYNTAX },
		{ "ssh-ed25519", ED25519_SK, ERR_SYNTAX },      /* would do without the touch */
		{ "sk-ssh-ed25519@openssh.com", ED25519, ERR_SYNTAX },
		{ "sk-ecdsa-sha2-nistp256@openssh.com", ED25519_SK, ERR_SYNTAX },
		{ "ssh-ed25519", "", ERR_SYNTAX },
		{ "ssh-ed25519", "AAAA", ERR_SYNTAX },
		{ "ssh-ed25519", "not base64", ERR_SYNTAX },
		{ "ssh-rsa", "AAAAB3NzaC1yc2E=", ERR_SYNTAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct auth_key key;
		struct err      err = { 0 };

		assert_false(auth_key_parse(&key, cases[i].type, cases[i].base64, &err));
		assert_int_equal(err.code, cases[i].want);
	}
}

static void
put_string(struct buf *blob, const void *data, size_t len)
{
	buf_put_u32(blob, (uint32_t)len);
	buf_put(blob, data, len);
}

static bool
parse_rsa(unsigned bytes, uint8_t top, struct err *err)
{
	struct buf      blob = { 0 }, text = { 0 };
	uint8_t         modulus[3000] = { 0, top };
	struct auth_key key;
	bool            ok;

	put_string(&blob, "ssh-rsa", 7);
	put_string(&blob, "\1\0\1", 3);
	put_string(&blob, modulus, bytes + 1);
	str_base64_encode(&text, blob.data, blob.len);
	ok = auth_key_parse(&key, "ssh-rsa", buf_str(&text), err);
	buf_done(&blob);
	buf_done(&text);
	return ok;
}

static void
rsa_length(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_true(parse_rsa(384, 0x80, &err));
	assert_true(parse_rsa(2048, 0xff, &err));
	assert_false(parse_rsa(384, 0x7f, &err));
	assert_int_equal(err.code, ERR_DENIED);
	assert_non_null(strstr(err.text, "3071"));
	assert_false(parse_rsa(256, 0x80, &err));
	assert_false(parse_rsa(384, 0, &err));
}

/* A security key's blob that is cut off anywhere, or has something behind it, is none. */
static void
damaged(void **state)
{
	uint8_t blob[200];
	long    len = str_base64_decode(blob, sizeof blob, ECDSA_SK, strlen(ECDSA_SK));

	(void)state;
	assert_true(len > 0);
	blob[len] = 0;
	for (long n = 0; n <= len + 1; n++) {
		struct buf      text = { 0 };
		struct auth_key key;

		str_base64_encode(&text, blob, (size_t)n);
		assert_int_equal(auth_key_parse(&key, "sk-ecdsa-sha2-nistp256@openssh.com", buf_str(&text), NULL), n == len);
		buf_done(&text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_keys), cmocka_unit_test(refused), cmocka_unit_test(rsa_length), cmocka_unit_test(damaged),
	};

	crypt_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
