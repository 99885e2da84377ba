/* cmd_train.c - sori train: from a folder of recordings to a trained classifier. */
#include "cli.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct screen {
    cli *k;
    cli_progress progress;
    uint32_t epoch_shown;   /* counted from 1 */
} screen;

static void show_stage(void *user, const char *stage, size_t done, size_t total) {
    screen *s = user;
    cli_progress_count(&s->progress, stage, done, total);
    if (done == total) cli_progress_end(&s->progress);
}

/* Keras prints the epoch on a line of its own, and under it the bar that fills. */
static void show_epoch(screen *s, const sori_logs *logs) {
    if (s->epoch_shown == logs->epoch + 1) return;
    s->epoch_shown = logs->epoch + 1;
    char line[64];
    snprintf(line, sizeof line, "Epoch %u/%u", logs->epoch + 1, logs->epochs);
    cli_progress_draw(&s->progress, line, true);
}

static void on_batch_end(void *user, sori_model *m, const sori_logs *logs) {
    (void)m;
    char line[512];
    show_epoch(user, logs);
    sori_progress_text(logs, line, sizeof line);
    cli_progress_draw(&((screen *)user)->progress, line, false);
}

static void on_epoch_end(void *user, sori_model *m, const sori_logs *logs) {
    (void)m;
    char line[512];
    show_epoch(user, logs);
    sori_progress_text(logs, line, sizeof line);
    cli_progress_draw(&((screen *)user)->progress, line, true);
}

static sori_train_config train_config(cli *k) {
    sori_train_config t = { 0 };
    t.recipe = cli_text(k, "recipe");
    t.model = cli_text(k, "model");
    t.input.feature = cli_text(k, "feature");
    t.input.sr = cli_number(k, "sr");
    t.input.segment_s = cli_number(k, "segment");
    t.input.hop_s = cli_number(k, "segment_hop");
    t.input.config.stft.n_fft = (int)cli_int(k, "n_fft");
    t.input.config.stft.hop_length = (int)cli_int(k, "hop_length");
    t.input.config.n_mels = (int)cli_int(k, "n_mels");
    t.input.config.n_mfcc = (int)cli_int(k, "n_mfcc");
    t.input.config.fmin = cli_number(k, "fmin");
    t.input.config.fmax = cli_number(k, "fmax");
    t.scan = cli_scan_config(k);
    t.chain = cli_text(k, "augment");
    t.variants = (int)cli_int(k, "variants");
    t.no_augment = cli_flag(k, "no_augment");
    if (cli_given(k, "mixup")) t.mixup = cli_number(k, "mixup") > 0 ? cli_number(k, "mixup") : -1;
    t.cutmix = cli_number(k, "cutmix");
    t.manifold_mixup = cli_number(k, "manifold_mixup");
    t.mixup_layers = cli_text(k, "mixup_layers");
    if (cli_given(k, "learning_rate"))
        t.optimizer = (sori_optimizer){ .kind = SORI_ADAMW, .learning_rate = cli_number(k, "learning_rate") };
    t.epochs = (int)cli_int(k, "epochs");
    t.batch_size = (int)cli_int(k, "batch_size");
    t.early_stopping_patience = (int)cli_int(k, "patience");
    t.reduce_lr_patience = (int)cli_int(k, "reduce_lr");
    t.fast_dev_run = cli_flag(k, "fast_dev_run");
    t.overfit_batches = (int)cli_int(k, "overfit_batches");
    t.max_time_s = cli_number(k, "max_time");
    t.checkpoint_freq = (int)cli_int(k, "save_freq");
    t.run = cli_text(k, "run");
    t.csv = cli_text(k, "csv");
    t.cache = cli_text(k, "cache");
    t.max_bad = cli_max_bad(k);
    t.resume = cli_flag(k, "resume");
    return t;
}

/* out NULL: no model was written. */
static void put_result(const cli *k, const char *out, const sori_train_result *r) {
    if (k->json) {
        fputs("{\"model\": ", stdout);
        if (out) cli_put_json(stdout, out);
        else fputs("null", stdout);
        printf(", \"train_segments\": %zu, \"val_segments\": %zu, \"test_segments\": %zu, \"bad_files\": %zu",
               r->train_segments, r->val_segments, r->test_segments, r->bad_files);
        fputs(", \"val_accuracy\": ", stdout);
        cli_put_json_number(stdout, r->val_accuracy, 9);
        fputs(", \"test_accuracy\": ", stdout);
        cli_put_json_number(stdout, r->test_accuracy, 9);
        printf(", \"seconds\": %.3f}\n", r->seconds);
        return;
    }
    printf("segments       %zu train, %zu validation, %zu test\n", r->train_segments, r->val_segments,
           r->test_segments);
    if (r->bad_files) printf("skipped        %zu unreadable files\n", r->bad_files);
    if (!isnan(r->val_accuracy)) printf("val accuracy   %.2f %% of recordings\n", 100 * r->val_accuracy);
    if (!isnan(r->test_accuracy)) printf("test accuracy  %.2f %% of recordings\n", 100 * r->test_accuracy);
    printf("time           %.1f s\n", r->seconds);
    if (!out) return;
    fputs("model          ", stdout);
    cli_put_visible(stdout, out);
    putchar('\n');
}

