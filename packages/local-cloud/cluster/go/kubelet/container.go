package kubelet

import (
	"fmt"
	"path/filepath"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"

	"all.in.one/cluster/sandbox"
)

const (
	retryConfig = 500 * time.Millisecond
	retryPull   = 2 * time.Second
	// The real back-off is 10 s to 5 min, forgotten after 10 min; a drill has no time for that.
	firstBackOff, longestBackOff, backOffForgotten = time.Second, time.Minute, 10 * time.Minute
)

// container is one container of a pod: its process, again and again as the restart policy says.
type container struct {
	*pod
	spec            v1.Container
	policy          v1.RestartPolicy
	sidecar, isMain bool
	stop            <-chan struct{}
	up              chan struct{} // closed when it has started for the first time
	upOnce          sync.Once

	// guarded by pod.mu
	state, last    v1.ContainerState
	restarts       int32
	started, ready bool
	over           bool // will not run again
	code           int
}

func newContainer(p *pod, spec v1.Container, policy v1.RestartPolicy) *container {
	c := &container{pod: p, spec: spec, policy: policy, stop: p.stop, up: make(chan struct{})}
	c.state.Waiting = &v1.ContainerStateWaiting{Reason: "ContainerCreating"}
	return c
}

func (c *container) set(change func()) {
	c.mu.Lock()
	change()
	c.mu.Unlock()
	c.poke()
}

// enter begins a state; whatever probes said of the last one is void.
func (c *container) enter(s v1.ContainerState) {
	c.set(func() {
		if c.state.Terminated != nil {
			c.last = c.state
		}
		c.state, c.started, c.ready = s, false, false
	})
}

func (c *container) wait(reason, message string) {
	c.enter(v1.ContainerState{Waiting: &v1.ContainerStateWaiting{Reason: reason, Message: message}})
}

func (c *container) setStarted() {
	c.set(func() { c.started, c.ready = true, c.spec.ReadinessProbe == nil })
	c.upOnce.Do(func() { close(c.up) })
}

func (c *container) id() string {
	return fmt.Sprintf("process://%s/%s/%d", c.uid, c.spec.Name, c.restarts)
}

func (c *container) logPath() string { return filepath.Join(c.dir, c.spec.Name+".log") }

func (c *container) status() v1.ContainerStatus {
	started := c.started
	return v1.ContainerStatus{
		Name: c.spec.Name, State: c.state, LastTerminationState: c.last, Started: &started, RestartCount: c.restarts,
		Ready: c.ready || c.over && c.code == 0 && !c.isMain,
		Image: c.spec.Image, ImageID: c.spec.Image, ContainerID: c.id(),
	}
}

// loop runs the container until it is over for good; true: it ended well.
func (c *container) loop() bool {
	for backOff := time.Duration(0); ; c.set(func() { c.restarts++ }) {
		began := time.Now()
		code := c.once()
		stopping := closed(c.stop) || code == neverStarted
		if stopping || c.policy == v1.RestartPolicyNever || c.policy == v1.RestartPolicyOnFailure && code == 0 {
			return c.finish(code) && !stopping
		}
		if time.Since(began) > backOffForgotten {
			backOff = 0
		}
		if backOff > 0 && !c.backOff(backOff) {
			c.finish(code)
			return false
		}
		backOff = min(max(2*backOff, firstBackOff), longestBackOff)
	}
}

func (c *container) finish(code int) bool {
	c.set(func() { c.over, c.code = true, code })
	return code == 0
}

func (c *container) backOff(d time.Duration) bool {
	c.events.Eventf(c.object(), v1.EventTypeWarning, "BackOff", "Back-off restarting failed container %s", c.spec.Name)
	c.wait("CrashLoopBackOff", fmt.Sprintf("back-off %v restarting failed container", d))
	return sleep(d, c.stop)
}

// process finds out what to run, trying until that succeeds: an image or a key that is missing may yet come. False: the
// container is asked to stop before.
func (c *container) process() (sandbox.Spec, bool) {
	for attempt := 0; ; attempt++ {
		if closed(c.stop) {
			return sandbox.Spec{}, false
		}
		spec, err := c.sandboxSpec()
		if err == nil {
			return spec, true
		}
		if attempt == 0 {
			c.events.Event(c.object(), v1.EventTypeWarning, "Failed", err.Error())
		}
		pause := retryConfig
		if _, pull := err.(noImage); !pull {
			c.wait("CreateContainerConfigError", err.Error())
		} else if pause = retryPull; attempt%2 == 0 {
			c.wait("ErrImagePull", err.Error())
		} else { // the real one alternates too, and clients that watch rely on seeing changes
			c.wait("ImagePullBackOff", fmt.Sprintf("Back-off pulling image %q: ErrImagePull: %v", c.spec.Image, err))
		}
		if !sleep(pause, c.stop) {
			return sandbox.Spec{}, false
		}
	}
}
