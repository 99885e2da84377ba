/* sori/sori.h - everything. */
#ifndef SORI_SORI_H
#define SORI_SORI_H

#include <sori/base.h>
#include <sori/array.h>
#include <sori/audio.h>
#include <sori/feat.h>
#include <sori/fx.h>
#include <sori/synth.h>
#include <sori/data.h>
#include <sori/nn.h>
#include <sori/model.h>
#include <sori/task.h>
#include <sori/plot.h>
#include <sori/report.h>

#endif