/* There is none yet when the features were still being computed. */
static bool has_checkpoint(const char *out) {
    char *path = cli_printf("%s.checkpoint", out);
    bool there = access(path, F_OK) == 0;
    free(path);
    return there;
}

/* What to know at the end: there is more to train. */
static void say_resume(cli *k, const char *out) {
    cli_say(k, "the checkpoint is at %s.checkpoint; the same command with --resume goes on from there", out);
}

static int train(cli *k, const char *out) {
    screen s = { .k = k, .progress = cli_progress_new(k) };
    sori_callback show = { .user = &s, .on_batch_end = on_batch_end, .on_epoch_end = on_epoch_end };
    sori_train_config t = train_config(k);
    if (!cli_set_split(k, &t.split)) return CLI_EXIT_USAGE;
    t.callbacks = &show;
    t.callback_count = 1;
    t.progress = show_stage;
    t.progress_user = &s;
    sori_train_result result;
    sori_status status = sori_train_classifier(k->c, k->operands[0], cli_text(k, "out"), &t, &result);
    cli_progress_end(&s.progress);
    if (status == SORI_EINTR && has_checkpoint(out)) say_resume(k, out);
    if (status != SORI_OK) return cli_fail(k);
    if (result.out_of_time) say_resume(k, out);
    put_result(k, t.fast_dev_run ? NULL : out, &result);
    return CLI_EXIT_OK;
}

static int run(cli *k) {
    const char *out = cli_text(k, "out"), *dir = cli_text(k, "run");
    if (!out && !dir) return cli_usage(k, "-o MODEL is missing: where to write the trained model, or --run DIR");
    char *in_folder = out ? NULL : cli_printf("%s%smodel.safetensors", dir, dir[strlen(dir) - 1] == '/' ? "" : "/");
    int code = train(k, out ? out : in_folder);
    free(in_folder);
    return code;
}

static const cli_option train_options[] = {
    { "out", 'o', CLI_FILE, "MODEL", NULL, "the model file to write, .safetensors" },
    { "recipe", 0, CLI_CHOICE, "voice|sounds", "voice",
      "defaults of all below and of the segment: for words and short sounds, or sounds of the surroundings" },
    { "model", 'm', CLI_CHOICE, "maxcnn|melcnn|bandcnn|crnn|cnn|lstm|mlp|m5", NULL,
      "of the zoo, 'sori models' tells more; default: the recipe's" },
    { "epochs", 'e', CLI_INT, "N", NULL, "passes over the training split; default: the recipe's", 1,
      1000000 },
    { "batch_size", 0, CLI_INT, "N", NULL, "segments a step; default: the recipe's", 1, 65536 },
    { "learning_rate", 0, CLI_NUMBER, "R", NULL, "of AdamW, falling to 0 as a cosine; default: see docs/training.md",
      1e-9, 10 },
    { "split", 0, CLI_TEXT, "TRAIN/VAL/TEST", "70/15/15", "shares of the recordings, stratified by label" },
    { "patience", 0, CLI_INT, "N", "0", "stop after this many epochs without a better validation loss; 0: never", 0,
      1000000 },
    { "reduce_lr", 0, CLI_INT, "N", "0",
      "a tenth of the rate after N epochs without a better validation loss, instead of the cosine; 0: never", 0,
      1000000 },
    { "max_time", 0, CLI_NUMBER, "SECONDS", NULL,
      "train no longer than this; the checkpoint stays, for --resume", 0.001, 1e9 },
    { "augment", 0, CLI_TEXT, "CHAIN", NULL,
      "change training sounds at random: 'pitch_shift(-2..2,p=0.5) noise(snr=10..30) time_mask', see 'sori augment "
      "--list'; default: the recipe's shift, stretch and masks" },
    { "no_augment", 0, CLI_FLAG, .help = "change nothing" },
    { "variants", 0, CLI_INT, "N", "4", "how often each recording is rendered through the chain's changes of waveforms",
      1, 10000 },
    { "mixup", 0, CLI_NUMBER, "ALPHA", NULL,
      "mix pairs of training segments, shares from Beta(ALPHA, ALPHA); 0: never; default: the recipe's", 0, 100 },
    { "cutmix", 0, CLI_NUMBER, "ALPHA", "0", "a rectangle of a segment's features is another's; 0: never", 0, 100 },
    { "manifold_mixup", 0, CLI_NUMBER, "ALPHA", "0",
      "mix what a layer drawn for each batch makes of pairs of segments; 0: never", 0, 100 },
    { "mixup_layers", 0, CLI_TEXT, "LAYERS", NULL,
      "names or numbers of the layers for it, input,conv1,3; default: input and all that can be, before the last" },
    { "resume", 0, CLI_FLAG, .help = "go on from MODEL.checkpoint, to the same bits as an unbroken run" },
    { "save_freq", 0, CLI_INT, "N", "0", "rewrite the checkpoint every N batches too; 0: after every epoch only", 0,
      1000000000 },
    { "cache", 0, CLI_FOLDER, "DIR", NULL, "keep features here, keyed by content and settings" },
    { "fast_dev_run", 0, CLI_FLAG,
      .help = "one batch of training and validation, and nothing written: does it all work?" },
    { "overfit_batches", 0, CLI_INT, "N", "0", "train on N batches only, unchanged: can it learn them by heart? 0: all",
      0, 1000000 },
    { NULL }
};
static const cli_group train_group = { "Training", train_options };

