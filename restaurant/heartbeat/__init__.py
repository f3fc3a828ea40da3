"""Each process of the system tells in Redis that it lives, and when its loop last came around.

A convenience for those who look: without Redis nothing else changes.
"""

from restaurant.heartbeat.heart import Heart, beating
from restaurant.heartbeat.pulses import Pulse, pulses

__all__ = ["PROCESSES", "Heart", "Pulse", "beating", "pulses"]

# What a whole restaurant consists of, in the order in which an order meets them.
PROCESSES = ("web", "live", "auth", "orders", "kitchen", "delivery", "celery", "beat")
