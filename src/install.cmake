# SPDX-License-Identifier: MIT
# What `cmake --install` puts where, and the package that find_package(taskrun) finds there.
# Headers go one level down, so that the names of their folders are seen by those who link only.
include(CMakePackageConfigHelpers)
set(taskrun_headers ${CMAKE_INSTALL_INCLUDEDIR}/taskrun)
set(taskrun_package ${CMAKE_INSTALL_LIBDIR}/cmake/taskrun)

include(src/public_headers.cmake)

set(installed_libraries taskrun taskrun_app)
set_target_properties(taskrun_app PROPERTIES EXPORT_NAME app)
if(TARGET taskrun_mpi)
  list(APPEND installed_libraries taskrun_mpi)
  set_target_properties(taskrun_mpi PROPERTIES EXPORT_NAME mpi)
endif()

# What tests of jobs share, for those of an outsider as well: taskrun::testing.
add_library(taskrun_testing INTERFACE)
target_link_libraries(taskrun_testing INTERFACE taskrun)
target_include_directories(taskrun_testing INTERFACE
  $<INSTALL_INTERFACE:${taskrun_headers}/taskrun/testing>)
set_target_properties(taskrun_testing PROPERTIES EXPORT_NAME testing)
list(APPEND installed_libraries taskrun_testing)

install(TARGETS ${installed_libraries} EXPORT taskrun ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(header IN LISTS promised_headers headers_that_come_along)
  get_filename_component(folder ${header} DIRECTORY)
  install(FILES src/${header} DESTINATION ${taskrun_headers}/${folder})
endforeach()
install(FILES ${testing_headers} DESTINATION ${taskrun_headers}/taskrun/testing)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
if(TARGET taskrun_program)
  install(TARGETS taskrun_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

install(EXPORT taskrun NAMESPACE taskrun:: FILE taskrunTargets.cmake DESTINATION ${taskrun_package})
configure_package_config_file(src/taskrunConfig.cmake.in taskrunConfig.cmake
  INSTALL_DESTINATION ${taskrun_package})
write_basic_package_version_file(taskrunConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${CMAKE_CURRENT_BINARY_DIR}/taskrunConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/taskrunConfigVersion.cmake
  src/app/taskrun_add_program.cmake
  DESTINATION ${taskrun_package})
