//go:build tools

// Package tools pins versitygw, the S3-compatible server that the tests of the blob store run.
package tools

import _ "github.com/versity/versitygw/cmd/versitygw"
