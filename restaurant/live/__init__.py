"""Live streams: Server-Sent Events that tell open pages what has changed.

    GET /live/<channel>/        with the session's cookie; `Last-Event-ID`, or `?after=`, resumes

| event     | data                                              | id  |
| --------- | ------------------------------------------------- | --- |
| `open`    | `{}`: begins here; look once, for what came before | yes |
| `changes` | `[{"type": <topic>, ...facts}, ...]`              | yes |
| `reset`   | `{}`: something may be missing; look at everything | yes |
| `beat`    | `{"ok": <whether news would arrive>}`, every 2 s  | no  |
| `end`     | `{"why": "session" | "rights" | "stopping"}`      | no  |

A stream that resumes says only what it missed. Told things may come more than once from their
service, and are hints: a page asks for how things are now. A browser gives up on an answer other
than 200, so a page that wants to go on opens a new stream with `after`.
"""
