package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Mount shows the container a file or folder of the machine.
type Mount struct {
	From, To string
	ReadOnly bool
}

// buildRoot makes s.Root the container's file system: the machine's, read-only, with the container's mounts in it.
func (s *Spec) buildRoot() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("private mounts: %w", err)
	}
	if err := unix.Mount("tmpfs", s.Root, "tmpfs", 0, "mode=755"); err != nil {
		return fmt.Errorf("root: %w", err)
	}
	_ = unix.Mount("", s.Root, "", unix.MS_UNBINDABLE, "") // so that binding the machine's folders skips it
	for i := range s.Mounts {
		s.Mounts[i].To = resolve(s.Mounts[i].To)
	}
	if err := s.mirror("/"); err != nil {
		return err
	}
	for _, m := range s.Mounts { // mount points that the machine lacks, while the root can be written
		if err := mountPoint(m.From, s.Root+m.To); err != nil {
			return err
		}
	}
	if err := readOnly(s.Root); err != nil {
		return fmt.Errorf("read-only root: %w", err)
	}
	if err := unix.Mount("tmpfs", s.Root+"/dev/shm", "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=1777"); err != nil {
		return fmt.Errorf("/dev/shm: %w", err)
	}
	// where a container manager masks parts of /proc, a new one is refused: then the machine's must do
	_ = unix.Mount("proc", s.Root+"/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "")
	for _, m := range s.Mounts {
		if err := m.bind(s.Root); err != nil {
			return err
		}
	}
	return nil
}

func (m Mount) bind(root string) error {
	to := root + m.To
	if err := mountPoint(m.From, to); err != nil { // below another mount
		return err
	}
	if err := unix.Mount(m.From, to, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("mount %s: %w", m.To, err)
	}
	if !m.ReadOnly {
		return nil
	}
	if err := readOnly(to); err != nil {
		return fmt.Errorf("read-only %s: %w", m.To, err)
	}
	return nil
}

func readOnly(path string) error {
	return unix.MountSetattr(-1, path, unix.AT_RECURSIVE, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY})
}

// mirror binds the entries of a machine's folder into the new root. A folder below which a mount point must be made is
// not bound but made anew, entry by entry.
func (s *Spec) mirror(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		to := s.Root + path
		switch {
		case entry.Type()&os.ModeSymlink != 0:
			if target, err := os.Readlink(path); err == nil {
				_ = os.Symlink(target, to)
			}
		case s.mustMakeBelow(path):
			if err := os.Mkdir(to, 0o755); err != nil {
				return err
			}
			if err := s.mirror(path); err != nil {
				return err
			}
		default:
			if mountPoint(path, to) == nil { // what cannot be bound stays empty
				_ = unix.Mount(path, to, "", unix.MS_BIND|unix.MS_REC, "")
			}
		}
	}
	return nil
}

func (s *Spec) mustMakeBelow(path string) bool {
	for _, m := range s.Mounts {
		if _, err := os.Lstat(m.To); err != nil && strings.HasPrefix(m.To, path+"/") {
			return true
		}
	}
	return false
}

// mountPoint makes an empty file or folder to mount on, unless there is one.
func mountPoint(from, to string) error {
	if _, err := os.Lstat(to); err == nil {
		return nil
	}
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return os.MkdirAll(to, 0o755)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, nil, 0o644)
}

// resolve follows links in the existing part of a path (/var/run is /run on most systems).
func resolve(path string) string {
	rest := ""
	for dir := filepath.Clean(path); ; dir = filepath.Dir(dir) {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			return filepath.Join(real, rest)
		}
		rest = filepath.Join(filepath.Base(dir), rest)
	}
}
