//go:build tools

// Package tools pins the Temporal CLI, whose dev server the embedded topology and the tests run.
package tools

import _ "github.com/temporalio/cli/cmd/temporal"
