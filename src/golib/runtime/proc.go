package runtime

import (
	"internal/runtime/exithook"
	"unsafe"
)

//go:linkname main_main main.main
func main_main()

// runInitTasks calls every package's initialiser, dependencies first; the compiler makes it.
func runInitTasks()

// main is the program's first Go function; it runs on the main goroutine.
func main() {
	staticinit()
	hashinit()
	threaded = threadsOn()
	pinsAreTold = pinsTold()
	itabsinit()
	setHook(hookSigpanic, sigpanic)
	setHook(hookFatal, nativeFatal)
	end := goexit
	setHook(hookGoexit, *(*func())(unsafe.Pointer(&end)))
	reflectinit()
	exithook.Gosched = Gosched
	exithook.Goid = func() uint64 { return getg().id }
	exithook.Throw = throw
	startSystem(timerproc)
	startSystem(runFinalizers)
	argsinit()
	godebugEnv = gogetenv("GODEBUG")
	tracebackinit()
	runInitTasks()
	mainStarted(true)
	main_main()
	beforeEnd()
	mainStarted(false)
	awaitPanics()
	runExitHooks(0)
	exit(0)
}

const (
	hookSigpanic = 0
	hookGoexit   = 4
	hookFatal    = 5
)

// startSystem starts a goroutine that deadlock and leak analysis do not count.
func startSystem(fn func()) { newsystemproc(fn) }

// Gosched yields the processor, allowing other goroutines to run.
func Gosched() { gosched() }

// NumGoroutine returns the number of goroutines that currently exist.
func NumGoroutine() int { return numgoroutine() }

// GOMAXPROCS sets the maximum number of CPUs that can be executing simultaneously and returns the previous setting.
func GOMAXPROCS(n int) int { return gomaxprocs(n) }

// SetDefaultGOMAXPROCS updates GOMAXPROCS to the default of the environment.
func SetDefaultGOMAXPROCS() { gomaxprocs(NumCPU()) }

// NumCPU returns the number of logical CPUs usable by the current process.
func NumCPU() int { return numcpu() }

// NumCgoCall returns the number of cgo calls made by the current process: none.
func NumCgoCall() int64 { return 0 }

// LockOSThread wires the calling goroutine to its current operating system thread.
func LockOSThread() { getg().words[wordLocked]++ }

// UnlockOSThread undoes an earlier call to LockOSThread.
func UnlockOSThread() {
	if gp := getg(); gp.words[wordLocked] != 0 {
		gp.words[wordLocked]--
	}
}

// Breakpoint executes a breakpoint trap.
func Breakpoint() {}

// KeepAlive marks its argument as currently reachable.
//
//go:noinline
func KeepAlive(x any) {}

const (
	// Compiler is the name of the compiler toolchain that built the running binary.
	Compiler = "gc"
	// GOOS is the running program's operating system target.
	GOOS string = "linux"
	// GOARCH is the running program's architecture target.
	GOARCH string = "amd64"
)

// GOROOT returns the root of the Go tree.
func GOROOT() string {
	if s := gogetenv("GOROOT"); s != "" {
		return s
	}
	return defaultGOROOT
}

// Version returns the Go tree's version string; the loader adds the file that declares buildVersion and defaultGOROOT.
func Version() string { return buildVersion }

//go:linkname modinfo
var modinfo string

//go:linkname runtime_debug_modinfo runtime/debug.modinfo
func runtime_debug_modinfo() string { return modinfo }

var argslice []string
var envslice []string

func argsinit() {
	n := argCount(0)
	argslice = make([]string, n)
	for i := range argslice {
		argslice[i] = gostring(argAt(0, i))
	}
	n = argCount(1)
	envslice = make([]string, n)
	for i := range envslice {
		envslice[i] = gostring(argAt(1, i))
	}
}

func gogetenv(key string) string {
	for _, s := range envslice {
		if len(s) > len(key) && s[len(key)] == '=' && s[:len(key)] == key {
			return s[len(key)+1:]
		}
	}
	return ""
}

//go:linkname os_runtime_args os.runtime_args
func os_runtime_args() []string { return append([]string{}, argslice...) }

//go:linkname syscall_runtime_envs syscall.runtime_envs
func syscall_runtime_envs() []string { return append([]string{}, envslice...) }

//go:linkname syscall_Exit syscall.Exit
func syscall_Exit(code int) { exit(int32(code)) }

//go:linkname os_beforeExit os.runtime_beforeExit
func os_beforeExit(exitCode int) {
	beforeEnd()
	runExitHooks(exitCode)
}

//go:linkname syscall_Getpagesize syscall.Getpagesize
func syscall_Getpagesize() int { return 4096 }

//go:linkname syscall_runtimeSetenv syscall.runtimeSetenv
func syscall_runtimeSetenv(key, value string) {
	if key == "GODEBUG" && godebugUpdate != nil {
		godebugEnv = value
		godebugUpdate(godebugDefault, value)
	}
}

