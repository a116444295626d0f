package runtime

import (
	"internal/abi"
	"unsafe"
)

// The natives: functions of the Rust runtime (src/runtime/natives), found by their symbol "runtime.<name>". Their
// arguments and results are integers and pointers only, at most six in and two out. A native never calls Go code; what it
// cannot do it reports as a code, and Go raises the panic.
//
// Natives of other packages, which have no declaration here because their packages declare them without a body:
// sync/atomic (all 36 functions) and reflect.makeFuncStub, reflect.methodValueCall.
// Natives that replace Go bodies: sync.(*Mutex).{Lock,TryLock,Unlock}, internal/sync.(*Mutex).{Lock,TryLock,Unlock},
// sync.(*RWMutex).{Lock,TryLock,Unlock,RLock,TryRLock,RUnlock}.
// Everything else that std asks of the runtime is Go in this package, by linkname.

// Memory.

// mallocgc gives memory for size bytes, traced by typ's pointer mask repeated; nil typ: no pointers.
func mallocgc(size uintptr, typ *_type, needzero bool) unsafe.Pointer
func newobject(typ *_type) unsafe.Pointer

// persistentalloc gives zeroed memory that is never freed and never traced.
func persistentalloc(size uintptr) unsafe.Pointer

// roundupsize is the size that an allocation of size bytes really gets.
func roundupsize(size uintptr, noscan bool) uintptr
func memmove(dst, src unsafe.Pointer, n uintptr)

// memmoveNoPointers is memmove of what holds no pointers.
func memmoveNoPointers(dst, src unsafe.Pointer, n uintptr)
func memclrNoHeapPointers(p unsafe.Pointer, n uintptr)
func memequal(a, b unsafe.Pointer, n uintptr) bool

func gcNow()

// leakGC collects and marks the goroutines that are stuck for ever; leakCount counts those found so far.
func leakGC()
func leakCount() int

// goroutineStack gives the return addresses of the i-th goroutine (of those found stuck, if asked), -1 if there are fewer.
func goroutineStack(i int, leaked bool, fp uintptr, out *uintptr, n int) int

// readRawMemStats fills 16 words, see ReadMemStats.
func readRawMemStats(raw *uint64)

// goroutineCounts fills 4 words, see readMetrics; writeHeapDump writes a dump with n statistics.
func goroutineCounts(counts *uint64)
func writeHeapDump(fd uintptr, statistics *uint64, n int, cycles uint32)

// pauseLog fills the last 256 pauses and their ends as MemStats has them.
func pauseLog(pauses, ends *uint64)

// finalizersIdle says that no finalizer or cleanup is queued.
func finalizersIdle() bool
func setGCPercentNative(percent int32) int32
func setMaxStackNative(bytes int) int
func setMemoryLimitNative(bytes int64) int64
func freeMemoryNative()

// setFinalizerNative sets or, with nil, removes the finalizer of the object that obj is the start of; it only looks unless it is to change
// something. Answers: finalizer*.
func setFinalizerNative(obj unsafe.Pointer, record *finalizerRecord, change bool) int
func addCleanupNative(obj unsafe.Pointer, record *finalizerRecord)
func stopCleanupNative(obj uintptr, id uint64)

// finalizerWait parks until a finalizer or cleanup is due; *obj becomes the object of a finalizer.
func finalizerWait(obj *unsafe.Pointer) *finalizerRecord
func weakHandle(obj unsafe.Pointer) unsafe.Pointer
func weakStrong(handle unsafe.Pointer) unsafe.Pointer

// Goroutines.

func newproc(fn func())

// newsystemproc starts a goroutine that deadlock and leak analysis do not count.
func newsystemproc(fn func())
func goexit1()
func gosched()

// goparkForever parks the goroutine for good (reasons: wait*).
func goparkForever(reason int)
func numgoroutine() int
func gomaxprocs(n int) int
func numcpu() int

// threadsOn says whether several threads may run Go code.
func threadsOn() bool

