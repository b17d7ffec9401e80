package inprocess

import (
	"fmt"
	"net/url"
	"os"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
)

// Etcd starts the API's database in dir. Its sockets are files in that folder, so no other user of the machine can reach
// it. Paths of sockets are limited to about 100 characters, which folders of temporary files easily exceed, so the
// folder goes by its number.
func (ControlPlane) Etcd(dir string) (string, <-chan error, error) {
	folder, err := os.Open(dir)
	if err != nil {
		return "", nil, err
	}
	dir = fmt.Sprintf("/proc/self/fd/%d", folder.Fd())
	keepOpen = folder
	config := embed.NewConfig()
	config.Dir, config.LogLevel = dir+"/etcd", "error"
	config.UnsafeNoFsync = true                // nothing here outlives a crash of the machine
	config.TickMs, config.ElectionMs = 20, 200 // the only member need not wait long for others
	client, peer := socket(dir+"/client.sock"), socket(dir+"/peer.sock")
	config.ListenClientUrls, config.AdvertiseClientUrls = []url.URL{client}, []url.URL{client}
	config.ListenPeerUrls, config.AdvertisePeerUrls = []url.URL{peer}, []url.URL{peer}
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	etcd, err := embed.StartEtcd(config)
	if err != nil {
		return "", nil, fmt.Errorf("etcd: %w", err)
	}
	select {
	case <-etcd.Server.ReadyNotify():
		return client.String(), etcd.Err(), nil
	case err := <-etcd.Err():
		return "", nil, fmt.Errorf("etcd: %w", err)
	case <-time.After(time.Minute):
		return "", nil, fmt.Errorf("etcd is not ready after a minute")
	}
}

var keepOpen *os.File

func socket(path string) url.URL { return url.URL{Scheme: "unix", Path: path} }
