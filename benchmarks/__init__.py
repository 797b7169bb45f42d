"""How fast cccc is, beside a proxy that only forwards and beside its peers: `make bench`.

Absolute numbers say more about the machine than about the program, so everything is a ratio: all servers of a case
are asked in turns, round after round, in one run, each pinned to the same single core; the load and the upstream
have another one. Beside the requests a second stands the processor time of a request, which other users of the
machine disturb less.

For POSIX systems, since it leans on pseudo-terminals and uvloop; cores are pinned where the system can (Linux).

| module | what it does |
|---|---|
| `bodies`, `answers` | the requests that are sent and the answers that are given, in the three formats |
| `upstream`, `limit` | the canned upstream, and the least that a reverse proxy can do; processes of their own |
| `asking`, `load`, `streams` | one client, many of them in a closed loop, and parallel streams that must stay in time |
| `processes`, `servers`, `peers` | what is started, pinned, measured from outside, and ended |
| `cases` and the rest | what is compared, one experiment a module; `targets` says what is aimed at |
| `report`, `chart`, `publication` | the table, the JSON file, the pictures, and what is published of them |
| `convert` | by itself: how long the conversion of a request takes |
"""
