"""How each family of servers is asked, and how its answers are read. Pure but for `sending`, which goes outwards."""
