//! A vector of clocks, one for each slot, that shares with others what is equal: a tree with sixteen children a node and 32 clocks a
//! leaf, whose nodes are shared until they are changed.
//!
//! A copy costs nothing, a change copies the path to its leaf, and a join looks only at what the two don't share (and leaves
//! them sharing it, where one of them knew no more than the other). So 200,000 goroutines that know of each other need
//! hundreds of bytes each, not a vector of 200,000 clocks. Slots that were never set read as 0. Clocks are below 2^31.
//!
//! The entry that was set last stands beside the tree, and counts instead of what the tree says of its slot. Who hears of one other
//! goroutine again and again (a pipeline's next stage, two that take turns with a lock) sets one slot again and again, and has released
//! its vector in between: no path is copied for that.

use std::rc::Rc;

const BITS: u32 = 4;
const WIDTH: usize = 1 << BITS;
const LEAF_BITS: u32 = 5;
const LEAF: usize = 1 << LEAF_BITS;

/// Where a slot is in a node of a height; leaves have height 0.
fn place(slot: usize, height: u32) -> usize {
    match height {
        0 => slot & (LEAF - 1),
        _ => slot >> (LEAF_BITS + BITS * (height - 1)) & (WIDTH - 1),
    }
}

/// Whether a tree of a height has no room for a slot.
fn too_low(slot: usize, height: u32) -> bool {
    slot >> LEAF_BITS >> (BITS * height) != 0
}

#[derive(Debug, Clone)]
enum Node {
    Leaf([u32; LEAF]),
    Inner([Link; WIDTH]),
}

type Link = Option<Rc<Node>>;

/// See the module.
#[derive(Debug, Clone)]
pub struct Vector {
    root: Link,
    /// Levels of inner nodes above the leaves.
    height: u32,
    /// The slot and the clock that were set last. The tree's clock of this slot is not greater.
    last: (u32, u32),
}

/// Nothing was set last.
const NO_LAST: (u32, u32) = (u32::MAX, 0);

impl Default for Vector {
    fn default() -> Vector {
        Vector { root: None, height: 0, last: NO_LAST }
    }
}

/// Which of two nodes the join of both is.
enum Joined {
    Equal,
    First,
    Second,
    New(Rc<Node>),
}

fn join(a: &Link, b: &Link) -> Joined {
    let (x, y) = match (a, b) {
        (None, None) => return Joined::Equal,
        (_, None) => return Joined::First,
        (None, _) => return Joined::Second,
        (Some(x), Some(y)) if Rc::ptr_eq(x, y) => return Joined::Equal,
        (Some(x), Some(y)) => (x, y),
    };
    match (&**x, &**y) {
        (Node::Leaf(p), Node::Leaf(q)) => {
            // The highest bits say where one is smaller: a form that becomes vector instructions.
            let (mut less, mut more) = (0u32, 0u32);
            for (m, n) in p.iter().zip(q) {
                less |= m.wrapping_sub(*n);
                more |= n.wrapping_sub(*m);
            }
            let (first, second) = (less >> 31 == 0, more >> 31 == 0);
            // The second where both are equal, so that they share it from now on.
            match (first, second) {
                (_, true) => Joined::Second,
                (true, _) => Joined::First,
                _ => Joined::New(Rc::new(Node::Leaf(std::array::from_fn(|i| (p[i] as i32).max(q[i] as i32) as u32)))),
            }
        }
        (Node::Inner(p), Node::Inner(q)) => {
            let (mut first, mut second) = (true, true);
            let mut from_second = [false; WIDTH];
            let mut made: [Link; WIDTH] = Default::default();
            for i in 0..WIDTH {
                match join(&p[i], &q[i]) {
                    Joined::Equal => {}
                    Joined::First => second = false,
                    Joined::Second => {
                        first = false;
                        from_second[i] = true;
                    }
                    Joined::New(node) => {
                        (first, second) = (false, false);
                        made[i] = Some(node);
                    }
                }
            }
            if second {
                return Joined::Second;
            }
            if first {
                return Joined::First;
            }
            for (i, link) in made.iter_mut().enumerate() {
                if link.is_none() {
                    link.clone_from(if from_second[i] { &q[i] } else { &p[i] });
                }
            }
            Joined::New(Rc::new(Node::Inner(made)))
        }
        // Nodes of one level are of one kind.
        _ => Joined::First,
    }
}

fn set(link: &mut Link, height: u32, slot: usize, value: u32) {
    let node = link.get_or_insert_with(|| {
        Rc::new(if height == 0 { Node::Leaf([0; LEAF]) } else { Node::Inner(Default::default()) })
    });
    let place = place(slot, height);
    match Rc::make_mut(node) {
        Node::Leaf(values) => values[place] = value,
        Node::Inner(children) => set(&mut children[place], height - 1, slot, value),
    }
}

impl Vector {
    /// The clock of a slot.
    #[inline]
    pub fn get(&self, slot: usize) -> u32 {
        if slot == self.last.0 as usize { self.last.1 } else { self.get_in_tree(slot) }
    }

    #[inline]
    fn get_in_tree(&self, slot: usize) -> u32 {
        if too_low(slot, self.height) {
            return 0;
        }
        let mut link = &self.root;
        let mut height = self.height;
        while let Some(node) = link {
            let place = place(slot, height);
            match &**node {
                Node::Leaf(values) => return values[place],
                Node::Inner(children) => link = &children[place],
            }
            height -= 1;
        }
        0
    }

