"""How much one client may ask of the API: so many requests a time, by user or by address.

policies    which limit a request falls under
limiter     a bucket of tokens for each client under each, in Redis, handed out in portions
counting    a request that takes one, and the headers that tell of it
throttle    what DRF's views ask, and what they answer
schema      what the API's schema tells of it
"""
