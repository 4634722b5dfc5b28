// Command pause holds a pod's namespaces open: it sleeps until it is told to end, and reaps the
// children that the pod's other containers leave to it when they share one process namespace.
// It takes the place of Kubernetes' image of the same name, refuses nothing and reads no argument.
package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGCHLD)
	for received := range signals {
		if received != syscall.SIGCHLD {
			return
		}
		for {
			if child, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); child <= 0 || err != nil {
				break
			}
		}
	}
}
