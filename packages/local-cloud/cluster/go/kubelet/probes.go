package kubelet

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"all.in.one/cluster/addresses"
	"all.in.one/cluster/sandbox"
)

// Until its first success a probe is tried this often, so that pods are ready sooner than under the real kubelet.
const eagerPeriod = 100 * time.Millisecond

// runHook runs what is to happen after the start or before the stop; like the real kubelet it goes on if that fails.
func (c *container) runHook(ctx context.Context, hooks *v1.Lifecycle, afterStart bool, spec sandbox.Spec) {
	if hooks == nil {
		return
	}
	hook, name := hooks.PreStop, "PreStop"
	if afterStart {
		hook, name = hooks.PostStart, "PostStart"
	}
	switch {
	case hook == nil:
	case hook.Sleep != nil:
		sleep(time.Duration(hook.Sleep.Seconds)*time.Second, ctx.Done())
	default:
		handler := v1.ProbeHandler{Exec: hook.Exec, HTTPGet: hook.HTTPGet, TCPSocket: hook.TCPSocket}
		if err := c.try(ctx, handler, spec); err != nil {
			c.events.Eventf(c.object(), v1.EventTypeWarning, "Failed"+name+"Hook", "%s hook of %s failed: %v", name, c.spec.Name, err)
		}
	}
}

// probeAll runs the container's probes until the context ends; the startup probe holds the others back.
func (c *container) probeAll(ctx context.Context, spec sandbox.Spec, unhealthy chan<- string) {
	if c.spec.StartupProbe != nil {
		ok := false
		c.probe(ctx, c.spec.StartupProbe, spec, func(good bool) bool { ok = good; return false })
		if ctx.Err() != nil {
			return
		}
		if !ok {
			unhealthy <- "startup"
			return
		}
	}
	if ctx.Err() != nil {
		return
	}
	c.setStarted()
	if c.spec.ReadinessProbe != nil {
		go c.probe(ctx, c.spec.ReadinessProbe, spec, func(good bool) bool { c.set(func() { c.ready = good }); return true })
	}
	if c.spec.LivenessProbe != nil {
		c.probe(ctx, c.spec.LivenessProbe, spec, func(good bool) bool {
			if !good {
				unhealthy <- "liveness"
			}
			return good
		})
	}
}

// probe repeats a probe and hands on its verdict while that asks for more. Failures count once a period, however often
// it is tried.
func (c *container) probe(ctx context.Context, p *v1.Probe, spec sandbox.Spec, verdict func(bool) bool) {
	period := time.Duration(p.PeriodSeconds) * time.Second
	sleep(time.Duration(p.InitialDelaySeconds)*time.Second, ctx.Done())
	var good, bad int32
	pause, counted := eagerPeriod, time.Now()
	for ctx.Err() == nil {
		limited, cancel := context.WithTimeout(ctx, time.Duration(p.TimeoutSeconds)*time.Second)
		err := c.try(limited, p.ProbeHandler, spec)
		cancel()
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			good, bad, pause = good+1, 0, period
			if good >= p.SuccessThreshold && !verdict(true) {
				return
			}
		} else if time.Since(counted) >= period || pause == period {
			good, bad, counted = 0, bad+1, time.Now()
			c.events.Eventf(c.object(), v1.EventTypeWarning, "Unhealthy", "probe of %s failed: %v", c.spec.Name, err)
			if bad >= p.FailureThreshold && !verdict(false) {
				return
			}
		}
		sleep(pause, ctx.Done())
	}
}

func (c *container) try(ctx context.Context, h v1.ProbeHandler, spec sandbox.Spec) error {
	switch {
	case h.Exec != nil:
		return tryExec(ctx, h.Exec, spec)
	case h.TCPSocket != nil:
		connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", c.target(h.TCPSocket.Host, h.TCPSocket.Port))
		if err != nil {
			return err
		}
		return connection.Close()
	case h.HTTPGet != nil:
		return c.tryHTTP(ctx, h.HTTPGet)
	}
	return errors.New("this kubelet has no such probe")
}

// tryExec runs the command beside the container, over the same files.
func tryExec(ctx context.Context, action *v1.ExecAction, spec sandbox.Spec) error {
	spec.Argv = action.Command
	runtime.LockOSThread() // see sandbox.Command
	defer runtime.UnlockOSThread()
	command := sandbox.Command(spec)
	if err := command.Start(); err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { _ = command.Process.Kill() })()
	return command.Wait()
}

func (c *container) target(host string, port intstr.IntOrString) string {
	if host == "" {
		host = addresses.OnMachine(c.ip)
	}
	for _, p := range c.spec.Ports {
		if port.Type == intstr.String && p.Name == port.StrVal {
			return net.JoinHostPort(host, strconv.Itoa(int(p.ContainerPort)))
		}
	}
	return net.JoinHostPort(host, port.String())
}

var probeClient = http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, // as the real kubelet does
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func (c *container) tryHTTP(ctx context.Context, action *v1.HTTPGetAction) error {
	url := strings.ToLower(string(action.Scheme)) + "://" + c.target(action.Host, action.Port) + "/" + strings.TrimPrefix(action.Path, "/")
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	request.Header.Set("User-Agent", "kube-probe/1")
	for _, h := range action.HTTPHeaders {
		request.Header.Set(h.Name, h.Value)
	}
	response, err := probeClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if start, _ := io.ReadAll(io.LimitReader(response.Body, 200)); response.StatusCode < 200 || response.StatusCode >= 400 {
		return fmt.Errorf("HTTP %d: %s", response.StatusCode, start)
	}
	return nil
}
