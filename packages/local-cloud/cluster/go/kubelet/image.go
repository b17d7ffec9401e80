package kubelet

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"all.in.one/cluster/sandbox"
)

// image is what stands for a container image: the folder IMAGES/REGISTRY/NAME/TAG, which the container sees as /app,
// with an image.json of this form in it.
type image struct {
	Entrypoint, Cmd, Env []string
	WorkingDir           string // /app if empty
	User                 int    // 0 if absent, as with any image
	// Mounts are files or folders of the machine that the container sees too, whatever its user may read. What the
	// image holds at To is an empty placeholder. A relative From starts at the image's folder.
	Mounts []struct{ From, To string }

	dir string
}

// noImage is why a container waits for its image.
type noImage struct{ error }

func (k *kubelet) image(reference string) (*image, error) {
	name, _, _ := strings.Cut(reference, "@")
	tag := "latest"
	if i := strings.LastIndex(name, ":"); i > strings.LastIndex(name, "/") {
		name, tag = name[:i], name[i+1:]
	}
	i := &image{dir: filepath.Join(k.Images, filepath.Clean("/"+name), tag)}
	text, err := os.ReadFile(filepath.Join(i.dir, "image.json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, noImage{fmt.Errorf("no such image: %s", reference)}
	}
	if err == nil {
		err = json.Unmarshal(text, i)
	}
	if err != nil {
		return nil, noImage{fmt.Errorf("image %s: %w", reference, err)}
	}
	return i, nil
}

func (i *image) mounts() []sandbox.Mount {
	mounts := []sandbox.Mount{{From: i.dir, To: "/app", ReadOnly: true}}
	for _, m := range i.Mounts {
		if !filepath.IsAbs(m.From) {
			m.From = filepath.Join(i.dir, m.From)
		}
		mounts = append(mounts, sandbox.Mount{From: m.From, To: m.To, ReadOnly: true})
	}
	return mounts
}
