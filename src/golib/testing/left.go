package testing

// What stands behind the SDK's testing.go: a test's goroutines are known to the runtime by its name, and when it has ended, cleanups and
// subtests included, the runtime says which of them can never go on.

// goraceBegan says that the running goroutine is that of the test of this name; what it starts is the test's, too.
func goraceBegan(name *byte, n int)

// goraceIsBusy says whether goroutines of the test, or of tests in it, can run at once: where they come to is known soon.
func goraceIsBusy() bool

// goraceStuck looks for those of them that can never go on, and were not told: 0 none, 1 some, 2 some that make the test fail.
func goraceStuck() int

// goraceTell reports them.
func goraceTell()

// goraceSettles is for how long the others may go on at the end of a test.
const goraceSettles = 5 * time.Millisecond

func (t *T) goraceBegins() {
	if !t.isSynctest && t.name != "" {
		name := []byte(t.name)
		goraceBegan(&name[0], len(name))
	}
}

// goraceEnds is called when the test has ended, but its result is not out yet; of the root of all tests (it has no name) behind the last.
func (t *T) goraceEnds() {
	if t.isSynctest {
		return
	}
	for start := highPrecisionTimeNow(); goraceIsBusy() && highPrecisionTimeSince(start) < goraceSettles; {
		runtime.Gosched()
	}
	stuck := goraceStuck()
	if stuck == 0 {
		return
	}
	if t.chatty != nil && t.name != "" {
		t.chatty.Printf(t.name, "")
	}
	goraceTell()
	if stuck > 1 && t.name != "" {
		t.Errorf("goroutines of the test can never go on")
	} else if stuck > 1 {
		t.Fail()
	}
}
