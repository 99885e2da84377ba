# Installed: headers, shared and static library, pkg-config file, CMake package; the command with its man page and
# completions, which it writes itself.
include(CMakePackageConfigHelpers)

install(TARGETS sori sori_static EXPORT sori-targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/sori DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

# --- the command
if(TARGET sori_command)
  install(TARGETS sori_command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  set(written "")
  function(sori_writes file folder)
    set(out ${CMAKE_BINARY_DIR}/written/${file})
    add_custom_command(OUTPUT ${out} COMMAND sori_command ${ARGN} > ${out} DEPENDS sori_command VERBATIM)
    set(written ${written} ${out} PARENT_SCOPE)
    install(FILES ${out} DESTINATION ${folder})
  endfunction()
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/written)
  sori_writes(sori.1 ${CMAKE_INSTALL_MANDIR}/man1 help --man)
  sori_writes(sori ${CMAKE_INSTALL_DATADIR}/bash-completion/completions completion bash)
  sori_writes(_sori ${CMAKE_INSTALL_DATADIR}/zsh/site-functions completion zsh)
  sori_writes(sori.fish ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d completion fish)
  add_custom_target(sori_written ALL DEPENDS ${written})
endif()

# --- pkg-config: found wherever the tree is moved to. The private part names libraries, not their .pc files, so that
# linking the shared library does not ask for the developer packages of what it is made of.
set(package_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH SORI_PC_TO_PREFIX /prefix/${package_dir} /prefix)
string(REGEX REPLACE "/$" "" SORI_PC_TO_PREFIX ${SORI_PC_TO_PREFIX})
list(TRANSFORM SORI_STATIC_DIRS PREPEND "-L" OUTPUT_VARIABLE dirs)
list(TRANSFORM SORI_STATIC_LIBS PREPEND "-l" OUTPUT_VARIABLE libs)
list(JOIN dirs " " dirs)
list(JOIN libs " " libs)
string(STRIP "${dirs} ${libs}" SORI_PC_PRIVATE)
configure_file(cmake/sori.pc.in ${CMAKE_BINARY_DIR}/sori.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/sori.pc DESTINATION ${package_dir})

# --- CMake: before 1.0 a minor version may break its users
set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/sori)
configure_package_config_file(cmake/sori-config.cmake.in ${CMAKE_BINARY_DIR}/sori-config.cmake
  INSTALL_DESTINATION ${config_dir})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/sori-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/sori-config.cmake ${CMAKE_BINARY_DIR}/sori-config-version.cmake
  DESTINATION ${config_dir})
install(EXPORT sori-targets NAMESPACE sori:: DESTINATION ${config_dir})