//go:linkname syscall_runtimeUnsetenv syscall.runtimeUnsetenv
func syscall_runtimeUnsetenv(key string) {
	if key == "GODEBUG" && godebugUpdate != nil {
		godebugEnv = ""
		godebugUpdate(godebugDefault, "")
	}
}

//go:linkname syscall_runtimeClearenv syscall.runtimeClearenv
func syscall_runtimeClearenv(env map[string]int) {}

//go:linkname godebugDefault
var godebugDefault string
var godebugEnv string
var godebugUpdate func(string, string)
var godebugNewInc func(string) func()

// godebugSetting is the value of a GODEBUG setting: the environment's, else the main package's. The last one counts.
func godebugSetting(name string) string {
	for _, settings := range [...]string{godebugEnv, godebugDefault} {
		end := len(settings)
		for i := len(settings) - 1; i >= -1; i-- {
			if i >= 0 && settings[i] != ',' {
				continue
			}
			s := settings[i+1 : end]
			if len(s) > len(name) && s[len(name)] == '=' && s[:len(name)] == name {
				return s[len(name)+1:]
			}
			end = max(i, 0)
		}
	}
	return ""
}

//go:linkname godebug_setUpdate internal/godebug.setUpdate
func godebug_setUpdate(update func(string, string)) {
	godebugUpdate = update
	godebugEnv = gogetenv("GODEBUG")
	update(godebugDefault, godebugEnv)
}

//go:linkname godebug_setNewIncNonDefault internal/godebug.setNewIncNonDefault
func godebug_setNewIncNonDefault(newIncNonDefault func(string) func()) { godebugNewInc = newIncNonDefault }

//go:linkname syscall_runtime_BeforeFork syscall.runtime_BeforeFork
func syscall_runtime_BeforeFork() {}

//go:linkname syscall_runtime_AfterFork syscall.runtime_AfterFork
func syscall_runtime_AfterFork() {}

//go:linkname syscall_runtime_AfterForkInChild syscall.runtime_AfterForkInChild
func syscall_runtime_AfterForkInChild() {}

//go:linkname syscall_runtime_BeforeExec syscall.runtime_BeforeExec
func syscall_runtime_BeforeExec() {}

//go:linkname syscall_runtime_AfterExec syscall.runtime_AfterExec
func syscall_runtime_AfterExec() {}

//go:linkname entersyscall
func entersyscall() {}

//go:linkname exitsyscall
func exitsyscall() {}

//go:linkname syscall6 internal/runtime/syscall/linux.Syscall6
//go:norace
func syscall6(num, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2, errno uintptr) {
	args := [10]uintptr{num, a1, a2, a3, a4, a5, a6}
	syscallNative(&args[0])
	return args[7], args[8], args[9]
}

//go:linkname syscall_rawSyscallNoError syscall.rawSyscallNoError
//go:norace
func syscall_rawSyscallNoError(trap, a1, a2, a3 uintptr) (r1, r2 uintptr) {
	args := [10]uintptr{trap, a1, a2, a3}
	syscallNative(&args[0])
	return args[7], args[8]
}

//go:linkname syscall_doAllThreads syscall.runtime_doAllThreadsSyscall
func syscall_doAllThreads(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2, err uintptr) {
	return syscall6(trap, a1, a2, a3, a4, a5, a6)
}

//go:linkname unix_fcntl runtime.fcntl
func unix_fcntl(fd, cmd, arg int32) (int32, int32) {
	const sysFcntl = 72
	r, _, errno := syscall6(sysFcntl, uintptr(fd), uintptr(cmd), uintptr(arg), 0, 0, 0)
	if errno != 0 {
		return -1, int32(errno)
	}
	return int32(r), 0
}

//go:linkname vgetrandom
func vgetrandom(p []byte, flags uint32) (ret int, supported bool) {
	if seededRun() == 0 {
		return -1, false
	}
	for i := range p {
		p[i] = byte(rand64())
	}
	return len(p), true
}

//go:linkname syscall_gettimeofday syscall.gettimeofday
func syscall_gettimeofday(tv *[2]int64) uintptr {
	var t [2]int64
	walltime(&t[0])
	tv[0], tv[1] = t[0], t[1]/1000
	return 0
}

//go:linkname os_sigpipe os.sigpipe
func os_sigpipe() { sigpipe() }

//go:linkname os_ignoreSIGSYS os.ignoreSIGSYS
func os_ignoreSIGSYS() {}

//go:linkname os_restoreSIGSYS os.restoreSIGSYS
func os_restoreSIGSYS() {}

func getg() *g

func getfp() uintptr

func getcallerpc() uintptr

var _ unsafe.Pointer

type neverCallThisFunction struct{}

// goexit is what traces show as the caller of goroutines' first functions.
//
//go:noinline
//line asm_amd64.s:1264
func goexit(neverCallThisFunction) {}
