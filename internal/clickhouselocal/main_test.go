package clickhouselocal_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

// parentEnv makes this test binary a process that starts a server in the directory it names and never stops it.
const parentEnv = "CLICKHOUSELOCAL_TEST_PARENT"

func TestMain(m *testing.M) {
	if dir := os.Getenv(parentEnv); dir != "" {
		beParent(dir)
		return
	}
	goleak.VerifyTestMain(m)
}

func beParent(dir string) {
	server, err := clickhouselocal.Start(context.Background(), clickhouselocal.Options{DataDir: dir, OwnProcess: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(server.PID())
	time.Sleep(time.Minute) // to be killed meanwhile
}
