/* SPDX-License-Identifier: ISC */
/* Host keys and the algorithms that are offered (ssh-audit: no failures, no warnings). */
#include "sshd/net_local.h"

#include <libssh/server.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "sshd/auth.h"

struct net_host { ssh_bind bind; };

static const char *const key_files[] = { "hostkeys/ssh_host_ed25519_key", "hostkeys/ssh_host_rsa_key" };

#define CIPHERS "chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr"
#define MACS    "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com"

static const struct { enum ssh_bind_options_e option; const char *value; } options[] = {
	{ SSH_BIND_OPTIONS_KEY_EXCHANGE,
	  "curve25519-sha256,curve25519-sha256@libssh.org,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512" },
	{ SSH_BIND_OPTIONS_CIPHERS_C_S, CIPHERS },
	{ SSH_BIND_OPTIONS_CIPHERS_S_C, CIPHERS },
	{ SSH_BIND_OPTIONS_HMAC_C_S, MACS },
	{ SSH_BIND_OPTIONS_HMAC_S_C, MACS },
	{ SSH_BIND_OPTIONS_HOSTKEY_ALGORITHMS, "ssh-ed25519,rsa-sha2-512,rsa-sha2-256" },
	{ SSH_BIND_OPTIONS_PUBKEY_ACCEPTED_KEY_TYPES,
	  "ssh-ed25519,sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
	  "ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256" },
};

static bool
set_options(ssh_bind bind, struct err *err)
{
	bool read_system_files = false;
	int  rsa_min = AUTH_RSA_BITS_MIN;

	/* Otherwise /etc/ssh/libssh_server_config would decide. */
	if (ssh_bind_options_set(bind, SSH_BIND_OPTIONS_PROCESS_CONFIG, &read_system_files) != 0 ||
	    ssh_bind_options_set(bind, SSH_BIND_OPTIONS_RSA_MIN_SIZE, &rsa_min) != 0)
		return err_set(err, ERR_FAILED, "libssh: %s", ssh_get_error(bind));
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (ssh_bind_options_set(bind, options[i].option, options[i].value) != 0)
			return err_set(err, ERR_FAILED, "libssh: %s", ssh_get_error(bind));
	return true;
}

static bool
set_keys(ssh_bind bind, const struct conf *conf, struct err *err)
{
	size_t count = 0;

	for (size_t i = 0; i < sizeof key_files / sizeof *key_files; i++) {
		const char *path = conf_path(conf, key_files[i]);

		if (access(path, F_OK) != 0)
			continue;
		if (access(path, R_OK) != 0)
			return err_errno(err, ERR_CONF, "%s", path);
		if (ssh_bind_options_set(bind, SSH_BIND_OPTIONS_HOSTKEY, path) != 0)
			return err_set(err, ERR_CONF, "%s: %s", path, ssh_get_error(bind));
		count++;
	}
	if (count != 0)
		return true;
	err_set(err, ERR_CONF, "%s: there is no host key", conf_path(conf, "hostkeys"));
	return err_hint(err, "make one: ssh-keygen -t ed25519 -N '' -f %s", conf_path(conf, key_files[0]));
}

/* libssh reads the key files when it accepts: make it accept something, so that later children need no files. */
static bool
import_keys(ssh_bind bind, struct err *err)
{
	ssh_session session = ssh_new();
	int         pair[2];
	bool        ok;

	if (session == NULL || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		ssh_free(session);
		return err_errno(err, ERR_FAILED, "libssh");
	}
	ok = ssh_bind_accept_fd(bind, session, pair[0]) == SSH_OK;
	if (!ok)
		err_set(err, ERR_CONF, "a host key cannot be used: %s", ssh_get_error(bind));
	ssh_disconnect(session);
	ssh_free(session);
	close(pair[1]);
	return ok;
}

struct net_host *
net_host_load(const struct conf *conf, struct err *err)
{
	struct net_host *host = mem_alloc(sizeof *host);

	ssh_init();
	ssh_set_log_level(SSH_LOG_NOLOG);
	host->bind = ssh_bind_new();
	if (host->bind != NULL && set_options(host->bind, err) && set_keys(host->bind, conf, err) && import_keys(host->bind, err))
		return host;
	net_host_free(host);
	return NULL;
}

void
net_host_free(struct net_host *host)
{
	if (host == NULL)
		return;
	ssh_bind_free(host->bind);
	free(host);
}

bool
net_host_accept(struct net_host *host, ssh_session session, int conn)
{
	return ssh_bind_accept_fd(host->bind, session, conn) == SSH_OK;
}
