"""The API in a browser: what an address answers, as a page that shows how to ask for it.

renderer   DRF's renderer, with a page of our own
answer     JSON as HTML, whose ids and addresses lead on
"""
