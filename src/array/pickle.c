/* pickle.c - Python's pickles, as far as tensors in plain containers need them.
 *
 * A pickle is a program for a machine with a stack and a memo. This one knows the instructions that make numbers,
 * texts, tuples, lists and dicts, and of Python's objects OrderedDict, torch.Size, storages, tensors and parameters,
 * which it only notes down. Any other name is refused where it stands, so nothing a file says is ever called. Objects
 * are kept by number in a table that grows by at most one an instruction: a pickle of n bytes takes memory in
 * proportion to n. Instructions: Python's Lib/pickletools.py; what torch writes: torch/serialization.py. */
#include "array/pickle.h"
#include <string.h>

#define MOST_BYTES ((size_t)1 << 28)

enum { G_ORDERED_DICT, G_SIZE, G_TENSOR, G_PARAMETER, G_STORAGE };

static bool damaged(pickle *p, const char *what) {
    sori_fail(p->c, SORI_EFORMAT, "%s: damaged pickle: %s", p->path, what);
    return false;
}

/* --- tables that grow --------------------------------------------------------------------------------------------- */

static bool room_for(pickle *p, void **table, uint32_t count, uint32_t *room, size_t size) {
    if (count < *room) return true;
    uint32_t wanted = *room ? 2 * *room : 64;
    void *grown = base_grow(p->c, *table, *room, wanted, size);
    if (!grown) return false;
    *table = grown;
    *room = wanted;
    return true;
}
#define ROOM_FOR(p, table, count, room) room_for(p, (void **)&(p)->table, count, &(p)->room, sizeof *(p)->table)

static bool push(pickle *p, uint32_t object) {
    if (!ROOM_FOR(p, stack, p->n_stack, room_stack)) return false;
    p->stack[p->n_stack++] = object;
    return true;
}

/* A new object on the stack; NULL without memory. It moves when the next is made. */
static pickle_object *make(pickle *p, pickle_kind kind) {
    if (!ROOM_FOR(p, objects, p->n_objects, room_objects) || !push(p, p->n_objects)) return NULL;
    pickle_object *o = &p->objects[p->n_objects++];
    *o = (pickle_object){ .kind = kind, .first = PICKLE_END, .last = PICKLE_END };
    return o;
}

static bool append(pickle *p, uint32_t to, uint32_t item) {
    if (!ROOM_FOR(p, cells, p->n_cells, room_cells)) return false;
    pickle_object *o = &p->objects[to];
    p->cells[p->n_cells] = (pickle_cell){ item, PICKLE_END };
    if (o->count++) p->cells[o->last].next = p->n_cells;
    else o->first = p->n_cells;
    o->last = p->n_cells++;
    return true;
}

const pickle_object *array_pickle_item(const pickle *p, const pickle_object *o, uint32_t i) {
    if (i >= o->count) return NULL;
    uint32_t cell = o->first;
    while (i-- > 0) cell = p->cells[cell].next;
    return &p->objects[p->cells[cell].object];
}

/* --- the stack ---------------------------------------------------------------------------------------------------- */

/* The number on top; PICKLE_END with an error if there is none, or a mark. */
static uint32_t pop(pickle *p) {
    if (p->n_stack && p->objects[p->stack[p->n_stack - 1]].kind != PICKLE_MARK) return p->stack[--p->n_stack];
    damaged(p, "nothing on its stack");
    return PICKLE_END;
}

/* How many objects lie above the last mark, which is where; -1 with an error. */
static int64_t above_mark(pickle *p, uint32_t *mark) {
    for (uint32_t i = p->n_stack; i-- > 0;)
        if (p->objects[p->stack[i]].kind == PICKLE_MARK) {
            *mark = i;
            return (int64_t)(p->n_stack - i - 1);
        }
    damaged(p, "no mark on its stack");
    return -1;
}

/* Objects from `from` on become items of the container below them; they leave the stack down to `keep`. */
static bool move_items(pickle *p, uint32_t container, uint32_t from, uint32_t keep) {
    for (uint32_t i = from; i < p->n_stack; i++)
        if (!append(p, container, p->stack[i])) return false;
    p->n_stack = keep;
    return true;
}

