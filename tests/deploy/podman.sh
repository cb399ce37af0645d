# Sourced by compose-on-podman.sh: a podman of its own (storage, networks, socket) that Docker Compose talks to.

# Where podman and buildah keep what is theirs; the images stay for the next time.
configure_podman() {
  mkdir -p "$work/podman" "$standin_dir/networks"
  cat >"$work/podman/containers.conf" <<END
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
cgroups = "enabled"
[network]
network_backend = "netavark"
network_config_dir = "$standin_dir/networks"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
END
  cat >"$work/podman/storage.conf" <<END
[storage]
driver = "overlay"
graphroot = "$standin_dir/storage"
runroot = "$standin_dir/run"
END
  export CONTAINERS_CONF="$work/podman/containers.conf" CONTAINERS_STORAGE_CONF="$work/podman/storage.conf"
  # No namespaces inside the build: they are not to be had on every machine.
  export BUILDAH_ISOLATION=chroot
}

start_podman() {
  # What a run that was killed has left: its containers would be taken for this one's.
  remove_containers
  podman system service --time=0 "unix://$work/podman.sock" >"$work/podman.log" 2>&1 &
  podman_pid=$!
  export DOCKER_HOST="unix://$work/podman.sock"
  for _ in $(seq 50); do
    [ -S "$work/podman.sock" ] && break
    sleep 0.2
  done
  health_loop &
  health_pid=$!
}

# Podman leaves the timing of health checks to systemd; without one, this asks.
health_loop() {
  set +e
  while sleep 2; do
    for id in $(podman ps --quiet --filter status=running 2>/dev/null); do podman healthcheck run "$id" >/dev/null 2>&1; done
  done
}

stop_podman() {
  [ -n "${health_pid:-}" ] && kill "$health_pid" 2>/dev/null
  if [ -n "${podman_pid:-}" ]; then
    remove_containers
    kill "$podman_pid" 2>/dev/null
  fi
  wait 2>/dev/null
}

remove_containers() {
  podman rm --all --force --time 2 >/dev/null 2>&1 || true
  podman volume rm --all --force >/dev/null 2>&1 || true
  podman network prune --force >/dev/null 2>&1 || true
}
