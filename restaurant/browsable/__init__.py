"""The API in a browser: what an address answers, as a page that shows how to ask for it.

root         the API's own address: where to go from there
renderer     DRF's renderer, with a page of our own
operations   what the schema says of the operations at an address
titles       what the pages are called
filters      the form of a list's filters, with what was wrong about them
headers      the headers that a program would get
answer       JSON as HTML, whose ids and addresses lead on
"""
