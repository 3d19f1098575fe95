/* SPDX-License-Identifier: ISC */
/*
 * Authentication: by public key only, whatever the user name.  libssh verifies signatures; the monitor knows keys and has the
 * last word.  Keys that are not known are refused one after another until the client has no more and falls back to
 * keyboard-interactive: that is where it is told why.
 */
#include "sshd/net_local.h"

#include <libssh/server.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "sshd/fido.h"

#define REFUSED_MAX  20         /* keys; an agent may hold many */
#define ASKED_MAX    64         /* requests of any kind */
#define MONITOR_MS   10000

static void
send_banner(struct net *net, const char *text)
{
	ssh_string banner = ssh_string_from_char(text);

	if (banner != NULL)
		ssh_send_issue_banner(net->session, banner);
	ssh_string_free(banner);
}

static void
send_why(struct net *net, const char *why)
{
	char text[300];

	snprintf(text, sizeof text, "zonesh: %.250s.\r\n", str_show(why));
	send_banner(net, text);
	net->told_why = true;
}

/* Send REQUEST and wait for the monitor's REPLY of type WANT.  libssh needs the answer right here, and there is nothing else to do before it. */
static bool
ask_monitor(struct net *net, struct msg *request, uint16_t want, struct msg *reply)
{
	if (!chan_send_wait(&net->monitor, request, MONITOR_MS) ||
	    chan_recv_wait(&net->monitor, reply, MONITOR_MS) != CHAN_MSG) {
		net_bye(net, "the server is busy, try again");
		return false;
	}
	if (reply->type == want)
		return true;
	net_bye(net, "%s", reply->type == NET_BYE ? msg_get_str(reply) : "");
	msg_done(reply);
	return false;
}

/* Is KEY enrolled?  WHY: what else is wrong with it. */
static bool
is_known(struct net *net, const char *type, const char *base64, char *why, size_t why_size)
{
	struct msg request, reply;
	bool       known;

	msg_init(&request, NET_LOOKUP, 0);
	msg_put_str(&request, type);
	msg_put_str(&request, base64);
	if (!ask_monitor(net, &request, NET_KNOWN, &reply))
		return false;
	known = msg_get_bool(&reply);
	snprintf(why, why_size, "%s", msg_get_str(&reply));
	known = msg_end(&reply) && known;
	msg_done(&reply);
	return known;
}

/* The signature was good: does the monitor agree? */
static bool
is_admitted(struct net *net, const char *type, const char *base64)
{
	struct msg  request, reply;
	struct tap  tap;
	bool        heard = tap_take(&tap);
	bool        admitted;
	const char *why;

	msg_init(&request, NET_LOGIN, 0);
	msg_put_str(&request, type);
	msg_put_str(&request, base64);
	msg_put_bool(&request, heard);
	msg_put_blob(&request, tap.signed_data, heard ? sizeof tap.signed_data : 0);
	msg_put_blob(&request, tap.signature, heard ? tap.signature_len : 0);
	if (!ask_monitor(net, &request, NET_ADMITTED, &reply))
		return false;
	admitted = msg_get_bool(&reply);
	net->device = msg_get_bool(&reply);
	why = msg_get_str(&reply);
	if (!admitted)
		send_why(net, why);
	net->logged_in = msg_end(&reply) && admitted;
	msg_done(&reply);
	return net->logged_in;
}

/* PUBKEY is not enrolled, or WHY.  Said only when the client has no better key: people have all sorts of keys in their agents. */
static void
note_refused(struct net *net, ssh_key pubkey, const char *why)
{
	size_t         len = strlen(net->refused_keys), hash_len;
	unsigned char *hash;
	char          *print;
	char           line[320];

	net->refused++;
	if (ssh_get_publickey_hash(pubkey, SSH_PUBLICKEY_HASH_SHA256, &hash, &hash_len) != SSH_OK)
		return;
	print = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, hash_len);
	snprintf(line, sizeof line, "  %s%s%s\r\n", print != NULL ? print : "", *why != '\0' ? ": " : "", str_show(why));
	if (len + strlen(line) < sizeof net->refused_keys)
		strcpy(net->refused_keys + len, line);
	ssh_string_free_char(print);
	ssh_clean_pubkey_hash(&hash);
}