// pinNative keeps the goroutine on its processor, whose number it gives, until wordPinned is counted down; pinsTold says
// whether it has to be called.
func pinNative() int
func pinsTold() bool

// setHook registers a Go function that the runtime enters (kinds: hook*).
func setHook(kind int, fn func())

// mainStarted tells when main.main begins and when it has returned.
func mainStarted(running bool)

// beforeEnd lets others go first in front of the program's end, where schedules are explored.
func beforeEnd()

// Channels and select; results as in chan.go.

func chanmake(elem *_type, size int) *hchan
func chansendNative(c *hchan, elem unsafe.Pointer, block bool, pc uintptr) int

// chanrecvNative: bit 0 selected, bit 1 received.
func chanrecvNative(c *hchan, elem unsafe.Pointer, block bool, pc uintptr) int

// chancloseNative: 0 done, 1 nil, 2 closed already.
func chancloseNative(c *hchan, pc uintptr) int
func chanlenNative(c *hchan) int
func chancapNative(c *hchan) int

// chandrain empties the buffer and gives how many elements it held.
func chandrain(c *hchan) int

// selectNative: the case's index or -1; bit 1 of flags received, bit 2 send on a closed channel.
func selectNative(cases *scase, nsends, nrecvs int, block bool, pc uintptr) (index int, flags int)

// Semaphores (kinds: sema*) and condition variables.

func semacquire(addr *uint32, kind int, pc uintptr)
func semrelease(addr *uint32, handoff bool)
func notifyAdd(l *notifyList) uint32
func notifyWait(l *notifyList, ticket uint32, pc uintptr)
func notifyAll(l *notifyList)
func notifyOne(l *notifyList)

// Time.

func nanotime() int64

// walltime fills seconds and nanoseconds.
func walltime(t *int64)
func sleep(ns int64, pc uintptr)
// timerStart: ch is the channel that t sends on, nil for a timer with a function.
func timerStart(t *timeTimer, when, period int64, ch *hchan)

// timerStop reports whether the timer was running.
func timerStop(t *timeTimer) bool

// timerWait parks until a timer is due.
func timerWait() *timeTimer

// Bubbles of testing/synctest.

// bubbleStart makes a bubble around the goroutine and starts f in it.
func bubbleStart(f func(), pc uintptr)

// bubbleIdle parks until all of the bubble is durably blocked.
func bubbleIdle()

// bubbleAdvance moves the bubble's clock to its next timer, if there is one.
func bubbleAdvance() bool

// bubbleDue gives the next timer that is due, nil when there is none, and wakes sleepers on the way.
func bubbleDue() *timeTimer

// bubbleEnd: 0 done, 1 others are left that are blocked, 2 the bubble's main goroutine too.
func bubbleEnd() int

// bubbleWait: 0 done, 1 not in a bubble, 2 another waits.
func bubbleWait() int

// isHeapObject says whether p points into an object of the heap.
func isHeapObject(p unsafe.Pointer) bool
func bubbleHold(number uintptr, on bool)
func bubbleNow() int64

// Operating system.

func exit(code int32)
func write(fd uintptr, p unsafe.Pointer, n int32) int32

// syscallNative makes the system call args[0](args[1..6]); results r1, r2, errno to args[7..9]. A call that would block
// parks the goroutine.
func syscallNative(args *uintptr)

// argCount and argAt: kind 0 arguments, 1 environment; texts end with a zero byte.
func argCount(kind int) int
func argAt(kind, i int) *byte
func rand64() uint64

// seededRun is not 0 when everything must follow the schedule's seed.
func seededRun() int

// signalInfo fills signal, code, address and pc of the fault that sigpanic is called for.
func signalInfo(info *uintptr)

// faultForgotten says that the program has recovered.
func faultForgotten()
func signalEnable(s uint32)
func signalDisable(s uint32)
func signalIgnore(s uint32)
func signalIgnored(s uint32) bool

// signalWait parks until an enabled signal has come.
func signalWait() uint32

// Stack traces and the image's tables.

