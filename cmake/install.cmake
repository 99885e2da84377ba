# Installed: headers, static and shared library, pkg-config file, CMake package, command.
include(CMakePackageConfigHelpers)

install(TARGETS sori sori_static EXPORT sori-targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/sori DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(TARGET sori_command)
  install(TARGETS sori_command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

configure_file(cmake/sori.pc.in ${CMAKE_BINARY_DIR}/sori.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/sori.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
