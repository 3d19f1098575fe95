/* SPDX-License-Identifier: ISC */
#include "zone/serial.h"

#define DATE_MIN 19700101u      /* what counts as the YYYYMMDD of a dated serial */
#define DATE_MAX 42949671u      /* 4294967199 is the last dated serial that fits */

bool
serial_newer(uint32_t a, uint32_t b)
{
	uint32_t ahead = a - b;

	return ahead != 0 && ahead < 0x80000000u;
}

static bool
is_date(uint32_t day)
{
	uint32_t month = day / 100 % 100, mday = day % 100;

	return day >= DATE_MIN && day <= DATE_MAX && month >= 1 && month <= 12 && mday >= 1 && mday <= 31;
}

uint32_t
serial_next(uint32_t old, uint32_t today)
{
	uint32_t next = old + 1 != 0 ? old + 1 : 1;

	if (!is_date(today) || !is_date(old / 100))
		return next;
	/* Compared as dates: by RFC 1982 a serial of the year 4200 would be older than today's. */
	return today * 100 > old ? today * 100 : next;
}

/* Days since 1970 to the civil date, by eras of 400 years that begin on 1 March (proleptic Gregorian). */
uint32_t
serial_day(int64_t unix_s)
{
	int64_t  days = unix_s / 86400 - (unix_s % 86400 < 0) + 719468;
	int64_t  era = (days >= 0 ? days : days - 146096) / 146097;
	uint32_t doe = (uint32_t)(days - era * 146097);
	uint32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	uint32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	uint32_t mp = (5 * doy + 2) / 153;
	uint32_t mday = doy - (153 * mp + 2) / 5 + 1;
	uint32_t month = mp < 10 ? mp + 3 : mp - 9;
	uint32_t year = (uint32_t)((int64_t)yoe + era * 400) + (month <= 2);

	return year * 10000 + month * 100 + mday;
}