/* The last n objects, or those above the mark, as a tuple. */
static bool make_tuple(pickle *p, int64_t n) {
    uint32_t from = p->n_stack, keep;
    if (n < 0) {
        if (above_mark(p, &keep) < 0) return false;
        from = keep + 1;
    } else {
        if (p->n_stack < n) return damaged(p, "nothing on its stack");
        from = keep = p->n_stack - (uint32_t)n;
        for (uint32_t i = from; i < p->n_stack; i++)
            if (p->objects[p->stack[i]].kind == PICKLE_MARK) return damaged(p, "a mark within a tuple");
    }
    if (!make(p, PICKLE_TUPLE)) return false;
    uint32_t tuple = p->stack[--p->n_stack];
    return move_items(p, tuple, from, keep) && push(p, tuple);
}

/* Items into the list or dict below: one, a pair, or those above the mark. */
static bool add_items(pickle *p, pickle_kind kind, uint32_t n) {
    uint32_t from, keep;
    if (n) {
        if (p->n_stack < n + 1) return damaged(p, "nothing on its stack");
        from = keep = p->n_stack - n;
    } else {
        if (above_mark(p, &keep) < 0) return false;
        from = keep + 1;
        if (keep == 0) return damaged(p, "items without a container");
    }
    uint32_t container = p->stack[keep - 1];
    if (p->objects[container].kind != kind) return damaged(p, "items for what is no list or dict");
    if (kind == PICKLE_DICT && (p->n_stack - from) % 2) return damaged(p, "a key without a value");
    return move_items(p, container, from, keep);
}

/* --- bytes -------------------------------------------------------------------------------------------------------- */

static const uint8_t *take(pickle *p, uint64_t n) {
    if (n > (uint64_t)(p->end - p->at)) {
        damaged(p, "truncated");
        return NULL;
    }
    const uint8_t *at = p->at;
    p->at += n;
    return at;
}

/* A little-endian number of n bytes, at most 8. */
static bool number(pickle *p, size_t n, uint64_t *v) {
    const uint8_t *at = take(p, n);
    *v = 0;
    for (size_t i = 0; at && i < n; i++) *v |= (uint64_t)at[i] << (8 * i);
    return at != NULL;
}

static bool make_whole(pickle *p, size_t bytes, bool is_signed) {
    uint64_t v;
    if (!number(p, bytes, &v)) return false;
    if (is_signed && bytes && bytes < 8 && v >> (8 * bytes - 1)) v |= UINT64_MAX << (8 * bytes);
    pickle_object *o = make(p, PICKLE_WHOLE);
    if (o) o->whole = (int64_t)v;
    return o != NULL;
}

/* LONG1: up to 255 bytes; what does not fit 8 is no size of anything here. */
static bool make_long(pickle *p) {
    uint64_t n;
    if (!number(p, 1, &n)) return false;
    return n <= 8 ? make_whole(p, (size_t)n, true) : take(p, n) && make(p, PICKLE_NONE);
}

static bool make_text(pickle *p, size_t length_bytes) {
    uint64_t n;
    const uint8_t *text = number(p, length_bytes, &n) ? take(p, n) : NULL;
    pickle_object *o = text ? make(p, PICKLE_TEXT) : NULL;
    if (!o) return false;
    o->text = (const char *)text;
    o->size = (size_t)n;
    return true;
}

static bool is(const char *text, size_t n, const char *word) { return n == strlen(word) && !memcmp(text, word, n); }

/* --- Python's objects --------------------------------------------------------------------------------------------- */

