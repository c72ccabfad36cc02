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

/// Which of the sixteen are a quote, a backslash, a control character (below 0x20) or not ASCII (0x80 and above): zero
/// where none is.
static inline __attribute__((always_inline)) uint64_t bytescan_special(bytescan_vector bytes) {
#if defined(__SSE2__)
    const __m128i text = (__m128i)bytes;
    const __m128i backslashes = _mm_cmpeq_epi8(text, _mm_set1_epi8('\\'));
    // Turning the bit for two over brings the quote (0x22) next to the control characters, at 0x20, and what else it
    // moves stays on its side of 0x21. Less 0x21, without wrapping, all of them are negative; so are, as signed
    // numbers, bytes that are not ASCII. The mask takes the sign.
    const __m128i others = _mm_subs_epi8(_mm_xor_si128(text, _mm_set1_epi8(2)), _mm_set1_epi8(0x21));
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(backslashes, others));
#elif defined(__ARM_NEON)
    const int8x16_t text = (int8x16_t)bytes;
    const uint8x16_t quotes = vceqq_s8(text, vdupq_n_s8('"'));
    const uint8x16_t backslashes = vceqq_s8(text, vdupq_n_s8('\\'));
    const uint8x16_t others = vcltq_s8(text, vdupq_n_s8(0x20));
    const uint8x16_t special = vorrq_u8(vorrq_u8(quotes, backslashes), others);
    // Four bits for each byte: NEON has no instruction that gathers one of each.
    return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(special), 4)), 0);
#else
    uint64_t mask = 0;
    for (int index = 0; index < 16; index++) {
        if (bytes[index] < 0x20 || bytes[index] >= 0x80 || bytes[index] == '"' || bytes[index] == '\\')
            mask |= (uint64_t)1 << index;
    }
    return mask;
#endif
}

/// How many of the sixteen come before the first that is special; the mask must not be zero.
static inline __attribute__((always_inline)) long bytescan_first(uint64_t mask) {
#if !defined(__SSE2__) && defined(__ARM_NEON)
    return __builtin_ctzll(mask) >> 2;
#else
    return __builtin_ctzll(mask);
#endif
}

#endif
