# SPDX-License-Identifier: MIT
# taskrun_add_program(<target> JOBS <names…> SOURCES <files…>): a program with these jobs. Its main is
# written here: it calls register_job_<name>, which TASKRUN_JOB defines, for each job in this order.
function(taskrun_add_program target)
  cmake_parse_arguments(PARSE_ARGV 1 program "" "" "JOBS;SOURCES")
  if(NOT program_JOBS OR program_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "usage: taskrun_add_program(<target> JOBS <names> SOURCES <files>)")
  endif()
  set(declarations "")
  set(calls "")
  foreach(job IN LISTS program_JOBS)
    string(APPEND declarations "void register_job_${job}(taskrun::Registry& registry);\n")
    string(APPEND calls "  register_job_${job}(jobs);\n")
  endforeach()
  set(main "${CMAKE_CURRENT_BINARY_DIR}/${target}_main.cpp")
  file(CONFIGURE OUTPUT "${main}" @ONLY CONTENT [[
// Written by taskrun_add_program(@target@).
#include "app/program.hpp"

@declarations@
int main(int argc, char** argv) {
  taskrun::Registry jobs;
@calls@  return taskrun::run_program(argc, argv, jobs);
}
]])
  add_executable(${target} "${main}" ${program_SOURCES})
  target_link_libraries(${target} PRIVATE taskrun::app)
  # Ranks compare this identifier, to refuse a run of different builds.
  target_link_options(${target} PRIVATE -Wl,--build-id=sha1)
endfunction()
