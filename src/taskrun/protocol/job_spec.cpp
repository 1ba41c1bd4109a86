// SPDX-License-Identifier: MIT
#include "taskrun/protocol/job_spec.hpp"

#include "taskrun/protocol/fields.hpp"

namespace taskrun {

Bytes encode_job_spec(const JobSpec& spec) {
  Bytes out;
  WritingArchive archive(out);
  fields(archive, spec);
  return out;
}

JobSpec decode_job_spec(ByteView in) {
  JobSpec spec;
  ReadingArchive archive(in);
  fields(archive, spec);
  archive.finish();
  return spec;
}

}  // namespace taskrun
