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
  # The manual page and the completions: the program writes them.
  set(share ${CMAKE_BINARY_DIR}/share)
  set(man_page ${share}/man/man1/taskrun.1)
  set(completions ${share}/bash-completion/completions/taskrun
    ${share}/zsh/site-functions/_taskrun ${share}/fish/vendor_completions.d/taskrun.fish)
  list(GET completions 0 bash_file)
  list(GET completions 1 zsh_file)
  list(GET completions 2 fish_file)
  foreach(file IN LISTS man_page completions)
    cmake_path(GET file PARENT_PATH folder)
    file(MAKE_DIRECTORY ${folder})
  endforeach()
  add_custom_command(OUTPUT ${man_page} ${completions}
    COMMAND taskrun_program help --man > ${man_page}
    COMMAND taskrun_program completion bash > ${bash_file}
    COMMAND taskrun_program completion zsh > ${zsh_file}
    COMMAND taskrun_program completion fish > ${fish_file}
    DEPENDS taskrun_program COMMENT "Writing the manual page and the completions" VERBATIM)
  add_custom_target(taskrun_documents ALL DEPENDS ${man_page} ${completions})
  install(DIRECTORY ${share}/ DESTINATION ${CMAKE_INSTALL_DATADIR} OPTIONAL)
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
