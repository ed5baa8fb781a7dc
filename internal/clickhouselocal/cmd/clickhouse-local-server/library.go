//go:build linux || darwin

package main

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// runLibrary calls chdb_query_cmdline of the library at path with argv and returns when the engine has ended.
func runLibrary(path string, argv []string) error {
	lib, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return fmt.Errorf("load %s: %w", path, err)
	}
	var run func(argc int32, argv unsafe.Pointer) unsafe.Pointer
	var resultError func(result unsafe.Pointer) string
	purego.RegisterLibFunc(&run, lib, "chdb_query_cmdline")
	purego.RegisterLibFunc(&resultError, lib, "chdb_result_error")

	// A C argv ends with a null pointer.
	pointers := make([]*byte, len(argv)+1)
	for i, arg := range argv {
		pointers[i] = &append([]byte(arg), 0)[0]
	}
	//nolint:gosec // C takes an array of pointers, kept alive until it returns
	result := run(int32(len(argv)), unsafe.Pointer(&pointers[0]))
	runtime.KeepAlive(pointers)
	if result == nil {
		return errors.New("clickhouse ended without a result")
	}
	if message := resultError(result); message != "" {
		return errors.New(message)
	}
	return nil
}
