"""The OWASP API Security Top 10 of 2023: what each risk would look like here, tried.

test_access           API1, API3, API5
test_authentication   API2, API10
test_resources        API4, API6, API7
test_configuration    API8, API9
"""
