/* SPDX-License-Identifier: ISC */
/*
 * The http role: webhook, version, metrics, health.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

int http_main(void);

#endif
