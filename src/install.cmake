# SPDX-License-Identifier: MIT
# What `cmake --install` puts where, and the package that find_package(taskrun) finds there.
# Headers go one level down, so that the names of their folders are seen by those who link only.
include(CMakePackageConfigHelpers)
set(taskrun_headers ${CMAKE_INSTALL_INCLUDEDIR}/taskrun)
set(taskrun_package ${CMAKE_INSTALL_LIBDIR}/cmake/taskrun)

set(installed_libraries taskrun taskrun_app)
set_target_properties(taskrun_app PROPERTIES EXPORT_NAME app)
set(folders_without_headers PATTERN mpi EXCLUDE)
if(TARGET taskrun_mpi)
  list(APPEND installed_libraries taskrun_mpi)
  set_target_properties(taskrun_mpi PROPERTIES EXPORT_NAME mpi)
  set(folders_without_headers "")
endif()

# What tests of jobs share, for those of an outsider as well: taskrun::testing.
add_library(taskrun_testing INTERFACE)
target_link_libraries(taskrun_testing INTERFACE taskrun)
target_include_directories(taskrun_testing INTERFACE
  $<INSTALL_INTERFACE:${taskrun_headers}/taskrun/testing>)
set_target_properties(taskrun_testing PROPERTIES EXPORT_NAME testing)
list(APPEND installed_libraries taskrun_testing)

install(TARGETS ${installed_libraries} EXPORT taskrun ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY src/taskrun DESTINATION ${taskrun_headers}
  FILES_MATCHING PATTERN "*.hpp" ${folders_without_headers})
install(FILES src/app/program.hpp DESTINATION ${taskrun_headers}/app)
install(FILES tests/jobs/job_drive.hpp tests/jobs/refusal.hpp tests/support/loopback_run.hpp
  tests/support/text_sink.hpp DESTINATION ${taskrun_headers}/taskrun/testing)
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
