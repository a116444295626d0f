// What runtime.Stack and the profile of goroutines say of goroutines that have not run yet: each stands at its function's first line.
package main

import (
	"fmt"
	"runtime"
	"strings"
)

type job struct{ n int }

func (j *job) run() {}

type runner interface{ run() }

func plain() {}

func work(x int) {}

func main() {
	runtime.GOMAXPROCS(1)
	go func() { _ = fmt.Sprint() }()
	go plain()
	go work(3)
	j := &job{}
	go j.run()
	go runner(j).run()
	x := 3
	go func() {
		_ = fmt.Sprint(x)
	}()
	buffer := make([]byte, 1<<16)
	text := string(buffer[:runtime.Stack(buffer, true)])
	for _, stack := range strings.Split(text, "\n\n") {
		lines := strings.Split(stack, "\n")
		fmt.Println(lines[0][strings.Index(lines[0], "["):])
		for _, line := range lines[1:] {
			if i := strings.LastIndex(line, "/"); strings.HasPrefix(line, "\t") {
				line = "\t" + line[i+1:]
				if strings.HasPrefix(line, "\tasm_") {
					line = "\tassembly"
				}
				line, _, _ = strings.Cut(line, " +")
			}
			fmt.Println(line)
		}
	}
	records := make([]runtime.StackRecord, 20)
	n, ok := runtime.GoroutineProfile(records)
	fmt.Println(n, ok)
	self := 0
	frames := runtime.CallersFrames(records[0].Stack())
	for {
		frame, more := frames.Next()
		if frame.Function == "main.main" {
			self++
		}
		if !more {
			break
		}
	}
	fmt.Println(self)
}