static bool make_global(pickle *p, const char *module, size_t m, const char *name, size_t n) {
    static const struct { const char *module, *name; int global; } known[] = {
        { "collections", "OrderedDict", G_ORDERED_DICT }, { "torch", "Size", G_SIZE },
        { "torch._utils", "_rebuild_tensor_v2", G_TENSOR }, { "torch._utils", "_rebuild_parameter", G_PARAMETER },
    };
    int global = is(module, m, "torch") && n > 7 && !memcmp(name + n - 7, "Storage", 7) ? G_STORAGE : -1;
    for (size_t i = 0; i < BASE_COUNT(known); i++)
        if (is(module, m, known[i].module) && is(name, n, known[i].name)) global = known[i].global;
    if (global < 0) {
        sori_fail(p->c, SORI_EFORMAT, "%s: holds the Python object %.*s.%.*s, only tensors in dicts and lists are read "
                  "(save model.state_dict())", p->path, (int)BASE_MIN(m, (size_t)100), module,
                  (int)BASE_MIN(n, (size_t)100), name);
        return false;
    }
    pickle_object *o = make(p, PICKLE_GLOBAL);
    if (!o) return false;
    o->whole = global;
    o->text = name;
    o->size = n;
    return true;
}

/* GLOBAL: two lines. */
static bool read_global(pickle *p) {
    const char *text[2];
    size_t size[2];
    for (int i = 0; i < 2; i++) {
        const uint8_t *line = memchr(p->at, '\n', (size_t)(p->end - p->at));
        if (!line) return damaged(p, "truncated");
        text[i] = (const char *)p->at;
        size[i] = (size_t)(line - p->at);
        p->at = line + 1;
    }
    return make_global(p, text[0], size[0], text[1], size[1]);
}

static bool stack_global(pickle *p) {
    uint32_t name = pop(p), module = name == PICKLE_END ? name : pop(p);
    if (module == PICKLE_END) return false;
    pickle_object a = p->objects[module], b = p->objects[name];
    if (a.kind != PICKLE_TEXT || b.kind != PICKLE_TEXT) return damaged(p, "a name that is no text");
    return make_global(p, a.text, a.size, b.text, b.size);
}

/* What a storage is known by: ("storage", type, key, device, elements). */
static bool make_storage(pickle *p) {
    uint32_t id = pop(p);
    if (id == PICKLE_END) return false;
    pickle_object o = p->objects[id];
    const pickle_object *word = array_pickle_item(p, &o, 0), *type = array_pickle_item(p, &o, 1);
    if (o.kind != PICKLE_TUPLE || o.count != 5 || word->kind != PICKLE_TEXT || !is(word->text, word->size, "storage") ||
        type->kind != PICKLE_GLOBAL || type->whole != G_STORAGE)
        return damaged(p, "something kept outside that is no storage");
    pickle_object *s = make(p, PICKLE_STORAGE);
    if (!s) return false;
    s->first = o.first;
    s->last = o.last;
    s->count = o.count;
    return true;
}

/* A call: of those few that are known, noted down. */
static bool reduce(pickle *p) {
    uint32_t args = pop(p), callee = args == PICKLE_END ? args : pop(p);
    if (callee == PICKLE_END) return false;
    pickle_object a = p->objects[args], f = p->objects[callee];
    if (f.kind != PICKLE_GLOBAL || a.kind != PICKLE_TUPLE) return damaged(p, "a call of what cannot be called");
    const pickle_object *first = array_pickle_item(p, &a, 0);
    if (f.whole == G_ORDERED_DICT && a.count == 0) return make(p, PICKLE_DICT) != NULL;
    if (f.whole == G_SIZE && a.count == 1 && first->kind == PICKLE_TUPLE) return push(p, p->cells[a.first].object);
    if (f.whole == G_PARAMETER && a.count && first->kind == PICKLE_TENSOR) return push(p, p->cells[a.first].object);
    if (f.whole != G_TENSOR || a.count < 4) return damaged(p, "a call with other arguments than torch's");
    pickle_object *tensor = make(p, PICKLE_TENSOR);
    if (!tensor) return false;
    tensor->first = a.first;
    tensor->last = a.last;
    tensor->count = a.count;
    return true;
}

/* --- the machine -------------------------------------------------------------------------------------------------- */

static bool remember(pickle *p, uint64_t at) {
    if (!p->n_stack) return damaged(p, "nothing on its stack");
    if (at > p->n_memo + 65536) return damaged(p, "a memo with gaps");
    while (p->n_memo <= at) {
        if (!ROOM_FOR(p, memo, p->n_memo, room_memo)) return false;
        p->memo[p->n_memo++] = PICKLE_END;
    }
    p->memo[at] = p->stack[p->n_stack - 1];
    return true;
}

