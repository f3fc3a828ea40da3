"""Is this process alive, can it do its work, what has it done: `/livez`, `/readyz`, `/metrics`.

Served on `MONITOR_LISTEN`, a port for operators alone. `/livez` says whether a restart would help,
`/readyz` whether the process can do its work now. Where a database or the broker is away, a process
is not ready, and lives.

This file, `probe`, `server` and `draining` are also run where there is no Django.
"""
