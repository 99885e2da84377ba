/* augment_parse.c - chains from text, and back to text.
 *
 *     chain  = { item }
 *     item   = NAME [ "(" [ argument { "," argument } ] ")" ]        a change
 *            | GROUP "(" [ argument "," ... ] chain ")"              compose, one_of, some_of
 *     argument = [ NAME "=" ] ( NUMBER [ ".." NUMBER ] | WORD )
 *
 * Blanks and commas part items. Nothing is remembered but the nodes, in preorder. */
#include "fx/augment.h"
#include <math.h>
#include <string.h>

#define LONGEST (1u << 20)   /* of a chain in a file, bytes */

typedef struct parser {
    sori_ctx *c;
    sori_augment *a;
    const char *s;               /* what is left of the text */
    int deep;
} parser;

/* --- words ------------------------------------------------------------------------------------------------------ */

static bool is_word(char x) {
    return (x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z') || (x >= '0' && x <= '9') || x == '_';
}

static void skip(parser *p, const char *these) { p->s += strspn(p->s, these); }

static size_t word_length(const char *s) {
    size_t n = 0;
    while (is_word(s[n])) n++;
    return n;
}

static bool same(const char *name, const char *s, size_t n) { return strlen(name) == n && !memcmp(name, s, n); }

static bool bad(parser *p, const char *what) {
    sori_fail(p->c, SORI_EINVAL, "augment: %s at \"%.20s\"", what, p->s);
    return false;
}

static bool take(parser *p, char x) {
    skip(p, " \t\n");
    if (*p->s != x) return false;
    p->s++;
    return true;
}

/* --- values ----------------------------------------------------------------------------------------------------- */

/* A number; ".." ends it. */
static bool number(parser *p, double *out) {
    char text[40];
    size_t n = 0;
    skip(p, " ");
    while (n < sizeof text - 1 && p->s[n] && strchr("+-.0123456789eE", p->s[n]) && strncmp(p->s + n, "..", 2)) n++;
    memcpy(text, p->s, n);
    text[n] = 0;
    if (!base_parse_double(text, out) || !isfinite(*out)) return bad(p, "a number is needed");
    p->s += n;
    return true;
}

static bool range(parser *p, double *low, double *high) {
    if (!number(p, low)) return false;
    *high = *low;
    if (strncmp(p->s, "..", 2)) return true;
    p->s += 2;
    return number(p, high);
}

/* The word's index in "white|pink|brown". */
static bool word(parser *p, const sori_augment_parameter *q, double *out) {
    size_t n = word_length(p->s);
    int index = 0;
    for (const char *w = q->words; *w; index++) {
        size_t length = strcspn(w, "|");
        if (length == n && !memcmp(w, p->s, n)) {
            p->s += n;
            *out = index;
            return true;
        }
        w += length + (w[length] == '|');
    }
    sori_fail(p->c, SORI_EINVAL, "augment: %s is not %.*s but one of %s", q->name, (int)n, p->s, q->words);
    return false;
}

static bool within(parser *p, const char *who, const sori_augment_parameter *q, double low, double high) {
    if (low > high)
        sori_fail(p->c, SORI_EINVAL, "augment: %s: %s %g..%g ends before it starts", who, q->name, low, high);
    else if (low < q->least || high > q->most)
        sori_fail(p->c, SORI_EINVAL, "augment: %s: %s %g is outside %g..%g", who, q->name, low < q->least ? low : high,
                  q->least, q->most);
    else if (q->whole && (low != round(low) || high != round(high)))
        sori_fail(p->c, SORI_EINVAL, "augment: %s: %s must be whole", who, q->name);
    return !base_failed(p->c);
}

/* --- arguments -------------------------------------------------------------------------------------------------- */

/* files=PATH or files="PATH, with commas": the sounds are read. */
static bool files(parser *p, augment_node *node) {
    const char *name = node->transform->is.name;
    if (!node->transform->is.files || node->files) {
        sori_fail(p->c, SORI_EINVAL, node->files ? "augment: %s: files twice" : "augment: %s takes no files", name);
        return false;
    }
    bool quoted = *p->s == '"';
    p->s += quoted;
    size_t n = strcspn(p->s, quoted ? "\"" : ",)");
    if (n == 0 || (quoted && !p->s[n])) return bad(p, "a path is needed");
    node->files = fx_augment_files_open(p->c, p->s, n);
    p->s += n + quoted;
    return node->files;
}

static const sori_augment_parameter probability = { "p", 1, 1, 0, 1, false, false, NULL };

/* One argument; the first needs no name. */
static bool argument(parser *p, augment_node *node, bool first) {
    const augment_transform *t = node->transform;
    double *low = &node->low[0], *high = &node->high[0], p_high = 1;
    const sori_augment_parameter *q = &t->is.parameters[0];
    skip(p, " ");
    size_t n = word_length(p->s), blanks = strspn(p->s + n, " ");
    if (p->s[n + blanks] == '=') {
        q = NULL;
        for (int i = 0; i < SORI_AUGMENT_PARAMETERS && t->is.parameters[i].name; i++)
            if (same(t->is.parameters[i].name, p->s, n)) {
                q = &t->is.parameters[i];
                low = &node->low[i];
                high = &node->high[i];
            }
        if (!q && same("p", p->s, n)) {
            q = &probability;
            low = &node->p;
            high = &p_high;
        }
        if (!q && same("files", p->s, n)) {
            p->s += n + blanks + 1;
            return files(p, node);
        }
        if (!q) sori_fail(p->c, SORI_EINVAL, "augment: %s has no parameter %.*s", t->is.name, (int)n, p->s);
        p->s += n + blanks + 1;
        skip(p, " ");
    } else if (!first || !q->name) {
        return bad(p, "a parameter's name is needed");
    }
    if (base_failed(p->c)) return false;
    bool is_a_word = q->words && !(p->s[0] >= '0' && p->s[0] <= '9');
    if (is_a_word ? !word(p, q, low) : !range(p, low, high)) return false;
    if (is_a_word) *high = *low;
    if (q == &probability && p_high != node->p) return bad(p, "a probability is one number before");
    return within(p, t->is.name, q, *low, *high);
}

/* Is what follows a group's own argument, and not its first member? */
static bool argument_follows(const parser *p) {
    const char *s = p->s + strspn(p->s, " ");
    size_t n = word_length(s);
    return (*s >= '0' && *s <= '9') || s[n + strspn(s + n, " ")] == '=';
}

static bool chain(parser *p);

static bool arguments(parser *p, augment_node *node) {
    bool group = node->transform->is.stage == SORI_AUGMENT_GROUP;
    if (!take(p, '(')) return !group || bad(p, "a group needs its list");
    for (bool first = true; group ? argument_follows(p) : !take(p, ')'); first = false) {
        if (!argument(p, node, first)) return false;
        if (take(p, ',')) continue;
        if (group) break;
        skip(p, " ");
        if (*p->s != ')') return bad(p, "a comma or ) is missing");
    }
    if (!group) return true;
    if (++p->deep > AUGMENT_DEEP) return bad(p, "groups are more than 4 deep");
    if (!chain(p)) return false;
    p->deep--;
    return take(p, ')') || bad(p, "a ) is missing");
}

/* --- items ------------------------------------------------------------------------------------------------------ */

static uint32_t place_of(const sori_augment *a, const augment_transform *t) {
    uint32_t before = 0;
    for (size_t i = 0; i < a->n; i++) before += a->nodes[i].transform == t;
    uint64_t h = base_hash(base_hash(BASE_HASH_START, t->is.name, strlen(t->is.name)), &before, sizeof before);
    return (uint32_t)(h ^ h >> 32);
}

/* What mixes the samples of a batch is drawn for the batch, so it stands by itself, once, with one alpha. */
static bool for_batches(parser *p, const augment_node *node) {
    const char *name = node->transform->is.name;
    if (p->deep) sori_fail(p->c, SORI_EINVAL, "augment: %s cannot be in a group", name);
    else if (node->p != 1) sori_fail(p->c, SORI_EINVAL, "augment: %s is for every batch, p must be 1", name);
    else if (node->low[0] != node->high[0])
        sori_fail(p->c, SORI_EINVAL, "augment: %s has one alpha, not a range", name);
    for (const augment_node *n = p->a->nodes; n < node; n++)
        if (n->transform == node->transform) sori_fail(p->c, SORI_EINVAL, "augment: %s twice", name);
    return !base_failed(p->c);
}

static bool item(parser *p) {
    size_t n = word_length(p->s);
    const augment_transform *t = fx_augment_transforms;
    if (n == 0) return bad(p, "a change's name is needed");
    while (t->is.name && !same(t->is.name, p->s, n)) t++;
    if (!t->is.name) {
        sori_fail(p->c, SORI_EINVAL, "augment: there is no change %.*s", (int)BASE_MIN(n, 40), p->s);
        return false;
    }
    if (p->a->n == AUGMENT_NODES) return bad(p, "more than 64 changes");
    p->s += n;
    augment_node *node = &p->a->nodes[p->a->n];
    *node = (augment_node){ .transform = t, .p = 1, .place = place_of(p->a, t) };
    for (int i = 0; i < SORI_AUGMENT_PARAMETERS; i++) {
        node->low[i] = t->is.parameters[i].low;
        node->high[i] = t->is.parameters[i].high;
    }
    p->a->n++;
    if (!arguments(p, node)) return false;
    node->end = p->a->n;
    if (t->is.files && !node->files) {
        sori_fail(p->c, SORI_EINVAL, "augment: %s needs files=FOLDER", t->is.name);
        return false;
    }
    return t->is.stage != SORI_AUGMENT_BATCH || for_batches(p, node);
}

static bool chain(parser *p) {
    for (;;) {
        skip(p, " \t\n,");
        if (!*p->s || *p->s == ')') return true;
        if (!item(p)) return false;
    }
}

/* --- text ------------------------------------------------------------------------------------------------------- */

typedef struct writer {
    char *text;
    size_t n, room;
} writer;

static void put(writer *w, const char *s, size_t n) {
    if (w->text) memcpy(w->text + w->n, s, n);
    w->n += n;
}

static void put_text(writer *w, const char *s) { put(w, s, strlen(s)); }

/* As few digits as read the same. */
static void put_number(writer *w, double v) {
    char text[40];
    double again = 0;
    for (int digits = 6; digits <= 17; digits++) {
        base_format(text, sizeof text, "%.*g", digits, v);
        if (base_parse_double(text, &again) && again == v) break;
    }
    put_text(w, text);
}

static void put_value(writer *w, const sori_augment_parameter *q, double low, double high) {
    put_text(w, q->name);
    put_text(w, "=");
    if (q->words && low == high) {
        const char *s = q->words;
        for (int i = 0; i < (int)low; i++) s = strchr(s, '|') + 1;
        put(w, s, strcspn(s, "|"));
        return;
    }
    put_number(w, low);
    if (high == low) return;
    put_text(w, "..");
    put_number(w, high);
}

static void put_nodes(writer *w, const sori_augment *a, size_t from, size_t end) {
    for (size_t i = from; i < end; i = a->nodes[i].end) {
        const augment_node *node = &a->nodes[i];
        if (i > from) put_text(w, " ");
        put_text(w, node->transform->is.name);
        put_text(w, "(");
        for (int k = 0; k < SORI_AUGMENT_PARAMETERS && node->transform->is.parameters[k].name; k++) {
            put_value(w, &node->transform->is.parameters[k], node->low[k], node->high[k]);
            put_text(w, ",");
        }
        if (node->files) {
            put_text(w, "files=\"");
            put_text(w, node->files->path);
            put_text(w, "\",");
        }
        put_value(w, &probability, node->p, node->p);
        if (node->end > i + 1) put_text(w, ",");
        put_nodes(w, a, i + 1, node->end);
        put_text(w, ")");
    }
}

static char *text_of(sori_ctx *c, const sori_augment *a) {
    writer w = { 0 };
    put_nodes(&w, a, 0, a->n);
    w.text = base_alloc(c, w.n + 1, 1);
    w.n = 0;
    if (w.text) put_nodes(&w, a, 0, a->n);
    return w.text;
}

/* --- the chain -------------------------------------------------------------------------------------------------- */

static void read_chain(sori_ctx *c, sori_augment *a, const char *text) {
    char *words = text[strspn(text, " \t\n")] == '[' ? fx_augment_from_json(c, text) : NULL;
    parser p = { c, a, words ? words : text, 0 };
    if (!base_failed(c) && chain(&p) && *p.s) bad(&p, "a ) too many");
    if (!base_failed(c)) a->text = text_of(c, a);
    base_free(c, words);
}

/* "@FILE"; what is wrong with the text is the file's fault. */
static void read_file(sori_ctx *c, sori_augment *a, const char *path) {
    size_t n;
    char why[512], *text = base_read_file(c, path, LONGEST, &n);
    if (text && strlen(text) != n) sori_fail(c, SORI_EFORMAT, "%s: no text", path);
    else if (text) read_chain(c, a, text);
    base_free(c, text);
    if (sori_error(c) != SORI_EINVAL) return;
    base_format(why, sizeof why, "%s", sori_message(c));
    sori_clear(c);
    sori_fail(c, SORI_EFORMAT, "%s: %s", path, why);
}

sori_augment *sori_augment_new(sori_ctx *c, const char *text) {
    if (base_failed(c)) return NULL;
    if (!text) {
        sori_fail(c, SORI_EINVAL, "augment: no chain given");
        return NULL;
    }
    sori_augment *a = base_alloc(c, 1, sizeof *a);
    if (!a) return NULL;
    if (*text == '@') read_file(c, a, text + 1);
    else read_chain(c, a, text);
    if (!base_failed(c)) return a;
    sori_augment_free(c, a);
    return NULL;
}

void sori_augment_free(sori_ctx *c, sori_augment *a) {
    if (!a) return;
    for (size_t i = 0; i < a->n; i++) fx_augment_files_free(c, a->nodes[i].files);
    base_free(c, a->text);
    base_free(c, a);
}

const char *sori_augment_text(const sori_augment *a) { return a ? a->text : NULL; }