static bool recall(pickle *p, uint64_t at) {
    if (at < p->n_memo && p->memo[at] != PICKLE_END) return push(p, p->memo[at]);
    return damaged(p, "a memo that was never made");
}

static bool put(pickle *p, size_t bytes) {
    uint64_t at;
    return number(p, bytes, &at) && remember(p, at);
}

static bool get(pickle *p, size_t bytes) {
    uint64_t at;
    return number(p, bytes, &at) && recall(p, at);
}

static bool make_truth(pickle *p, int64_t v) {
    pickle_object *o = make(p, PICKLE_WHOLE);
    if (o) o->whole = v;
    return o != NULL;
}

static bool step(pickle *p, uint8_t op) {
    switch (op) {
    case 0x80: return take(p, 1) != NULL;                    /* PROTO */
    case 0x95: return take(p, 8) != NULL;                    /* FRAME */
    case '(': return make(p, PICKLE_MARK) != NULL;
    case 'N': return make(p, PICKLE_NONE) != NULL;
    case 0x88: return make_truth(p, 1);                      /* NEWTRUE */
    case 0x89: return make_truth(p, 0);                      /* NEWFALSE */
    case 'J': return make_whole(p, 4, true);                 /* BININT */
    case 'K': return make_whole(p, 1, false);                /* BININT1 */
    case 'M': return make_whole(p, 2, false);                /* BININT2 */
    case 0x8a: return make_long(p);                          /* LONG1 */
    case 'G': return take(p, 8) && make(p, PICKLE_REAL);     /* BINFLOAT, whose value nobody needs */
    case 'X': case 'T': case 'B': return make_text(p, 4);    /* BINUNICODE, BINSTRING, BINBYTES */
    case 0x8c: case 'U': case 'C': return make_text(p, 1);   /* the short ones */
    case 0x8d: case 0x8e: return make_text(p, 8);            /* the long ones */
    case ')': return make_tuple(p, 0);
    case 0x85: return make_tuple(p, 1);                      /* TUPLE1 ... */
    case 0x86: return make_tuple(p, 2);
    case 0x87: return make_tuple(p, 3);
    case 't': return make_tuple(p, -1);
    case ']': return make(p, PICKLE_LIST) != NULL;
    case '}': return make(p, PICKLE_DICT) != NULL;
    case 'a': return add_items(p, PICKLE_LIST, 1);
    case 'e': return add_items(p, PICKLE_LIST, 0);
    case 's': return add_items(p, PICKLE_DICT, 2);
    case 'u': return add_items(p, PICKLE_DICT, 0);
    case 'q': return put(p, 1);                              /* BINPUT ... */
    case 'r': return put(p, 4);
    case 0x94: return remember(p, p->n_memo);                /* MEMOIZE */
    case 'h': return get(p, 1);                              /* BINGET ... */
    case 'j': return get(p, 4);
    case 'c': return read_global(p);
    case 0x93: return stack_global(p);
    case 'Q': return make_storage(p);                        /* BINPERSID */
    case 'R': return reduce(p);
    case 'b': return pop(p) != PICKLE_END;                   /* BUILD: attributes, of no use here */
    case '0': return pop(p) != PICKLE_END;
    default:
        sori_fail(p->c, SORI_EFORMAT, "%s: its pickle has the instruction 0x%02x, which tensors in dicts and lists do "
                  "not need", p->path, op);
        return false;
    }
}

bool array_pickle_run(pickle *p, sori_ctx *c, const char *path, const uint8_t *bytes, size_t n) {
    *p = (pickle){ .c = c, .path = path, .at = bytes, .end = bytes + n };
    if (n > MOST_BYTES) return damaged(p, "over 256 MB");
    while (p->at < p->end) {
        uint8_t op = *p->at++;
        if (op == '.') {
            p->root = pop(p);
            return p->root != PICKLE_END;
        }
        if (!step(p, op)) return false;
    }
    return damaged(p, "truncated");
}

void array_pickle_free(pickle *p) {
    base_free(p->c, p->objects);
    base_free(p->c, p->cells);
    base_free(p->c, p->stack);
    base_free(p->c, p->memo);
}
