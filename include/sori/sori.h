/* sori/sori.h - everything. */
#ifndef SORI_SORI_H
#define SORI_SORI_H

#include <sori/base.h>
#include <sori/array.h>
#include <sori/audio.h>
#include <sori/labels.h>
#include <sori/midi.h>
#include <sori/feat.h>
#include <sori/cqt.h>
#include <sori/phase.h>
#include <sori/level.h>
#include <sori/rhythm.h>
#include <sori/pitch.h>
#include <sori/decompose.h>
#include <sori/structure.h>
#include <sori/notation.h>
#include <sori/fx.h>
#include <sori/augment.h>
#include <sori/synth.h>
#include <sori/score.h>
#include <sori/song.h>
#include <sori/data.h>
#include <sori/nn.h>
#include <sori/callbacks.h>
#include <sori/metrics.h>
#include <sori/interchange.h>
#include <sori/model.h>
#include <sori/task.h>
#include <sori/unmix.h>
#include <sori/songs.h>
#include <sori/plot.h>
#include <sori/report.h>
#include <sori/compare.h>

#endif
