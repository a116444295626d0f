package seed

type Number interface{ ~int | ~float64 }

type List[T any] struct {
	head *cell[T]
	size int
}

type cell[T any] struct {
	value T
	next  *cell[T]
}

func (l *List[T]) Push(v T) {
	type local struct{ seen T }
	_ = local{v}
	l.head = &cell[T]{v, l.head}
	l.size += 1
}

func Sum[S ~[]N, N Number](s S) (total N) {
	for _, n := range s {
		switch v := any(n).(type) {
		case int:
			_ = v
		}
		total += n
	}
	return total
}

func Map[T, U any](l *List[T], f func(T) U) (out List[U]) {
	for c := l.head; c != nil; c = c.next {
		out.Push(f(c.value))
	}
	return
}

type Pair[K comparable, V any] = struct {
	Key   K
	Value V
}

type Self[T interface{ Compare(T) int }] struct{ v T }

var Default = List[Pair[string, []int]]{}
