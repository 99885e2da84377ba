/* model/tables.h - the tables of the zoo, and the numbers in them that an input decides. */
#ifndef MODEL_TABLES_H
#define MODEL_TABLES_H

#include <sori/model.h>

/* In a table, in place of a size: of what arrives at the row, [height, width, channel] or [time, channel]. */
enum {
    MODEL_CLASSES = -1,   /* units: the number of classes */
    MODEL_WIDTH = -2,     /* kernel[1]: the whole width */
    MODEL_FIRST = -3,     /* shape: the first size */
    MODEL_REST = -4       /* shape: the product of the others */
};

#define MODEL_MAX_LAYERS 40

typedef struct model_entry {
    sori_zoo_entry public;
    const sori_layer *table;   /* ends with op 0 */
} model_entry;

extern const model_entry model_entries[];   /* the default first; ends with a row without a name */

#endif
