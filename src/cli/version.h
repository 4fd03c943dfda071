/* version.h - the one place that knows the version of the program. */
#ifndef PKT_VERSION_H
#define PKT_VERSION_H

#define LUAPKT_VERSION "0.1.0"

#endif