// callers stores return addresses of the frames from that of frame pointer fp outwards: skip 0 begins with the caller of
// the function whose frame it is.
func callers(fp uintptr, skip int, pcs *uintptr, n int) int

// calledOnce says whether just one frame that is no wrapper's stands between that of frame pointer fp and that of caller, further out.
func calledOnce(fp, caller uintptr) bool

// stackDepth is greater for addresses in frames further in.
func stackDepth(address uintptr) uintptr

// pcInfo describes the inline-th of the frames at pc, innermost first.
func pcInfo(pc uintptr, inline int, frame *rawFrame) bool

// dumpGoroutines writes the traces that end a fatal message to standard error and to the descriptor beside, unless that is -1: the current
// goroutine's from fp's caller on, and those of the others if asked for. It says whether the program is to end by SIGABRT.
func dumpGoroutines(fp uintptr, isThrow bool, beside int) (crash bool)

// setTracebackNative says how much is told: GOTRACEBACK's level, whether of all goroutines, and whether crashes end by SIGABRT.
func setTracebackNative(level uint32, all, crash bool)

// lastWords gives what nativeFatal says.
func lastWords(text *string)

// dieFromSignal ends the process as the signal does by default. sigpipe does so for a write to a broken pipe that is
// standard output or error, unless the program ignores SIGPIPE or has asked for it.
func dieFromSignal(signal int)
func sigpipe()
func formatStack(fp uintptr, all bool, buf *byte, n int) int

// imageItabs copies up to n of the compiler-made method tables to list and gives their number.
func imageItabs(list **itab, n int) int

// imageTypeLinks does the same for the unnamed types' descriptors, sorted by type string.
func imageTypeLinks(list **_type, n int) int

// Race detector.

func racereadfrom(addr unsafe.Pointer, pc uintptr)
func racewritefrom(addr unsafe.Pointer, pc uintptr)
func racereadrangefrom(addr unsafe.Pointer, size, pc uintptr)
func racewriterangefrom(addr unsafe.Pointer, size, pc uintptr)
func racereadrange(addr unsafe.Pointer, size uintptr)
func racewriterange(addr unsafe.Pointer, size uintptr)
func raceacquire(addr unsafe.Pointer)
func racerelease(addr unsafe.Pointer)
func racereleasemerge(addr unsafe.Pointer)
func racedisable()
func raceenable()

// raceignore begins or ends a stretch whose accesses are not looked at.
func raceignore(on bool)
func raceerrors() int

// Control transfer (assembly).

// longjump continues in the function whose frame record (abi::deferframe) this is.
func longjump(frame unsafe.Pointer)

// callRegisters makes the call that record describes.
func callRegisters(record *registerCall)

// registerCall holds the machine state of a call between reflect's memory frames and compiled code (shared:
// src/runtime/natives/reflect.rs). Values are kept as pointers so that the collector sees them.
type registerCall struct {
	code    unsafe.Pointer
	context unsafe.Pointer
	// stack has room for nstack words; marshalArguments makes nstack the words used, rounded up to an even number.
	nstack  uintptr
	stack   unsafe.Pointer
	ints    [6]unsafe.Pointer
	floats  [8]uint64
	rints   [8]unsafe.Pointer
	rfloats [8]uint64
}

const maxStackWords = 512

// marshalArguments loads a call of a function of type ft from a frame of reflect; method says that a one-word receiver
// stands first. It reports false for more stack words than there is room for.
func marshalArguments(r *registerCall, ft *abi.FuncType, frame unsafe.Pointer, retOffset uintptr, method bool) bool

// marshalResults stores the call's results to the frame.
func marshalResults(r *registerCall, ft *abi.FuncType, frame unsafe.Pointer, retOffset uintptr)

// unmarshalArguments and unmarshalResults are the same for calls of functions that reflect made: frame gets the
// arguments; then its results go to the registers (or the caller's result memory).
func unmarshalArguments(r *registerCall, ft *abi.FuncType, frame unsafe.Pointer)
func unmarshalResults(r *registerCall, ft *abi.FuncType, frame unsafe.Pointer, retOffset uintptr)
