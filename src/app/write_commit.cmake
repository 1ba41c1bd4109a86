# SPDX-License-Identifier: MIT
# cmake -D FILE=… -D TREE=… -P write_commit.cmake: writes the commit of a source tree into a C++ file,
# unless it stands there already. It is the last one that changed what the program is made of: with
# another page of documentation the program stays the same, and so do the journals it may resume.
# FILE.d lists what the commit depends on; of files that go away ninja minds none there.
cmake_minimum_required(VERSION 3.25)
set(parts CMakeLists.txt src jobs ":(exclude)*.md")

function(git result)
  execute_process(COMMAND git -C ${TREE} ${ARGN}
    OUTPUT_VARIABLE output OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE status ERROR_QUIET)
  if(NOT status STREQUAL 0)
    set(output "")
  endif()
  set(${result} "${output}" PARENT_SCOPE)
endfunction()

set(commit "unknown (built from sources without git)")
# A tree that was unpacked somewhere inside of another project's has nothing of that one.
git(inside rev-parse --show-prefix --is-inside-work-tree)
if(inside STREQUAL "\ntrue")
  git(last log -1 --abbrev=12 --format=%h\ \(%cs\) -- ${parts})
  if(last)
    git(changes status --porcelain -- ${parts})
    set(commit "${last}")
    if(changes)
      string(APPEND commit ", with changes")
    endif()
  endif()
  git(head_log rev-parse --path-format=absolute --git-path logs/HEAD)
endif()

set(text "// Written by write_commit.cmake.
namespace taskrun {

const char* program_commit() { return \"${commit}\"; }

}  // namespace taskrun
")
set(old "")
if(EXISTS "${FILE}")
  file(READ "${FILE}" old)
endif()
if(NOT old STREQUAL text)
  file(WRITE "${FILE}" "${text}")
endif()

file(GLOB_RECURSE sources ${TREE}/src/*.[ch]pp ${TREE}/jobs/*.[ch]pp)
if(EXISTS "${head_log}")
  list(APPEND sources ${head_log})
endif()
list(PREPEND sources "${FILE}:")
list(TRANSFORM sources REPLACE " " "\\\\ ")
list(JOIN sources " " sources)
file(WRITE "${FILE}.d" "${sources}\n")
