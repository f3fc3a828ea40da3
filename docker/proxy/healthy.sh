#!/bin/bash
# Exits 0 when the proxy has somebody to send requests to.
exec 3<>/dev/tcp/127.0.0.1/8404 || exit 1
printf 'GET /healthy HTTP/1.0\r\n\r\n' >&3
read -r _ status _ <&3
[ "$status" = 200 ]
