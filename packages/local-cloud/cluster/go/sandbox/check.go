package sandbox

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Check starts a container that does nothing, in an empty folder. Better one clear message now than pods that never run.
func Check(dir string) error {
	root := filepath.Join(dir, "check")
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	defer os.RemoveAll(root)
	runtime.LockOSThread() // see Command
	defer runtime.UnlockOSThread()
	command := Command(Spec{Argv: []string{"true"}, Env: []string{"PATH=/usr/bin:/bin"}, Dir: "/", Hostname: "check", Root: root, UID: -1, GID: -1})
	var said bytes.Buffer
	command.Stderr = &said
	if err := command.Run(); err != nil {
		return fmt.Errorf("this machine does not let us start containers (%v %s): run as root with CAP_SYS_ADMIN, "+
			"or allow user namespaces (on Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0)",
			err, strings.TrimSpace(said.String()))
	}
	return nil
}
