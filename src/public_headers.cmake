# SPDX-License-Identifier: MIT
# The headers that are installed. The promised ones are what an outside job or program includes
# (jobs/README.md); those that they include come along, and may change.
set(promised_headers
  app/program.hpp
  taskrun/core/contract.hpp
  taskrun/core/error.hpp
  taskrun/core/time.hpp
  taskrun/data/csv.hpp
  taskrun/data/datasets.hpp
  taskrun/data/lines.hpp
  taskrun/data/texts.hpp
  taskrun/job/context.hpp
  taskrun/job/exact.hpp
  taskrun/job/params.hpp
  taskrun/job/registry.hpp)
set(headers_that_come_along
  taskrun/core/byte_order_mark.hpp
  taskrun/core/bytes.hpp
  taskrun/core/chunk_it.hpp
  taskrun/core/divided_up.hpp
  taskrun/core/input_file.hpp
  taskrun/core/input_state.hpp
  taskrun/core/process_end.hpp
  taskrun/core/range.hpp
  taskrun/core/secrets.hpp
  taskrun/data/csv_cursor.hpp
  taskrun/data/line_splitter.hpp
  taskrun/data/open_input.hpp
  taskrun/data/payload.hpp
  taskrun/job/job.hpp
  taskrun/job/job_members.hpp
  taskrun/job/typed_job.hpp
  taskrun/os/descriptor.hpp
  taskrun/os/wakeup.hpp)
# Of taskrun::testing.
set(testing_headers tests/jobs/job_drive.hpp tests/jobs/refusal.hpp)