static bool
too_many(struct net *net)
{
	if (++net->asked <= ASKED_MAX && net->refused < REFUSED_MAX)
		return false;
	net_bye(net, "too many keys: choose one with ssh -i FILE -o IdentitiesOnly=yes");
	return true;
}

static int
on_pubkey(ssh_session session, const char *user, struct ssh_key_struct *pubkey, char state, void *userdata)
{
	struct net *net = userdata;
	const char *type = ssh_key_type_to_char(ssh_key_type(pubkey));
	char       *base64 = NULL;
	char        why[240] = "";
	bool        ok;

	(void)session, (void)user;
	if (net->over || net->logged_in || too_many(net) || type == NULL ||
	    ssh_pki_export_pubkey_base64(pubkey, &base64) != SSH_OK)
		return SSH_AUTH_DENIED;
	ok = is_known(net, type, base64, why, sizeof why);
	if (!ok)
		note_refused(net, pubkey, why);
	else if (state == SSH_PUBLICKEY_STATE_VALID)
		ok = is_admitted(net, type, base64);
	else
		ok = state == SSH_PUBLICKEY_STATE_NONE;         /* the client asks before it signs */
	ssh_string_free_char(base64);
	return ok ? SSH_AUTH_SUCCESS : SSH_AUTH_DENIED;
}

static int
on_none(ssh_session session, const char *user, void *userdata)
{
	(void)session, (void)user;
	too_many(userdata);
	return SSH_AUTH_DENIED;
}

/* GSSAPI would be parsed by libgssapi before anybody is known: have no mechanism for it. */
static ssh_string
on_gssapi(ssh_session session, const char *user, int count, ssh_string *oids, void *userdata)
{
	(void)session, (void)user, (void)count, (void)oids;
	too_many(userdata);
	return NULL;
}

/* The client has no more keys. */
static void
tell_why(struct net *net)
{
	char text[1000];

	if (net->told_why)
		return;
	net->told_why = true;
	if (net->refused == 0)
		snprintf(text, sizeof text, "zonesh: you offered no key; logging in needs an SSH key that is enrolled here.\r\n");
	else if (net->refused == 1)
		snprintf(text, sizeof text, "zonesh: The key you offered is not enrolled:\r\n%s", net->refused_keys);
	else
		snprintf(text, sizeof text, "zonesh: None of the %u keys you offered is enrolled:\r\n%s", net->refused, net->refused_keys);
	send_banner(net, text);
}

/* Everything without a callback: refuse it (by returning 1). */
static int
on_message(ssh_session session, ssh_message message, void *userdata)
{
	struct net *net = userdata;

	(void)session;
	if (!net->logged_in && ssh_message_type(message) == SSH_REQUEST_AUTH) {
		too_many(net);
		if (ssh_message_subtype(message) == SSH_AUTH_METHOD_INTERACTIVE)
			tell_why(net);
	}
	return 1;
}

static ssh_channel
on_channel(ssh_session session, void *userdata)
{
	struct net *net = userdata;

	(void)session;
	return net->logged_in ? net_channel_open(net) : NULL;
}

void
net_auth_init(struct net *net)
{
	net->callbacks = (struct ssh_server_callbacks_struct){
		.userdata = net,
		.auth_none_function = on_none,
		.auth_pubkey_function = on_pubkey,
		.gssapi_select_oid_function = on_gssapi,
		.channel_open_request_session_function = on_channel,
	};
	ssh_callbacks_init(&net->callbacks);
	ssh_set_server_callbacks(net->session, &net->callbacks);
	ssh_set_message_callback(net->session, on_message, net);
	ssh_set_auth_methods(net->session, SSH_AUTH_METHOD_PUBLICKEY | SSH_AUTH_METHOD_INTERACTIVE);
}
