# oneDNN (C API, version 2 or 3): the target SoriOneDNN, and ONEDNN_LIBRARY_DIR. Another than the system's is found with
# -DCMAKE_PREFIX_PATH=FOLDER.
include(CheckCSourceCompiles)
find_path(ONEDNN_INCLUDE_DIR oneapi/dnnl/dnnl.h)
find_library(ONEDNN_LIBRARY dnnl)
if(NOT ONEDNN_INCLUDE_DIR OR NOT ONEDNN_LIBRARY)
  message(FATAL_ERROR "oneDNN is missing: install libdnnl-dev, or configure with -DSORI_WITH_ONEDNN=OFF")
endif()
get_filename_component(ONEDNN_LIBRARY_DIR ${ONEDNN_LIBRARY} DIRECTORY)
add_library(SoriOneDNN INTERFACE IMPORTED)
target_include_directories(SoriOneDNN INTERFACE ${ONEDNN_INCLUDE_DIR})
target_link_libraries(SoriOneDNN INTERFACE ${ONEDNN_LIBRARY} gomp)

set(CMAKE_REQUIRED_INCLUDES ${ONEDNN_INCLUDE_DIR})
set(CMAKE_REQUIRED_LIBRARIES ${ONEDNN_LIBRARY} gomp)
check_c_source_compiles("
  #include <oneapi/dnnl/dnnl.h>
  #if DNNL_CPU_RUNTIME != DNNL_RUNTIME_OMP
  #error
  #endif
  void omp_set_num_threads(int n);
  int main(void) { omp_set_num_threads(1); return dnnl_version()->major < 2; }" ONEDNN_WITH_OPENMP)
if(NOT ONEDNN_WITH_OPENMP)
  message(FATAL_ERROR "${ONEDNN_LIBRARY}: this oneDNN is not version 2 or 3 built for GNU OpenMP; "
    "configure with -DSORI_WITH_ONEDNN=OFF")
endif()
unset(CMAKE_REQUIRED_INCLUDES)
unset(CMAKE_REQUIRED_LIBRARIES)
