//go:build commands

// Package kind names the command that the toolchain builds from this module, so that
// `go mod tidy` keeps everything it needs pinned in go.mod and go.sum. It is never compiled.
package kind

import _ "sigs.k8s.io/kind"
