#!/bin/sh
# Prints your organization's settings now, and again whenever they change, with curl alone.
#
#   FLASHBACK_BASE_URL=http://127.0.0.1:3000 FLASHBACK_ACCESS_TOKEN=eyJ… sh watch.sh
url="$FLASHBACK_BASE_URL/settings/organization"
head=$(mktemp) && trap 'rm -f "$head"' EXIT
tag=
while :; do
  body=$(curl --silent --max-time 40 --dump-header "$head" --write-out '\n%{http_code}' \
    --header "Authorization: Bearer $FLASHBACK_ACCESS_TOKEN" ${tag:+--header "If-None-Match: $tag"} "$url?wait=25")
  status=$(printf '%s' "$body" | tail -n 1)
  case $status in
  200)
    tag=$(sed -n 's/^etag: *\(.*\)\r$/\1/Ip' "$head")
    printf '%s\n' "$body" | sed '$d'
    ;;
  304) sleep "$(sed -n 's/^retry-after: *\([0-9]*\)\r$/\1/Ip' "$head" | grep . || echo 0)" ;;
  000 | 429 | 5??) sleep 2 ;;
  *)
    printf '%s\n' "$body" >&2
    exit 1
    ;;
  esac
done
