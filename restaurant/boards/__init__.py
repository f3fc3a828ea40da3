"""What the services' boards stand on: who may, how a press is answered, the page around them.

Knows no service. A board is a page that staff look at all day: it is drawn by the server, told by
the live stream what to ask for again, and answers each press at once.
"""
