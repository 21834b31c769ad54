"""The contract that every kind of channel keeps, whatever it delivers to.

How a kind joins:

1. Write a lookalike of its target in `tests/lookalikes/` if it has one (`faulty.Faulty` brings the faults).
2. Write a `Bench` for it in a file of this folder: the kind, a target that works, and how to look at the target from
   the side of its readers. `steps` are the requests of one delivery that may fail, as the lookalike calls them.
3. Add the bench to `BENCHES` in `benches.py`. Every test of this folder now runs for it, each step with each fault.

What a kind can do beyond delivering is seen from its methods (`CanUpdate`, `CanRetract`, `CanTest`, `LeavesDrafts`);
the bench says the rest: whether the target can hide something (`hides`), and whether it can be looked at (`looks`).
"""
