#ifndef TALLYGATE_CZLIB_SHIM_H
#define TALLYGATE_CZLIB_SHIM_H

#include <zlib.h>

// Macros, which Swift does not import. 15 is the largest window, 16 more asks for gzip's frame and checksum.

static inline int tallygate_gzip_deflate_init(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}

static inline int tallygate_gzip_inflate_init(z_stream *stream) {
    return inflateInit2(stream, 15 + 16);
}

#endif
