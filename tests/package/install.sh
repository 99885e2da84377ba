#!/usr/bin/env bash
# What is installed can be used: a ten-line program builds and runs against the shared and the static library, found by
# pkg-config and by CMake, after the installed tree was moved; and the headers are C++ too.
#   install.sh BUILD SCRATCH     from the source root
set -euo pipefail
build=$1 scratch=$2
rm -rf "${scratch:?}"/*

cmake --install "$build" --prefix "$scratch/first" >/dev/null
mv "$scratch/first" "$scratch/moved"
export PKG_CONFIG_PATH
PKG_CONFIG_PATH=$(dirname "$(find "$scratch/moved" -name sori.pc)")
cd "$scratch"

if [ -x "$build/sori" ]; then
    for file in bin/sori share/man/man1/sori.1 share/bash-completion/completions/sori share/zsh/site-functions/_sori \
        share/fish/vendor_completions.d/sori.fish; do
        [ -s "moved/$file" ] || { echo "$file is not installed, or empty"; exit 1; }
    done
fi

cat >use.c <<'C'
#include <sori/sori.h>
#include <stdio.h>

int main(void) {
    sori_ctx *c = sori_open(NULL);
    sori_array *a = sori_array_new(c, SORI_F32, 2, (size_t[]){ 3, 4 });
    sori_plot_free(sori_plot_new(c, NULL));   /* touches cairo, as sori_load below libsndfile, soxr and zlib */
    sori_clear(c);
    sori_load(c, "missing.wav", NULL);
    printf("sori %s: %zu zeros, %s\n", sori_version(), a ? a->size : 0, sori_status_name(sori_error(c)));
    sori_close(c);
    return 0;
}
C
sed 's/(size_t\[\]){ 3, 4 }/shape/; s/    sori_array \*a/    size_t shape[] = { 3, 4 };\n&/' use.c >use.cc

expected="sori $(pkg-config --modversion sori): 12 zeros, input/output error"
says() {
    local said
    said=$("$@")
    [ "$said" = "$expected" ] || { echo "$1 says: $said, expected: $expected"; exit 1; }
}
cc=${CC:-cc}
libdir=$(pkg-config --variable=libdir sori)

$cc -Wall -Werror -o shared use.c $(pkg-config --cflags --libs sori)
says env LD_LIBRARY_PATH="$libdir" ./shared
readelf -d shared | grep -q 'NEEDED.*libsori\.so\.0\]' || { echo "shared does not ask for libsori.so.0"; exit 1; }

mkdir only_static
cp "$libdir/libsori.a" only_static/
$cc -Wall -Werror -o static use.c $(pkg-config --cflags sori) -Lonly_static \
    $(pkg-config --static --libs sori | sed "s|-L$libdir||")
says ./static

if command -v c++ >/dev/null; then
    for standard in c++11 c++20; do
        c++ -std=$standard -Wall -Wextra -pedantic -Werror -o plusplus use.cc $(pkg-config --cflags --libs sori)
        says env LD_LIBRARY_PATH="$libdir" ./plusplus
    done
else
    echo "no C++ compiler here: the headers were not tried as C++"
fi

cat >CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(use LANGUAGES C)
find_package(sori 0.1 REQUIRED)
add_executable(with_shared use.c)
target_link_libraries(with_shared sori::sori)
add_executable(with_static use.c)
target_link_libraries(with_static sori::static)
CMAKE
cmake -S . -B out -G Ninja -DCMAKE_PREFIX_PATH="$scratch/moved" >/dev/null
cmake --build out >/dev/null
says out/with_shared
says out/with_static