static const cli_option watch_options[] = {
    { "run", 0, CLI_FOLDER, "DIR", NULL,
      "log.csv, curves.svg (rewritten after every epoch), TensorBoard's files; model.safetensors without -o" },
    { "csv", 0, CLI_FILE, "FILE", NULL, "the log of every epoch as CSV" },
    { NULL }
};
static const cli_group watch_group = { "Watching", watch_options };

static const cli_option input_options[] = {
    { "feature", 'f', CLI_CHOICE, "mel|mfcc|waveform", NULL,
      "what the network sees; default: what the model was made for" },
    { "sr", 0, CLI_NUMBER, "HZ", NULL, "sampling rate; default: the commonest in the data, at most 22050", 100,
      768000 },
    { "segment", 0, CLI_NUMBER, "SECONDS", NULL, "length of the pieces a recording is cut into; default: the recipe's",
      0.01, 3600 },
    { "segment_hop", 0, CLI_NUMBER, "SECONDS", NULL, "from piece to piece; default: half a piece", 0.001, 3600 },
    { "n_fft", 0, CLI_INT, "N", NULL, "samples in a frame; default: see docs/training.md", 16, 1 << 20 },
    { "hop_length", 0, CLI_INT, "N", NULL, "samples from frame to frame", 1, 1 << 20 },
    { "n_mels", 0, CLI_INT, "N", NULL, "mel bands", 1, 4096 },
    { "n_mfcc", 0, CLI_INT, "N", NULL, "cepstral coefficients", 1, 4096 },
    { "fmin", 0, CLI_NUMBER, "HZ", NULL, "lowest frequency of the mel bands", 0, 1e6 },
    { "fmax", 0, CLI_NUMBER, "HZ", NULL, "highest frequency of the mel bands", 0, 1e6 },
    { NULL }
};
static const cli_group input_group = { "What the network sees; stored in the model, so that classify does the same",
                                       input_options };

const cli_command cmd_train = {
    .name = "train",
    .summary = "train a classifier on a folder or CSV of recordings",
    .operands = "DATA",
    .min_operands = 1,
    .max_operands = 1,
    .examples = {
        { "sori train genres/ -o genres.safetensors", "one sub-folder a class" },
        { "sori train digits/ --label-pattern '{label}_*' --test-pattern '*_[0-4].wav' -o digits.safetensors",
          "labels in the names, test files by name" },
        { "sori train list.csv -o m.safetensors --model cnn --feature mfcc --seed 1", "a CSV, other choices" },
        { "sori train list.csv -o m.safetensors --resume", "after Ctrl-C or a power cut" },
        { "sori train genres/ --run runs/1", "all of a run in one folder; open runs/1/curves.svg" },
    },
    .groups = { &train_group, &watch_group, &input_group, &cli_data_group },
    .text = "Recordings are loaded, turned into features and cut into segments; the features are standardised with the "
            "training split's mean and deviation. Recordings of one group (a speaker, a track) never part. The model "
            "file holds everything that classify needs. The same seed gives the same file on any number of threads. "
            "While training, MODEL.checkpoint is rewritten after every epoch; Ctrl-C ends the batch, writes it (a "
            "usable model, and an older MODEL stays) and "
            "exits with 130.",
    .run = run,
};
