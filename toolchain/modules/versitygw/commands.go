//go:build commands

// Package versitygw names the command that the toolchain builds from this module, so that
// `go mod tidy` keeps everything it needs pinned in go.mod and go.sum. It is never compiled.
package versitygw

import _ "github.com/versity/versitygw/cmd/versitygw"
