// Package programs runs a control plane's official programs as children of this process.
package programs

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	startLimit = time.Minute
	pollEvery  = 10 * time.Millisecond
	folderFD   = "/proc/self/fd/3" // the first of exec.Cmd.ExtraFiles
)

// ControlPlane is one of several processes.
type ControlPlane struct {
	programs string
	data     *os.File
}

// In is the control plane whose programs lie in a folder by their usual names.
func In(folder string) *ControlPlane { return &ControlPlane{programs: folder} }

// Etcd starts the API's database in dir. Its sockets are files in that folder, so no other user of the machine can reach
// it. Paths of sockets are limited to about 100 characters, which folders of temporary files easily exceed, so every
// program gets the folder as an open file and reaches it by its number.
func (c *ControlPlane) Etcd(dir string) (string, <-chan error, error) {
	var err error
	if c.data, err = os.Open(dir); err != nil {
		return "", nil, err
	}
	client, peer := "unix://"+folderFD+"/client.sock", "unix://"+folderFD+"/peer.sock"
	ended := make(chan error, 1)
	go func() {
		ended <- c.run("etcd", []string{
			"--data-dir=" + folderFD + "/etcd", "--log-level=error",
			"--unsafe-no-fsync",                                 // nothing here outlives a crash of the machine
			"--heartbeat-interval=20", "--election-timeout=200", // the only member need not wait long for others
			"--listen-client-urls=" + client, "--advertise-client-urls=" + client,
			"--listen-peer-urls=" + peer, "--initial-advertise-peer-urls=" + peer, "--initial-cluster=default=" + peer,
		})
	}()
	end := time.After(startLimit)
	for {
		// it listens only when it is a member that can answer
		if _, err := os.Stat(filepath.Join(dir, "client.sock")); err == nil {
			return client, ended, nil
		}
		select {
		case err := <-ended:
			return "", nil, err
		case <-end:
			return "", nil, fmt.Errorf("etcd is not ready after %v", startLimit)
		case <-time.After(pollEvery):
		}
	}
}

// APIServer returns when it ends.
func (c *ControlPlane) APIServer(_ context.Context, args []string) error {
	return c.run("kube-apiserver", args)
}

// ControllerManager returns when it ends.
func (c *ControlPlane) ControllerManager(_ context.Context, args []string) error {
	return c.run("kube-controller-manager", args)
}

// Scheduler returns when it ends.
func (c *ControlPlane) Scheduler(_ context.Context, args []string) error {
	return c.run("kube-scheduler", args)
}

// run returns when the program ends, which is never meant to happen. The kernel ends it with the thread that started
// it, so it cannot outlive this process.
func (c *ControlPlane) run(name string, args []string) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	command := exec.Command(filepath.Join(c.programs, name), args...)
	command.Stderr, command.Stdout = os.Stderr, os.Stderr // standard output is for the announcement
	command.ExtraFiles = []*os.File{c.data}
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: unix.SIGKILL}
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return fmt.Errorf("%s ended without an error", name)
}
