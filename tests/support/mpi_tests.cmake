# SPDX-License-Identifier: MIT
# Tests that run under mpirun, several ranks on however few cores there are.
include_guard()
find_package(MPI 3.1 REQUIRED COMPONENTS CXX)

if(NOT TARGET taskrun_mpi_main)
  add_library(taskrun_mpi_main OBJECT ${CMAKE_CURRENT_LIST_DIR}/mpi_main.cpp)
  target_include_directories(taskrun_mpi_main PUBLIC ${CMAKE_CURRENT_LIST_DIR})
  target_compile_definitions(taskrun_mpi_main PUBLIC OMPI_SKIP_MPICXX=1)
  target_link_libraries(taskrun_mpi_main
    PUBLIC taskrun_mpi GTest::gtest MPI::MPI_CXX taskrun_settings)
endif()

# As root, more ranks than cores, no binding, and idle ranks that yield. Containers forbid reading
# another process's memory, so it is not tried. Open MPI 5 starts ranks by PRRTE, which has variables
# of its own.
set(TASKRUN_MPI_TEST_ENVIRONMENT
  OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
  PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe PRTE_MCA_hwloc_default_binding_policy=none
  OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_btl_vader_single_copy_mechanism=none)
if(TASKRUN_SANITIZE)
  list(APPEND TASKRUN_MPI_TEST_ENVIRONMENT
    LSAN_OPTIONS=suppressions=${CMAKE_CURRENT_LIST_DIR}/lsan.supp:print_suppressions=0
    ASAN_OPTIONS=fast_unwind_on_malloc=0)
endif()

# taskrun_add_mpi_test(NAME name TARGET target RANKS n… [FILTER gtest-filter] [LABELS label…]
#                      [TIMEOUT seconds]): one CTest entry for each number of ranks.
function(taskrun_add_mpi_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;TARGET;FILTER;TIMEOUT" "RANKS;LABELS")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 240)
  endif()
  set(filter)
  if(arg_FILTER)
    set(filter --gtest_filter=${arg_FILTER})
  endif()
  foreach(ranks IN LISTS arg_RANKS)
    add_test(NAME ${arg_NAME}_on_${ranks}
      COMMAND ${MPIEXEC_EXECUTABLE} -np ${ranks} $<TARGET_FILE:${arg_TARGET}> ${filter})
    set_tests_properties(${arg_NAME}_on_${ranks} PROPERTIES
      TIMEOUT ${arg_TIMEOUT} PROCESSORS ${ranks} LABELS "mpi;${arg_LABELS}"
      ENVIRONMENT "${TASKRUN_MPI_TEST_ENVIRONMENT}")
  endforeach()
endfunction()
