package redact

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTheSameCodeHasTheSameFrames(t *testing.T) {
	for name, traces := range map[string][2]string{
		"java": {
			"java.lang.IllegalStateException: user jane\n\tat com.acme.Db.run(Db.java:42)\n\tat com.acme.Main.main(Main.java:7)\nCaused by: java.io.IOException: disk 1\n\t... 12 more",
			"java.lang.IllegalStateException: user bob and more\r\n  at com.acme.Db.run(Db.java:45)\n  at com.acme.Main.main(Main.java:8)\nCaused by: java.io.IOException: disk 2\n\t... 3 more",
		},
		"go": {
			"panic: jane\n\ngoroutine 1 [running]:\nmain.run(0xc000012345, 0x3)\n\t/src/main.go:12 +0x1d\nmain.main()\n\t/src/main.go:5 +0x2f",
			"panic: bob\n\ngoroutine 19 [running]:\nmain.run(0xc0000fffff, 0x9)\n\t/src/main.go:13 +0x2e\nmain.main()\n\t/src/main.go:6 +0x30",
		},
		"python": {
			"Traceback (most recent call last):\n  File \"/app/a.py\", line 3, in f\n    g(x)\nValueError: invalid literal 'jane'",
			"Traceback (most recent call last):\n  File \"/app/a.py\", line 9, in f\n    g(x)\nValueError: invalid literal 'bob'",
		},
		"javascript": {
			"TypeError: jane is undefined\n    at f (/app/a.js:1:23)\n    at node:internal/x:5:1",
			"TypeError: bob is undefined\n    at f (/app/a.js:2:3)\n    at node:internal/x:6:1",
		},
		"dotnet": {
			"System.Exception: jane\n   at Acme.Db.Run() in /src/Db.cs:line 12",
			"System.Exception: bob\n   at Acme.Db.Run() in /src/Db.cs:line 13",
		},
	} {
		assert.Equal(t, string(appendFrames(nil, traces[0])), string(appendFrames(nil, traces[1])), name)
	}
	assert.NotEqual(t, string(appendFrames(nil, "at a.b(C.java:1)")), string(appendFrames(nil, "at a.c(C.java:1)")))
	assert.NotEqual(t, string(appendFrames(nil, "IOError: x\nat a")), string(appendFrames(nil, "ValueError: x\nat a")))
}
