/* SPDX-License-Identifier: ISC */
/*
 * The store role: the only writer.
 */
#ifndef STORE_SERVE_H
#define STORE_SERVE_H

int store_main(void);

#endif