    /// The slot and the clock that were set last, if that is known.
    #[inline]
    pub fn last(&self) -> Option<(u32, u32)> {
        (self.last != NO_LAST).then_some(self.last)
    }

    /// Sets a slot's clock, which is not below what it was. There is no slot `u32::MAX`.
    #[inline]
    pub fn set(&mut self, slot: usize, value: u32) {
        if slot != self.last.0 as usize {
            self.put_away();
        }
        self.last = (slot as u32, value);
    }

    /// The same for who does not need the entry of a slot of its own: what was set last is lost where it is that.
    #[inline]
    pub fn set_beside(&mut self, own: usize, slot: usize, value: u32) {
        if own == self.last.0 as usize {
            self.last = NO_LAST;
        }
        self.set(slot, value);
    }

    /// Puts into the tree what was set last.
    fn put_away(&mut self) {
        let (slot, value) = std::mem::replace(&mut self.last, NO_LAST);
        if (slot, value) != NO_LAST {
            self.set_in_tree(slot as usize, value);
        }
    }

    fn set_in_tree(&mut self, slot: usize, value: u32) {
        while too_low(slot, self.height) {
            self.raise();
        }
        set(&mut self.root, self.height, slot, value);
    }

    /// A slot's clock becomes at least this.
    pub fn raise_to(&mut self, slot: usize, value: u32) {
        if self.get(slot) < value {
            self.set(slot, value);
        }
    }

    /// Becomes a copy.
    #[inline]
    pub fn share(&mut self, other: &Vector) {
        let same = match (&self.root, &other.root) {
            (Some(a), Some(b)) => Rc::ptr_eq(a, b),
            (a, b) => a.is_none() && b.is_none(),
        };
        if !same {
            self.root.clone_from(&other.root);
        }
        (self.height, self.last) = (other.height, other.last);
    }

    /// Puts a level on top.
    fn raise(&mut self) {
        if let Some(root) = self.root.take() {
            let mut children: [Link; WIDTH] = Default::default();
            children[0] = Some(root);
            self.root = Some(Rc::new(Node::Inner(children)));
        }
        self.height += 1;
    }

    /// Each slot becomes the greater of both.
    pub fn join(&mut self, other: &Vector) {
        self.join_beside(NO_LAST.0 as usize, other);
    }

    /// The same for who does not need the entry of a slot of its own.
    pub fn join_beside(&mut self, own: usize, other: &Vector) {
        self.join_trees(other);
        // What the other's tree says may be newer than what was set last here, and what was set last there than all that.
        let (slot, value) = self.last;
        if (slot, value) != NO_LAST {
            self.last.1 = value.max(self.get_in_tree(slot as usize));
        }
        let (slot, value) = other.last;
        if (slot, value) != NO_LAST && slot as usize != own {
            self.raise_to(slot as usize, value);
        }
    }

    fn join_trees(&mut self, other: &Vector) {
        let raised;
        let mut other = other;
        if other.height < self.height {
            let mut copy = other.clone();
            while copy.height < self.height {
                copy.raise();
            }
            raised = copy;
            other = &raised;
        }
        while self.height < other.height {
            self.raise();
        }
        match join(&self.root, &other.root) {
            Joined::Equal | Joined::First => {}
            Joined::Second => self.root.clone_from(&other.root),
            Joined::New(node) => self.root = Some(node),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small generator (Steele and Vigna's splitmix64).
    struct Random(u64);

    impl Random {
        fn below(&mut self, n: usize) -> usize {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            ((z ^ z >> 27) % n as u64) as usize
        }
    }

    #[test]
    fn it_is_what_plain_vectors_are() {
        const SLOTS: usize = 5000;
        let mut random = Random(7);
        let mut ours = vec![Vector::default(); 6];
        let mut plain = vec![vec![0u32; SLOTS]; 6];
        for step in 0..4000 {
            let (a, b) = (random.below(6), random.below(6));
            match random.below(5) {
                0 => {
                    let other = ours[b].clone();
                    ours[a].join(&other);
                    let other = plain[b].clone();
                    plain[a].iter_mut().zip(other).for_each(|(m, n)| *m = (*m).max(n));
                }
                1 => {
                    ours[a] = ours[b].clone();
                    plain[a] = plain[b].clone();
                }
                2 => {
                    let (own, slot) = (random.below(3), random.below(40) + 3);
                    ours[a].set_beside(own, slot, step);
                    plain[a][slot] = step;
                    // What stands of the own slot may be older. It is set anew before anybody looks.
                    ours[a].set(own, step);
                    plain[a][own] = step;
                }
                _ => {
                    let reach = [3, 40, 700, SLOTS][random.below(4)];
                    let (slot, value) = (random.below(reach), step);
                    ours[a].set(slot, value);
                    plain[a][slot] = value;
                }
            }
            let slot = random.below(SLOTS);
            assert_eq!(ours[a].get(slot), plain[a][slot]);
            if step % 100 == 0 {
                assert!((0..SLOTS).all(|s| ours[a].get(s) == plain[a][s]), "step {step}");
            }
        }
        assert_eq!(ours[0].get(usize::MAX), 0);
    }

    #[test]
    fn who_joins_more_shares_it() {
        let mut all = Vector::default();
        (0..1000).for_each(|slot| all.set(slot, 1));
        let mut one = Vector::default();
        one.set(3, 1);
        all.put_away();
        one.join(&all);
        assert!(Rc::ptr_eq(one.root.as_ref().unwrap(), all.root.as_ref().unwrap()));
    }
}
