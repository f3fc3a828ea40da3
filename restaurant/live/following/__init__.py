"""Following one thing, such as an order, from its beginning to its end.

    GET <route>        with `Authorization: Bearer <access token>`, or the session's cookie

| asked with                            | answer                                               |
| ------------------------------------- | ---------------------------------------------------- |
| `Accept: text/event-stream`           | a stream of what has happened, and of what comes     |
| `?wait=20` (seconds, at most 30)      | what is new, once there is something or time is over |
| neither                               | what is new                                          |

Once it has ended and all of it is known, who streams or waits is answered 204: nothing more comes.

What happened is numbered from 1; `Last-Event-ID`, or `?after=`, names the last that is known, and
what is new is all after it: nothing is left out, and nothing comes twice. On a stream, each is an
event with its number as `id` and its type as `event`; the other answers are JSON lists of the same
data. A stream ends with an event `end`:

| `{"why": …}`                  | and then                                                         |
| ----------------------------- | ---------------------------------------------------------------- |
| `finished`                    | nothing more will come: who comes back is answered 204           |
| `token`, `session`, `rights`  | the listener may not go on so                                    |
| `unverified`                  | who listens could not be asked for too long: come back           |
| `stopping`                    | the process ends: come back                                      |

Kafka's records only say when to look; what is told is what the service's database has.
"""
