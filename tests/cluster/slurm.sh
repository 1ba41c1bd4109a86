# SPDX-License-Identifier: MIT
# A Slurm of two nodes, both on this machine, for tests to source. Needs root, slurm-wlm and munge.
# All of it is gone at the end.
#
#   slurm_needed_or_skip      ends with code 77 where it cannot be done
#   make_slurm                starts it, and points sbatch and the others to it
#   in_batch NAME OPTION…     submits what stands on stdin and waits for it to begin; $job is its id
#   batch_ended               waits for the end of $job

slurm_folder=
slurm_processes=()

slurm_needed_or_skip() {
  local why= tool
  ((EUID == 0)) || why="needs root"
  for tool in munged slurmctld slurmd sbatch squeue scancel; do
    command -v "$tool" >/dev/null || why="needs $tool: scripts/setup cluster installs it"
  done
  [[ -n $why ]] || return 0
  printf 'SKIPPED: %s\n' "$why"
  exit 77
}

slurm_configuration() {
  local host port
  host=$(hostname -s)
  port=$((20000 + $$ % 10000))
  cat <<CONFIG
ClusterName=taskrun
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$slurm_folder/munge/socket
CredType=cred/munge
StateSaveLocation=$slurm_folder/state
SlurmdSpoolDir=$slurm_folder/spool%n
SlurmctldPidFile=$slurm_folder/slurmctld.pid
SlurmdPidFile=$slurm_folder/slurmd.%n.pid
SlurmctldLogFile=$slurm_folder/slurmctld.log
SlurmdLogFile=$slurm_folder/slurmd.%n.log
MailProg=/bin/true
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
ReturnToService=2
MpiDefault=none
NodeName=n[1-2] NodeHostname=$host NodeAddr=127.0.0.1 Port=[$((port + 1))-$((port + 2))] CPUs=2
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONFIG
}

in_background() {
  "$@" >>"$slurm_folder/daemons.log" 2>&1 &
  slurm_processes+=($!)
}

# await COMMAND…: until it succeeds, a minute at most.
await() {
  local i
  for ((i = 0; i < 600; ++i)); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.1
  done
  printf 'waited in vain for: %s\n' "$*" >&2
  return 1
}
nodes_idle() { [[ $(sinfo -h -o '%T %D') == 'idle 2' ]]; }

make_slurm() {
  slurm_folder=$(mktemp -d "${TMPDIR:-/tmp}/taskrun_slurm.XXXXXX")
  chmod 755 "$slurm_folder"
  trap remove_slurm EXIT
  trap 'exit 130' INT TERM HUP
  mkdir "$slurm_folder"/{munge,state,spooln1,spooln2}
  (umask 077 && head -c 1024 /dev/urandom >"$slurm_folder/munge/key")
  slurm_configuration >"$slurm_folder/slurm.conf"
  export SLURM_CONF=$slurm_folder/slurm.conf
  in_background munged --force --foreground --num-threads=2 --socket="$slurm_folder/munge/socket" \
    --key-file="$slurm_folder/munge/key" --pid-file="$slurm_folder/munge/pid" \
    --log-file="$slurm_folder/munge/log" --seed-file="$slurm_folder/munge/seed"
  await test -S "$slurm_folder/munge/socket" || exit 1
  in_background slurmctld -D
  in_background slurmd -D -N n1
  in_background slurmd -D -N n2
  await nodes_idle && return
  cat "$slurm_folder/daemons.log" >&2
  exit 1
}

in_batch() {  # NAME OPTION…; the script on stdin
  local name=$1
  shift
  job=$(sbatch --parsable --job-name="$name" --output="$slurm_folder/$name.out" "$@") || return
  await test -e "$slurm_folder/$name.out"
}

batch_gone() { [[ -z $(squeue -h -j "$1" 2>/dev/null) ]]; }
batch_ended() { await batch_gone "$job"; }

# Slurm's own processes for the steps of jobs, which belong to nobody.
steps() {
  local process
  for process in $(pgrep -x slurmstepd); do
    grep -qzF "SLURM_CONF=$slurm_folder/" "/proc/$process/environ" 2>/dev/null && echo "$process"
  done
}
steps_gone() { [[ -z $(steps) ]]; }

remove_slurm() {
  local process
  scancel --user=root 2>/dev/null
  # Before the controller, to which they report their ends again and again.
  await nodes_idle
  await steps_gone
  for process in $(steps); do kill -KILL "$process" 2>/dev/null; done
  for process in "${slurm_processes[@]}"; do kill -TERM "$process" 2>/dev/null; done
  for process in "${slurm_processes[@]}"; do wait "$process" 2>/dev/null; done
  rm -rf "$slurm_folder"
}
