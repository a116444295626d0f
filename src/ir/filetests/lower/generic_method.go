// pass: lower
// only: List
// A generic type's method is an instance with the receiver's arguments.
package main

type List[T any] struct {
	head T
	next *List[T]
}

func (l *List[T]) first() T {
	return l.head
}

func f(l *List[string]) string {
	return l.first()
}

/* expect:
func "main.(*List[string]).first" (i64) -> (i64, i64) "main.(*List[...]).first" mergeable
  l0: i64 l
  l1: i64
  l2: i64
b0:
  set l0, v0
  v1 = iconst.i64 0
  v2 = iconst.i64 0
  set l1, v1
  set l2, v2
  v3 = get l0
  v4 = load.i64 [v3+0] race aligned part1
  v5 = load.i64 [v3+8] race aligned plain part2
  return v4, v5
*/
