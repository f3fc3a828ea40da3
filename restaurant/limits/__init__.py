"""How much one client may ask of the API: so many requests a time, by user or by address.

policies    which limit a request falls under
limiter     the counting: a bucket of tokens each, in Redis, handed out in portions
throttle    what DRF's views ask, and what they answer
schema      what the API's schema tells of it
"""
