// Command official is the same cluster without the control plane in it: it runs the official programs, which lie in
// the folder of this one. It is built in a fraction of the time.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"all.in.one/cluster/controlplane/programs"
	"all.in.one/cluster/program"
)

func main() {
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintln(os.Stderr, "cluster: where its control plane lies is unknown:", err)
		os.Exit(1)
	}
	program.Main(programs.In(filepath.Dir(self)))
}
