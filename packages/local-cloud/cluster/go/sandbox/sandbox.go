// Package sandbox starts a container's process with a view of the machine of its own.
//
// This program runs its own executable again under another name in new mount, host name and process namespaces; the
// init function here builds the container's file system, drops privileges and becomes the container's program. Go
// initialises packages in the order of their import paths (dependencies first), so the name of this module puts this
// before the heavy packages of Kubernetes. Works as root and, with one user, in a user namespace.
package sandbox

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	processName = "cluster-container"
	specEnv     = "CLUSTER_CONTAINER"
	// StartFailed is the exit status of a container whose program could not be started.
	StartFailed = 128
)

// Spec is all that a container's process needs to know.
type Spec struct {
	Argv, Env     []string
	Dir, Hostname string
	Root          string // an empty folder: the container's root is mounted there
	Mounts        []Mount
	UID, GID      int // -1: those of this process
	Groups        []int
	UserNamespace bool // set by Command
}

// Command returns the process, not yet started. It dies with the operating-system thread that starts it: start it and
// wait for it on one goroutine that holds runtime.LockOSThread. As the first process of its namespace it takes all its
// descendants with it.
func Command(s Spec) *exec.Cmd {
	s.UserNamespace = os.Geteuid() != 0
	text, _ := json.Marshal(s) // cannot fail: strings and numbers
	attributes := &syscall.SysProcAttr{
		Setpgid: true, Pdeathsig: syscall.SIGKILL,
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWUTS | syscall.CLONE_NEWPID,
	}
	if s.UserNamespace {
		userNamespace(attributes, s)
	}
	return &exec.Cmd{Path: "/proc/self/exe", Args: []string{processName}, Env: []string{specEnv + "=" + string(text)}, SysProcAttr: attributes}
}

// userNamespace makes the one user that we are look like the one that the container asks for. The capabilities are
// those that building the file system takes; enter drops them.
func userNamespace(attributes *syscall.SysProcAttr, s Spec) {
	attributes.Cloneflags |= syscall.CLONE_NEWUSER
	attributes.UidMappings = []syscall.SysProcIDMap{{ContainerID: max(s.UID, 0), HostID: os.Geteuid(), Size: 1}}
	attributes.GidMappings = []syscall.SysProcIDMap{{ContainerID: max(s.GID, 0), HostID: os.Getegid(), Size: 1}}
	attributes.AmbientCaps = []uintptr{unix.CAP_SYS_ADMIN, unix.CAP_SYS_CHROOT, unix.CAP_SETPCAP}
}

func init() {
	if os.Args[0] != processName {
		return
	}
	runtime.LockOSThread()
	var s Spec
	err := json.Unmarshal([]byte(os.Getenv(specEnv)), &s)
	if err == nil {
		err = s.enter()
	}
	fmt.Fprintln(os.Stderr, "container start:", err)
	os.Exit(StartFailed)
}

// enter returns only when it fails.
func (s *Spec) enter() error {
	if err := s.buildRoot(); err != nil {
		return err
	}
	if err := unix.Chroot(s.Root); err != nil {
		return fmt.Errorf("chroot: %w", err)
	}
	if err := os.Chdir(s.Dir); err != nil {
		return err
	}
	if err := unix.Sethostname([]byte(s.Hostname)); err != nil {
		return fmt.Errorf("host name %q: %w", s.Hostname, err)
	}
	if err := s.dropPrivileges(); err != nil {
		return err
	}
	os.Clearenv()
	for _, e := range s.Env {
		name, value, _ := strings.Cut(e, "=")
		_ = os.Setenv(name, value)
	}
	path, err := exec.LookPath(s.Argv[0]) // by the container's own PATH
	if err != nil {
		return err
	}
	return syscall.Exec(path, s.Argv, s.Env)
}

// dropPrivileges leaves the process with its user and no capability at all, even as root: what it sees is the machine's
// own file system, read-only only as long as nobody may mount.
func (s *Spec) dropPrivileges() error {
	for capability := uintptr(0); capability <= unix.CAP_LAST_CAP; capability++ {
		_ = unix.Prctl(unix.PR_CAPBSET_DROP, capability, 0, 0, 0) // older kernels know fewer
	}
	if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); err != nil {
		return fmt.Errorf("ambient capabilities: %w", err)
	}
	if !s.UserNamespace && (s.UID >= 0 || s.GID >= 0) { // in a user namespace there is only one user, which we are already
		if err := syscall.Setgroups(s.Groups); err != nil {
			return fmt.Errorf("groups: %w", err)
		}
		if err := syscall.Setgid(max(s.GID, 0)); err != nil {
			return fmt.Errorf("group: %w", err)
		}
		if err := syscall.Setuid(max(s.UID, 0)); err != nil {
			return fmt.Errorf("user: %w", err)
		}
	}
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(syscall.SIGKILL), 0, 0, 0); err != nil { // a change of user cleared it
		return fmt.Errorf("death signal: %w", err)
	}
	return unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
}
