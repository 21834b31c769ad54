"""What sites let us fetch: robots.txt (RFC 9309) of every site whose pages we ask for, kept for all workers.

wanted = robots.place_of(url)
kept, missing = keeping.known(session, {wanted})
... ask for what is missing with `asking.question`, outside the transaction; `keeping.keep` the answer ...
decision = rules.judge(kept[wanted], url)
"""
