# SPDX-License-Identifier: MIT
# Several hosts on one machine, for tests to source: network namespaces that a bridge connects, with
# a host name and an sshd each. Needs root, iproute2 and openssh. All of it is gone at the end.
#
#   why_no_hosts                says why it cannot be done; nothing where it can
#   hosts_needed_or_skip        ends with code 77 where it cannot be done
#   make_hosts COUNT            node0 (where commands run) to node<COUNT-1>
#   on HOST COMMAND…            runs a command there
#   link HOST up|down
#   processes_on HOST           lines "pid command" of what was started there

hosts_tag=tr$$
hosts_folder=
hosts_count=0

why_no_hosts() {
  local why= tool
  ((EUID == 0)) || why="needs root"
  for tool in ip unshare ssh ssh-keygen /usr/sbin/sshd; do
    command -v "$tool" >/dev/null || why="needs $tool: scripts/setup cluster installs it"
  done
  [[ -n $why ]] || ip netns add "$hosts_tag-try" 2>/dev/null || why="network namespaces cannot be made here"
  ip netns del "$hosts_tag-try" 2>/dev/null
  printf '%s' "$why"
}

hosts_needed_or_skip() {
  local why
  why=$(why_no_hosts)
  [[ -z $why ]] && return
  printf 'SKIPPED: %s\n' "$why"
  exit 77
}

make_sshd_config() {
  ssh-keygen -q -t ed25519 -N '' -f "$hosts_folder/key"
  ssh-keygen -q -t ed25519 -N '' -f "$hosts_folder/host_key"
  cp "$hosts_folder/key.pub" "$hosts_folder/authorized"
  cat >"$hosts_folder/sshd_config" <<CONFIG
Port 2222
HostKey $hosts_folder/host_key
AuthorizedKeysFile $hosts_folder/authorized
PidFile none
StrictModes no
UsePAM no
PermitRootLogin yes
MaxStartups 100
CONFIG
  mkdir -p /run/sshd
}

make_host() {  # NUMBER
  local name=node$1 space=$hosts_tag-node$1 wire=${hosts_tag}w$1
  ip netns add "$space"
  ip link add "$wire" netns "$hosts_tag-switch" type veth peer name e0 netns "$space"
  ip -n "$hosts_tag-switch" link set "$wire" master bridge up
  ip -n "$space" addr add "10.77.0.$((10 + $1))/24" dev e0
  ip -n "$space" link set e0 up
  ip -n "$space" link set lo up
  # Names for ssh, seen in this namespace only, and a host name of its own.
  mkdir -p "/etc/netns/$space"
  cp "$hosts_folder/names" "/etc/netns/$space/hosts"
  # Its own processes, too: ranks of other hosts cannot be watched from here.
  ip netns exec "$space" unshare --uts --mount --pid --fork --mount-proc sh -c "hostname $name; ${host_preparation[$1]:-:}
    exec /usr/sbin/sshd -D -f $hosts_folder/sshd_config -E $hosts_folder/sshd.$name.log" &
  disown  # its end needs no word
}
declare -A host_preparation=()  # shell text that a host runs before its sshd, by number

make_hosts() {  # COUNT
  hosts_count=$1
  hosts_folder=$(mktemp -d "${TMPDIR:-/tmp}/taskrun_hosts.XXXXXX")
  chmod 755 "$hosts_folder"
  trap remove_hosts EXIT
  trap 'exit 130' INT TERM HUP
  outlive_this_shell
  make_sshd_config
  printf '127.0.0.1 localhost\n' >"$hosts_folder/names"
  local i
  for ((i = 0; i < hosts_count; ++i)); do
    printf '10.77.0.%s node%s a.node%s.test\n' $((10 + i)) "$i" "$i" >>"$hosts_folder/names"
  done
  ip netns add "$hosts_tag-switch"
  ip -n "$hosts_tag-switch" link add bridge type bridge
  ip -n "$hosts_tag-switch" link set bridge up
  for ((i = 0; i < hosts_count; ++i)); do make_host "$i"; done
  for ((i = 1; i < hosts_count; ++i)); do await_ssh "node$i"; done
}

# A shell that is killed, as at a time limit, runs no trap.
outlive_this_shell() {
  (
    trap '' INT TERM HUP
    (tail --pid=$$ -f /dev/null; remove_hosts) &
  ) </dev/null &>/dev/null
}

await_ssh() {  # HOST
  local i
  for ((i = 0; i < 100; ++i)); do
    on node0 $(ssh_command) "$1" true 2>/dev/null && return
    sleep 0.1
  done
  printf 'no ssh to %s\n' "$1" >&2
  exit 1
}

ssh_command() {
  printf '%s ' ssh -i "$hosts_folder/key" -p 2222 -o StrictHostKeyChecking=no \
    -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o BatchMode=yes
}

on() {  # HOST COMMAND…
  local host=$1
  shift
  ip netns exec "$hosts_tag-$host" unshare --uts sh -c 'hostname "$0"; exec "$@"' "$host" "$@"
}

link() { ip -n "$hosts_tag-$1" link set e0 "$2"; }

# What mpirun needs to use these hosts.
hosts_environment() {
  export OMPI_MCA_plm_rsh_agent OMPI_MCA_plm_rsh_no_tree_spawn=1 \
    OMPI_MCA_oob_tcp_if_include=10.77.0.0/24 OMPI_MCA_btl_tcp_if_include=10.77.0.0/24 \
    OMPI_MCA_btl=self,tcp OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  OMPI_MCA_plm_rsh_agent=$(ssh_command)
  OMPI_MCA_plm_rsh_agent=${OMPI_MCA_plm_rsh_agent% }
}

processes_on() {  # HOST
  ip netns pids "$hosts_tag-$1" 2>/dev/null | while read -r pid; do
    [[ $(ps -o stat= -p "$pid") == Z* ]] || printf '%s %s\n' "$pid" "$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null)"
  done | grep -vE 'sshd(:| -D|.* \[listener\])|unshare --uts|^[0-9]+ *$'
}

remove_hosts() {
  local i pid
  for ((i = 0; i < hosts_count; ++i)); do
    for pid in $(ip netns pids "$hosts_tag-node$i" 2>/dev/null); do kill -KILL "$pid" 2>/dev/null; done
    ip netns del "$hosts_tag-node$i" 2>/dev/null
    rm -rf "/etc/netns/$hosts_tag-node$i"
  done
  rmdir /etc/netns 2>/dev/null
  ip netns del "$hosts_tag-switch" 2>/dev/null
  rm -rf "$hosts_folder"
}
