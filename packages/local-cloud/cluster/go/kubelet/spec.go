package kubelet

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	v1 "k8s.io/api/core/v1"
	"k8s.io/kubernetes/third_party/forked/golang/expansion"

	"all.in.one/cluster/sandbox"
)

// sandboxSpec turns the container's specification into a process.
func (c *container) sandboxSpec() (sandbox.Spec, error) {
	pod := c.object()
	s := sandbox.Spec{Hostname: pod.Spec.Hostname, Root: filepath.Join(c.dir, c.spec.Name+".root"), UID: -1, GID: -1}
	if s.Hostname == "" {
		s.Hostname = pod.Name
	}
	image, err := c.image(c.spec.Image)
	if err != nil {
		return s, err
	}
	if err := os.MkdirAll(s.Root, 0o755); err != nil {
		return s, err
	}
	env, err := c.environment(pod, image.Env)
	if err != nil {
		return s, err
	}
	for name, value := range env {
		s.Env = append(s.Env, name+"="+value)
	}
	expand := func(in []string) (out []string) {
		for _, x := range in {
			out = append(out, expansion.Expand(x, expansion.MappingFuncFor(env)))
		}
		return out
	}
	if s.Argv = c.command(image, expand); len(s.Argv) == 0 {
		return s, errors.New("no command specified")
	}
	s.Dir = "/app"
	for _, dir := range []string{image.WorkingDir, c.spec.WorkingDir} {
		if dir != "" {
			s.Dir = dir
		}
	}
	if err := c.setUser(&s, pod, image); err != nil {
		return s, err
	}
	s.Mounts, err = c.mounts(pod, image, expand)
	return s, err
}

func (c *container) command(i *image, expand func([]string) []string) []string {
	switch {
	case len(c.spec.Command) > 0:
		return append(expand(c.spec.Command), expand(c.spec.Args)...)
	case len(c.spec.Args) > 0:
		return append(slices.Clone(i.Entrypoint), expand(c.spec.Args)...)
	}
	return append(slices.Clone(i.Entrypoint), i.Cmd...)
}

// setUser: the container's say counts before the pod's, and that before the image's.
func (c *container) setUser(s *sandbox.Spec, pod *v1.Pod, i *image) error {
	s.UID = i.User
	nonRoot := false
	if sc := pod.Spec.SecurityContext; sc != nil {
		nonRoot = sc.RunAsNonRoot != nil && *sc.RunAsNonRoot
		override(&s.UID, sc.RunAsUser)
		override(&s.GID, sc.RunAsGroup)
		for _, g := range sc.SupplementalGroups {
			s.Groups = append(s.Groups, int(g))
		}
		if sc.FSGroup != nil {
			s.Groups = append(s.Groups, int(*sc.FSGroup))
		}
	}
	if sc := c.spec.SecurityContext; sc != nil {
		override(&s.UID, sc.RunAsUser)
		override(&s.GID, sc.RunAsGroup)
		if sc.RunAsNonRoot != nil {
			nonRoot = *sc.RunAsNonRoot
		}
	}
	if nonRoot && s.UID == 0 {
		return errors.New("container has runAsNonRoot and image will run as root")
	}
	return nil
}

func override(to *int, with *int64) {
	if with != nil {
		*to = int(*with)
	}
}

// mounts are listed parents first.
func (c *container) mounts(pod *v1.Pod, i *image, expand func([]string) []string) ([]sandbox.Mount, error) {
	tmp := filepath.Join(c.dir, c.spec.Name+".tmp")
	if err := writableDir(tmp); err != nil {
		return nil, err
	}
	mounts := append(i.mounts(),
		sandbox.Mount{From: c.Network.HostsFile(pod.Namespace), To: "/etc/hosts", ReadOnly: true},
		sandbox.Mount{From: tmp, To: "/tmp"})
	for _, m := range c.spec.VolumeMounts {
		from, known := c.volumes[m.Name]
		if !known {
			return nil, fmt.Errorf("volume %q of this pod is a kind that this kubelet does not have", m.Name)
		}
		if below := m.SubPath + expand([]string{m.SubPathExpr})[0]; below != "" {
			from = filepath.Join(from, filepath.Clean("/"+below))
			if _, err := os.Stat(from); err != nil {
				if err := writableDir(from); err != nil {
					return nil, err
				}
			}
		}
		mounts = slices.DeleteFunc(mounts, func(other sandbox.Mount) bool { return other.To == m.MountPath })
		mounts = append(mounts, sandbox.Mount{From: from, To: m.MountPath, ReadOnly: m.ReadOnly})
	}
	slices.SortStableFunc(mounts, func(a, b sandbox.Mount) int { return len(a.To) - len(b.To) })
	return mounts, nil
}

// writableDir makes a folder that containers of any user may write in, past the umask.
func writableDir(path string) error {
	if err := os.MkdirAll(path, 0o777); err != nil {
		return err
	}
	return os.Chmod(path, 0o777)
}
