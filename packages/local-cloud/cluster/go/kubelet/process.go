package kubelet

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"all.in.one/cluster/sandbox"
)

// neverStarted is the exit code of a container that was stopped before it had a process.
const neverStarted = -1

const longestMessage = 2048

// once runs the container's process until it ends and returns its exit code.
func (c *container) once() int {
	spec, ok := c.process()
	if !ok {
		return neverStarted
	}
	runtime.LockOSThread() // see sandbox.Command
	defer runtime.UnlockOSThread()
	began := metav1.Now()
	err := c.execute(spec, began)
	end := &v1.ContainerStateTerminated{Reason: "Completed", StartedAt: began, FinishedAt: metav1.Now(), ContainerID: c.id()}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		end.Reason, end.ExitCode = "Error", int32(exit.ExitCode())
		if status := exit.Sys().(syscall.WaitStatus); status.Signaled() {
			end.ExitCode, end.Signal = int32(128+status.Signal()), int32(status.Signal())
		}
	} else if err != nil {
		end.Reason, end.ExitCode, end.Message = "StartError", sandbox.StartFailed, err.Error()
	}
	if end.ExitCode != 0 && c.spec.TerminationMessagePolicy == v1.TerminationMessageFallbackToLogsOnError {
		log, _ := os.ReadFile(c.logPath())
		end.Message = string(log[max(0, len(log)-longestMessage):])
	}
	c.enter(v1.ContainerState{Terminated: end})
	return int(end.ExitCode)
}

func (c *container) execute(spec sandbox.Spec, began metav1.Time) error {
	_ = os.Rename(c.logPath(), c.logPath()+".previous") // there is none the first time
	log, err := os.Create(c.logPath())
	if err != nil {
		return err
	}
	defer log.Close()
	command := sandbox.Command(spec)
	command.Stdout, command.Stderr = log, log
	if err := command.Start(); err != nil {
		return err
	}
	c.enter(v1.ContainerState{Running: &v1.ContainerStateRunning{StartedAt: began}})
	c.events.Eventf(c.object(), v1.EventTypeNormal, "Started", "Started container %s", c.spec.Name)
	exited := make(chan struct{})
	defer close(exited)
	go c.supervise(command.Process.Pid, spec, exited)
	return command.Wait()
}

// supervise probes a running container, and ends it when the pod ends or a probe says so.
func (c *container) supervise(pid int, spec sandbox.Spec, exited <-chan struct{}) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	unhealthy := make(chan string, 1)
	go func() {
		c.runHook(ctx, c.spec.Lifecycle, true, spec)
		c.probeAll(ctx, spec, unhealthy)
	}()
	grace := c.ownGrace()
	select {
	case <-exited:
		return
	case <-c.stop:
		c.mu.Lock()
		if c.ending {
			grace = c.grace
		}
		c.mu.Unlock()
	case probe := <-unhealthy:
		c.events.Eventf(c.object(), v1.EventTypeNormal, "Killing", "Container %s failed %s probe, will be restarted", c.spec.Name, probe)
	}
	cancel()
	c.set(func() { c.ready = false })
	c.terminate(pid, grace, spec, exited)
}

func (c *container) terminate(pid int, grace time.Duration, spec sandbox.Spec, exited <-chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	c.runHook(ctx, c.spec.Lifecycle, false, spec)
	_ = syscall.Kill(pid, syscall.SIGTERM) // the first process only; without a handler of its own it is deaf to this
	select {
	case <-exited:
	case <-ctx.Done():
		_ = syscall.Kill(pid, syscall.SIGKILL)
	case <-c.forgotten:
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}
