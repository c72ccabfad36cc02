// The one step of reading JSON that Swift's own vectors cannot say: which of sixteen bytes ends a run of plain string
// contents. Header only, so that it is inlined; values in, values out: no pointer
// comes here.

#ifndef TALLYGATE_BYTESCAN_H
#define TALLYGATE_BYTESCAN_H

#include <stdint.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

/// Sixteen bytes as they lie in memory: Swift's SIMD16<UInt8>.
typedef uint8_t bytescan_vector __attribute__((ext_vector_type(16)));

/// How many of the sixteen come before the first that is a quote, a backslash, a control character (below 0x20) or not
/// ASCII (0x80 and above); sixteen where none is.
static inline __attribute__((always_inline)) long bytescan_plain(bytescan_vector bytes) {
#if defined(__SSE2__)
    const __m128i text = (__m128i)bytes;
    const __m128i quotes = _mm_cmpeq_epi8(text, _mm_set1_epi8('"'));
    const __m128i backslashes = _mm_cmpeq_epi8(text, _mm_set1_epi8('\\'));
    // As signed numbers, bytes that are not ASCII are below zero.
    const __m128i others = _mm_cmplt_epi8(text, _mm_set1_epi8(0x20));
    const __m128i special = _mm_or_si128(_mm_or_si128(quotes, backslashes), others);
    return __builtin_ctz((unsigned)_mm_movemask_epi8(special) | 0x10000u);
#elif defined(__ARM_NEON)
    const int8x16_t text = (int8x16_t)bytes;
    const uint8x16_t quotes = vceqq_s8(text, vdupq_n_s8('"'));
    const uint8x16_t backslashes = vceqq_s8(text, vdupq_n_s8('\\'));
    const uint8x16_t others = vcltq_s8(text, vdupq_n_s8(0x20));
    const uint8x16_t special = vorrq_u8(vorrq_u8(quotes, backslashes), others);
    // Four bits for each byte: NEON has no instruction that gathers one of each.
    const uint64_t nibbles = vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(special), 4)), 0);
    return nibbles == 0 ? 16 : __builtin_ctzll(nibbles) >> 2;
#else
    long index = 0;
    while (index < 16 && bytes[index] >= 0x20 && bytes[index] < 0x80 && bytes[index] != '"' && bytes[index] != '\\')
        index++;
    return index;
#endif
}

#endif
