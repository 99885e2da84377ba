/* Out of memory while a report is written. */
#include "oom.h"
#include <sori/report.h>
#include <sys/stat.h>

static uint64_t write_report(sori_ctx *c, const void *arg) {
    sori_report *r = sori_report_new(c, "title");
    sori_report_text(r, "one\n\ntwo");
    sori_report_section(r, "section");
    sori_report_table(r, NULL, (const char *[]){ "a", "1" }, 1, 2, "caption");
    sori_report_card(r, "card");
    for (int i = 0; i < 3; i++) {
        float y[4000] = { 0.5f };
        sori_report_audio(r, sori_audio_from(c, y, 1, 4000, 8000), NULL);
    }
    sori_report_save(r, arg);
    sori_report_free(r);
    return 0;
}

static void reports(void **state) {
    (void)state;
    mkdir(TEST_SCRATCH "/report", 0777);
    const char *path = TEST_SCRATCH "/report/x.html";
    oom_every(&(oom_job){ .run = write_report, .arg = path, .output = path });
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(reports) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
