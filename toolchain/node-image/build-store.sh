#!/bin/bash
# Unpacks images into a containerd store, once, so that nodes start with them. Runs as root in mount
# and process namespaces of its own (`unshare`), in which it enters the node's Debian root: the
# containerd that writes the store is then the very one that will read it. Its arguments are the
# Debian root, a work folder that holds images.tar, and the folder to put the finished tree in.
# In that tree the store is small and lies under /var, which every node copies; the unpacked files
# lie under /kind/store, which all nodes share, and the store points there.
set -o errexit -o nounset -o pipefail

root=$1 work=$2 tree=$3
store=$tree/var/lib/containerd
snapshots=$store/io.containerd.snapshotter.v1.overlayfs/snapshots
socket=/mnt/containerd.sock

mkdir -p "$work/state" "$store" "$tree/kind/store"
mount -t proc proc "$root/proc"
mount --bind "$work" "$root/mnt"
mkdir -p "$root/mnt/store"
mount --bind "$store" "$root/mnt/store"

printf 'version = 2\nroot = "/mnt/store"\nstate = "/mnt/state"\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n[grpc]\n  address = "%s"\n' \
  "$socket" >"$work/config.toml"
chroot "$root" /usr/bin/containerd --config /mnt/config.toml >"$work/containerd.log" 2>&1 &
containerd=$!
control() { chroot "$root" /usr/bin/ctr --address "$socket" --namespace k8s.io "$@"; }
until control version >/dev/null 2>&1; do
  kill -0 "$containerd" || { cat "$work/containerd.log" >&2; exit 1; }
  read -rt 0.1 <> <(:) || true
done

control images import --snapshotter overlayfs /mnt/images.tar >&2
for image in $(control images ls -q); do
  control images label "$image" io.cri-containerd.image=managed io.cri-containerd.pinned=pinned >/dev/null
done
# What is unpacked needs no layer; the manifests and configurations stay.
layers=()
blobs=$store/io.containerd.content.v1.content/blobs/sha256
for blob in "$blobs"/*; do
  if [[ $(head -c 1 "$blob") != '{' ]]; then
    control content rm "sha256:$(basename "$blob")" >/dev/null
    layers+=("$blob")
  fi
done
control images ls -q >"$work/images.list"

kill -TERM "$containerd"
wait "$containerd" || true

# containerd removes them in its own time, which may not have come.
rm -f "${layers[@]}"
rm -rf "$store/io.containerd.content.v1.content/ingest" "$store"/tmpmounts
for snapshot in "$snapshots"/*/; do
  number=$(basename "$snapshot")
  if [[ -d $snapshot/fs ]]; then
    mv "$snapshot/fs" "$tree/kind/store/$number"
    ln -s "/kind/store/$number" "$snapshot/fs"
  fi
done
