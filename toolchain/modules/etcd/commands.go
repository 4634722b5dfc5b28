//go:build commands

// Package etcd names the commands that the toolchain builds from this module, so that
// `go mod tidy` keeps everything they need pinned in go.mod and go.sum. It is never compiled.
package etcd

import (
	_ "go.etcd.io/etcd/etcdctl/v3"
	_ "go.etcd.io/etcd/etcdutl/v3"
	_ "go.etcd.io/etcd/server/v3"
)
