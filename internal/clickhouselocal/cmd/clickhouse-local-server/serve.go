//go:build linux || darwin

package main

import (
	"fmt"
	"io"
	"os"
	"syscall"
	"time"
)

// shutdownLimit bounds the clean shutdown. It is the last resort against a process that outlives its parent; a parent that
// is still there gives up earlier and kills.
const shutdownLimit = 30 * time.Second

// serveQuery makes clickhouse-local listen, and then keeps it up until the file that it reads ends. It needs few rights:
// clickhouse-local runs it as the user default without a password.
const serveQuery = "SYSTEM START LISTEN TCP; SYSTEM START LISTEN HTTP; " +
	"INSERT INTO FUNCTION null('line String') FROM INFILE '/dev/fd/%d' FORMAT LineAsString"

// serve runs clickhouse-local from the library until standard input ends or it cannot listen.
//
// It runs as it would for a person at a terminal. Run for a script it takes any error of a connection, such as a wrong
// password on the native protocol, as a reason to abort the process. What the person types is already there: after a
// statement that fails, and after the last one, clickhouse-local reads it and exits.
func serve(library string, args []string) error {
	// Standard input becomes the terminal; the request to shut down keeps another number.
	shutdown, err := syscall.Dup(int(os.Stdin.Fd()))
	if err != nil {
		return fmt.Errorf("standard input: %w", err)
	}
	if err := becomeTerminal(os.Stdin, "exit\n"); err != nil {
		return err
	}
	go exitAfter(os.NewFile(uintptr(shutdown), "shutdown"))
	argv := append([]string{"clickhouse"}, args...)
	return runLibrary(library, append(argv,
		"--interactive", "--disable_suggestion", "--progress=off", "--progress-table=off", "--history_file="+os.DevNull,
		"--output-format=TSV", fmt.Sprintf("--query="+serveQuery, shutdown)))
}

// exitAfter ends the process when the engine has not returned long after the end of the file. The engine reads the same
// one: nothing is ever written to it, so no byte can go to the wrong reader.
func exitAfter(shutdown *os.File) {
	_, _ = io.Copy(io.Discard, shutdown)
	time.Sleep(shutdownLimit)
	fmt.Fprintf(os.Stderr, "clickhouse did not shut down within %s\n", shutdownLimit)
	os.Exit(1)
}
