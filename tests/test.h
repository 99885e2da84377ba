/* test.h - what every test file starts from: cmocka with its required headers, and a few helpers. */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>

#include <cmocka.h>
#include <sori/base.h>

/* Fail with the context's sentence if it holds an error. */
#define assert_ok(c) do { \
        if (sori_error(c)) fail_msg("%s: %s", sori_status_name(sori_error(c)), sori_message(c)); \
    } while (0)

/* |a - b| <= abs + rel * |b|, and both finite. */
#define assert_close(a, b, abs_, rel_) do { \
        double a__ = (a), b__ = (b); \
        if (!(fabs(a__ - b__) <= (abs_) + (rel_) * fabs(b__))) \
            fail_msg("%s = %.17g, expected %.17g (difference %.3g)", #a, a__, b__, fabs(a__ - b__)); \
    } while (0)

/* The call gives nothing, and the context this sentence; SAYS is for calls that give no pointer. */
#define SAYS(c, call, sentence) do { \
        (void)(call); \
        assert_int_equal(sori_error(c), SORI_EINVAL); \
        assert_string_equal(sori_message(c), sentence); \
        sori_clear(c); \
    } while (0)
#define REFUSES(c, call, sentence) do { \
        assert_null(call); \
        SAYS(c, 0, sentence); \
    } while (0)

#endif
