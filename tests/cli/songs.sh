# sori synth song: mistakes, both layouts, MIDI files, damaged ones, SoundFonts that are none, resuming, Ctrl-C.
source "$(dirname "$0")/lib.bash"
song() { run synth song "$@"; }

# --- what cannot be asked for ---
song; exits 2; says "--out is missing"; one_sentence
song -o x --tracks 0; exits 2; says "--tracks"; one_sentence
song -o x --tracks ten; exits 2; says "--tracks"; one_sentence
song -o x --tracks; exits 2; one_sentence
song -o x --length 3; exits 2; says "--length"; one_sentence
song -o x --tempo 1000; exits 2; says "--tempo"; one_sentence
song -o x --key "H minor"; exits 2; says "H minor"; one_sentence
song -o x --key "C blues"; exits 2; says "not 7"; one_sentence
song -o x --instruments 9; exits 2; says "2 to 8"; one_sentence
song -o x --instruments piano; exits 2; says "2 to 8"; one_sentence
song -o x --layout wav; exits 2; says "--layout"; one_sentence
song -o x --loudness 0; exits 2; says "--loudness"; one_sentence
song -o x --room 0.01; exits 2; says "room_s 0.01"; one_sentence
song -o x --test 0.5; exits 2; says "--layout musdb"; one_sentence
song -o x --sr 44100.5; exits 2; says "whole number"; one_sentence
song -o x --wave saw; exits 2; says "--wave is no option of song"
song a.mid -o x --tracks 2; exits 2; says "--tracks is for composed songs"; one_sentence
song a.mid -o x --key C; exits 2; says "--key is for composed songs"; one_sentence
song -o x --soundfont missing.sf2; exits 4; says "missing.sf2"; one_sentence
absent x

# --- SoundFonts that are none ---
printf 'RIFF\xff\xff\0\0sfbkLIST' >header.sf2
head -c 5000 /dev/urandom >random.sf2
: >empty.sf2
for font in header random empty; do
    song -o x --soundfont $font.sf2; exits 3; says "$font.sf2"; one_sentence; absent x
done

font=/usr/share/sounds/sf2/FluidR3_GM.sf2
if [ ! -e $font ]; then
    echo "skipped: no SoundFont"
    finish
fi
head -c 1000000 $font >truncated.sf2
song -o x --soundfont truncated.sf2; exits 3; says "truncated SoundFont"; one_sentence; absent x

# --- as Slakh2100 ---
short="--length 4 --tempo 120 --sr 8000"
song -o slakh --tracks 2 --instruments 3 $short --jobs 2; exits 0; says "2 songs in slakh, 2 made now"
prints_nothing
that test "$(cd slakh/Track00002 && find . -type f | LC_ALL=C sort | paste -sd' ')" = "./MIDI/S00.mid ./MIDI/S01.mid \
./MIDI/S02.mid ./all_src.mid ./metadata.yaml ./mix.flac ./notes.jams ./notes.json ./stems/S00.flac ./stems/S01.flac \
./stems/S02.flac"
run info slakh/Track00001/mix.flac; exits 0; prints "24 bit"; prints "8000    1  0:00:06.000"
for stem in slakh/Track0000?/stems/*; do run info --json "$stem"; exits 0; prints_not '"peak": 0,'; done
that grep -q '^    inst_class: Bass$' slakh/Track00001/metadata.yaml
that test "$(grep -c 'integrated_loudness: -[0-9.]*$' slakh/Track00001/metadata.yaml)" = 3
that grep -qx 'target_peak: -1.0' slakh/Track00001/metadata.yaml
if command -v jq >/dev/null; then
    that test "$(jq -r '[.notes[].stem] | unique | join(" ")' slakh/Track00001/notes.json)" = "S00 S01 S02"
fi
run labels slakh/Track00001/notes.jams; exits 0; prints "bass"

# --- again, more of them, and others ---
song -o one --tracks 2 --instruments 3 $short --jobs 1 --quiet; exits 0; silent
that diff -r slakh one
touch slakh/Track00001/mine
song -o slakh --tracks 3 --instruments 3 $short --json; exits 0; prints '{"songs": 1, "kept": 2, "failed": 0'
[ -e slakh/Track00001/mine ] || fail "Track00001 was made again"
song -o slakh --tracks 3 --instruments 4 $short; exits 2; says "instruments 3, not 4"; one_sentence
song -o slakh --tracks 3 --instruments 3 $short --seed 1; exits 2; says 'seed "0", not "1"'; one_sentence
song -o slakh --tracks 3 --instruments 3 $short --layout musdb; exits 2; says 'layout "slakh"'; one_sentence

# --- as MUSDB18 ---
song -o musdb --layout musdb --tracks 2 --test 0.5 --instruments 4 $short --room 0.3 --key "D minor" --swing 0; exits 0
that test "$(cd musdb && ls -d */* | paste -sd' ')" = "test/Track00002 train/Track00001"
for name in mixture vocals drums bass other; do
    run info --json musdb/test/Track00002/$name.wav; exits 0; prints '"channels": 2'; prints_not '"peak": 0,'
done

# --- MIDI files ---
cp slakh/Track00001/all_src.mid good.mid
head -c 100 good.mid >cut.mid
echo text >text.mid
song good.mid -o again --sr 8000 --stereo; exits 0; says "1 song in again, 1 made now"
that grep -qx 'lmd_midi_dir: "good.mid"' again/Track00001/metadata.yaml
that test "$(grep -c onset_s again/Track00001/notes.json)" = "$(grep -c onset_s slakh/Track00001/notes.json)"
for name in cut text; do
    song $name.mid -o bad --sr 8000; exits 3; says "$name.mid: "; one_sentence
    that test "$(find bad | wc -l)" = 1
done
song missing.mid -o bad; exits 4; says "missing.mid"; one_sentence
song good.mid text.mid -o some --sr 8000; exits 1; says "text.mid"; exists some/Track00001/mix.flac
absent some/Track00002
data=${SORI_DATA:-$here/../../../shared/data}/midi/jazzsoft/midi
for name in corrupt-file-missing-byte empty-file not-a-midi-file 2-tracks-type-2 illegal-message-f4; do
    path=$data/test-$name.mid
    [ -e "$path" ] || continue
    song "$path" -o bad; exits 3; says "$path"; one_sentence
done

# --- what cannot be written ---
song -o /proc/songs --tracks 1 $short; exits 4; says "/proc/songs"; one_sentence
last="synth song, files limited to 8 kB"
(ulimit -f 8; "$sori" synth song -o full --tracks 1 $short >"$out" 2>"$err"); code=$?
exits 4; says "cannot write"; one_sentence; that test "$(find full | wc -l)" = 1

# --- Ctrl-C: whole songs only, and the same command goes on ---
set -m
last="synth song, interrupted"
"$sori" synth song -o cut --tracks 500 --length 20 >"$out" 2>"$err" & pid=$!
for i in {1..200}; do [ -e cut/Track00001 ] && break; sleep 0.05; done
kill -INT $pid; wait $pid; code=$?
exits 130; says "interrupted"
that test -z "$(find cut -name '*.part')"
for folder in cut/Track*; do exists "$folder/notes.jams"; done
that test "$(find cut -name 'Track*' | wc -l)" -lt 100
song -o cut --tracks 1 --length 20; exits 0; says "0 made now"
finish
