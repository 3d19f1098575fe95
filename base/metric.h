/* SPDX-License-Identifier: ISC */
/*
 * Counters and gauges of all roles, in one memory block that the parent makes, every role maps, and
 * http prints.  It outlives a role, so counters never go back.  Adding is one relaxed atomic addition;
 * threads on a hot path add to a shard of their own.
 */
#ifndef BASE_METRIC_H
#define BASE_METRIC_H

#include <stdint.h>

struct buf;

/* id, Prometheus name, labels, "counter" or "gauge", help.  Rows of one name stand together. */
#define METRICS(X) \
	X(METRIC_QUERIES_UDP,   "zonesh_queries_total", "proto=\"udp\"", "counter", "DNS messages received") \
	X(METRIC_QUERIES_TCP,   "zonesh_queries_total", "proto=\"tcp\"", "counter", "") \
	X(METRIC_RCODE_0,       "zonesh_responses_total", "rcode=\"NOERROR\"", "counter", "DNS responses sent") \
	X(METRIC_RCODE_1,       "zonesh_responses_total", "rcode=\"FORMERR\"", "counter", "") \
	X(METRIC_RCODE_2,       "zonesh_responses_total", "rcode=\"SERVFAIL\"", "counter", "") \
	X(METRIC_RCODE_3,       "zonesh_responses_total", "rcode=\"NXDOMAIN\"", "counter", "") \
	X(METRIC_RCODE_4,       "zonesh_responses_total", "rcode=\"NOTIMP\"", "counter", "") \
	X(METRIC_RCODE_5,       "zonesh_responses_total", "rcode=\"REFUSED\"", "counter", "") \
	X(METRIC_RCODE_OTHER,   "zonesh_responses_total", "rcode=\"other\"", "counter", "") \
	X(METRIC_TRUNCATED,     "zonesh_truncated_total", "", "counter", "UDP responses sent with TC") \
	X(METRIC_UPDATES_OK,    "zonesh_updates_total", "via=\"rfc2136\",result=\"ok\"", "counter", "changes asked for, by way and result") \
	X(METRIC_UPDATES_NO,    "zonesh_updates_total", "via=\"rfc2136\",result=\"refused\"", "counter", "") \
	X(METRIC_XFR_OK,        "zonesh_xfr_total", "kind=\"axfr\",result=\"ok\"", "counter", "zone transfers out") \
	X(METRIC_XFR_NO,        "zonesh_xfr_total", "kind=\"axfr\",result=\"refused\"", "counter", "") \
	X(METRIC_TSIG_BAD,      "zonesh_auth_failures_total", "via=\"tsig\"", "counter", "refused credentials") \
	X(METRIC_SSH_BAD,       "zonesh_auth_failures_total", "via=\"ssh\"", "counter", "") \
	X(METRIC_WEBHOOK_BAD,   "zonesh_auth_failures_total", "via=\"webhook\"", "counter", "") \
	X(METRIC_SSH_SESSIONS,  "zonesh_ssh_sessions", "", "gauge", "SSH connections open now") \
	X(METRIC_SSH_LOGINS,    "zonesh_ssh_logins_total", "", "counter", "successful logins") \
	X(METRIC_COMMITS,       "zonesh_commits_total", "", "counter", "changes committed") \
	X(METRIC_REFUSED,       "zonesh_changes_refused_total", "", "counter", "changes refused by rights, prerequisites or checks") \
	X(METRIC_ZONES,         "zonesh_zones", "state=\"ok\"", "gauge", "zones by state of their file") \
	X(METRIC_ZONES_BROKEN,  "zonesh_zones", "state=\"broken\"", "gauge", "") \
	X(METRIC_FETCHES_OK,    "zonesh_remote_total", "op=\"fetch\",result=\"ok\"", "counter", "fetches and pushes") \
	X(METRIC_FETCHES_BAD,   "zonesh_remote_total", "op=\"fetch\",result=\"failed\"", "counter", "") \
	X(METRIC_PUSHES_OK,     "zonesh_remote_total", "op=\"push\",result=\"ok\"", "counter", "") \
	X(METRIC_PUSHES_BAD,    "zonesh_remote_total", "op=\"push\",result=\"failed\"", "counter", "") \
	X(METRIC_UNPUSHED,      "zonesh_git_unpushed", "", "gauge", "1 while the remote lacks commits that are served") \
	X(METRIC_RESTARTS,      "zonesh_role_restarts_total", "", "counter", "roles that died and were started again")

enum metric {
#define X(id, name, labels, type, help) id,
	METRICS(X)
#undef X
	METRIC_COUNT
};

#define METRIC_SHARDS 64

int  metric_create(void);               /* the memory as a descriptor, for metric_attach here and in the roles */
void metric_attach(int fd);             /* maps it; without it, metrics go to memory of this process */
void metric_add(enum metric id, int64_t n);
void metric_add_shard(unsigned shard, enum metric id, int64_t n);       /* SHARD < METRIC_SHARDS */
void metric_set(enum metric id, int64_t value);                         /* gauges of one writer */
int64_t metric_get(enum metric id);                                     /* sum over shards */
void metric_print(struct buf *out);     /* Prometheus text */

#endif
